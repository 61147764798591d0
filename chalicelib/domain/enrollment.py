"""An enrollment: a subscriber in one plan for one plan year."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.coverage import month_of
from chalicelib.domain.premium import History, Premium, figure

SLOTS = 1024  # fixed for ever; a shard is a range of slots (design.md 7)
MOST_DAYS_BETWEEN = 45  # two plans of which one follows the other (rule 42)
WAIT_AFTER_SHOPPING = timedelta(hours=4)  # the tutorial


class Plan(StrEnum):
    """What is paid for; health and dental are always paid separately."""

    HEALTH = "health"
    DENTAL = "dental"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWanted:
    """What the row that creates an enrollment wants for each month of its opening balance."""

    cents: int
    first_month: str
    last_month: str

    def __post_init__(self) -> None:
        _only_months(self.first_month, self.last_month)

    def of(self, month: str) -> int:
        """Cents; nothing where that row did not cover the month."""
        return self.cents if self.first_month <= month <= self.last_month else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """The facts of an enrollment as the latest feed told them; money stands in the ledger."""

    enrollment_id: str
    subscriber_id: str
    plan: Plan
    plan_year: int
    plan_name: str
    issuer: str
    billing_account: str
    first_name: str
    last_name: str
    birth_on: date
    premium_cents: int
    # The month that the opening balance reaches to; kept from the first row (rule 2).
    billed_through: str
    coverage_start_on: date
    coverage_end_on: date | None
    selected_at: datetime
    premiums: History = ()  # without any, `premium_cents` holds for all months
    first_wanted: FirstWanted | None = None
    died: bool = False  # once said, until staff take it back (rule 46)
    feed_says_died: bool = False  # by its newest row, which staff may know better than

    def __post_init__(self) -> None:
        _only_months(*(each.from_month for each in self.premiums))

    @property
    def covered_through_on(self) -> date:
        """The last day of coverage: an enrollment never reaches beyond its plan year."""
        year_end = date(self.plan_year, 12, 31)
        return min(self.coverage_end_on or year_end, year_end)

    @property
    def short_name(self) -> str:
        """As letters name the member: Maria S.; who has one name is called by it (rule 54)."""
        initial = next((sign for sign in self.last_name if sign.isalpha()), "").upper()
        if self.first_name and initial:
            return f"{self.first_name} {initial}."
        return self.first_name or self.last_name

    @property
    def never_began(self) -> bool:
        """Cancelled from the start: a plan of one covered day does not exist (rule 35)."""
        return self.covered_through_on <= self.coverage_start_on

    @property
    def ends_early_on(self) -> date | None:
        """Its last day, where the exchange ends it before its plan year does (rule 45)."""
        last = self.covered_through_on
        return last if last < date(self.plan_year, 12, 31) else None

    def asked_cents(self, owed_cents: int) -> int:
        """What of it is told: nobody is asked for what a plan that never began left (rule 35)."""
        return min(owed_cents, 0) if self.never_began else owed_cents

    def is_before(self, new: "Enrollment") -> bool:
        """Whether the new one is of the same person and kind, next year's or this year's (23)."""
        same = (self.subscriber_id, self.plan) == (new.subscriber_id, new.plan)
        later = self.coverage_start_on < new.coverage_start_on
        return same and later and new.plan_year - self.plan_year in (0, 1)

    def is_followed_by(self, other: "Enrollment") -> bool:
        """Whether the other's coverage goes on where this one's ends (rule 42)."""
        same = (self.subscriber_id, self.plan) == (other.subscriber_id, other.plan)
        gap = (other.coverage_start_on - self.covered_through_on).days
        began = not (self.never_began or other.never_began)
        return same and began and 1 <= gap <= MOST_DAYS_BETWEEN

    def is_beside(self, other: "Enrollment") -> bool:
        """Whether one of them follows the other."""
        return self.is_followed_by(other) or other.is_followed_by(self)

    def covers(self, month: str) -> bool:
        """Whether any day of the month is covered; such a month is charged whole (rule 3)."""
        if self.never_began:
            return False
        return month_of(self.coverage_start_on) <= month <= month_of(self.covered_through_on)

    def figure_cents(self, month: str) -> int:
        """The premium of a month, covered or not (rule 34)."""
        return figure(self.premiums, month) if self.premiums else self.premium_cents

    def next_figure(self, month: str) -> Premium | None:
        """What is known to be another premium after this month, where that is covered."""
        now = self.figure_cents(month)
        later = (each for each in self.premiums if each.from_month > month and each.cents != now)
        return next((each for each in later if self.covers(each.from_month)), None)

    def wanted_cents(self, month: str) -> int:
        """What is to be posted for a month in all."""
        return self.figure_cents(month) if self.covers(month) else 0

    def has_ended(self, today: date) -> bool:
        """Whether the last covered day is past, or there never was one."""
        return self.never_began or today > self.covered_through_on

    def can_be_paid(self, at: datetime) -> bool:
        """False in the first four hours after plan shopping: as if absent (rule 8)."""
        return at >= self.selected_at + WAIT_AFTER_SHOPPING


def slot_of(enrollment_id: str) -> int:
    """Where an enrollment lies, for ever: 0 to 1023."""
    return int.from_bytes(hashlib.sha256(enrollment_id.encode()).digest()[:4]) % SLOTS


def _only_months(*texts: str) -> None:
    """What is no month decides no amount: such a record can't be read (I15). Raises ValueError."""
    for text in texts:
        date.fromisoformat(f"{text}-01")
