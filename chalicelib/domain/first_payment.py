"""A first payment, and what it means for the start of coverage: one answer for pages and mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain import ledger
from chalicelib.domain.coverage import months
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind


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
