"""What makes up what is owed is told in one way (rule 38)."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.enrollment import FirstWanted
from chalicelib.domain.ledger import LineKind, owed
from chalicelib.domain.statement import PremiumChange, since_settled, statement
from chalicelib.domain.timetable import NEW_YORK
from tests.builders import a_line, an_enrollment

PREMIUM = FirstWanted(cents=31000, first_month="2027-01", last_month="2027-12")
HERE = an_enrollment(
    plan_year=2027, premium_cents=31000, billed_through="2027-01", first_wanted=PREMIUM
)


def on(day, month=1):
    return datetime(2027, month, day, 10, tzinfo=NEW_YORK)


def a(kind, cents, day, month=None):
    return a_line(line=f"{kind}{day}", kind=kind, amount_cents=cents, at=on(day), month=month)


def told(lines, since=0):
    return [(item.month, item.amount_cents) for item in statement(HERE, lines, since).items]


CHARGED = a(LineKind.CHARGE, 31000, 1, "2027-02")
LOWERED = a(LineKind.CORRECTION, -20000, 2, "2027-02")
CHANGE = PremiumChange(on=date(2027, 1, 2), cents=11000, more_cents=-20000)


def test_rule_38_a_month_is_told_with_its_changes_so_that_premium_and_amount_fit():
    [item] = statement(HERE, [CHARGED, a(LineKind.PAYMENT, -500, 1), LOWERED]).items[:1]
    assert (item.first_cents, item.changes, item.amount_cents) == (31000, (CHANGE,), 11000)


def test_rule_38_of_a_month_that_was_told_before_the_change_alone_counts_and_names_what_it_was():
    [item] = statement(HERE, [CHARGED, LOWERED], since=1).items
    assert (item.first_cents, item.changes, item.amount_cents) == (31000, (CHANGE,), -20000)


def test_rule_38_a_month_of_the_opening_balance_is_known_by_what_its_first_row_wanted():
    [item] = statement(HERE, [a(LineKind.CORRECTION, -20000, 2, "2027-01")]).items
    assert (item.month, item.first_cents, item.changes) == ("2027-01", 31000, (CHANGE,))


def test_rule_38_a_month_that_is_taken_back_and_covered_again_says_both():
    back = a(LineKind.UNCHARGE, -31000, 3, "2027-02")
    again = a(LineKind.CHARGE, 30000, 4, "2027-02")
    [item] = statement(HERE, [CHARGED, back, again]).items
    assert [(each.cents, each.more_cents) for each in item.changes] == [(0, -31000), (30000, 30000)]
    assert item.amount_cents == 30000


def test_rule_38_a_withdrawal_that_took_nothing_is_no_part_of_what_is_owed():
    assert told([CHARGED, a(LineKind.WITHDRAWAL, 0, 22, "2027-01")]) == [("2027-02", 31000)]


@pytest.mark.parametrize(
    ("lines", "tells"),
    [
        ([CHARGED, a(LineKind.PAYMENT, -31000, 5)], []),
        (
            [CHARGED, a(LineKind.PAYMENT, -31000, 5), a(LineKind.CHARGE, 31000, 6, "2027-03")],
            [("2027-03", 31000)],
        ),
        ([CHARGED, a(LineKind.PAYMENT, -100, 5)], [("2027-02", 31000), (None, -100)]),
    ],
)
def test_rule_38_what_is_owed_now_is_told_from_the_last_time_on_that_nothing_was(lines, tells):
    now = since_settled(HERE, lines)
    assert [(item.month, item.amount_cents) for item in now.items] == tells
    assert now.owed_cents == owed(lines)


KINDS = st.sampled_from([kind for kind in LineKind if kind is not LineKind.OPENING])
MONTHS = st.sampled_from(["2027-01", "2027-02", "2027-03"])
LINES = st.lists(st.tuples(KINDS, MONTHS, st.integers(-40000, 40000)), max_size=12)


@given(LINES, st.integers(0, 12))
def test_rule_38_what_is_told_always_sums_to_what_is_owed(drawn, since):
    lines = [
        replace(a(kind, cents, 1, month), line=str(n))
        for n, (kind, month, cents) in enumerate(drawn)
    ]
    for telling in (statement(HERE, lines, since), since_settled(HERE, lines)):
        assert telling.owed_cents == telling.latest().owed_cents == owed(lines)
