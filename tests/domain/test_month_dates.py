"""The dates of a mandate's month: debited when, from when, the last one (20, 23, 27, 28)."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.banking_days import is_banking_day
from chalicelib.domain.coverage import month_after, months
from chalicelib.domain.month_dates import (
    coming_month,
    coverage_limit,
    debit_day,
    effective_on,
    ends_on,
    following_on,
    has_a_22nd,
    instant_of_work,
    is_debit_day,
    is_late,
    last_withdrawal_month,
)
from chalicelib.domain.timetable import NEW_YORK
from tests.builders import an_enrollment

MONTH = "2026-12"

# The only 22nds from 2026 to 2031 that are no banking day, and the day that stands in.
MOVED_22NDS = {
    "2026-02": 23, "2026-03": 23, "2026-08": 24, "2026-11": 23,
    "2027-05": 24, "2027-08": 23,
    "2028-01": 24, "2028-04": 24, "2028-07": 24, "2028-10": 23,
    "2029-04": 23, "2029-07": 23, "2029-09": 24, "2029-11": 23, "2029-12": 24,
    "2030-06": 24, "2030-09": 23, "2030-12": 23,
    "2031-02": 24, "2031-03": 24, "2031-06": 23, "2031-11": 24,
}  # fmt: skip
MONTHS = [f"{year}-{month:02}" for year in range(2026, 2032) for month in range(1, 13)]


def new_york(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize("month", MONTHS)
def test_rule_28_the_debit_day_is_the_first_banking_day_from_the_22nd_on(month):
    assert debit_day(month) == date.fromisoformat(f"{month}-{MOVED_22NDS.get(month, 22)}")


@pytest.mark.parametrize(
    ("at", "coming"),
    [
        ("2026-12-01T00:00", "2026-12"),
        ("2026-12-22T10:00", "2026-12"),  # the run is late: until it freezes, a cancel stops it
        ("2026-12-28T23:59", "2026-12"),
        ("2026-12-29T00:00", "2027-01"),  # after the 28th nothing is taken for December
        ("2027-01-01T00:00", "2027-01"),
    ],
)
def test_rule_20_a_change_counts_from_this_month_until_its_28th_is_over(at, coming):
    assert coming_month(new_york(at)) == coming


def test_the_month_is_that_of_new_york():
    evening = datetime.fromisoformat("2027-01-01T04:59:59+00:00")
    assert coming_month(evening) == "2027-01"  # the 31st there: after the 28th
    assert coming_month(datetime.fromisoformat("2026-12-01T04:59:59+00:00")) == "2026-12"


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (None, "2026-12"),  # the plan year
        (date(2026, 12, 31), "2026-12"),
        (date(2026, 12, 22), "2026-12"),
        (date(2026, 12, 21), "2026-11"),
        (date(2026, 3, 1), "2026-02"),
        (date(2027, 5, 31), "2026-12"),  # never beyond the plan year
    ],
)
def test_rule_23_the_last_withdrawal_is_the_last_22nd_of_coverage(end, last):
    enrollment = an_enrollment(coverage_end_on=end)
    assert last_withdrawal_month(enrollment) == last
    assert coverage_limit(enrollment) == (last if end else None)


# When.

FRIDAY_25TH = date(2026, 12, 25)  # a holiday


@pytest.mark.parametrize(
    ("month", "at", "on"),
    [
        # a banking day: December 22, 2026 is a Tuesday
        ("2026-12", "2026-12-22T09:00", "2026-12-22"),
        ("2026-12", "2026-12-22T11:59:59", "2026-12-22"),
        ("2026-12", "2026-12-22T12:00", "2026-12-23"),  # the same-day cut-off is missed
        ("2026-12", "2026-12-22T17:59", "2026-12-23"),
        ("2026-12", "2026-12-22T18:00", "2026-12-24"),  # and the evening's collection too
        ("2026-12", "2026-12-23T09:00", "2026-12-24"),
        ("2026-12", "2026-12-24T09:00", "2026-12-28"),  # over Christmas and a weekend
        ("2026-12", "2026-12-28T09:00", "2026-12-29"),
        # a Saturday: the debit day is Monday
        ("2026-08", "2026-08-22T09:00", "2026-08-24"),
        ("2026-08", "2026-08-22T23:00", "2026-08-24"),
        ("2026-08", "2026-08-23T15:00", "2026-08-24"),
        ("2026-08", "2026-08-24T09:00", "2026-08-24"),
        ("2026-08", "2026-08-24T11:59", "2026-08-24"),
        ("2026-08", "2026-08-24T12:00", "2026-08-25"),
        # a Sunday
        ("2026-11", "2026-11-22T09:00", "2026-11-23"),
        ("2026-11", "2026-11-23T12:00", "2026-11-24"),
        ("2026-11", "2026-11-25T09:00", "2026-11-27"),  # over Thanksgiving
        # Thanksgiving itself
        ("2029-11", "2029-11-22T09:00", "2029-11-23"),
        ("2029-11", "2029-11-23T11:59", "2029-11-23"),
        ("2029-11", "2029-11-23T12:00", "2029-11-26"),
        # the last catch-up of a February is a Sunday
        ("2027-02", "2027-02-22T09:00", "2027-02-22"),
        ("2027-02", "2027-02-28T09:00", "2027-03-02"),
    ],
)
def test_rule_27_the_date_of_a_debit_is_the_next_one_that_can_still_be_met(month, at, on):
    assert effective_on(month, new_york(at)) == date.fromisoformat(on)


@given(
    st.sampled_from(list(months("2026-01", "2035-12"))),
    st.integers(22, 28),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_no_debit_is_early_on_a_day_off_or_in_the_past(month, day, hour, minute):
    at = new_york(f"{month}-{day}T{hour:02}:{minute:02}")
    on = effective_on(month, at)
    assert is_banking_day(on)
    assert on >= date.fromisoformat(f"{month}-22")
    assert on >= at.date()


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2026-12-22T09:05", False),
        ("2026-12-28T23:59", False),
        ("2026-12-29T00:00", True),
        ("2027-01-05T12:00", True),
    ],
)
def test_rule_27_a_message_that_lay_past_the_28th_is_too_late(now, late):
    now = datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    scheduled_at = datetime(2026, 12, 22, 9, tzinfo=NEW_YORK)
    assert instant_of_work(scheduled_at, now) == (now if late else scheduled_at)


@pytest.mark.parametrize("month", MONTHS)
def test_a_debit_day_is_known_by_its_date_alone(month):
    on = debit_day(month)
    assert is_debit_day(on)
    assert not is_late(month, on)
    assert is_late(month, debit_day(month_after(month)))
    assert [day for day in range(22, 29) if is_debit_day(on.replace(day=day))] == [on.day]


def test_rule_23_after_the_last_22nd_of_coverage_nothing_follows():
    enrollment = an_enrollment(coverage_end_on=date(2026, 12, 21))
    assert has_a_22nd(enrollment, "2026-11")
    assert not has_a_22nd(enrollment, "2026-12")
    assert (ends_on(enrollment, "2026-11"), following_on(enrollment, "2026-11")) == (
        date(2026, 12, 21),
        None,
    )
    assert (ends_on(enrollment, "2026-10"), following_on(enrollment, "2026-10")) == (
        None,
        date(2026, 11, 23),
    )
