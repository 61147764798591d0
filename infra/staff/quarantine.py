"""Files of the bank that could not be read whole: listed, shown, read again."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chalicelib.bootstrap import system
from chalicelib.domain.ach.findings import name_of
from chalicelib.domain.ach.reading import Reading
from chalicelib.domain.case import Case
from chalicelib.domain.identities import kind_of
from chalicelib.domain.payment import is_payment_id
from chalicelib.services.quarantine.quarantine import QUARANTINED, UNREADABLE_FILE
from infra.staff.refusals import in_words
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="Files of the bank that lie in quarantine.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="CASE", help="As `quarantine list` lists it.")]
MISSING = "Nothing lies there any more."
MOST = 20  # problems that are shown


@commands.command(name="list")
def waiting(as_json: AsJson = False) -> None:
    """List the files, oldest first."""
    found = [each for each in system().records.cases.open() if _is_file(each.case_id)]
    if as_json:
        told([_plain(each) for each in found])
        return
    table = Table("Case", "Since", "What is wrong")
    for each in found:
        table.add_row(each.case_id, when(each.opened_at), each.reason)
    out().print(table if found else "No file is in quarantine.")


@commands.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show how a file reads now: its problems, and what it sends back of ours."""
    here = system()
    case = _found(name)
    with in_words(MISSING):
        seen = here.unsealing.file(name)
    problems = [f"line {each.line}: {each.fault} {each.detail}".strip() for each in seen.problems]
    doubtful = [f"line {each.line}: {_said(each)}" for each in seen.unreliable]
    if as_json:
        told({**_plain(case), "sound": seen.count, "problems": problems, "doubtful": doubtful})
        return
    print_reading(seen)


def print_reading(seen: Reading) -> None:
    """How many items can be relied on; each problem with its line; what can't be relied on."""
    problems = [f"line {each.line}: {each.fault} {each.detail}".strip() for each in seen.problems]
    doubtful = [f"line {each.line}: {_said(each)}" for each in seen.unreliable]
    out().print(f"{seen.count} items can be relied on, {len(doubtful)} can not.")
    for title, lines in (("Problem", problems), ("Not relied on", doubtful)):
        table = Table(title)
        for line in lines[:MOST]:
            table.add_row(line)
        if len(lines) > MOST:
            table.add_row(f"and {len(lines) - MOST} more")
        if lines:
            out().print(table)


@commands.command()
def again(name: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Read a file again, after the reader has learned to. What was booked before stays as it is."""
    here = system()
    _found(name)
    signed = signature(by, reason, here.clock.now())
    ask(f"Read {name} again?", yes)
    with in_words(MISSING):
        seen = here.suspense_desk.read_file_again(name, signed)
    out().print(f"{seen.count} items of it are booked, or wait in suspense.")
    if seen.needs_a_look:
        raise wrong(
            "The rest still can't be relied on, and the case stays: `quarantine show` says why."
        )
    out().print(f"Ended: {name}.", markup=False)


def _is_file(case_id: str) -> bool:
    return kind_of(case_id) in {QUARANTINED, UNREADABLE_FILE}


def _found(name: str) -> Case:
    found = system().records.cases.find(name)
    if found is None or not found[1] or not _is_file(name):
        raise wrong(f"No file waits under {name}. `quarantine list` lists those that do.")
    return found[0]


def _said(item: Any) -> str:
    """Nothing that may be an account number is said whole (rule 33)."""
    code = getattr(item, "code", "a forward entry")
    known = name_of(item) if hasattr(item, "entry_id") else ""
    return f"{code} for {known if is_payment_id(known) else 'an id that is none of ours'}"


def _plain(case: Case) -> dict[str, str]:
    return {"case": case.case_id, "since": when(case.opened_at), "reason": case.reason}
