"""Which charges an enrollment's ledger lacks, and what its newest charge is (rules 2, 3, 5)."""

from collections.abc import Sequence
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import billing_horizon, month_after, month_of, months
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import charge_line, uncharge_line
from chalicelib.domain.ledger import Line, LineKind, payments_that_count


def opening_line(enrollment: Enrollment, balance_cents: int, at: datetime) -> Line:
    """What was owed when the enrollment was first seen (rule 2)."""
    return Line(
        enrollment_id=enrollment.enrollment_id,
        line="opening",
        kind=LineKind.OPENING,
        amount_cents=balance_cents,
        at=at,
        month=enrollment.billed_through,
    )


def billed_through_at_first(stated: str | None, coverage_start_on: date, at: datetime) -> str:
    """The last month in the opening balance; empty means the later of this month and the first."""
    return stated or max(month_of(local_day(at)), month_of(coverage_start_on))


def missing_lines(enrollment: Enrollment, lines: Sequence[Line], at: datetime) -> list[Line]:
    """Charges and uncharges that bring the ledger to what the enrollment now covers (rule 3).

    Every covered month after `billed_through`, up to next month, is charged once; a charged month
    no longer covered is taken back. The same ledger and facts always give the same lines.
    """
    standing = _charges_that_stand(lines)
    first = month_after(enrollment.billed_through)
    wanted = {m for m in months(first, billing_horizon(at)) if enrollment.covers(m)}
    charges = [_charge(enrollment, m, lines, at) for m in sorted(wanted - standing.keys())]
    uncharges = [
        _uncharge(charge, at) for m, charge in sorted(standing.items()) if not enrollment.covers(m)
    ]
    return charges + uncharges


def newest_premium(enrollment: Enrollment, lines: Sequence[Line]) -> tuple[int, str]:
    """Cents and coverage month of "this month's premium" (rule 5)."""
    standing = _charges_that_stand(lines)
    if not standing:
        return enrollment.premium_cents, enrollment.billed_through
    month = max(standing)
    return standing[month].amount_cents, month


def is_first_payment(enrollment: Enrollment, lines: Sequence[Line], today: date) -> bool:
    """Nothing paid that counts, and coverage has not begun (rule 7)."""
    return today < enrollment.coverage_start_on and not payments_that_count(lines)


def coverage_may_start_late(enrollment: Enrollment, due: DueDates, today: date) -> bool:
    """Whether the due date of the month before coverage is past (rule 7)."""
    return today > due.before_coverage(enrollment)


def _charges_that_stand(lines: Sequence[Line]) -> dict[str, Line]:
    """By month, the charge that no uncharge has taken back."""
    gone = {line.line.replace("uncharge", "charge", 1) for line in lines if _is_uncharge(line)}
    return {
        str(line.month): line
        for line in lines
        if line.kind is LineKind.CHARGE and line.line not in gone
    }


def _is_uncharge(line: Line) -> bool:
    return line.kind is LineKind.UNCHARGE


def _charge(enrollment: Enrollment, month: str, lines: Sequence[Line], at: datetime) -> Line:
    before = sum(line.kind is LineKind.CHARGE and line.month == month for line in lines)
    return Line(
        enrollment_id=enrollment.enrollment_id,
        line=charge_line(month, before + 1),
        kind=LineKind.CHARGE,
        amount_cents=enrollment.premium_cents,
        at=at,
        month=month,
    )


def _uncharge(charge: Line, at: datetime) -> Line:
    return Line(
        enrollment_id=charge.enrollment_id,
        line=uncharge_line(charge.line),
        kind=LineKind.UNCHARGE,
        amount_cents=-charge.amount_cents,
        at=at,
        month=charge.month,
    )
