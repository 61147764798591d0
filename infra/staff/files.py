"""Files to the bank are listed; one that is in doubt is released by what the bank says of it."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.banking_days import local_day, settles_when_sent
from chalicelib.domain.money import dollars
from chalicelib.domain.sealing import Sealing, SealingState
from chalicelib.services.origination.releasing import NotInDoubt
from chalicelib.services.origination.transmitting import NotProved
from chalicelib.services.origination.undoing import NotRefused
from infra.staff.terminal import (
    AsJson,
    By,
    Reason,
    Yes,
    ask,
    bars,
    out,
    signature,
    told,
    when,
    wrong,
)

commands = typer.Typer(help="Files of one sealing.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="SEALING", help="As `files` lists it.")]
OnlyOpen = Annotated[bool, typer.Option("--open", help="Only those that are not settled.")]
HasIt = Annotated[
    bool, typer.Option("--bank-has-it/--bank-has-not", help="What the bank says when you ask it.")
]

COLOURS = {
    SealingState.SEALED: "yellow",
    SealingState.SENDING: "red",
    SealingState.SENT: "yellow",
    SealingState.ACKNOWLEDGED: "green",
    SealingState.SETTLED: "green",
}
NOT_IN_DOUBT = {
    SealingState.SEALED: "its date has not come, and it goes on by itself within half an hour",
    SealingState.SENT: "it was sent; an acknowledgement of the bank goes on by itself",
    SealingState.ACKNOWLEDGED: "the bank has said that it has it",
    SealingState.SETTLED: "it is settled",
}


def files(as_json: AsJson = False, only_open: OnlyOpen = False) -> None:
    """List what went to the bank together, and how far it is, newest last."""
    found = [
        sealing
        for sealing in system().records.sealings.all()
        if not (only_open and sealing.state is SealingState.SETTLED)
    ]
    if as_json:
        told([_plain(sealing) for sealing in found])
        return
    if not found:
        out().print("No file is on its way." if only_open else "Nothing was sealed yet.")
        return
    table = Table("Sealing", "State", "Settles on", "Files", "Entries", "Debits", "Credits")
    for name in ("Sent", "Acknowledged", "Settled"):
        table.add_column(name)
    for column in table.columns[3:7]:
        column.justify = "right"
    for sealing in found:
        table.add_row(*_shown(sealing))
    out().print(table)


@commands.command()
def release(name: Name, has_it: HasIt, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Release a send that is in doubt, or files whose date has come. Ask the bank before."""
    here = system()
    sealing, now = _found(here, name), here.clock.now()
    _check(sealing, has_it, now)
    signed = signature(by, reason, now)
    out().print(_what(sealing, has_it, now))
    ask(f"Release {name}?", yes)
    try:
        if has_it:
            stands = here.releasing.bank_has_it(sealing, signed)
        else:
            stands = here.releasing.bank_has_not(sealing, signed)
    except NotInDoubt:
        stands = _found(here, name)
        raise wrong(f"{name} went on meanwhile: it is {stands.state}.") from None
    except NotProved:
        raise wrong(f"The files of {name} do not add up to its entries; nothing left.") from None
    out().print(f"Released: {name} is {stands.state}.")


@commands.command()
def undo(
    name: Annotated[str, typer.Argument(metavar="FILE", help="As its case names it.")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Take back the payments of a file that the bank refused: they are not paid, members are told.

    Speak with the bank before; it goes on where it was broken off.
    """
    here = system()
    try:
        _, file = here.undoing.find(name)
    except NotRefused:
        raise wrong(f"The bank has not refused a file {name}; nothing is taken back.") from None
    signed = signature(by, reason, here.clock.now())
    out().print(f"{name}: {file.entries:,} entries, {dollars(file.debit_cents)} of debits.")
    ask("Take all of them back, and mail their members that they are not paid?", yes)
    with bars() as progress:
        steps = here.undoing.undo(name, signed)
        for _ in progress.track(steps, total=file.entries, description="Taking back"):
            pass
    out().print(f"Taken back: {name}.")


def _found(here: System, name: str) -> Sealing:
    sealing = here.records.sealings.get(name)
    if sealing is None:
        raise wrong(f"There is no sealing {name}. `files` lists those there are.")
    return sealing


def _check(sealing: Sealing, has_it: bool, now: datetime) -> None:
    """Only what no job may send by itself. Raises typer.Exit."""
    is_stale = sealing.is_stale(local_day(now))
    if has_it and is_stale:
        raise wrong(
            f"Nothing of {sealing.sealing} was ever put out: the bank cannot have it. "
            "Say --bank-has-not, and it is sent now."
        )
    if not is_stale and sealing.state is not SealingState.SENDING:
        why = NOT_IN_DOUBT[sealing.state]
        raise wrong(f"{sealing.sealing} is not in doubt: {why}.")


def _what(sealing: Sealing, has_it: bool, now: datetime) -> str:
    """What will be done, before anybody agrees to it."""
    what = f"{sealing.entries:,} entries, {dollars(sealing.debit_cents)} of debits"
    if has_it:
        return f"{what}: nothing is sent. They count as sent."
    on = settles_when_sent(sealing.effective_on, now)
    later = (
        "" if on == sealing.effective_on else " Who was told an earlier date is mailed this one."
    )
    return f"{what}: sent now as they are, settled on {on:%A, %B %-d, %Y}.{later}"


def _plain(sealing: Sealing) -> dict[str, Any]:
    return {
        "sealing": sealing.sealing,
        "state": str(sealing.state),
        "effective_on": sealing.effective_on.isoformat(),
        "settles_on": sealing.settles_on.isoformat(),
        "files": [file.name for file in sealing.files],
        "entries": sealing.entries,
        "debit_cents": sealing.debit_cents,
        "credit_cents": sealing.credit_cents,
        "sealed_at": when(sealing.sealed_at),
        "sent_at": _when(sealing.sent_at),
        "acknowledged_at": _when(sealing.acknowledged_at),
        "settled_at": _when(sealing.settled_at),
    }


def _shown(sealing: Sealing) -> list[str]:
    instants = (sealing.sent_at, sealing.acknowledged_at, sealing.settled_at)
    return [
        sealing.sealing,
        f"[{COLOURS[sealing.state]}]{sealing.state}[/]",
        sealing.settles_on.isoformat(),
        str(len(sealing.files)),
        f"{sealing.entries:,}",
        dollars(sealing.debit_cents),
        dollars(sealing.credit_cents),
        *(_when(at) or "" for at in instants),
    ]


def _when(at: datetime | None) -> str | None:
    return when(at) if at else None
