"""By when a member has to pay (rules 6, 7, 13)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.due import DueDates
from tests.builders import an_enrollment

DAYS = st.dates(date(2026, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("today", "extension_days", "due_on"),
    [
        ("2026-12-03", 0, "2026-12-23"),
        ("2026-12-23", 0, "2026-12-23"),
        ("2026-12-24", 0, "2027-01-23"),
        ("2027-01-31", 0, "2027-02-23"),
        ("2028-02-29", 0, "2028-03-23"),
        ("2026-12-03", 5, "2026-12-28"),
        ("2026-12-28", 5, "2026-12-28"),
        ("2026-12-29", 5, "2027-01-28"),
        ("2027-01-02", 10, "2027-01-02"),  # December's, put off into January
        ("2027-01-03", 10, "2027-02-02"),
    ],
)
def test_rule_13_by_when_is_the_next_23rd_today_included_with_the_extension_that_is_set(
    today, extension_days, due_on
):
    due = DueDates(extension_days)
    assert due.next_on(date.fromisoformat(today)) == date.fromisoformat(due_on)


@given(DAYS, st.integers(0, 60))
def test_the_next_due_date_is_within_a_month(today, extension_days):
    due_on = DueDates(extension_days).next_on(today)
    assert timedelta(0) <= due_on - today <= timedelta(days=30)
    assert (due_on - timedelta(days=extension_days)).day == 23


def test_rule_27_the_due_date_of_a_month_is_named_also_when_it_is_past():
    assert DueDates(0).of("2026-12") == date(2026, 12, 23)
    assert DueDates(10).of("2026-12") == date(2027, 1, 2)


@pytest.mark.parametrize(
    ("today", "due_on"), [("2026-10-20", "2026-12-23"), ("2026-12-24", "2027-01-23")]
)
def test_rule_07_a_first_payment_is_due_before_coverage_or_next_when_that_is_past(today, due_on):
    enrollment = an_enrollment(plan_year=2027, coverage_start_on=date(2027, 1, 1))
    first = DueDates(0).first_on(enrollment, date.fromisoformat(today))
    assert first == date.fromisoformat(due_on)
