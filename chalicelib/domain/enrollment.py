"""An enrollment: a subscriber in one plan for one plan year."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.coverage import month_of

SLOTS = 1024  # fixed for ever; a shard is a range of slots (design.md 7)
WAIT_AFTER_SHOPPING = timedelta(hours=4)  # the tutorial


class Plan(StrEnum):
    """What is paid for; health and dental are always paid separately."""

    HEALTH = "health"
    DENTAL = "dental"


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
    billed_through: (
        str  # the month the opening balance reaches to; kept from the first row (rule 2)
    )
    coverage_start_on: date
    coverage_end_on: date | None
    selected_at: datetime

    @property
    def covered_through_on(self) -> date:
        """The last day of coverage: an enrollment never reaches beyond its plan year."""
        year_end = date(self.plan_year, 12, 31)
        return min(self.coverage_end_on or year_end, year_end)

    def covers(self, month: str) -> bool:
        """Whether any day of the month is covered; such a month is charged whole (rule 3)."""
        if self.covered_through_on < self.coverage_start_on:
            return False
        return month_of(self.coverage_start_on) <= month <= month_of(self.covered_through_on)

    def has_ended(self, today: date) -> bool:
        """Whether the last covered day is past."""
        return today > self.covered_through_on

    def can_be_paid(self, at: datetime) -> bool:
        """False in the first four hours after plan shopping: as if absent (rule 8)."""
        return at >= self.selected_at + WAIT_AFTER_SHOPPING


def slot_of(enrollment_id: str) -> int:
    """Where an enrollment lies, for ever: 0 to 1023."""
    return int.from_bytes(hashlib.sha256(enrollment_id.encode()).digest()[:4]) % SLOTS
