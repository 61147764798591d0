"""Cases are listed, shown, noted on, and closed."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import audit_subject, kind_of
from chalicelib.repositories.records import NOTED
from infra.staff import audit
from infra.staff.case_commands import HAVE_STATES, commands_of
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="One case.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="CASE", help="As `cases` lists it.")]
Kind = Annotated[str, typer.Option(help="Only this kind, such as excluded.")]


def cases(as_json: AsJson = False, kind: Kind = "") -> None:
    """List the open cases, oldest first."""
    found = [case for case in system().records.cases.open() if kind in ("", case.kind)]
    if as_json:
        told([_plain(case) for case in found])
        return
    if not found:
        out().print("No case is open.")
        return
    table = Table()
    table.add_column("Case", overflow="fold")  # it is copied from here
    for name in ("Kind", "Enrollment", "Reason", "Phone", "Opened"):
        table.add_column(name)
    for case in found:
        table.add_row(
            escape(case.case_id),
            str(case.kind),
            case.enrollment_id or "",
            escape(case.reason),
            case.phone or "",
            when(case.opened_at),
        )
    out().print(table)
    out().print(f"{len(found)} open.")


@commands.command()
def show(case: Name, as_json: AsJson = False) -> None:
    """Show a case, open or closed: its notes, what was done about it, and what ends it."""
    here = system()
    found, is_open = _found(here, case)
    lines = here.records.audit.lines(audit_subject("case", case))
    ends = commands_of(case) if is_open else []
    if as_json:
        told(
            {
                **_plain(found),
                "open": is_open,
                "lines": [audit.plain(line) for line in lines],
                "commands": ends,
            }
        )
        return
    facts = {**_plain(found), "state": "open" if is_open else "closed"}
    table = Table.grid(padding=(0, 3))
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), escape(value or "none"))
    out().print(table)
    out().print(audit.table(lines) if lines else "Nothing was noted or done.")
    for command in ends:
        out().print(f"Ends with: {command}", markup=False, soft_wrap=True)


@commands.command()
def note(
    case: Name,
    text: Annotated[str, typer.Option(help="Kept with your name and the time.", prompt="Note")],
    by: By = "",
) -> None:
    """Note something on a case, open or closed. A note stays; `case show` shows it."""
    here = system()
    found, _ = _found(here, case)
    if not text.strip():
        raise wrong("Say what to note: --text.")
    signed = signature(by, text, here.clock.now())
    subject = audit_subject("case", case)
    here.records.commit(*here.records.audit.signing(subject, NOTED, signed, found.enrollment_id))
    out().print(f"Noted: {case}.", markup=False)


@commands.command()
def close(case: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Close a case: it is done. It does not open again."""
    _end(case, "Close", "Closed", reason, by, yes)


@commands.command()
def accept(case: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Accept what a person_changed case asks about: the next feed's row is taken (rule 39)."""
    if not case.startswith(CaseKind.PERSON_CHANGED):
        raise wrong("Only a person_changed case can be accepted.")
    _end(case, "Accept", "Accepted", reason, by, yes)


def _found(here: System, case: str) -> tuple[Case, bool]:
    found = here.records.cases.find(case)
    if found is None:
        raise wrong(f"There is no case {case}. `cases` lists those that are open.")
    return found


def _plain(case: Case) -> dict[str, str | None]:
    return {
        "case": case.case_id,
        "kind": str(case.kind),
        "enrollment_id": case.enrollment_id,
        "reason": case.reason,
        "opened_at": when(case.opened_at),
        "phone": case.phone,
    }


def _end(case: str, act: str, done: str, reason: str, by: str, yes: bool) -> None:
    here = system()
    found = next(
        (open_case for open_case in here.records.cases.open() if open_case.case_id == case), None
    )
    if found is None:
        raise wrong(f"There is no open case {case}. `cases` lists those there are.")
    if kind_of(case) in HAVE_STATES:
        raise wrong(f"It is ended by: {', or '.join(commands_of(case))}.")
    signed = signature(by, reason, here.clock.now())
    out().print(f"{found.kind}: {found.reason}", markup=False)
    ask(f"{act} {case}?", yes)
    if not here.records.cases.close(case, signed, done.lower()):
        raise wrong(f"{case} was closed by somebody else meanwhile.")
    out().print(f"{done}: {case}.", markup=False)
