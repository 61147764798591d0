"""A mandate with nothing paid now asks the bank first, where there is time for it (rule 12)."""

import pytest

from chalicelib.domain.paying import Frequency
from chalicelib.domain.payment import AccountNumber
from chalicelib.domain.run import RunKind
from chalicelib.domain.signature import Signature
from tests.bank import THURSDAY, Bank
from tests.monthly import at

ONE = "EN000001"


@pytest.fixture
def bank():
    return Bank()


def asks(bank, when=THURSDAY, *, number="000123456789", cents=0):
    """Monthly payments from somebody who pays so much now; the mandate's id."""
    enrollment = bank.system.records.enrollments.get(ONE) or bank.enroll(plan_year=2027)
    return bank.sign_up(enrollment, when, cents=cents, number=number)


def prenotes(bank):
    return {key: each for key, each in bank.taken().items() if each.is_prenote}


def test_rule_12_with_nothing_paid_now_the_bank_is_asked_without_money(bank):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    [(name, asked)] = prenotes(bank).items()
    assert (name, asked.code, asked.cents, asked.extra.strip()) == (mandate_id, "28", 0, "R")
    assert (asked.entry_class, asked.description.strip()) == ("WEB", "HLTH PREM")
    assert bank.owed() == 42480


def test_rule_12_with_a_payment_now_the_payment_asks(bank):
    asks(bank, cents=5000)
    bank.collect(at(3, 18))
    assert prenotes(bank) == {}


def test_rule_12_an_account_that_is_known_good_is_not_asked(bank):
    enrollment = bank.enroll(plan_year=2027)
    bank.sign_up(enrollment, THURSDAY, frequency=Frequency.ONCE, cents=1000)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    asks(bank, at(9, 10))
    bank.collect(at(9, 18))
    assert prenotes(bank) == {}


@pytest.mark.parametrize(("day", "is_asked"), [(16, True), (17, False), (21, False)])
def test_nacha_nothing_is_debited_before_the_third_banking_day_after_a_prenote(bank, day, is_asked):
    """Asked on the 16th it settles on the 17th; the third banking day after is the 22nd."""
    asks(bank, at(day, 10))
    bank.collect(at(day, 18))
    assert bool(prenotes(bank)) is is_asked


def test_an_account_that_is_not_there_ends_the_mandate_and_nothing_was_taken(bank):
    mandate_id = asks(bank, number="99000003")
    bank.collect(at(3, 18))
    for _ in range(2):
        bank.receive(bank.answer((mandate_id, "R03"), when=at(8, 8)), at(8, 8))
    [(mandate, state)] = bank.system.mandating.history(bank.standing(ONE, at(8)), at(8))
    assert (mandate.mandate_id, str(state)) == (mandate_id, "ended")
    assert [str(line.kind) for line in bank.system.records.books.lines(ONE)] == ["opening"]
    assert bank.mails("account_refused") == [ONE]
    assert bank.mails("not_paid") == []
    facts = bank.mail("account_refused")
    assert (facts["why"], facts["mandate_ended"]) == ("bad_account", True)
    assert (facts["owed_cents"], facts["due_on"]) == (42480, "2026-12-23")
    assert facts["will_take_cents"] is None
    validating = bank.system.account_validation
    subscriber_id = bank.system.records.enrollments.get(ONE).subscriber_id
    name = validating.fingerprint(subscriber_id, AccountNumber("99000003"))
    assert validating.fault(name, "231380104") == "account_refused"
    bank.evening(at(8, 20))
    assert validating.fault(name, "231380104") == "account_refused"


def test_an_account_that_its_bank_believes_to_be_made_up_is_refused_from_then_on(bank):
    mandate_id = asks(bank, number="99000003")
    bank.collect(at(3, 18))
    body = bank.answer((mandate_id, "R17"), when=at(8, 8), said="QUESTIONABLE")
    bank.receive(body, at(8, 8))
    [(mandate, state)] = bank.system.mandating.history(bank.standing(ONE, at(8)), at(8))
    assert str(state) == "ended"
    fingerprint, routing = mandate.account.fingerprint, mandate.account.routing
    assert bank.system.account_validation.fault(fingerprint, routing) == "account_refused"


def test_a_prenote_of_a_file_that_the_bank_refused_is_told_and_the_withdrawal_stays(bank):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    [file] = bank.transmission("2026-12-03").files
    word = f"{file.name},refused,{file.entries},{file.debit_cents},{file.credit_cents},file: x"
    header = "file,verdict,entries,debit_cents,credit_cents,reason"
    bank.receive(f"{header}\n{word}".encode(), at(3, 18, 30))
    signed = Signature(who="Ada", why="the bank cannot mend it", at=at(4))
    for _ in range(2):  # a terminal that was closed midway goes on
        list(bank.system.undoing.undo(file.name, signed))
    assert bank.mails("account_refused") == [ONE]
    facts = bank.mail("account_refused")
    assert (facts["why"], facts["mandate_ended"], facts["mandate_held"]) == (
        "not_taken",
        False,
        False,
    )
    assert (facts["will_take_cents"], facts["will_take_on"]) == (42480, "2026-12-22")
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert (mandate.mandate_id, mandate.held) == (mandate_id, False)


def test_a_prenote_that_fits_no_file_holds_the_mandate_whose_withdrawal_would_not_fit_either(bank):
    mandate_id = asks(bank)
    table = bank.store.items["entries"]
    key = next(key for key, row in table.items() if row.get("enrollment_id") == ONE)
    table[key] = {**table[key], "account": {**table[key]["account"], "holder_name": "佐藤"}}
    bank.collect(at(3, 18))
    signed = Signature(who="Ada", why="it fits no file", at=at(4))
    bank.system.undoing.undo_left_out(mandate_id, signed)
    assert bank.mail("account_refused")["mandate_held"] is True
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert mandate.held
    bank.tell()
    assert (bank.announced(), bank.mail("notice")["not_taken"]) == (0, "held")


@pytest.mark.parametrize("code", ["R01", "R06", "R09", "R13", "R17", "R18", "R26", "R28"])
def test_nacha_after_any_return_of_a_prenote_nothing_is_debited(bank, code):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    for _ in range(2):
        bank.receive(bank.answer((mandate_id, code), when=at(8, 8)), at(8, 8))
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert (mandate.mandate_id, mandate.held) == (mandate_id, True)
    assert bank.mails("account_refused") == [ONE]
    assert bank.mail("account_refused")["mandate_held"]
    bank.tell()
    bank.withdraw()
    assert bank.decision() == ("excluded", 0, "held")


@pytest.mark.parametrize(("code", "case"), [("R18", "our_defect"), ("R06", "recall")])
def test_where_the_table_names_a_case_staff_have_one(bank, code, case):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    bank.receive(bank.answer((mandate_id, code), when=at(8, 8)), at(8, 8))
    assert case in bank.cases()[f"return#{mandate_id}#{code}"]


def test_after_the_freeze_a_prenote_s_return_stops_this_month(bank):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    bank.tell()
    bank.start(RunKind.WITHDRAWAL, at(22))
    bank.receive(bank.answer((mandate_id, "R13"), when=at(22, 9, 1)), at(22, 9, 1))
    bank.work()
    assert bank.decision()[:2] == ("excluded", 0)


def test_rule_21_a_cancelled_mandate_comes_back_held_after_its_prenote_did(bank):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    bank.system.mandating.cancel(bank.standing(ONE, at(4)), mandate_id, None, at(4))
    bank.receive(bank.answer((mandate_id, "R13"), when=at(8, 8)), at(8, 8))
    assert not bank.mail("account_refused")["mandate_held"]
    undone = bank.system.mandating.undo(bank.standing(ONE, at(9)), mandate_id, at(9))
    assert undone.mandate.held


def test_a_correction_of_a_prenote_is_applied_before_the_first_withdrawal(bank):
    mandate_id = asks(bank, number="99000101")
    bank.collect(at(3, 18))
    bank.answers(at(8, 9))
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert (mandate.mandate_id, mandate.account.last4) == (mandate_id, "0101")
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    [withdrawal] = [each for each in bank.taken().values() if each.cents]
    assert withdrawal.account.strip() == "1099000101"


def test_silence_means_yes_and_no_mail_calls_it_a_payment(bank):
    asks(bank)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    account = bank.system.records.mandates.of(ONE).standing[0].account
    assert bank.system.account_validation.is_good(account)
    assert bank.mails("paid") == []
    assert bank.differences(at(8, 21)) == []


@pytest.mark.parametrize("code", ["R01", "R09", "R13"])
def test_invariant_18_an_account_whose_prenote_came_back_is_not_good_whatever_the_reason(
    bank, code
):
    mandate_id = asks(bank)
    bank.collect(at(3, 18))
    bank.receive(bank.answer((mandate_id, code), when=at(8, 8)), at(8, 8))
    bank.evening(at(8, 20))
    account = bank.system.records.mandates.of(ONE).standing[0].account
    assert not bank.system.account_validation.is_good(account)


def test_a_day_of_prenotes_only_makes_a_file_of_no_money(bank):
    asks(bank)
    bank.collect(at(3, 18))
    [file] = bank.transmission("2026-12-03").files
    assert (file.entries, file.debit_cents) == (1, 0)
