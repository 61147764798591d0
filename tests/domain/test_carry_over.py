"""When monthly payments go on with another plan, and from which month (rule 42)."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.carry_over import (
    carried,
    first_month,
    is_in_time,
    may_agree,
    may_go_on,
    waits_to_go_on,
)
from chalicelib.domain.mandate import EndReason
from tests.builders import a_mandate, an_enrollment

NEW = an_enrollment(
    enrollment_id="EN000002", plan_year=2027, coverage_start_on=date(2027, 1, 1), plan_name="Gold"
)


@pytest.mark.parametrize(
    ("arrives_on", "month"),
    [
        (date(2026, 11, 5), "2026-12"),
        (date(2026, 12, 5), "2026-12"),
        (date(2026, 12, 12), "2026-12"),
        (date(2026, 12, 14), "2027-01"),
        (date(2026, 12, 21), "2027-01"),
        (date(2027, 1, 3), "2027-01"),
    ],
)
def test_rule_42_the_first_month_is_one_that_can_be_told_ten_days_before(arrives_on, month):
    assert first_month(NEW, arrives_on) == month


@pytest.mark.parametrize(
    ("changed", "goes_on"),
    [
        ({}, True),
        ({"end_reason": EndReason.COVERAGE_END}, True),
        ({"carry_over": False}, False),
        ({"held": True}, False),
        ({"end_reason": EndReason.CANCELLED}, False),
        ({"end_reason": EndReason.REPLACED}, False),
        ({"end_reason": EndReason.RETURNED}, False),
    ],
)
def test_rule_42_only_what_nothing_but_coverage_ended_goes_on(changed, goes_on):
    assert may_go_on(a_mandate(**{"carry_over": True, **changed})) is goes_on


@pytest.mark.parametrize(
    ("changed", "today", "waits"),
    [
        ({}, date(2026, 12, 3), True),
        ({"end_reason": EndReason.COVERAGE_END}, date(2027, 2, 14), True),
        ({"end_reason": EndReason.COVERAGE_END}, date(2027, 2, 15), False),
        ({"carry_over": False}, date(2026, 12, 3), False),
        ({"held": True}, date(2026, 12, 3), False),
        ({"end_reason": EndReason.CANCELLED}, date(2026, 12, 3), False),
    ],
)
def test_rule_42_who_agreed_is_told_so_while_a_plan_may_still_follow(changed, today, waits):
    mandate = a_mandate(**{"carry_over": True, **changed})
    assert waits_to_go_on(mandate, an_enrollment(plan_year=2026), today) is waits


def test_rule_42_it_is_the_same_authorization_for_the_other_plan():
    old = a_mandate(carry_over=True, end_reason=EndReason.COVERAGE_END, version=3)
    new = carried(old, NEW, "2027-01", datetime(2026, 12, 14, tzinfo=UTC))
    assert new.mandate_id != old.mandate_id
    assert new == carried(old, NEW, "2027-01", datetime(2026, 12, 14, tzinfo=UTC))
    assert (new.account, new.evidence, new.contact) == (old.account, old.evidence, old.contact)
    assert (new.enrollment_id, new.plan_name, new.version) == ("EN000002", "Gold", 1)
    assert (new.from_month, new.end_reason, new.carry_over) == ("2027-01", None, True)


def test_rule_42_ten_days_before_is_in_time_and_nine_are_not():
    assert is_in_time("2026-12", date(2026, 12, 12))
    assert not is_in_time("2026-12", date(2026, 12, 13))


@pytest.mark.parametrize(
    ("changed", "today", "can"),
    [
        ({}, date(2026, 12, 3), True),
        ({"end_reason": EndReason.COVERAGE_END}, date(2027, 2, 14), True),
        ({"end_reason": EndReason.COVERAGE_END}, date(2027, 2, 15), False),
        ({"carry_over": True}, date(2026, 12, 3), False),
        ({"held": True}, date(2026, 12, 3), False),
        ({"end_reason": EndReason.CANCELLED}, date(2026, 12, 3), False),
        ({"end_reason": EndReason.REPLACED}, date(2026, 12, 3), False),
        ({"end_reason": EndReason.RETURNED}, date(2026, 12, 3), False),
    ],
)
def test_rule_42_a_member_can_agree_while_a_plan_may_still_follow(changed, today, can):
    assert may_agree(a_mandate(**changed), an_enrollment(plan_year=2026), today) is can


def test_rule_42_nothing_follows_a_plan_that_never_began():
    never = an_enrollment(coverage_end_on=date(2026, 1, 1))
    assert not may_agree(a_mandate(), never, date(2026, 12, 3))
