"""Months as text that sorts as time does, and which of them an enrollment covers."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.coverage import billing_horizon, is_month, month_after, month_of, months
from tests.builders import an_enrollment

month_texts = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(month_of)


@pytest.mark.parametrize(
    ("month", "later", "answer"),
    [
        ("2026-12", 1, "2027-01"),
        ("2027-01", -1, "2026-12"),
        ("2026-11", 14, "2028-01"),
        ("2026-05", 0, "2026-05"),
    ],
)
def test_months_are_counted_over_the_years_end(month, later, answer):
    assert month_after(month, later) == answer


@given(month_texts, st.integers(-60, 60))
def test_going_there_and_back_ends_in_the_same_month(month, later):
    assert month_after(month_after(month, later), -later) == month


@given(month_texts, st.integers(0, 40))
def test_months_from_first_to_last_are_each_named_once_in_order(first, count):
    named = list(months(first, month_after(first, count)))
    assert len(named) == count + 1
    assert named == sorted(set(named))


def test_months_the_wrong_way_round_are_none():
    assert list(months("2027-01", "2026-12")) == []


@pytest.mark.parametrize("text", ["2026-12", "2000-01", "2099-10"])
def test_a_month_is_a_year_and_two_digits(text):
    assert is_month(text)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-00", "2026-1", "1999-12", "2026-12\n"])
def test_anything_else_is_no_month(text):
    assert not is_month(text)


@pytest.mark.parametrize(
    ("at", "horizon"),
    [
        (datetime(2026, 12, 3, 15, tzinfo=UTC), "2027-01"),
        (datetime(2027, 1, 1, 4, 59, tzinfo=UTC), "2027-01"),  # still December in New York
        (datetime(2027, 1, 1, 10, 59, tzinfo=UTC), "2027-01"),  # its billing is still ahead
        (datetime(2027, 1, 1, 11, 0, tzinfo=UTC), "2027-02"),
    ],
)
def test_rule_03_next_month_is_billed_from_6_on_the_first_in_new_york(at, horizon):
    assert billing_horizon(at) == horizon


@pytest.mark.parametrize(
    ("start", "end", "covered"),
    [
        ("2026-03-31", "2026-05-01", ["2026-03", "2026-04", "2026-05"]),
        ("2026-03-01", "2026-03-02", ["2026-03"]),
        ("2026-03-01", "2026-03-01", []),  # cancelled from the start (rule 35)
        ("2026-11-15", None, ["2026-11", "2026-12"]),
        ("2026-11-01", "2027-06-30", ["2026-11", "2026-12"]),  # never beyond the plan year
    ],
)
def test_rule_03_a_month_with_any_covered_day_is_covered(start, end, covered):
    enrollment = an_enrollment(
        coverage_start_on=date.fromisoformat(start),
        coverage_end_on=date.fromisoformat(end) if end else None,
    )
    assert [m for m in months("2025-01", "2028-12") if enrollment.covers(m)] == covered


def test_rule_03_coverage_end_is_the_last_covered_day():
    enrollment = an_enrollment(coverage_end_on=date(2026, 5, 31))
    assert not enrollment.has_ended(date(2026, 5, 31))
    assert enrollment.has_ended(date(2026, 6, 1))
    assert not enrollment.covers("2026-06")


def test_coverage_ends_with_the_plan_year_at_the_latest():
    assert not an_enrollment().has_ended(date(2026, 12, 31))
    assert an_enrollment().has_ended(date(2027, 1, 1))
