"""Cases are listed and closed."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import system
from chalicelib.domain.case import CaseKind
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, out, signature, told, when, wrong

commands = typer.Typer(help="One case.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="CASE", help="As `cases` lists it.")]
Kind = Annotated[str, typer.Option(help="Only this kind, such as excluded.")]


def cases(as_json: AsJson = False, kind: Kind = "") -> None:
    """List the open cases, oldest first."""
    found = [case for case in system().records.cases.open() if kind in ("", case.kind)]
    if as_json:
        told(
            [
                {
                    "case": case.case_id,
                    "kind": str(case.kind),
                    "enrollment_id": case.enrollment_id,
                    "reason": case.reason,
                    "opened_at": when(case.opened_at),
                    "phone": case.phone,
                }
                for case in found
            ]
        )
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
def close(case: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Close a case: it is done. It does not open again."""
    _end(case, "Close", "Closed", reason, by, yes)


@commands.command()
def accept(case: Name, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Accept what a person_changed case asks about: the next feed's row is taken (rule 39)."""
    if not case.startswith(CaseKind.PERSON_CHANGED):
        raise wrong("Only a person_changed case can be accepted.")
    _end(case, "Accept", "Accepted", reason, by, yes)


def _end(case: str, act: str, done: str, reason: str, by: str, yes: bool) -> None:
    here = system()
    found = next(
        (open_case for open_case in here.records.cases.open() if open_case.case_id == case), None
    )
    if found is None:
        raise wrong(f"There is no open case {case}. `cases` lists those there are.")
    signed = signature(by, reason, here.clock.now())
    out().print(f"{found.kind}: {found.reason}", markup=False)
    ask(f"{act} {case}?", yes)
    if not here.records.cases.close(case, signed, done.lower()):
        raise wrong(f"{case} was closed by somebody else meanwhile.")
    out().print(f"{done}: {case}.", markup=False)
