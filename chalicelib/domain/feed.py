"""The enrollment feed: its columns, and what makes a row good (design.md 6)."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from chalicelib.domain.coverage import is_month
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import Wrong
from chalicelib.domain.identification import Ssn, billing_account, same_name, visible
from chalicelib.domain.money import exact_cents

COLUMNS = (
    "enrollment_id",
    "subscriber_id",
    "plan",
    "plan_year",
    "plan_name",
    "issuer",
    "billing_account",
    "ssn",
    "first_name",
    "last_name",
    "birth_date",
    "premium",
    "balance",
    "billed_through",
    "coverage_start",
    "coverage_end",
    "selected_at",
)
PREMIUM_FROM, END_REASON = "premium_from", "end_reason"  # columns that may come (rules 34, 46)
MAY_COME = (PREMIUM_FROM, END_REASON)
DEATH = "death"
OPEN_ENDS = frozenset({"9999-12-31", "2199-12-31"})  # dates that systems write for "no end"
LONGEST_TEXT = 120
MOST_PREMIUM_CENTS = 10_000_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A good row. `stated_billed_through` is None where the feed leaves it empty."""

    enrollment_id: str
    subscriber_id: str
    plan: Plan
    plan_year: int
    plan_name: str
    issuer: str
    billing_account: str
    ssn: Ssn | None  # some members have none
    first_name: str
    last_name: str
    birth_on: date
    premium_cents: int
    premium_from: str | None  # the month from which on it holds
    balance_cents: int
    stated_billed_through: str | None
    coverage_start_on: date
    coverage_end_on: date | None
    selected_at: datetime
    died: bool = False  # all other reasons of an end are the exchange's own


class BadRow(Wrong):
    """A row that can't be taken; the reason names the column, never the value (rule 33)."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"{column}: {what}")
        self.column = column
        self.what = what


def cells(line: str) -> list[str]:
    """The cells of one physical line. A quote that is not closed spoils its own line only."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        if "end of data" in str(error):
            raise BadRow(
                "line", "a quote runs over its end; a cell is never of two lines"
            ) from None
        raise BadRow("line", "is not CSV: a quote stands inside a cell") from None


def as_row(line: str, columns: Sequence[str]) -> dict[str, str]:
    """Column -> what a line has there. Raises BadRow."""
    found = cells(line)
    if len(found) != len(columns):
        raise BadRow("line", f"has {len(found)} columns, not {len(columns)}")
    return {name: visible(said).strip() for name, said in zip(columns, found, strict=True)}


def parse_row(
    line: str, columns: Sequence[str] = COLUMNS, written_at: datetime | None = None
) -> FeedRow:
    """A row of the feed, under its header. Raises BadRow with the first column that is wrong.

    What was selected after the feed was written is a mistake.
    """
    row = as_row(line, columns)
    year = _year(row)
    start_on, end_on = _coverage(row, year)
    selected_at = instant(row, "selected_at")
    if written_at and selected_at > written_at:
        raise BadRow("selected_at", "is later than the feed")
    return FeedRow(
        enrollment_id=identifier(row, "enrollment_id"),
        subscriber_id=identifier(row, "subscriber_id"),
        plan=_plan(row),
        plan_year=year,
        plan_name=text(row, "plan_name"),
        issuer=text(row, "issuer"),
        billing_account=_billing_account(row),
        ssn=_ssn(row),
        first_name=_name(row, "first_name") if row["first_name"] else "",  # some have one name
        last_name=_name(row, "last_name"),
        birth_on=_day(row, "birth_date"),
        premium_cents=_premium(row),
        premium_from=month(row, PREMIUM_FROM),
        balance_cents=amount(row, "balance"),
        stated_billed_through=month(row, "billed_through"),
        coverage_start_on=start_on,
        coverage_end_on=end_on,
        selected_at=selected_at,
        died=row.get(END_REASON, "").casefold() == DEATH,
    )


def _coverage(row: Mapping[str, str], year: int) -> tuple[date, date | None]:
    """An end before the start is no mistake: the plan never began (rule 35)."""
    start_on, end_on = _day(row, "coverage_start"), _optional_day(row, "coverage_end")
    if not date(year - 1, 1, 1) <= start_on <= date(year, 12, 31):
        # All charges of a row are one transaction; two years of months is the most it may bring.
        raise BadRow("coverage_start", "is after the plan year, or long before it")
    if end_on and end_on.year > year:
        raise BadRow("coverage_end", "is after the plan year")
    return start_on, end_on


def instant(row: Mapping[str, str], column: str) -> datetime:
    """An instant with its zone, as UTC. Raises BadRow."""
    try:
        if not _INSTANT.fullmatch(row[column]):
            raise ValueError
        return datetime.fromisoformat(row[column]).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRow(column, "is not an instant with a time zone") from None


def _day(row: Mapping[str, str], column: str) -> date:
    try:
        if not _DAY.fullmatch(row[column]):
            raise ValueError
        day = date.fromisoformat(row[column])
    except ValueError:
        raise BadRow(column, "is not a date like 2026-12-31") from None
    if not date(1900, 1, 1) <= day < date(2100, 1, 1):
        raise BadRow(column, "is not a date of our time")
    return day


def _optional_day(row: Mapping[str, str], column: str) -> date | None:
    return None if row[column] in ("", *OPEN_ENDS) else _day(row, column)


def identifier(row: Mapping[str, str], column: str) -> str:
    """An id, as the exchange makes them. Raises BadRow."""
    if not _ID.fullmatch(row[column]):
        raise BadRow(column, "is empty, too long, or has a sign that ids don't have")
    return row[column]


def _plan(row: Mapping[str, str]) -> Plan:
    try:
        return Plan(row["plan"])
    except ValueError:
        raise BadRow("plan", "is neither health nor dental") from None


def _year(row: Mapping[str, str]) -> int:
    if not re.fullmatch(r"20\d\d", row["plan_year"], re.ASCII):
        raise BadRow("plan_year", "is not a year like 2026")
    return int(row["plan_year"])


def text(row: Mapping[str, str], column: str) -> str:
    """One line of words. Raises BadRow."""
    said = row[column]
    if not said or len(said) > LONGEST_TEXT:
        raise BadRow(column, f"is empty or longer than {LONGEST_TEXT} signs")
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in said):
        raise BadRow(column, "has a control character")
    return said


def _name(row: Mapping[str, str], column: str) -> str:
    if not same_name(text(row, column)):
        raise BadRow(column, "has no letter")
    return row[column]


def _billing_account(row: Mapping[str, str]) -> str:
    try:
        return billing_account(row["billing_account"])
    except Wrong:
        raise BadRow("billing_account", "is not 9 digits that start with 7") from None


def _ssn(row: Mapping[str, str]) -> Ssn | None:
    try:
        return Ssn.parse(row["ssn"]) if row["ssn"] else None
    except Wrong:
        raise BadRow("ssn", "is not a Social Security number") from None


def amount(row: Mapping[str, str], column: str) -> int:
    """Cents, of either sign. Raises BadRow."""
    try:
        return exact_cents(row[column])
    except Wrong:
        raise BadRow(column, "is not an amount in dollars like 212.40") from None


def _premium(row: Mapping[str, str]) -> int:
    cents = amount(row, "premium")
    if not 0 <= cents <= MOST_PREMIUM_CENTS:
        raise BadRow("premium", "is below zero or above any premium")
    return cents


def month(row: Mapping[str, str], column: str) -> str | None:
    """YYYY-MM, or None where nothing stands. Raises BadRow."""
    said = row.get(column)
    if said and not is_month(said):
        raise BadRow(column, "is not a month like 2026-12")
    return said or None
