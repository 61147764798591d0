"""What the bank said of an account holds for all that we would debit there (0018)."""

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.retry import CannotRetry
from chalicelib.domain.signature import Signature
from chalicelib.services.accounts.validation import LASTING, UNTIL_TYPED
from tests.bank import Bank
from tests.monthly import WITHDRAWAL, at, charge
from tests.services.returns.test_same_account import paid_once
from tests.stores import with_records

ONE = "EN000001"
MORNING = at(8, 8)
OTHER = "5550001234"
REFUSES = sorted(LASTING | UNTIL_TYPED)


@pytest.fixture
def bank():
    return Bank()


def signed(who, when):
    return Signature(who=who, why="spoke with her", at=when)


def came_back(bank, payment_id, code, when=MORNING):
    bank.receive(bank.answer((payment_id, code), when=when), when)


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16"])
def test_a_refund_that_finds_the_account_closed_stops_its_monthly_payments(bank, code):
    payment_id = bank.begins(cents=42480)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    crediting = bank.system.crediting
    why = WhyBack.MISTAKE
    credit_id = crediting.propose(
        EntryKind.REFUND, why, ONE, payment_id, 1000, signed("Ada", at(9))
    ).credit_id
    for who in ("Ada", "Grace"):
        crediting.release(credit_id, signed(who, at(9, 11)))
    bank.collect(at(9, 18))
    charge(bank, ONE, 21240, at(9))
    bank.tell()
    came_back(bank, credit_id, code, at(14, 8))
    assert bank.mail("account_refused")["refund_cents"] == 1000
    bank.withdraw()
    assert bank.decision() is None or bank.decision()[0] != "claimed"


@pytest.mark.parametrize("code", REFUSES)
def test_a_correction_never_moves_monthly_payments_to_an_account_that_was_refused(bank, code):
    bank.enroll(ONE, 42480, plan_year=2027)
    bank.begins(cents=10000)
    first = bank.payment_ids()[-1]
    once = bank.pays(when=at(3, 11), cents=5000, number=OTHER)
    bank.collect(at(3, 18))
    came_back(bank, once, code)
    corrected = bank.answer((first, "C01"), when=at(9, 8), data=OTHER)
    for _ in range(2):
        bank.receive(corrected, at(9, 8))
    [reason] = [why for case, why in bank.cases().items() if case.startswith("change#")]
    assert "refused the new account before" in reason
    assert bank.mails("account_corrected") == []
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert mandate.account.last4 != OTHER[-4:]


@pytest.mark.parametrize("code", REFUSES)
def test_nor_does_a_correction_recommend_one_for_the_next_time(bank, code):
    bank.enroll(ONE, 42480, plan_year=2027)
    first = bank.pays(cents=10000)
    once = bank.pays(when=at(3, 11), cents=5000, number=OTHER)
    bank.collect(at(3, 18))
    came_back(bank, once, code)
    bank.receive(bank.answer((first, "C01"), when=at(9, 8), data=OTHER), at(9, 8))
    assert bank.mails("account_corrected") == []
    [reason] = [why for case, why in bank.cases().items() if case.startswith("change#")]
    assert "refused the new account before" in reason


def test_an_account_that_was_refused_before_stops_no_correction_of_the_one_that_replaced_it(bank):
    bank.enroll(ONE, 42480, plan_year=2027)
    refused = bank.begins(cents=10000, number=OTHER)
    bank.collect(at(3, 18))
    came_back(bank, refused, "R02")
    again = bank.begins(cents=10000, when=at(8, 12))
    bank.collect(at(8, 18))
    data = "5550009876"
    bank.receive(bank.answer((again, "C01"), when=at(11, 8), data=data), at(11, 8))
    assert [each for each in bank.cases() if each.startswith("change#")] == []
    mandate = bank.system.records.mandates.of(ONE).lasting("2026-12")
    assert mandate.account.last4 == data[-4:]


@pytest.mark.parametrize("code", REFUSES)
def test_no_payment_is_tried_again_from_an_account_that_was_refused_since(bank, code):
    bank.enroll(ONE, 63720)
    first, second = bank.pays(cents=10000), bank.pays(cents=5000)
    bank.collect(at(3, 18))
    came_back(bank, first, "R01")
    came_back(bank, second, code)
    with pytest.raises(CannotRetry) as refused:
        bank.system.retrying.release(ONE, first, signed("Ada", at(9)))
    assert refused.value.code == "account_refused"


def test_rule_30_between_freeze_and_claim_the_mail_names_what_is_still_taken(bank):
    once = paid_once(bank, 11)
    bank.start(WITHDRAWAL, at(22))
    came_back(bank, once, "R01", at(22, 9, 5))
    bank.work()
    assert bank.decision() == ("claimed", 63720, None)
    assert bank.mail("not_paid")["will_take_cents"] == 63720


def test_where_the_world_is_down_a_small_file_comes_again_and_nothing_is_put_aside(bank):
    names = [f"EN{n:06}" for n in range(1, 4)]
    ids = [bank.pays(name) for name in names]
    bank.collect(at(3, 18))
    body = bank.answer(*((each, "R01") for each in ids), when=MORNING)

    class Down:
        def entry(self, *_):
            raise OSError

    bank.system.__dict__["original_entries"] = with_records(
        bank.system.original_entries, books=Down()
    )
    for each in ("matching", "return_files", "inbound"):
        bank.system.__dict__.pop(each, None)
    with pytest.raises(OSError):
        bank.receive(body, MORNING)
    assert bank.cases() == {}
