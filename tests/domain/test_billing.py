"""Which charges a ledger lacks (rules 2 and 3), this month's premium (5), first payments (7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import billing
from chalicelib.domain.due import CoverageStart, DueDates, first_payment, is_first_payment
from chalicelib.domain.enrollment import FirstWanted
from chalicelib.domain.ledger import LineKind, owed
from chalicelib.domain.premium import Premium
from tests.builders import (
    NOW,
    a_charge,
    a_line,
    a_payment_line,
    a_return_line,
    an_enrollment,
)

JUNE = datetime(2026, 6, 10, 15, tzinfo=UTC)


def posted(enrollment, lines, at):
    """The ledger after billing, and what was added."""
    new = billing.missing_lines(enrollment, lines, at)
    return [*lines, *new], [line.line for line in new]


def test_rule_02_the_balance_is_what_is_owed_when_first_seen():
    line = billing.opening_line(an_enrollment(), 42480, NOW)
    assert (line.line, line.kind, line.amount_cents) == ("opening", LineKind.OPENING, 42480)


def test_rule_02_a_negative_balance_is_credit():
    assert owed([billing.opening_line(an_enrollment(), -500, NOW)]) == -500


@pytest.mark.parametrize(
    ("stated", "start", "answer"),
    [
        ("2026-09", date(2026, 1, 1), "2026-09"),
        (None, date(2026, 1, 1), "2026-12"),  # the month of first import
        (None, date(2027, 1, 1), "2027-01"),  # the first month of coverage, when later
        (None, date(2026, 12, 15), "2026-12"),
    ],
)
def test_rule_02_empty_billed_through_is_the_later_of_first_import_and_first_coverage(
    stated, start, answer
):
    assert billing.billed_through_at_first(stated, start, NOW) == answer


def test_rule_02_first_import_is_in_the_month_of_new_york():
    at = datetime(2027, 1, 1, 4, 59, tzinfo=UTC)
    assert billing.billed_through_at_first(None, date(2026, 1, 1), at) == "2026-12"


def test_rule_02_the_month_billed_through_and_earlier_ones_are_never_charged():
    enrollment = an_enrollment(billed_through="2026-06")
    assert posted(enrollment, [], JUNE)[1] == ["charge#2026-07"]
    assert posted(an_enrollment(billed_through="2026-07"), [], JUNE)[1] == []


def test_rule_03_every_covered_month_up_to_next_month_is_charged():
    enrollment = an_enrollment(billed_through="2026-03")
    assert posted(enrollment, [], JUNE)[1] == [
        "charge#2026-04", "charge#2026-05", "charge#2026-06", "charge#2026-07",
    ]  # fmt: skip


def test_rule_03_an_enrollment_imported_late_is_caught_up():
    enrollment = an_enrollment(billed_through="2026-04", coverage_start_on=date(2026, 5, 20))
    after_the_run = datetime(2026, 6, 29, 15, tzinfo=UTC)
    assert posted(enrollment, [], after_the_run)[1] == [
        "charge#2026-05", "charge#2026-06", "charge#2026-07",
    ]  # fmt: skip


def says(from_month, cents, order="2"):
    return Premium(from_month=from_month, cents=cents, order=order)


def with_premiums(*said, **changed):
    return an_enrollment(premiums=said, **changed)


USUAL = says("2026-01", 21240, "1")


def test_rule_03_a_month_is_charged_whole_at_the_figure_that_the_history_has_for_it():
    enrollment = with_premiums(USUAL, says("2026-07", 30000), billed_through="2026-05")
    lines, new = posted(replace(enrollment, coverage_end_on=date(2026, 6, 1)), [], JUNE)
    assert new == ["charge#2026-06"]
    lines, new = posted(enrollment, lines, JUNE)
    assert new == ["charge#2026-07"]
    assert [line.amount_cents for line in lines] == [21240, 30000]


def test_rule_34_a_posted_month_that_costs_something_else_by_now_is_corrected_by_the_difference():
    lines, _ = posted(with_premiums(USUAL, billed_through="2026-05"), [], JUNE)
    cheaper = with_premiums(USUAL, says("2026-07", 11000), billed_through="2026-05")
    lines, new = posted(cheaper, lines, JUNE)
    assert new == ["correction#2026-07#1"]
    assert owed(lines) == 21240 + 11000
    dearer = with_premiums(USUAL, says("2026-06", 25000, "3"), billed_through="2026-05")
    lines, new = posted(dearer, lines, JUNE)
    assert new == ["correction#2026-06#1", "correction#2026-07#2"]
    assert owed(lines) == 2 * 25000
    assert posted(dearer, lines, JUNE)[1] == []


def test_rule_34_months_of_the_opening_balance_are_corrected_from_what_the_first_row_wanted():
    first = FirstWanted(cents=31000, first_month="2026-01", last_month="2026-12")
    known = {"billed_through": "2026-06", "first_wanted": first}
    may = datetime(2026, 5, 12, 15, tzinfo=UTC)
    assert posted(with_premiums(says("2026-01", 31000), **known), [], may)[1] == []
    cheaper = with_premiums(says("2026-01", 31000, "1"), says("2026-05", 11000), **known)
    lines, new = posted(cheaper, [], may)
    assert new == ["correction#2026-05#1", "correction#2026-06#1"]
    assert owed(lines) == -2 * 20000
    ended = replace(cheaper, coverage_end_on=date(2026, 5, 31))
    lines, new = posted(ended, lines, may)
    assert (new, owed(lines)) == (["correction#2026-06#2"], -20000 - 31000)


def test_rule_03_an_uncharge_takes_back_all_that_stands_for_a_month_corrections_too():
    lines, _ = posted(with_premiums(USUAL, billed_through="2026-06"), [], JUNE)
    cheaper = with_premiums(USUAL, says("2026-07", 11000), billed_through="2026-06")
    lines, _ = posted(cheaper, lines, JUNE)
    lines, new = posted(replace(cheaper, coverage_end_on=date(2026, 6, 30)), lines, JUNE)
    assert (new, owed(lines)) == (["uncharge#2026-07"], 0)
    lines, new = posted(cheaper, lines, JUNE)
    assert (new, owed(lines)) == (["charge#2026-07#2"], 11000)


def test_rule_03_coverage_end_is_inclusive():
    last_day = an_enrollment(billed_through="2026-05", coverage_end_on=date(2026, 7, 1))
    assert posted(last_day, [], JUNE)[1] == ["charge#2026-06", "charge#2026-07"]
    day_before = replace(last_day, coverage_end_on=date(2026, 6, 30))
    assert posted(day_before, [], JUNE)[1] == ["charge#2026-06"]


def test_rule_03_an_end_moved_before_a_charged_month_takes_that_charge_back():
    enrollment = an_enrollment(billed_through="2026-05")
    lines, _ = posted(enrollment, [], JUNE)
    ended = replace(enrollment, coverage_end_on=date(2026, 6, 15))
    lines, new = posted(ended, lines, JUNE)
    assert new == ["uncharge#2026-07"]
    assert owed(lines) == 21240


def test_rule_03_a_charge_is_taken_back_at_what_it_was_not_at_todays_premium():
    lines, _ = posted(an_enrollment(billed_through="2026-06"), [], JUNE)
    changed = an_enrollment(
        billed_through="2026-06", premium_cents=99999, coverage_end_on=date(2026, 6, 30)
    )
    assert owed(posted(changed, lines, JUNE)[0]) == 0


def test_rule_03_a_month_taken_back_and_covered_again_is_posted_again():
    enrollment = an_enrollment(billed_through="2026-06")
    ended = replace(enrollment, coverage_end_on=date(2026, 6, 30))
    lines, _ = posted(enrollment, [], JUNE)
    lines, _ = posted(ended, lines, JUNE)
    lines, new = posted(enrollment, lines, JUNE)
    assert new == ["charge#2026-07#2"]
    assert owed(lines) == 21240
    lines, new = posted(ended, lines, JUNE)
    assert new == ["uncharge#2026-07#2"]
    lines, new = posted(enrollment, lines, JUNE)
    assert new == ["charge#2026-07#3"]


def test_rule_03_a_start_moved_later_takes_back_the_months_before():
    enrollment = an_enrollment(billed_through="2026-04")
    lines, _ = posted(enrollment, [], JUNE)
    later = replace(enrollment, coverage_start_on=date(2026, 7, 1))
    assert posted(later, lines, JUNE)[1] == ["uncharge#2026-05", "uncharge#2026-06"]


def test_rule_03_no_month_beyond_the_plan_year_is_charged():
    december = datetime(2026, 12, 10, 15, tzinfo=UTC)
    enrollment = an_enrollment(billed_through="2026-11", coverage_end_on=date(2027, 12, 31))
    assert posted(enrollment, [], december)[1] == ["charge#2026-12"]
    assert posted(enrollment, [], datetime(2028, 1, 1, tzinfo=UTC))[1] == ["charge#2026-12"]


def test_rule_03_next_years_plan_is_charged_from_december_on():
    enrollment = an_enrollment(
        plan_year=2027, coverage_start_on=date(2027, 1, 1), billed_through="2026-12"
    )
    assert posted(enrollment, [], datetime(2026, 11, 30, tzinfo=UTC))[1] == []
    assert posted(enrollment, [], datetime(2026, 12, 1, 11, tzinfo=UTC))[1] == ["charge#2027-01"]


def test_rule_05_this_months_premium_is_that_of_the_newest_charge():
    lines = [a_charge("2026-11", 20000), a_charge("2026-12", 21000), a_line()]
    enrollment = with_premiums(says("2026-01", 20000, "1"), says("2026-12", 19000))
    assert billing.newest_premium(enrollment, lines) == (19000, "2026-12")


def test_rule_05_with_no_charge_yet_it_is_the_feeds_premium():
    enrollment = an_enrollment(billed_through="2026-10")
    assert billing.newest_premium(enrollment, [a_line()]) == (21240, "2026-10")


def test_rule_05_a_charge_taken_back_is_not_the_newest():
    enrollment = an_enrollment(billed_through="2026-05")
    lines, _ = posted(enrollment, [], JUNE)
    lines, _ = posted(replace(enrollment, coverage_end_on=date(2026, 6, 30)), lines, JUNE)
    assert billing.newest_premium(enrollment, lines) == (21240, "2026-06")


@pytest.mark.parametrize(
    ("lines", "today", "first"),
    [
        ([], date(2026, 12, 31), True),
        ([], date(2027, 1, 1), False),  # coverage has begun
        ([a_payment_line(100)], date(2026, 12, 31), False),
        ([a_payment_line(100), a_return_line(100)], date(2026, 12, 31), True),
        ([a_line(line="adjustment#1", amount_cents=-500)], date(2026, 12, 31), True),
    ],
)
def test_rule_07_a_first_payment_is_due_until_one_counts_or_coverage_begins(lines, today, first):
    enrollment = an_enrollment(plan_year=2027, coverage_start_on=date(2027, 1, 1))
    assert is_first_payment(enrollment, lines, today) is first


def starts_late(enrollment, today, days=0):
    """What is said of a first payment of $100.00 that nobody made yet."""
    found = first_payment(enrollment, [a_line(amount_cents=10000)], DueDates(days), today)
    return found.start is CoverageStart.LATE


@pytest.mark.parametrize(
    ("today", "late"),
    [(date(2026, 12, 23), False), (date(2026, 12, 24), True), (date(2026, 11, 30), False)],
)
def test_rule_07_after_the_23rd_before_coverage_it_may_start_a_month_later(today, late):
    enrollment = an_enrollment(plan_year=2027, coverage_start_on=date(2027, 1, 1))
    assert starts_late(enrollment, today) is late


def test_rule_07_the_day_is_that_before_the_month_coverage_starts_in():
    enrollment = an_enrollment(coverage_start_on=date(2026, 8, 15))
    assert not starts_late(enrollment, date(2026, 7, 23))
    assert starts_late(enrollment, date(2026, 7, 24))
    assert not starts_late(enrollment, date(2026, 6, 30))


def test_rule_06_an_extension_puts_that_day_off_as_well():
    enrollment = an_enrollment(plan_year=2027, coverage_start_on=date(2027, 1, 1))
    assert not starts_late(enrollment, days=5, today=date(2026, 12, 28))
    assert starts_late(enrollment, days=5, today=date(2026, 12, 29))


starts = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ends = st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31))
facts = st.builds(
    lambda start, end, cents: {
        "coverage_start_on": start,
        "coverage_end_on": end,
        "premium_cents": cents,
    },
    starts,
    ends,
    st.integers(0, 100_000),
)
first = datetime(2025, 6, 1, tzinfo=UTC)
instants = st.integers(0, 730 * 24).map(lambda hours: first + timedelta(hours=hours))
histories = st.lists(st.tuples(facts, instants), min_size=1, max_size=5).map(
    lambda history: sorted(history, key=lambda each: each[1])
)
through = st.dates(date(2025, 6, 1), date(2027, 2, 1)).map(lambda day: f"{day:%Y-%m}")


def lived(history, billed_through):
    """The ledger after facts came in one by one."""
    lines = []
    for changed, at in history:
        enrollment = an_enrollment(billed_through=billed_through, **changed)
        lines = posted(enrollment, lines, at)[0]
    return enrollment, lines, at


@given(histories, through)
def test_rule_03_billing_twice_is_billing_once(history, billed_through):
    enrollment, lines, at = lived(history, billed_through)
    assert billing.missing_lines(enrollment, lines, at) == []


@given(histories, through)
def test_rule_03_no_line_is_ever_posted_twice(history, billed_through):
    _, lines, _ = lived(history, billed_through)
    assert len({line.line for line in lines}) == len(lines)


@given(histories, through)
def test_rule_03_just_the_covered_months_stand_charged(history, billed_through):
    enrollment, lines, _ = lived(history, billed_through)
    standing = {}
    for line in lines:
        standing.setdefault(line.month, []).append(line.amount_cents)
    for month, cents in standing.items():
        assert month > billed_through
        stands = len(cents) % 2 == 1
        assert stands == enrollment.covers(month)
        assert sum(cents) == (cents[-1] if stands else 0)


@given(histories, through, st.randoms())
def test_rule_03_the_order_in_which_lines_are_read_does_not_matter(
    history, billed_through, randomness
):
    enrollment, lines, at = lived(history, billed_through)
    later = at.replace(year=at.year + 1)
    shuffled = list(lines)
    randomness.shuffle(shuffled)
    again = billing.missing_lines(enrollment, shuffled, later)
    assert again == billing.missing_lines(enrollment, lines, later)
