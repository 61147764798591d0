"""Who did what, when, why: audit lines by enrollment, case, person or day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.identities import audit_subject
from chalicelib.domain.signature import AuditLine
from infra.staff.terminal import AsJson, bars, out, told, when, wrong

DAYS, MOST_DAYS = 31, 366
Enrollment = Annotated[str, typer.Option(help="All about this enrollment.")]
CaseId = Annotated[str, typer.Option(help="All about this case, as `cases` lists it.")]
Person = Annotated[str, typer.Option(help="What this person did, by name or login.")]
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="What staff did on this day, New York's."),
]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help=f"With a person: from then on; else {DAYS} days."),
]


def audit(
    enrollment: Enrollment = "",
    case: CaseId = "",
    person: Person = "",
    day: Day = None,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """List who did what, when and why: of an enrollment, a case, a person, or a day."""
    here = system()
    chosen = [bool(enrollment), bool(case), bool(person or day)]
    if sum(chosen) != 1:
        raise wrong("Say one of --enrollment, --case, --person, --day (a person and a day go too).")
    if enrollment:
        subjects = [audit_subject(kind, enrollment) for kind in ("enrollment", "mandates")]
        found = _of(here, subjects)
    elif case:
        found = _of(here, [audit_subject("case", case)])
    else:
        found = _of_days(here, _days(here, day, since), person)
    if as_json:
        told([plain(line) for line in found])
        return
    out().print(table(found) if found else "Nothing is found.")


def plain(line: AuditLine) -> dict[str, Any]:
    """For programs."""
    return {
        "at": when(line.at),
        "who": line.who,
        "identity": line.identity,
        "what": line.what,
        "about": line.about,
        "why": line.why,
    }


def table(lines: Iterable[AuditLine]) -> Table:
    """For people; what nobody on the staff did is a feed's, a member's or the bank's."""
    shown = Table("When", "Who", "What", "About", "Why")
    for column in shown.columns[2:]:
        column.overflow = "fold"
    for line in lines:
        texts = (line.who or "not staff", line.what, line.about, line.why)
        shown.add_row(when(line.at), *map(escape, texts))
    return shown


def _of(here: System, subjects: Sequence[str]) -> list[AuditLine]:
    found = [line for each in subjects for line in here.records.audit.lines(each)]
    return sorted(found, key=lambda line: line.at)


def _of_days(here: System, days: Sequence[date], person: str) -> list[AuditLine]:
    with bars() as progress:
        each_day = progress.track(days, description="Reading days")
        found = [line for each in each_day for line in here.records.audit.of_day(each)]
    wanted = person.strip().casefold()
    return [line for line in found if not wanted or wanted in _names(line)]


def _names(line: AuditLine) -> set[str]:
    """As typed, and as AWS says who called."""
    return {line.who.casefold(), line.identity.rpartition("/")[2].casefold()}


def _days(here: System, day: datetime | None, since: datetime | None) -> list[date]:
    today = local_day(here.clock.now())
    if day:
        return [day.date()]
    first = since.date() if since else today - timedelta(days=DAYS - 1)
    count = (today - first).days + 1
    if not 0 < count <= MOST_DAYS:
        raise wrong(f"--since reaches back {MOST_DAYS} days at most, and not into the future.")
    return [first + timedelta(days=n) for n in range(count)]
