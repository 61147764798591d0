"""A withdrawal is called on its way, with its date, for as long as it may be taken (20, 26, 27)."""

import pytest

from tests.bank import THURSDAY, Bank
from tests.monthly import MONTH, WITHDRAWAL, at

ONE = "EN000001"
JANUARY, FEBRUARY = "2027-01", "2027-02"


@pytest.fixture
def bank():
    """Somebody with monthly payments, who was told what is taken."""
    bank = Bank()
    bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    bank.tell()
    return bank


def mandate_id(bank):
    return bank.system.mandates.of(ONE).standing[0].mandate_id


def outlook(bank, when):
    look = bank.system.mandating.outlook(bank.standing(ONE, when), when)
    return look and (look.month, str(look.on), look.cents, look.is_frozen, look.is_late)


def cancel(bank, when):
    """What the cancel said that is taken all the same: cents, date, and whether it is late."""
    bank.system.mandating.cancel(bank.standing(ONE, when), mandate_id(bank), None, when)
    facts = bank.mail("cancelled")
    return facts["still_cents"], facts["still_on"], facts["still_late"]


def stalled(bank):
    """The month is frozen on the 22nd, and nobody works."""
    bank.start(WITHDRAWAL, at(22))
    bank.queue.messages.clear()


@pytest.mark.parametrize(
    ("when", "on", "late"),
    [
        (at(22, 9, 5), "2026-12-22", False),
        (at(22, 13), "2026-12-23", True),  # the same-day files have gone
        (at(23, 10), "2026-12-24", True),
        (at(26, 10), "2026-12-29", True),
        (at(28, 10), "2026-12-29", True),
    ],
)
def test_rule_20_as_long_as_the_run_may_catch_up_a_cancel_says_that_it_is_still_taken(
    bank, when, on, late
):
    stalled(bank)
    assert outlook(bank, when) == (MONTH, on, 42480, True, late)
    assert cancel(bank, when) == (42480, on, late)
    bank.withdraw(28)
    assert bank.decision() == ("claimed", 42480, None)


def test_rule_27_after_the_28th_nothing_of_that_month_is_on_its_way(bank):
    stalled(bank)
    assert outlook(bank, at(29)) == (JANUARY, "2027-01-22", 42480, False, False)
    assert cancel(bank, at(29)) == (None, None, False)
    bank.withdraw(29)
    assert bank.decision() == ("excluded", 0, "too_late")


@pytest.mark.parametrize(("day", "on"), [(23, "2026-12-24"), (28, "2026-12-29")])
def test_rule_27_a_late_claim_has_the_date_of_its_entry(bank, day, on):
    bank.withdraw(day)
    assert bank.mail("withdrawal")["on"] == on
    assert outlook(bank, at(day, 10)) == (MONTH, on, 42480, True, False)
    assert cancel(bank, at(day, 11)) == (42480, on, False)


def test_rule_17_a_claim_is_on_its_way_until_it_is_paid(bank):
    bank.withdraw(28)
    bank.collect(at(28, 18))
    assert outlook(bank, at(31, 10)) == (MONTH, "2026-12-29", 42480, True, False)
    bank.evening(at(31, 20))
    assert bank.mails("paid") == [ONE]
    assert outlook(bank, at(1, month=JANUARY))[:2] == (JANUARY, "2027-01-22")


def test_rule_27_a_claim_of_last_month_is_on_its_way_when_its_date_is_in_this_one(bank):
    """The last catch-up of a February is a Sunday: its debits are of March 2."""
    bank.tell(month=FEBRUARY)
    bank.withdraw(28, month=FEBRUARY)
    march = at(1, 10, month="2027-03")
    assert outlook(bank, march) == (FEBRUARY, "2027-03-02", 42480, True, False)
    assert cancel(bank, march) == (42480, "2027-03-02", False)
    assert outlook(bank, march) == (FEBRUARY, "2027-03-02", 42480, True, False)


def test_rule_27_a_claim_that_no_file_has_by_its_date_is_late_and_not_forgotten():
    bank = Bank(bank_daily_limit_cents=42479)
    bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    assert outlook(bank, at(28)) == (MONTH, "2026-12-29", 42480, True, True)
    assert cancel(bank, at(28)) == (42480, "2026-12-29", True)


def test_rule_27_the_date_is_that_of_the_file_where_it_goes_later_than_its_entry_says(bank):
    bank.withdraw()
    bank.collect(at(22, 18))  # the noon files were missed
    assert bank.mail("later")["now_on"] == "2026-12-23"
    assert outlook(bank, at(22, 19)) == (MONTH, "2026-12-23", 42480, True, False)
