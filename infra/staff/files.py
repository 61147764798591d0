"""Files to the bank are listed; an uncertain send is released by what the bank says of it."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.banking_days import local_day, settles_when_sent
from chalicelib.domain.money import dollars
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.services.origination.releasing import NothingToRelease
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

commands = typer.Typer(help="Files of one transmission.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="TRANSMISSION", help="As `files` lists it.")]
OnlyOpen = Annotated[bool, typer.Option("--open", help="Only those that are not settled.")]
HasIt = Annotated[
    bool, typer.Option("--bank-has-it/--bank-has-not", help="What the bank says when you ask it.")
]

COLOURS = {
    TransmissionState.SEALED: "yellow",
    TransmissionState.SENDING: "red",
    TransmissionState.SENT: "yellow",
    TransmissionState.ACKNOWLEDGED: "green",
    TransmissionState.SETTLED: "green",
}
GOES_BY_ITSELF = {
    TransmissionState.SEALED: "its date has not come, and it goes on by itself within half an hour",
    TransmissionState.SENT: "it was sent; an acknowledgement of the bank goes on by itself",
    TransmissionState.ACKNOWLEDGED: "the bank has said that it has it",
    TransmissionState.SETTLED: "it is settled",
}


def files(as_json: AsJson = False, only_open: OnlyOpen = False) -> None:
    """List what went to the bank together, and how far it is, newest last."""
    found = [
        transmission
        for transmission in system().records.transmissions.all()
        if not (only_open and transmission.state is TransmissionState.SETTLED)
    ]
    if as_json:
        told([_plain(transmission) for transmission in found])
        return
    if not found:
        out().print("No file is on its way." if only_open else "Nothing was sealed yet.")
        return
    table = Table("Transmission", "State", "Settles on", "Files", "Entries", "Debits", "Credits")
    for name in ("Sent", "Acknowledged", "Settled"):
        table.add_column(name)
    for column in table.columns[3:7]:
        column.justify = "right"
    for transmission in found:
        table.add_row(*_shown(transmission))
    out().print(table)


@commands.command()
def release(name: Name, has_it: HasIt, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Release an uncertain send, or files whose date has come. Ask the bank before."""
    here = system()
    transmission, now = _found(here, name), here.clock.now()
    _check(transmission, has_it, now)
    signed = signature(by, reason, now)
    out().print(_what(transmission, has_it, now))
    ask(f"Release {name}?", yes)
    try:
        if has_it:
            stands = here.releasing.bank_has_it(transmission, signed)
        else:
            stands = here.releasing.bank_has_not(transmission, signed)
    except NothingToRelease:
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


def _found(here: System, name: str) -> Transmission:
    transmission = here.records.transmissions.get(name)
    if transmission is None:
        raise wrong(f"There is no transmission {name}. `files` lists those there are.")
    return transmission


def _check(transmission: Transmission, has_it: bool, now: datetime) -> None:
    """Only what no job may send by itself. Raises typer.Exit."""
    is_stale = transmission.is_stale(local_day(now))
    if has_it and is_stale:
        raise wrong(
            f"Nothing of {transmission.transmission_id} was ever put out: the bank cannot have it. "
            "Say --bank-has-not, and it is sent now."
        )
    if not is_stale and transmission.state is not TransmissionState.SENDING:
        why = GOES_BY_ITSELF[transmission.state]
        raise wrong(f"{transmission.transmission_id} is not to be released: {why}.")


def _what(transmission: Transmission, has_it: bool, now: datetime) -> str:
    """What will be done, before anybody agrees to it."""
    what = f"{transmission.entries:,} entries, {dollars(transmission.debit_cents)} of debits"
    if has_it:
        return f"{what}: nothing is sent. They count as sent."
    on = settles_when_sent(transmission.effective_on, now)
    later = (
        ""
        if on == transmission.effective_on
        else " Who was told an earlier date is mailed this one."
    )
    return f"{what}: sent now as they are, settled on {on:%A, %B %-d, %Y}.{later}"


def _plain(transmission: Transmission) -> dict[str, Any]:
    return {
        "transmission_id": transmission.transmission_id,
        "state": str(transmission.state),
        "effective_on": transmission.effective_on.isoformat(),
        "settles_on": transmission.settles_on.isoformat(),
        "files": [file.name for file in transmission.files],
        "entries": transmission.entries,
        "debit_cents": transmission.debit_cents,
        "credit_cents": transmission.credit_cents,
        "sealed_at": when(transmission.sealed_at),
        "sent_at": _when(transmission.sent_at),
        "acknowledged_at": _when(transmission.acknowledged_at),
        "settled_at": _when(transmission.settled_at),
    }


def _shown(transmission: Transmission) -> list[str]:
    instants = (transmission.sent_at, transmission.acknowledged_at, transmission.settled_at)
    return [
        transmission.transmission_id,
        f"[{COLOURS[transmission.state]}]{transmission.state}[/]",
        transmission.settles_on.isoformat(),
        str(len(transmission.files)),
        f"{transmission.entries:,}",
        dollars(transmission.debit_cents),
        dollars(transmission.credit_cents),
        *(_when(at) or "" for at in instants),
    ]


def _when(at: datetime | None) -> str | None:
    return when(at) if at else None
