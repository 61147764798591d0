"""The dates of a mandate's month: when it is debited, which month comes next, which is the last.

A month is text like "2026-12". Only `domain/month.py` and what reads its facts ask for the dates
behind these answers; a test holds it.
"""

from datetime import date, datetime

from chalicelib.domain.banking_days import (
    collection_day,
    effective_entry_date,
    local_day,
    on_or_after,
)
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.timetable import (
    LAST_CATCH_UP_DAY,
    NEW_YORK,
    SAME_DAY_FILES,
    WITHDRAWAL_DAY,
)

NO_MONTH = "0000-00"


def debit_day(month: str) -> date:
    """When the withdrawal of a month is taken: the first banking day from the 22nd on.

    Never earlier: a debit before the authorized date is an error of ours (Nacha, reversals).
    """
    return on_or_after(date.fromisoformat(f"{month}-{WITHDRAWAL_DAY}"))


def first_debit_on(mandate: Mandate) -> date:
    """When the first withdrawal of a mandate is taken."""
    return debit_day(mandate.from_month)


def last_debit_on(mandate: Mandate) -> date | None:
    """When its last withdrawal is taken; None where it has no end."""
    return debit_day(mandate.through_month) if mandate.through_month else None


def is_debit_day(day: date) -> bool:
    """Whether the withdrawals of its month are taken on this day."""
    return day == debit_day(month_of(day))


def is_late(month: str, on: date) -> bool:
    """Whether this is not the day that members know."""
    return on != debit_day(month)


def effective_on(month: str, at: datetime) -> date:
    """The date of what is claimed then: the debit day, while its same-day cut-off is ahead (27)."""
    debit_on = debit_day(month)
    local = at.astimezone(NEW_YORK)
    late = local.date() == debit_on and local.time() >= SAME_DAY_FILES.at
    if local.date() > debit_on or late:
        return effective_entry_date(collection_day(at))
    return debit_on


def collected_on(claim: Line) -> date:
    """The day of a claim's file: the debit day, or that of a later catch-up (rule 27)."""
    return max(debit_day(str(claim.month)), collection_day(claim.at))


def instant_of_work(scheduled_at: datetime, now: datetime) -> datetime:
    """The scheduled instant (I13), unless the month's catch-up is over: then it is too late now.

    A message may lie in a queue past the 28th; nothing is taken for that month any more (rule 27).
    """
    today, planned = local_day(now), local_day(scheduled_at)
    over = today.day > LAST_CATCH_UP_DAY or month_of(today) != month_of(planned)
    return max(scheduled_at, now) if over else scheduled_at


def coming_month(at: datetime) -> str:
    """The first month a change can count from: this one until its 28th is past (rule 27)."""
    today = local_day(at)
    month = month_of(today)
    return month_after(month) if today.day > LAST_CATCH_UP_DAY else month


def last_withdrawal_month(enrollment: Enrollment) -> str:
    """The month of the last 22nd on or before the end of coverage (23); before all others: none."""
    if enrollment.never_began:
        return NO_MONTH
    end = enrollment.covered_through_on
    month = month_of(end)
    return month if end.day >= WITHDRAWAL_DAY else month_after(month, -1)


def has_a_22nd(enrollment: Enrollment, month: str) -> bool:
    """Whether coverage has one in this month or later (rule 23)."""
    return month <= last_withdrawal_month(enrollment)


def following_on(enrollment: Enrollment, month: str) -> date | None:
    """The date of the withdrawal after that of this month; None where it is the last."""
    following = month_after(month)
    return debit_day(following) if has_a_22nd(enrollment, following) else None


def later_on(mandate: Mandate, enrollment: Enrollment, month: str) -> tuple[date, ...]:
    """The dates of its withdrawals after that of this month, while it and its coverage last."""
    dates, following = [], month_after(month)
    while mandate.is_active_in(following) and has_a_22nd(enrollment, following):
        dates.append(debit_day(following))
        following = month_after(following)
    return tuple(dates)


def ends_on(enrollment: Enrollment, month: str) -> date | None:
    """When coverage ends, where no withdrawal follows that of this month (rule 23)."""
    is_last = not has_a_22nd(enrollment, month_after(month))
    return enrollment.covered_through_on if is_last else None


def coverage_limit(enrollment: Enrollment) -> str | None:
    """The last month of a mandate, where the feed says when coverage ends (rule 23)."""
    return last_withdrawal_month(enrollment) if enrollment.coverage_end_on else None
