"""The bank's calendar: the Federal Reserve's own lists, and the examples of the design."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import banking_days
from chalicelib.domain.timetable import NEW_YORK

# As the Federal Reserve published them; a holiday on a Saturday closes nothing on the Friday.
FED = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-04 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-19 07-05 09-06 10-11 11-11 11-25 12-25",
}

days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 12, 31, tzinfo=UTC)
instants = st.integers(0, int((last - first).total_seconds())).map(
    lambda seconds: first + timedelta(seconds=seconds)
)


def new_york(day, hour, minute=0, second=0):
    """An instant by the clock on the wall in New York."""
    year, month, number = (int(part) for part in day.split("-"))
    return datetime(year, month, number, hour, minute, second, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(("year", "listed"), FED.items())
def test_the_banks_are_closed_on_the_feds_list_and_on_weekends_only(year, listed):
    closed = {date.fromisoformat(f"{year}-{day}") for day in listed.split()}
    day = date(year, 1, 1)
    while day.year == year:
        assert banking_days.is_banking_day(day) == (day.weekday() < 5 and day not in closed), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-07-03", True),  # the Friday before a Saturday holiday
        ("2027-06-18", True),
        ("2027-12-24", True),
        ("2027-12-31", True),  # New Year 2028 is a Saturday
        ("2028-12-25", False),
        ("2023-01-02", False),  # New Year 2023 was a Sunday
    ],
)
def test_a_saturday_holiday_leaves_its_friday_open_and_a_sunday_holiday_takes_its_monday(
    day, is_open
):
    assert banking_days.is_banking_day(date.fromisoformat(day)) is is_open


@pytest.mark.parametrize(
    ("submitted_at", "collected_on", "effective_on"),
    [
        # design.md 9, in the week of Thursday, December 3, 2026
        (new_york("2026-12-03", 17, 59), "2026-12-03", "2026-12-04"),
        (new_york("2026-12-03", 17, 59, 59), "2026-12-03", "2026-12-04"),
        (new_york("2026-12-03", 18), "2026-12-04", "2026-12-07"),
        (new_york("2026-12-04", 17, 59), "2026-12-04", "2026-12-07"),
        (new_york("2026-12-04", 18), "2026-12-07", "2026-12-08"),
        (new_york("2026-12-05", 12), "2026-12-07", "2026-12-08"),
        (new_york("2026-12-06", 23, 59), "2026-12-07", "2026-12-08"),
        # around Thanksgiving and Christmas
        (new_york("2026-11-25", 18), "2026-11-27", "2026-11-30"),
        (new_york("2026-11-26", 9), "2026-11-27", "2026-11-30"),
        (new_york("2026-12-24", 17, 59), "2026-12-24", "2026-12-28"),
        # the UTC day is not New York's: 22:30 on Thursday is 03:30 UTC on Friday
        (new_york("2026-12-03", 22, 30), "2026-12-04", "2026-12-07"),
        # summer time
        (new_york("2026-07-02", 17, 59), "2026-07-02", "2026-07-03"),
        (new_york("2026-07-02", 18), "2026-07-03", "2026-07-06"),
    ],
)
def test_rule_15_a_payment_belongs_to_the_first_banking_day_whose_18_00_is_still_ahead(
    submitted_at, collected_on, effective_on
):
    collected = banking_days.collection_day(submitted_at)
    assert collected == date.fromisoformat(collected_on)
    assert banking_days.effective_entry_date(collected) == date.fromisoformat(effective_on)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 12, 24, 4, 59, 59, tzinfo=UTC), "2026-12-23"),
        (datetime(2026, 12, 24, 5, 0, tzinfo=UTC), "2026-12-24"),
        (datetime(2026, 7, 24, 3, 59, 59, tzinfo=UTC), "2026-07-23"),
        (datetime(2026, 7, 24, 4, 0, tzinfo=UTC), "2026-07-24"),
    ],
)
def test_rule_06_a_payment_counts_on_its_new_york_day(at, day):
    assert banking_days.local_day(at) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("sent_at", "settles_on"),
    [
        ("2026-12-03T20:00", "2026-12-04"),  # before its date
        ("2026-12-04T16:45", "2026-12-04"),  # on it, in the last same-day window
        ("2026-12-04T16:46", "2026-12-07"),
        ("2026-12-05T09:00", "2026-12-08"),  # the operator works on Monday the 7th
        ("2026-12-07T09:00", "2026-12-08"),
        ("2026-12-24T20:00", "2026-12-28"),  # Christmas is a Friday
        ("2026-12-25T20:00", "2026-12-29"),
    ],
)
def test_rule_27_a_file_that_is_sent_after_its_date_settles_the_next_banking_day(
    sent_at, settles_on
):
    at = datetime.fromisoformat(sent_at).replace(tzinfo=NEW_YORK)
    dated = date(2026, 12, 4)
    assert banking_days.settles_when_sent(dated, at) == date.fromisoformat(settles_on)


@pytest.mark.parametrize(
    ("settled_on", "paid_on"),
    [("2026-12-04", "2026-12-08"), ("2026-12-22", "2026-12-24"), ("2026-12-23", "2026-12-28")],
)
def test_rule_17_a_payment_is_paid_two_banking_days_after_settlement(settled_on, paid_on):
    window = banking_days.ReturnWindow(0)
    assert window.paid_on(date.fromisoformat(settled_on)) == date.fromisoformat(paid_on)


@given(days, st.integers(1, 12))
def test_the_nth_banking_day_after_has_n_banking_days_on_the_way(day, count):
    found = banking_days.banking_day_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    assert sum(banking_days.is_banking_day(each) for each in between) == count
    assert banking_days.is_banking_day(found)


@given(days)
def test_no_more_than_four_days_pass_without_a_bank(day):
    assert day <= banking_days.on_or_after(day) <= day + timedelta(days=4)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_who_submits_later_is_never_collected_earlier(at, later):
    assert banking_days.collection_day(at) <= banking_days.collection_day(at + later)


@given(instants)
def test_rule_15_no_debit_is_earlier_than_the_day_after_submit(at):
    effective_on = banking_days.effective_entry_date(banking_days.collection_day(at))
    assert effective_on > banking_days.local_day(at)
    assert banking_days.is_banking_day(effective_on)
