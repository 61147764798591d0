"""What may be chosen, what is asked once, what is refused (rules 4, 7, 8, 13)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.paying import AmountRefusal, Choice, Pay, Question, amounts
from chalicelib.domain.premium import Premium
from tests.builders import (
    NOW,
    a_charge,
    a_payment_line,
    a_return_line,
    a_standing,
)

CEILING = 2_000_000
NEXT_YEAR = {"plan_year": 2027, "coverage_start_on": date(2027, 1, 1)}

owed_cents = st.integers(-(10**7), 10**7)
typed_cents = st.integers(0, 10**8)


@given(owed_cents)
def test_rule_04_a_total_in_credit_takes_nothing(owed):
    assert a_standing(owed).amount_cents(Pay.TOTAL, 999) == max(owed, 0)


@given(owed_cents, typed_cents)
def test_another_amount_is_what_was_typed_and_none_is_nothing(owed, typed):
    assert a_standing(owed).amount_cents(Pay.OTHER, typed) == typed
    assert a_standing(owed).amount_cents(Pay.NONE, typed) == 0


@pytest.mark.parametrize(
    ("owed", "today", "is_shown"),
    [
        (0, datetime(2026, 12, 31, 15, tzinfo=UTC), True),
        (0, datetime(2027, 1, 1, 15, tzinfo=UTC), False),
        (1, datetime(2027, 1, 1, 15, tzinfo=UTC), True),  # owes
        (-1, datetime(2027, 1, 1, 15, tzinfo=UTC), True),  # has credit
    ],
)
def test_rule_04_an_ended_enrollment_stays_visible_while_it_owes_or_has_credit(
    owed, today, is_shown
):
    assert a_standing(owed, at=today).is_shown is is_shown


@pytest.mark.parametrize(
    ("pay", "amount_cents", "question"),
    [
        (Pay.TOTAL, 42480, None),
        (Pay.OTHER, 42480, None),
        (Pay.OTHER, 42479, Question.FIRST_PAYMENT_LESS),
        (Pay.OTHER, 0, Question.FIRST_PAYMENT_LESS),
        (Pay.OTHER, 42481, Question.MORE_THAN_OWED),
        (Pay.NONE, 0, None),
    ],
)
def test_rule_07_less_than_the_whole_first_payment_asks_once(pay, amount_cents, question):
    first = a_standing(42480, **NEXT_YEAR)
    assert first.is_first_payment
    assert first.question(pay, amount_cents) is question


@pytest.mark.parametrize("owed", [0, -5760])
def test_rule_07_who_owes_nothing_has_no_first_payment_due(owed):
    assert not a_standing(owed, **NEXT_YEAR).is_first_payment


def test_rule_07_after_a_first_payment_less_asks_nothing():
    later = a_standing(42480, a_payment_line(100), **NEXT_YEAR)
    assert later.question(Pay.OTHER, 10000) is None


def test_rule_07_when_the_first_payment_came_back_it_is_due_again():
    again = a_standing(42480, a_payment_line(100), a_return_line(100), **NEXT_YEAR)
    assert again.question(Pay.OTHER, 10000) is Question.FIRST_PAYMENT_LESS


@pytest.mark.parametrize(
    ("owed", "amount_cents", "question"),
    [
        (42480, 42479, None),  # less only says what stays owed
        (42480, 42481, Question.MORE_THAN_OWED),
        (0, 1, Question.MORE_THAN_OWED),
        (-5000, 1, Question.MORE_THAN_OWED),
        (0, 0, None),
    ],
)
def test_rule_13_more_than_the_total_asks_once(owed, amount_cents, question):
    assert a_standing(owed).question(Pay.OTHER, amount_cents) is question


@pytest.mark.parametrize(
    ("owed", "amount_cents", "refusal"),
    [
        (42480, 42480 + 12 * 21240, None),
        (42480, 42480 + 12 * 21240 + 1, AmountRefusal.TOO_FAR_AHEAD),
        (-5000, 12 * 21240, None),  # a total in credit is a total of nothing
        (-5000, 12 * 21240 + 1, AmountRefusal.TOO_FAR_AHEAD),
        (2_000_000, 2_000_000, None),
        (2_000_000, 2_000_001, AmountRefusal.ABOVE_CEILING),
        (2_000_001, 2_000_001, AmountRefusal.ABOVE_CEILING),  # also when it is owed
    ],
)
def test_rule_13_too_much_is_refused_at_the_box(owed, amount_cents, refusal):
    assert a_standing(owed).refusal(amount_cents, CEILING) is refusal


@pytest.mark.parametrize(
    ("amount_cents", "refusal"),
    [
        (100, None),  # what is left is the ceiling itself
        (99, AmountRefusal.LATER_ABOVE_CEILING),
        (0, AmountRefusal.TOTAL_ABOVE_CEILING),
    ],
)
def test_rule_13_what_no_run_would_take_later_is_refused_now(amount_cents, refusal):
    assert a_standing(CEILING + 100).refusal_of_rest(amount_cents, CEILING) is refusal


def test_rule_13_twelve_premiums_are_twelve_of_the_newest_charged_month():
    usual = Premium(from_month="2026-01", cents=21240, order="1")
    newer = Premium(from_month="2026-12", cents=10000, order="2")
    standing = a_standing(0, a_charge("2026-12", 10000), premiums=(usual, newer))
    assert standing.refusal(10000 + 120000, CEILING) is None
    assert standing.refusal(10000 + 120001, CEILING) is AmountRefusal.TOO_FAR_AHEAD


def test_rule_13_the_same_amount_again_on_the_same_day_is_noticed():
    standing = a_standing(42480, a_payment_line(10000))
    assert standing.was_paid_today(10000)
    assert not standing.was_paid_today(9999)
    assert not standing.was_paid_today(0)


def test_rule_13_tomorrow_it_is_no_repetition():
    tomorrow = datetime(2026, 12, 4, 5, 0, tzinfo=UTC)  # midnight in New York
    assert not a_standing(42480, a_payment_line(10000), at=tomorrow).was_paid_today(10000)


def test_only_enrollments_that_pay_something_and_are_shown_are_taken():
    standings = {"A": a_standing(42480), "B": a_standing(0), "C": a_standing(-100)}
    choices = [
        Choice(enrollment_id="A", pay=Pay.TOTAL),
        Choice(enrollment_id="B", pay=Pay.OTHER, typed_cents=5),
        Choice(enrollment_id="C", pay=Pay.TOTAL),
        Choice(enrollment_id="STRANGER", pay=Pay.OTHER, typed_cents=5),
    ]
    assert amounts(choices, standings) == {"A": 42480, "B": 5}


@given(owed_cents, typed_cents)
def test_what_is_neither_asked_nor_refused_is_at_most_the_total_and_the_ceiling(owed, typed):
    standing = a_standing(owed, at=NOW)
    if standing.question(Pay.OTHER, typed) is None and standing.refusal(typed, CEILING) is None:
        assert typed <= min(max(owed, 0), CEILING)
