"""An account is validated before it is first debited, and never refused after Submit (rule 12)."""

import pytest

from chalicelib.domain.payment import AccountNumber
from chalicelib.services.accounts.validation import LASTING, UNTIL_TYPED
from tests.bank import Bank
from tests.builders import a_bank_account
from tests.monthly import at

ROUTING, OTHER_ROUTING = "231380104", "121042882"
NUMBER = AccountNumber("000123456789")


@pytest.fixture
def bank():
    return Bank()


def account_of(bank, subscriber_id="S1", number=NUMBER, routing=ROUTING):
    name = bank.system.account_validation.fingerprint(subscriber_id, number)
    return a_bank_account(fingerprint=name, routing=routing)


def refuse(bank, code, **more):
    writes = bank.system.account_validation.refusing(account_of(bank), code, at(3), **more)
    if writes:
        bank.store.write(*writes)
    return writes


def fault(bank, subscriber_id="S1", routing=ROUTING, number=NUMBER):
    validating = bank.system.account_validation
    return validating.fault(validating.fingerprint(subscriber_id, number), routing)


def test_rule_12_with_no_directory_the_check_digit_decides(bank):
    assert fault(bank) is None
    assert fault(bank, routing=OTHER_ROUTING) is None


def test_rule_12_with_a_directory_an_unknown_bank_is_refused_at_its_box(bank):
    bank.system.records.routing.load([ROUTING])
    assert fault(bank) is None
    assert fault(bank, routing=OTHER_ROUTING) == "routing_unknown"


@pytest.mark.parametrize("code", sorted(LASTING))
def test_rule_12_an_account_that_a_bank_refused_for_good_is_refused_at_its_box(bank, code):
    assert refuse(bank, code)
    assert fault(bank) == "account_refused"


@pytest.mark.parametrize("code", ["R01", "R08", "R09", "R06", "R99"])
def test_a_return_that_says_nothing_of_the_account_leaves_it_good(bank, code):
    assert not refuse(bank, code)
    assert fault(bank) is None


@pytest.mark.parametrize("code", sorted(UNTIL_TYPED))
def test_rule_12_who_types_the_account_of_one_who_died_is_believed(bank, code):
    assert refuse(bank, code)
    assert fault(bank) is None
    assert bank.system.account_validation.is_refused(account_of(bank))
    assert not bank.system.account_validation.is_good(account_of(bank))


@pytest.mark.parametrize("code", sorted(UNTIL_TYPED))
def test_but_not_where_its_bank_refused_it_for_good_before_or_after(bank, code):
    refuse(bank, "R02")
    refuse(bank, code)
    assert fault(bank) == "account_refused"
    refuse(bank, "R10")
    assert fault(bank) == "account_refused"


def test_issue_4_earlier_r02_r03_r04_and_fraud_count():
    assert {"R02", "R03", "R04", "R10"} <= LASTING


def test_it_is_this_account_of_this_subscriber_at_this_bank(bank):
    refuse(bank, "R02")
    assert fault(bank, "S2") is None
    assert fault(bank, routing=OTHER_ROUTING) is None
    assert fault(bank, number=AccountNumber("000123456780")) is None


def test_leading_zeros_make_no_other_account(bank):
    refuse(bank, "R03")  # banks pad and cut them as they like
    assert fault(bank, number=AccountNumber("123456789")) == "account_refused"


def test_rule_33_what_is_remembered_names_no_account(bank):
    refuse(bank, "R02")
    assert "123456789" not in str(bank.store.items["lookups"])


def test_a_return_of_a_payment_is_remembered_for_the_next_billing(bank):
    bank.pays(number="99000002")
    bank.collect(at(3, 18))
    bank.answers(at(9))
    subscriber_id = bank.system.records.enrollments.get("EN000001").subscriber_id
    assert fault(bank, subscriber_id, number=AccountNumber("99000002")) == "account_refused"


def test_an_account_that_its_bank_calls_made_up_counts_as_fraud(bank):
    assert refuse(bank, "R17", is_fraud=True)
    assert fault(bank) == "account_refused"


def test_nacha_s_known_good_an_account_that_paid_before_is_good_whatever_a_directory_says(bank):
    bank.pays()
    bank.collect(at(3, 18))
    subscriber_id = bank.system.records.enrollments.get("EN000001").subscriber_id
    paid = account_of(bank, subscriber_id)
    bank.evening(at(7, 20))  # one banking day is not enough
    assert not bank.system.account_validation.is_good(paid)
    bank.evening(at(8, 20))
    assert bank.system.account_validation.is_good(paid)
    bank.system.records.routing.load([OTHER_ROUTING])
    assert fault(bank, subscriber_id) is None
    assert fault(bank, subscriber_id, number=AccountNumber("5550001")) == "routing_unknown"


def test_a_good_account_that_is_refused_later_is_refused(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    bank.receive(bank.answer((payment_id, "R10"), when=at(9, 8)), at(9, 8))
    subscriber_id = bank.system.records.enrollments.get("EN000001").subscriber_id
    assert fault(bank, subscriber_id) == "account_refused"
