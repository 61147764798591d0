"""A correction that can't be read is applied as two people type it (rule 52)."""

import pytest

from chalicelib.domain.ach.changes import Correction
from chalicelib.domain.errors import NotFound
from chalicelib.domain.payment import AccountNumber, AccountType
from chalicelib.domain.signature import Signature
from chalicelib.services.returns.corrections import CannotCorrect
from tests.bank import Bank
from tests.monthly import at

ONE = "EN000001"
TOMORROW = at(9)
ODD = {
    "letters": ("C01", "0012A34567"),
    "one of two numbers": ("C03", "121042882"),
    "a letter at its end": ("C06", "12345678X            37"),
    "a bad routing number": ("C02", "231380105"),
}


@pytest.fixture
def bank():
    return Bank()


def signed(who, when=TOMORROW):
    return Signature(who=who, why="they said so on the phone", at=when)


def waits(bank, code="C01", data="0012A34567"):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, code), when=at(8, 8), data=data), at(8, 8))
    [case] = bank.cases()
    return case


def mandate(bank):
    [found] = bank.system.records.mandates.of(ONE).standing
    return found


@pytest.mark.parametrize(("code", "data"), ODD.values(), ids=ODD)
def test_rule_52_what_can_not_be_read_waits_sealed_and_changes_nothing(bank, code, data):
    case = waits(bank, code, data)
    assert case.startswith("change#")
    assert bank.system.correction_desk.open(case).corrected_data.rstrip() == data
    assert mandate(bank).version == 1
    assert bank.mails("account_corrected") == []
    assert data not in str(bank.store.items) + str(bank.here.files.objects) + str(bank.cases())


@pytest.mark.parametrize("data", ["12-3456-7890", "12 3456 7890", "1234567890-"])
def test_hyphens_and_blanks_inside_a_number_are_no_reason_to_ask(bank, data):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "C01"), when=at(8, 8), data=data), at(8, 8))
    assert (bank.cases(), mandate(bank).account.last4) == ({}, "7890")
    assert bank.mails("account_corrected") == [ONE]


def test_a_number_to_which_only_hyphens_are_added_is_as_it_was(bank):
    payment_id = bank.begins(number="1234567890")
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "C01"), when=at(8, 8), data="12-3456-7890"), at(8, 8))
    assert (bank.cases(), mandate(bank).version, bank.mails("account_corrected")) == ({}, 1, [])


def test_rule_52_two_who_type_the_same_correct_it_and_the_member_is_told(bank):
    case, desk = waits(bank), bank.system.correction_desk
    right, other = (Correction(account=AccountNumber(each)) for each in ("1234567", "2234567"))
    assert not desk.apply(case, right, signed("Ada"))
    assert not desk.apply(case, other, signed("Ben"))
    assert mandate(bank).version == 1
    assert not desk.apply(case, right, signed("Ada", at(9, 10)))
    assert desk.apply(case, right, signed("Ben", at(9, 11)))
    assert (mandate(bank).account.last4, bank.mails("account_corrected")) == ("4567", [ONE])
    assert bank.cases() == {}
    lines = [line.what for line in bank.system.records.audit.lines(f"case#{case}")]
    assert "1234567" not in str(lines)
    assert lines[-1].startswith("corrected to account ending 4567 (")


def test_rule_52_routing_number_and_type_are_corrected_too(bank):
    case = waits(bank, "C07", "231380104")
    typed = Correction(routing="121042882", account_type=AccountType.SAVINGS)
    for who in ("Ada", "Ben"):
        bank.system.correction_desk.apply(case, typed, signed(who))
    account = mandate(bank).account
    assert (account.routing, str(account.account_type)) == ("121042882", "savings")


def test_rule_52_to_what_the_bank_refuses_nothing_is_corrected_and_the_case_stays(bank):
    case = waits(bank)
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.hold("121042882", signed(who, at(8, 9)))
    typed = Correction(routing="121042882")
    assert not bank.system.correction_desk.apply(case, typed, signed("Ada"))
    with pytest.raises(CannotCorrect) as refused:
        bank.system.correction_desk.apply(case, typed, signed("Ben"))
    assert refused.value.code == "new_account_refused"
    assert list(bank.cases()) == [case]
    assert mandate(bank).version == 1


def test_rule_52_what_was_readable_and_not_applied_can_be_shown_and_applied(bank):
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.hold("121042882", signed(who, at(3, 9)))
    case = waits(bank, "C02", "121042882")
    assert "refused the new account" in bank.cases()[case]
    assert bank.system.correction_desk.open(case).corrected_data.rstrip() == "121042882"
    typed = Correction(routing="011000015")
    for who in ("Ada", "Ben"):
        bank.system.correction_desk.apply(case, typed, signed(who))
    assert mandate(bank).account.routing == "011000015"


def test_rule_52_a_routing_number_that_is_typed_says_who_else_has_the_old_one(bank):
    bank.begins("EN000002")
    case = waits(bank, "C07", "231380104")
    for who in ("Ada", "Ben"):
        bank.system.correction_desk.apply(case, Correction(routing="121042882"), signed(who))
    [other] = bank.cases()
    assert other.startswith("routing_changed#231380104#")


def test_rule_52_the_bank_s_file_again_opens_nothing_anew(bank):
    case = waits(bank)
    typed = Correction(account=AccountNumber("1234567"))
    for who in ("Ada", "Ben"):
        bank.system.correction_desk.apply(case, typed, signed(who))
    [payment_id] = bank.payment_ids()
    body = bank.answer((payment_id, "C01"), when=at(8, 8), data="0012A34567")
    bank.receive(body, at(10, 8))
    assert (bank.cases(), mandate(bank).account.last4) == ({}, "4567")


@pytest.mark.parametrize("case", ["change#x#C01#00", "suspense#x@2026-12-08", "", "change"])
def test_rule_52_what_does_not_wait_is_not_found(bank, case):
    with pytest.raises(NotFound):
        bank.system.correction_desk.open(case)
