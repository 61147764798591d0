"""What is asked about once, because it is mostly a mistake (rule 57)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.mistyped import COMMON_DOMAINS, is_card_number, is_one_slip, meant_domain


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        *(("m@gmail.con", "gmail.com"), ("m@gmial.com", "gmail.com"), ("m@gmai.com", "gmail.com")),
        *(("m@ggmail.com", "gmail.com"), ("m@gmail.co", "gmail.com"), ("m@yaho.com", "yahoo.com")),
        *(("M@HOTMIAL.COM", "hotmail.com"), ("m@comcast.met", "comcast.net")),
        *(("m@gmail.com", None), ("m@ymail.com", None), ("m@mail.com", None)),
        *(("m@mass.gov", None), ("m@gmaill.con", None), ("", None), ("m@example.com", None)),
    ],
)
def test_rule_57_a_domain_that_is_one_slip_away_from_a_common_one(address, meant):
    assert meant_domain(address) == meant


def slips(domain):
    """Every text that is one slip away, made one by one."""
    signs = "abcdefghijklmnopqrstuvwxyz.-0"
    for n in range(len(domain) + 1):
        yield from (domain[:n] + sign + domain[n:] for sign in signs)
        yield domain[:n] + domain[n + 1 :]
        yield from (domain[:n] + sign + domain[n + 1 :] for sign in signs if n < len(domain))
        yield domain[:n] + domain[n + 1 : n + 2] + domain[n : n + 1] + domain[n + 2 :]


@pytest.mark.parametrize("domain", sorted(COMMON_DOMAINS))
def test_rule_57_every_slip_is_one_and_nothing_else_is(domain):
    every = set(slips(domain)) - {domain}
    assert all(is_one_slip(each, domain) for each in every)
    others = {twice for each in sorted(every)[::7] for twice in sorted(set(slips(each)))[::11]}
    assert not any(is_one_slip(each, domain) for each in others - every - {domain})


@pytest.mark.parametrize(
    "digits", ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]
)
def test_rule_57_the_numbers_that_card_networks_test_with_are_cards(digits):
    assert is_card_number(digits)
    assert not is_card_number(f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}")


@given(st.integers(10**11, 10**17 - 1))
def test_rule_57_one_check_digit_of_ten_makes_a_card(body):
    last = [n for n in range(10) if is_card_number(f"{body}{n}")]
    assert len(last) == (1 if 13 <= len(str(body)) + 1 <= 17 else 0)
