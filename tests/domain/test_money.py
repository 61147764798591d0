"""Amounts as people type them and as feeds write them, in whole cents."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Wrong
from chalicelib.domain.money import dollars, exact_cents, typed_cents
from tests.builders import wide

cents = st.integers(-(10**10) + 1, 10**10 - 1)


@pytest.mark.parametrize(
    ("amount_cents", "text"),
    [
        (0, "$0.00"),
        (5, "$0.05"),
        (142480, "$1,424.80"),
        (-1200, "-$12.00"),
        (123456789, "$1,234,567.89"),
    ],
)
def test_an_amount_is_shown_as_on_the_bill(amount_cents, text):
    assert dollars(amount_cents) == text


@pytest.mark.parametrize(
    ("text", "amount_cents"),
    [
        ("212.40", 21240),
        ("$212.40", 21240),
        ("$1,424.8", 142480),
        ("1,424,000", 142400000),
        ("100", 10000),
        (" $ 100.00 ", 10000),
        (".50", 50),
        ("0.00", 0),
        ("0", 0),
        ("007", 700),
        ("1424.", 142400),
        ("100$", 10000),
        ("1,424.50 $", 142450),
    ],
)
def test_an_amount_may_be_typed_as_people_type_it(text, amount_cents):
    assert typed_cents(text) == amount_cents


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "$", ".", "1.234", "1,42", "1,4240", "12,34,567", "1e3", "1.2.3"),
        *(wide("12"), "12 dollars", "0x10", "1_000", "NaN", "1234567890", "--", "+5"),
        *("$100$", "100$$", "$.", ".$", "\u2212", "-$", "5-", "-a", "- ."),
    ],
)
def test_what_is_no_amount_is_wrong(text):
    with pytest.raises(Wrong) as wrong:
        typed_cents(text)
    assert wrong.value.code == "amount"


@pytest.mark.parametrize("text", ["-1", "\u22121,424.80", "-$5", "$-5", "\u201312.40", "- 0.00"])
def test_a_minus_is_seen_as_one_however_it_is_written(text):
    with pytest.raises(Wrong) as wrong:
        typed_cents(text)
    assert wrong.value.code == "amount_negative"


@pytest.mark.parametrize(
    ("text", "amount_cents"), [("212.40", 21240), ("-12", -1200), ("0.5", 50), ("-0.00", 0)]
)
def test_a_feed_writes_plain_dollars(text, amount_cents):
    assert exact_cents(text) == amount_cents


@pytest.mark.parametrize(
    "text", ["", "$1", "1,000", "1.234", " 1", "1.", ".5", "+1", "1e3", "123456789", "--1", "1\n"]
)
def test_a_feed_writes_nothing_else(text):
    with pytest.raises(Wrong):
        exact_cents(text)


@given(st.integers(0, 10**10 - 1))
def test_what_is_shown_may_be_typed_back(amount_cents):
    assert typed_cents(dollars(amount_cents)) == amount_cents


@given(cents)
def test_no_cent_is_lost_in_the_feed(amount_cents):
    sign, whole, odd = "-" if amount_cents < 0 else "", *divmod(abs(amount_cents), 100)
    assert exact_cents(f"{sign}{whole}.{odd:02}") == amount_cents


@given(st.text(max_size=20))
def test_any_text_is_an_amount_of_at_most_nine_digits_or_wrong(text):
    with suppress(Wrong):
        assert 0 <= typed_cents(text) < 10**14
