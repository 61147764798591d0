"""What can be true of a member's enrollments: owing, in credit, new, ended, renewing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

from chalicelib.domain.coverage import month_after, month_of, months

NEW_YORK = ZoneInfo("America/New_York")
JANUARY, NOVEMBER, DECEMBER = 1, 11, 12


class Story(StrEnum):
    """One of them."""

    USUAL = "usual"  # owes the newest bill
    OVERDUE = "overdue"  # two to four bills, and cents
    CREDIT = "credit"  # paid ahead
    SETTLED = "settled"  # owes nothing
    FIRST = "first"  # chose a plan days ago; the first payment is due
    CHOSEN = "chosen"  # chose a plan two hours ago
    ENDED = "ended"  # coverage ended; still owes
    RENEWING = "renewing"  # two plan years, each with its own balance


USUAL, OVERDUE, CREDIT, SETTLED = Story.USUAL, Story.OVERDUE, Story.CREDIT, Story.SETTLED
DECK = (
    *[USUAL] * 8, *[OVERDUE] * 3, CREDIT, SETTLED, SETTLED, Story.FIRST, Story.CHOSEN, Story.ENDED,
)  # fmt: skip
IN_SEASON = (Story.RENEWING,) * 6
OFF_SEASON = (Story.RENEWING,)
TRIED_FIRST = ((("health",), USUAL), (("health",), OVERDUE), (("dental",), USUAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the feed tells of one enrollment, apart from who and which plan."""

    plan_year: int
    premium_cents: int
    balance_cents: int
    billed_through: str
    coverage_start_on: date
    coverage_end_on: date | None
    selected_at: datetime


def local(now: datetime) -> datetime:
    """In New York."""
    return now.astimezone(NEW_YORK)


def is_renewal_season(at: datetime) -> bool:
    """Open enrollment: November to January."""
    return at.month in (NOVEMBER, DECEMBER, JANUARY)


def told(story: Story, now: datetime, premium_cents: int, chance: Random) -> Iterator[Told]:
    """The plan years of one plan, older first."""
    today = local(now).date()
    if story is Story.RENEWING:
        yield from _renewing(now, premium_cents, chance)
    elif story is Story.FIRST:
        yield _new(now, now - timedelta(days=chance.randrange(1, 12)), premium_cents, chance)
    elif story is Story.CHOSEN:
        yield _new(now, now - timedelta(hours=2), premium_cents, chance)
    elif story is Story.ENDED:
        last = month_after(month_of(today), -chance.randrange(1, 7))
        yield _ended(last, premium_cents, chance)
    else:
        yield _running(today, _owed(story, premium_cents, chance), premium_cents, chance)


def _renewing(now: datetime, premium_cents: int, chance: Random) -> Iterator[Told]:
    today = local(now).date()
    dearer_cents = premium_cents * chance.randrange(101, 115) // 100
    if today.month in (NOVEMBER, DECEMBER):
        owed_cents = _owed(chance.choice([USUAL, USUAL, OVERDUE, SETTLED]), premium_cents, chance)
        yield _running(today, owed_cents, premium_cents, chance)
        selected_at = now - timedelta(days=chance.randrange(1, 9), minutes=chance.randrange(600))
        yield _new(now, selected_at, dearer_cents, chance, start_on=date(today.year + 1, 1, 1))
    else:
        yield _ended(f"{today.year - 1}-12", premium_cents, chance)
        owed_cents = _owed(USUAL, dearer_cents, chance)
        yield _running(today, owed_cents, dearer_cents, chance)


def _owed(story: Story, premium_cents: int, chance: Random) -> int:
    match story:
        case Story.OVERDUE:
            return premium_cents * chance.randrange(2, 5) + chance.randrange(100)
        case Story.CREDIT:
            return -chance.randrange(500, 2 * premium_cents)
        case Story.SETTLED:
            return 0
    return premium_cents


def _running(today: date, owed_cents: int, premium_cents: int, chance: Random) -> Told:
    """A plan of this year. The feed's balance leaves room for what import charges (rule 3)."""
    this_month, year_end = month_of(today), date(today.year, 12, 31)
    start_month = min(this_month, f"{today.year}-{chance.choice([1, 1, 1, 1, 3, 7]):02}")
    billed = chance.choice(
        [this_month, this_month, min(month_after(this_month), f"{year_end:%Y-%m}")]
    )
    charged = [
        m for m in months(month_after(billed), month_after(this_month)) if m <= month_of(year_end)
    ]
    return Told(
        plan_year=today.year,
        premium_cents=premium_cents,
        balance_cents=owed_cents - premium_cents * len(charged),
        billed_through=billed,
        coverage_start_on=_first_day(start_month),
        coverage_end_on=chance.choice([year_end, year_end, None]),
        selected_at=_shopped_before(_first_day(start_month), chance),
    )


def _new(
    now: datetime,
    selected_at: datetime,
    premium_cents: int,
    chance: Random,
    start_on: date | None = None,
) -> Told:
    start_on = start_on or _first_day(month_after(month_of(local(now).date())))
    return Told(
        plan_year=start_on.year,
        premium_cents=premium_cents,
        balance_cents=premium_cents,
        # Both say the same: the first month is in the balance (rule 2).
        billed_through=chance.choice([month_of(start_on), ""])
        if start_on <= _first_day(month_after(month_of(local(now).date())))
        else month_of(start_on),
        coverage_start_on=start_on,
        coverage_end_on=date(start_on.year, 12, 31),
        selected_at=selected_at.replace(microsecond=0),
    )


def _ended(last: str, premium_cents: int, chance: Random) -> Told:
    start_on = date(int(last[:4]), 1, 1)
    return Told(
        plan_year=start_on.year,
        premium_cents=premium_cents,
        balance_cents=_owed(chance.choice([USUAL, OVERDUE]), premium_cents, chance),
        billed_through=last,
        coverage_start_on=start_on,
        coverage_end_on=_first_day(month_after(last)) - timedelta(days=1),
        selected_at=_shopped_before(start_on, chance),
    )


def _shopped_before(start_on: date, chance: Random) -> datetime:
    day = datetime(start_on.year, start_on.month, 1, 9, tzinfo=NEW_YORK)
    return day - timedelta(days=chance.randrange(12, 55), minutes=chance.randrange(-60, 700))


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
