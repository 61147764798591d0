"""By when a member has to pay, and what a first payment means for coverage (rules 6, 7, 13, 43).

One answer for pages, mails and cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chalicelib.domain import ledger
from chalicelib.domain.coverage import month_after, month_of, months
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.timetable import DUE_DAY


@dataclass(frozen=True, slots=True)
class DueDates:
    """The 23rd of each month, put off by as many days as are set."""

    extension_days: int

    def of(self, month: str) -> date:
        """The due date of a month, past or not."""
        return date.fromisoformat(f"{month}-{DUE_DAY}") + timedelta(days=self.extension_days)

    def next_on(self, today: date) -> date:
        """The next one, today included."""
        month = month_of(today - timedelta(days=self.extension_days))
        return self.of(month) if today <= self.of(month) else self.of(month_after(month))

    def before_coverage(self, enrollment: Enrollment) -> date:
        """The one by which the first payment starts coverage in time (rule 7)."""
        return self.of(month_after(month_of(enrollment.coverage_start_on), -1))

    def first_on(self, enrollment: Enrollment, today: date) -> date:
        """Of a first payment: before coverage begins, or the next one when that is past."""
        return max(self.before_coverage(enrollment), self.next_on(today))


class CoverageStart(StrEnum):
    """What becomes of coverage without it (rules 7, 43)."""

    IN_TIME = "in_time"  # it starts with the whole total by the due date
    LATE = "late"  # that date is past: it may start a month later
    BEGUN = "begun"  # the only payment came back after the start: it may not have started


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPayment:
    """What is to be paid for coverage to start, and by when."""

    start: CoverageStart
    starts_on: date
    pay_by: date


def first_payment(
    enrollment: Enrollment, lines: Sequence[Line], due: DueDates, today: date
) -> FirstPayment | None:
    """None where a payment counts, or nothing is owed; also where coverage began otherwise."""
    start = _start(enrollment, lines, due, today)
    if start is None or enrollment.never_began or ledger.owed(lines) <= 0:
        return None
    starts_on, pay_by = enrollment.coverage_start_on, due.first_on(enrollment, today)
    return FirstPayment(start=start, starts_on=starts_on, pay_by=pay_by)


def is_first_payment(enrollment: Enrollment, lines: Sequence[Line], today: date) -> bool:
    """Nothing paid that counts, and coverage has not begun (rule 7)."""
    return today < enrollment.coverage_start_on and not ledger.payments_that_count(lines)


def _start(
    enrollment: Enrollment, lines: Sequence[Line], due: DueDates, today: date
) -> CoverageStart | None:
    if is_first_payment(enrollment, lines, today):
        is_late = today > due.before_coverage(enrollment)
        return CoverageStart.LATE if is_late else CoverageStart.IN_TIME
    if ledger.payments_that_count(lines) or not ledger.came_back(lines):
        return None
    return None if _was_paid_before(enrollment, lines) else CoverageStart.BEGUN


def _was_paid_before(enrollment: Enrollment, lines: Sequence[Line]) -> bool:
    """Whether the balance that it came with is less than what its months cost (rule 2)."""
    first = enrollment.first_wanted
    if first is None:
        return True  # nobody knows what they cost then
    through = enrollment.billed_through
    wanted = sum(first.of(month) for month in months(first.first_month, through))
    opening = sum(line.amount_cents for line in lines if line.kind is LineKind.OPENING)
    return opening < wanted
