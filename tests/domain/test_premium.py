"""What a month costs, whatever order its figures come in (rule 34)."""

from datetime import datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.premium import Premium, figure, from_month_of, with_figure
from chalicelib.domain.timetable import NEW_YORK

MONTHS = [f"2027-{month:02}" for month in range(1, 13)]


def says(from_month, cents, order):
    return Premium(from_month=from_month, cents=cents, order=order)


def history(*said):
    found = ()
    for each in said:
        found = with_figure(found, each)
    return found


def test_rule_34_a_month_has_the_figure_of_the_newest_row_that_speaks_of_it():
    found = history(says("2027-01", 310, "1"), says("2027-03", 110, "2"))
    assert [figure(found, month) for month in MONTHS[:4]] == [310, 310, 110, 110]
    newer = with_figure(found, says("2027-02", 200, "3"))
    assert [figure(newer, month) for month in MONTHS[:4]] == [310, 200, 200, 200]


def test_rule_34_the_first_figure_holds_for_earlier_months_too():
    assert figure(history(says("2027-03", 310, "1")), "2026-11") == 310


def test_rule_34_a_late_older_row_counts_where_no_newer_one_speaks():
    found = history(says("2027-01", 310, "1"), says("2027-05", 110, "3"))
    late = with_figure(found, says("2027-03", 200, "2"))
    assert [figure(late, month) for month in MONTHS[:6]] == [310, 310, 200, 200, 110, 110]
    assert with_figure(late, says("2027-06", 999, "2")) == late


said = st.builds(
    says, st.sampled_from(MONTHS), st.integers(0, 9), st.integers(1, 30).map("{:02}".format)
)


@given(st.lists(said, min_size=1, max_size=6, unique_by=lambda each: each.order))
def test_rule_34_however_rows_arrive_months_cost_the_same_and_as_the_rule_says(rows):
    found = history(*rows)
    assert all(history(*some) == found for some in list(permutations(rows))[:24])
    for month in MONTHS:
        speak = [each for each in rows if each.from_month <= month]
        if speak:
            assert figure(found, month) == max(speak, key=lambda each: each.order).cents


@pytest.mark.parametrize(
    ("at", "billed_through", "month"),
    [
        ("2027-01-02T09:00", "2026-12", "2027-03"),  # February was billed on January 1
        ("2027-01-01T05:59", "2026-12", "2027-02"),
        ("2027-01-01T06:00", "2026-12", "2027-03"),
        ("2027-01-31T23:59", "2026-12", "2027-03"),
        ("2026-12-05T09:00", "2027-04", "2027-05"),  # never one of the opening balance
    ],
)
def test_rule_34_a_row_that_does_not_say_speaks_from_the_first_month_that_is_not_billed_yet(
    at, billed_through, month
):
    at = datetime.fromisoformat(at).replace(tzinfo=NEW_YORK)
    assert from_month_of(None, billed_through, at) == month
    assert from_month_of("2026-11", billed_through, at) == "2026-11"
