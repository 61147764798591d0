"""The ledger: lines are only added; what is owed is their sum."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ledger import LineKind, in_order, owed, paid_today, payments_that_count
from tests.builders import NOW, TODAY, a_charge, a_line, a_payment_line, a_return_line

amounts = st.lists(st.integers(-(10**9), 10**9), max_size=20)


def lines_of(cents):
    return [a_line(line=f"adjustment#{n}", amount_cents=each) for n, each in enumerate(cents)]


@given(amounts, st.randoms())
def test_rule_01_owed_is_the_sum_of_the_lines_in_any_order(cents, randomness):
    lines = lines_of(cents)
    randomness.shuffle(lines)
    assert owed(lines) == sum(cents)


def test_rule_01_there_are_nine_kinds_of_line():
    assert set(LineKind) == {
        "opening", "charge", "uncharge", "correction", "payment", "withdrawal", "return",
        "adjustment", "refund",
    }  # fmt: skip


def test_rule_01_nothing_is_owed_on_an_empty_ledger():
    assert owed([]) == 0


def test_rule_01_a_payment_counts_unless_it_comes_back():
    paid = a_payment_line(10000, "P1")
    assert payments_that_count([paid, a_payment_line(500, "P2")]) == [
        paid,
        a_payment_line(500, "P2"),
    ]
    assert payments_that_count([paid, a_return_line(10000, "P1")]) == []


def test_rule_01_a_return_undoes_its_own_payment_only():
    other = a_payment_line(10000, "P2")
    lines = [a_payment_line(10000, "P1"), other, a_return_line(10000, "P1")]
    assert payments_that_count(lines) == [other]
    assert owed(lines) == -10000


def test_a_withdrawal_of_nothing_is_no_payment():
    skipped = a_line(line="withdrawal#2026-12", kind=LineKind.WITHDRAWAL, amount_cents=0)
    assert payments_that_count([skipped]) == []


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (a_payment_line(10000), True),
        (a_payment_line(10001), False),
        (a_payment_line(10000, at=datetime(2026, 12, 3, 4, 59, tzinfo=UTC)), False),  # Dec. 2
        (a_payment_line(10000, at=datetime(2026, 12, 4, 4, 59, tzinfo=UTC)), True),
        (a_line(kind=LineKind.ADJUSTMENT, amount_cents=-10000, at=NOW), False),
    ],
)
def test_rule_13_the_same_amount_on_the_same_new_york_day_is_noticed(line, asked):
    assert paid_today([line], 10000, TODAY) is asked


def test_rule_13_a_payment_that_came_back_may_be_made_again():
    assert not paid_today([a_payment_line(10000), a_return_line(10000)], 10000, TODAY)


def test_lines_are_read_oldest_first():
    late, early = a_charge("2026-12", at=NOW), a_charge("2026-11")
    assert in_order([late, early]) == [early, late]
