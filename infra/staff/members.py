"""Members are found by name and birthday, each look kept; staff say who has died, and who lives."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import SLOTS, Enrollment, Plan
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identification import Claim, IdType, matches
from chalicelib.domain.identities import audit_subject
from infra.staff.terminal import AsJson, By, Reason, Yes, ask, bars, out, signature, told, wrong

commands = typer.Typer(help="One member.", no_args_is_help=True)
# What is typed is asked for where it is not given: it would stay in the shell's history.
Text = Annotated[str, typer.Option(prompt=True, help="Asked for when not given.")]
EnrollmentId = Annotated[
    str, typer.Argument(metavar="ENROLLMENT", help="Any of the member's enrollment ids.")
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Readers at once.")]
NOBODY = audit_subject("member", "nobody")


@commands.command()
def find(
    last_name: Text,
    first_name: Text,
    birth_date: Text,
    reason: Reason,
    by: By = "",
    workers: Workers = 8,
    as_json: AsJson = False,
) -> None:
    """Find the enrollments of a name and birthday. Reads all there are; the look is kept."""
    here = system()
    born = _day(birth_date, "birth date")
    signed = signature(by, reason, here.clock.now())
    claim = Claim(Plan.HEALTH, IdType.ENROLLMENT_ID, "", first_name, last_name, born)
    found = sorted(_found(here, claim, workers), key=lambda each: each.enrollment_id)
    looks = [audit_subject("enrollment", each.enrollment_id) for each in found] or [NOBODY]
    for subject in looks:
        here.records.commit(*here.records.audit.signing(subject, "looked at", signed))
    today = local_day(signed.at)
    if as_json:
        told([_plain(each, today) for each in found])
        return
    table = Table("Enrollment", "Plan", "Year", "Name", "Covered from", "Through", "State")
    for each in found:
        table.add_row(*(escape(str(value)) for value in _plain(each, today).values()))
    out().print(table if found else "Nobody is found by this name and birthday.")


@commands.command()
def died(
    enrollment_id: EnrollmentId,
    on: Annotated[str, typer.Option(help="The day, like 2026-12-03.", prompt="Died on")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Say that a member has died: monthly payments of all their plans end, and no letter goes."""
    here = system()
    signed, died_on = signature(by, reason, here.clock.now()), _day(on, "day of death")
    if died_on > local_day(signed.at):
        raise wrong("The day of death is still to come.")
    ask(f"Say that the member of {enrollment_id} died on {died_on}?", yes)
    _tell_changed(_said(here.deaths.say, enrollment_id, died_on, signed), "They have died")
    out().print("What is owed or comes back stands in a case each: `cases`.")


@commands.command()
def lives(enrollment_id: EnrollmentId, reason: Reason, by: By = "", yes: Yes = False) -> None:
    """Take back that a member has died. They set up monthly payments again, on the page."""
    here = system()
    signed = signature(by, reason, here.clock.now())
    ask(f"Say that the member of {enrollment_id} lives?", yes)
    _tell_changed(_said(here.deaths.take_back, enrollment_id, signed), "They live")
    out().print("Letters go again from now on. Phone: monthly payments must be set up again.")


def _said(say: Callable[..., list[str]], enrollment_id: str, *words: Any) -> list[str]:
    try:
        return say(enrollment_id, *words)
    except NotFound:
        raise wrong(f"There is no enrollment {enrollment_id}.") from None


def _tell_changed(names: list[str], what: str) -> None:
    if not names:
        raise wrong(f"{what}, as was known before. Nothing was changed.")
    out().print(f"{what}: {', '.join(names)}.", markup=False)


def _day(text: str, what: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise wrong(f"The {what} must be like 1980-02-29.") from None


def _found(here: System, claim: Claim, workers: int) -> Iterator[Enrollment]:
    """Slot by slot, some at once: no index leads from a name to a member."""
    enrollments = here.records.enrollments
    with ThreadPoolExecutor(workers) as readers, bars() as progress:
        read = progress.add_task("Reading members", total=SLOTS)
        for first in range(0, SLOTS, workers):
            some = range(first, min(first + workers, SLOTS))
            for slot in readers.map(enrollments.in_slot, some):
                progress.advance(read)
                yield from (each for each in slot.values() if each and matches(each, claim))


def _plain(each: Enrollment, today: date) -> dict[str, Any]:
    return {
        "enrollment_id": each.enrollment_id,
        "plan": str(each.plan),
        "plan_year": each.plan_year,
        "name": f"{each.first_name} {each.last_name}",
        "covered_from": each.coverage_start_on.isoformat(),
        "covered_through": each.covered_through_on.isoformat(),
        "state": _state(each, today),
    }


def _state(each: Enrollment, today: date) -> str:
    if each.covered_through_on < each.coverage_start_on:
        return "cancelled"
    if each.has_ended(today):
        return "ended"
    return "covered" if each.coverage_start_on <= today else "begins later"
