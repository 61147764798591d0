"""Monthly payments that go on with the plan that follows, where the member agreed (rule 42)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import MOST_DAYS_BETWEEN, Enrollment
from chalicelib.domain.mandate import EndReason, Mandate
from chalicelib.domain.month_dates import coverage_limit
from chalicelib.domain.payment import carried_mandate_id
from chalicelib.domain.timetable import WITHDRAWAL_DAY

SENT_BEFORE = timedelta(days=10)  # Reg E 1005.10(d)


def may_go_on(mandate: Mandate) -> bool:
    """Whether its member agreed, and nothing but coverage ended or holds it."""
    return mandate.carry_over and _is_unbroken(mandate)


def may_agree(mandate: Mandate, enrollment: Enrollment, today: date) -> bool:
    """Whether its member can still agree: a plan that follows this one may be there, or come."""
    may_follow = _may_be_followed(enrollment, today)
    return may_follow and not mandate.carry_over and _is_unbroken(mandate)


def waits_to_go_on(mandate: Mandate, enrollment: Enrollment, today: date) -> bool:
    """Whether it goes on by itself, should a plan follow that is not known yet."""
    return may_go_on(mandate) and _may_be_followed(enrollment, today)


def _may_be_followed(enrollment: Enrollment, today: date) -> bool:
    last = enrollment.covered_through_on + timedelta(days=MOST_DAYS_BETWEEN)
    return today <= last and not enrollment.never_began


def _is_unbroken(mandate: Mandate) -> bool:
    return mandate.end_reason in (None, EndReason.COVERAGE_END) and not mandate.held


def is_in_time(month: str, sent_on: date) -> bool:
    """Whether a letter of this New York day is ten days or more before the month's 22nd."""
    return sent_on + SENT_BEFORE <= date.fromisoformat(f"{month}-{WITHDRAWAL_DAY}")


def first_month(new: Enrollment, arrives_on: date) -> str:
    """The first month that can be told in time, and not before the month before coverage."""
    month = max(month_of(arrives_on), month_after(month_of(new.coverage_start_on), -1))
    return month if is_in_time(month, arrives_on) else month_after(month)


def carried(mandate: Mandate, new: Enrollment, first: str, at: datetime) -> Mandate:
    """The same authorization, for the plan that follows; what a member agreed to stays with it."""
    return replace(
        mandate,
        mandate_id=carried_mandate_id(mandate.mandate_id, new.enrollment_id),
        version=1,
        enrollment_id=new.enrollment_id,
        plan_name=new.plan_name,
        plan_year=new.plan_year,
        billing_account=new.billing_account,
        created_at=at,
        from_month=first,
        through_month=coverage_limit(new),
        ended_at=None,
        end_reason=None,
        undo_before=None,
        corrected_for=None,
    )
