"""A first payment that comes back: what it means for coverage, told as the page tells it (43)."""

from datetime import date

import pytest

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.due import DueDates, first_payment
from chalicelib.domain.enrollment import FirstWanted
from tests.bank import Bank
from tests.monthly import at, pay

ONE, JANUARY = "EN000001", "2027-01"
FIRST = {
    "plan_year": 2027,
    "coverage_start_on": date(2027, 1, 1),
    "billed_through": JANUARY,
    "first_wanted": FirstWanted(cents=31000, first_month=JANUARY, last_month="2027-12"),
    "owed_cents": 31000,
}


@pytest.fixture
def bank():
    """A first payment of $310.00 is in the bank's hands."""
    bank = Bank()
    bank.enroll(**FIRST)
    return bank


def comes_back(bank, when, paid_at=None, cents=31000, code="R01"):
    paid_at = paid_at or at(18, 10)
    payment_id = bank.pays(when=paid_at, cents=cents)
    bank.collect(at(paid_at.day, 18))
    bank.receive(bank.answer((payment_id, code), when=when), when)
    return payment_id


def on_the_page(bank, when):
    """What `/billing` would say then."""
    here = bank.standing(ONE, when)
    said = first_payment(here.enrollment, here.lines, DueDates(0), local_day(when))
    return said and {
        "start": str(said.start),
        "starts_on": said.starts_on.isoformat(),
        "pay_by": said.pay_by.isoformat(),
    }


@pytest.mark.parametrize(
    ("when", "start", "pay_by"),
    [
        (at(22, 10), "in_time", "2026-12-23"),
        (at(24, 10), "late", "2027-01-23"),
        (at(4, 10, month=JANUARY), "begun", "2027-01-23"),
    ],
)
def test_rule_43_mail_page_and_case_say_the_same(bank, when, start, pay_by):
    payment_id = comes_back(bank, when)
    facts = bank.mail("not_paid")
    assert facts["first_payment"] == on_the_page(bank, when)
    assert facts["first_payment"] == {"start": start, "starts_on": "2027-01-01", "pay_by": pay_by}
    assert facts["due_on"] == pay_by
    [case] = [c for c in bank.system.records.cases.open() if c.kind == "binder_returned"]
    assert case.case_id == f"binder_returned#{payment_id}#R01"
    assert start in case.reason
    assert pay_by in case.reason
    assert case.phone


def test_rule_43_not_where_another_payment_counts(bank):
    pay(bank, ONE, 31000, at(10))
    comes_back(bank, at(24), cents=100)
    assert bank.mail("not_paid")["first_payment"] is None
    assert not [c for c in bank.cases() if c.startswith("binder_returned#")]


def test_invariant_24_nor_after_the_start_where_the_balance_says_that_something_was_paid():
    """An enrollment that was taken over in its year: its balance is less than its months cost."""
    bank = Bank()
    through = {"coverage_start_on": date(2026, 7, 1), "billed_through": "2026-12"}
    first = FirstWanted(cents=31000, first_month="2026-07", last_month="2026-12")
    bank.enroll(**{**FIRST, **through, "plan_year": 2026, "first_wanted": first})
    comes_back(bank, at(22, 10))
    assert bank.mail("not_paid")["first_payment"] is None
