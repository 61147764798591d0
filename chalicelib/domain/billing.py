"""Which charges an enrollment's ledger lacks, and what its newest charge is (rules 2, 3, 5)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import billing_horizon, month_after, month_of, months
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import charge_line, correction_line, uncharge_line
from chalicelib.domain.ledger import OF_A_MONTH, Line, LineKind
from chalicelib.domain.premium import Premium


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


def missing_lines(
    enrollment: Enrollment, lines: Sequence[Line], at: datetime, now: datetime | None = None
) -> list[Line]:
    """What brings each month to what is wanted for it now (rules 3, 34).

    `at` is the instant of what is posted, a feed's; read later, it is billed as others are `now`.

    A covered month after `billed_through`, up to next month, is charged; one no longer covered is
    taken back, whatever stands for it; where its figure is another by now, it is corrected, and so
    are the months of the opening balance. The same ledger and facts always give the same lines.
    """
    posted, stand = posted_by_month(enrollment, lines), _charges_that_stand(lines)
    first, horizon = month_after(enrollment.billed_through), billing_horizon(max(at, now or at))
    found = []
    for month in sorted({*months(first, horizon), *posted}):
        wanted, is_of_opening = enrollment.wanted_cents(month), month < first
        if is_of_opening or (month in stand and enrollment.covers(month)):
            if posted[month] != wanted:
                found.append(_correction(enrollment, month, lines, wanted - posted[month], at))
        elif month in stand:
            found.append(_uncharge(stand[month], posted[month], at))
        elif enrollment.covers(month) and month <= horizon:
            found.append(_charge(enrollment, month, lines, at))
    return found


def posted_by_month(enrollment: Enrollment, lines: Sequence[Line]) -> Counter[str]:
    """By month, the cents that stand for it; of the opening's months what its first row wanted."""
    posted = Counter[str]()
    if first := enrollment.first_wanted:
        begin = min(first.first_month, month_of(enrollment.coverage_start_on))
        for month in months(begin, enrollment.billed_through):
            posted[month] = first.of(month)
    for line in lines:
        if line.kind in OF_A_MONTH:
            posted[str(line.month)] += line.amount_cents
    return posted


def newest_premium(enrollment: Enrollment, lines: Sequence[Line]) -> tuple[int, str]:
    """Cents and coverage month of "this month's premium" (rule 5)."""
    month = max(_charges_that_stand(lines), default=enrollment.billed_through)
    return enrollment.figure_cents(month), month


def next_premium(enrollment: Enrollment, lines: Sequence[Line]) -> Premium | None:
    """What is known to follow the premium of the newest month that is charged (rules 5, 34)."""
    return enrollment.next_figure(newest_premium(enrollment, lines)[1])


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
    n = _count(lines, LineKind.CHARGE, month) + 1
    cents = enrollment.wanted_cents(month)
    return _line(enrollment.enrollment_id, charge_line(month, n), LineKind.CHARGE, month, cents, at)


def _correction(
    enrollment: Enrollment, month: str, lines: Sequence[Line], cents: int, at: datetime
) -> Line:
    name = correction_line(month, _count(lines, LineKind.CORRECTION, month) + 1)
    return _line(enrollment.enrollment_id, name, LineKind.CORRECTION, month, cents, at)


def _uncharge(charge: Line, posted_cents: int, at: datetime) -> Line:
    name, month = uncharge_line(charge.line), str(charge.month)
    return _line(charge.enrollment_id, name, LineKind.UNCHARGE, month, -posted_cents, at)


def _count(lines: Sequence[Line], kind: LineKind, month: str) -> int:
    return sum(line.kind is kind and line.month == month for line in lines)


def _line(
    enrollment_id: str, name: str, kind: LineKind, month: str, cents: int, at: datetime
) -> Line:
    return Line(
        enrollment_id=enrollment_id, line=name, kind=kind, amount_cents=cents, at=at, month=month
    )
