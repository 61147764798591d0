"""An account is validated before it is first debited, and never refused after Submit (rule 12)."""

import pytest

from chalicelib.domain.payment import AccountNumber
from chalicelib.services.bank.validating import LASTING
from tests.bank import Bank
from tests.monthly import at

ROUTING, OTHER_ROUTING = "231380104", "121042882"
NUMBER = AccountNumber("000123456789")


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def validating(bank):
    return bank.system.validating


def refuse(bank, code, subscriber_id="S1", number=NUMBER):
    writes = bank.system.validating.refusing(subscriber_id, ROUTING, number, code, at(3))
    if writes:
        bank.store.write(*writes)
    return writes


def test_rule_12_with_no_directory_the_check_digit_decides(validating):
    assert validating.fault("S1", ROUTING, NUMBER) is None
    assert validating.fault("S1", OTHER_ROUTING, NUMBER) is None


def test_rule_12_with_a_directory_an_unknown_bank_is_refused_at_its_box(bank, validating):
    bank.system.accounts.load([ROUTING])
    assert validating.fault("S1", ROUTING, NUMBER) is None
    assert validating.fault("S1", OTHER_ROUTING, NUMBER) == "routing_unknown"


@pytest.mark.parametrize("code", sorted(LASTING))
def test_rule_12_an_account_that_a_bank_refused_for_good_is_refused_at_its_box(
    bank, validating, code
):
    assert refuse(bank, code)
    assert validating.fault("S1", ROUTING, NUMBER) == "account_refused"


@pytest.mark.parametrize("code", ["R01", "R08", "R09", "R06", "R14", "R99"])
def test_a_return_that_says_nothing_of_the_account_leaves_it_good(bank, validating, code):
    assert not refuse(bank, code)
    assert validating.fault("S1", ROUTING, NUMBER) is None


def test_issue_4_earlier_r02_r03_r04_and_fraud_count():
    assert {"R02", "R03", "R04", "R10"} <= LASTING


def test_it_is_this_account_of_this_subscriber_at_this_bank(bank, validating):
    refuse(bank, "R02")
    assert validating.fault("S2", ROUTING, NUMBER) is None
    assert validating.fault("S1", OTHER_ROUTING, NUMBER) is None
    assert validating.fault("S1", ROUTING, AccountNumber("000123456780")) is None


def test_leading_zeros_make_no_other_account(bank, validating):
    refuse(bank, "R03")  # banks pad and cut them as they like
    assert validating.fault("S1", ROUTING, AccountNumber("123456789")) == "account_refused"


def test_rule_33_what_is_remembered_names_no_account(bank):
    refuse(bank, "R02")
    assert "123456789" not in str(bank.store.items["lookups"])


def test_a_return_of_a_payment_is_remembered_for_the_next_billing(bank, validating):
    bank.pays(number="99000002")
    bank.collect(at(3, 18))
    bank.answers(at(9))
    subscriber_id = bank.system.enrollments.get("EN000001").subscriber_id
    assert validating.fault(subscriber_id, ROUTING, AccountNumber("99000002")) == "account_refused"
