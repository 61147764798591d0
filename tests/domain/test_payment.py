"""A payment: its bank account, its numbers, its confirmation (rules 11, 12, 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Wrong
from chalicelib.domain.payment import (
    CODE_SIGNS,
    AccountNumber,
    routing_number,
    spoken_confirmation,
    withdrawal_payment_id,
)
from tests.builders import a_payment, a_submission, wide

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
nine_digits = st.text("0123456789", min_size=9, max_size=9)


@pytest.mark.parametrize("text", ["231380104", "121042882", "081000210", " 231-380-104 "])
def test_rule_12_a_routing_number_whose_check_digit_agrees_is_good(text):
    assert routing_number(text) == "".join(sign for sign in text if sign.isdigit())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("231380105", "routing_check"),
        ("000000000", "routing_check"),
        ("23138010", "routing"),
        ("2313801040", "routing"),
        ("23138010x", "routing"),
        (wide("231380104"), "routing"),
        ("", "routing"),
    ],
)
def test_rule_12_another_routing_number_is_wrong_and_says_in_what(text, code):
    with pytest.raises(Wrong) as wrong:
        routing_number(text)
    assert wrong.value.code == code


@given(nine_digits, st.integers(0, 8), st.integers(1, 9))
def test_rule_12_one_mistyped_digit_is_always_noticed(digits, place, off):
    check = sum(w * int(d) for w, d in zip(WEIGHTS, digits[:8] + "0", strict=True))
    good = digits[:8] + str(-check % 10)
    mistyped = good[:place] + str((int(good[place]) + off) % 10) + good[place + 1 :]
    with pytest.raises(Wrong):
        routing_number(mistyped)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0012345678", "0012345678"),  # leading zeros are part of it
        ("1234", "1234"),
        ("12345678901234567", "12345678901234567"),
        ("1234-5678 90", "1234567890"),
        ("\u200e12345678", "12345678"),
    ],
)
def test_an_account_number_has_4_to_17_digits(text, digits):
    assert AccountNumber.parse(text).digits == digits


@pytest.mark.parametrize("text", ["", "123", "1" * 18, "00000", "12a45", "۱۲۳۴۵", "12,345"])
def test_another_account_number_is_wrong(text):
    with pytest.raises(Wrong) as wrong:
        AccountNumber.parse(text)
    assert wrong.value.code == "account"


def test_rule_33_an_account_number_hides_all_but_its_last_four():
    number = AccountNumber("000123456789")
    for text in (repr(number), f"{number}", f"{number!r}", str([number])):
        assert "6789" in text
        assert "12345" not in text


def test_rule_11_one_submit_is_the_sum_of_its_payments():
    submission = a_submission(a_payment(amount_cents=10000), a_payment(amount_cents=1))
    assert submission.total_cents == 10001


def test_a_confirmation_number_is_read_over_the_phone_in_groups():
    assert spoken_confirmation("7K4M92QX") == "HC-7K4M-92QX"
    assert not set(CODE_SIGNS) & set("01IO")


def test_invariant_1_each_month_s_withdrawal_of_each_enrollment_is_a_payment_of_its_own():
    ids = {withdrawal_payment_id(e, m) for e in ("EN1", "EN2") for m in ("2026-11", "2026-12")}
    assert len(ids) == 4
    assert withdrawal_payment_id("EN1", "2026-12") in ids
