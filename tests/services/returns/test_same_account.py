"""A return speaks of an account, whoever asked for the entry (rule 29; decision 0018)."""

import pytest

from chalicelib.domain.enrollment import Plan
from tests.bank import Bank
from tests.monthly import MONTH, NUMBER, WITHDRAWAL, at, charge

ONE, TWO = "EN000001", "EN000002"
RUN = f"withdrawal#{MONTH}"
ELSEWHERE, RIGHT = "5550001234", "77001234"
CODES = {
    "R02": "ended",
    "R04": "ended",
    "R07": "ended",
    "R10": "ended",
    "R16": "ended",
    "R08": "held",
    "R11": "held",
    "R12": "held",
}


@pytest.fixture
def bank():
    return Bank()


def paid_once(bank, when=11, *, number=NUMBER, cents=10000):
    """Announced monthly payments, and one payment from that account in the bank's hands."""
    bank.member(owed_cents=63720)
    bank.tell()
    payment_id = bank.pays(when=at(when, 10), cents=cents, number=number)
    bank.collect(at(when, 18))
    return payment_id


def states(bank, when, name=ONE):
    found = bank.system.mandating.history(bank.standing(name, when), when)
    return [str(state) for _, state in found]


def returned(bank, payment_id, code, when):
    bank.receive(bank.answer((payment_id, code), when=when), when)


@pytest.mark.parametrize("code", CODES)
def test_rule_29_a_single_payment_from_the_mandate_s_account_ends_or_holds_it(bank, code):
    payment_id = paid_once(bank)
    for _ in range(2):
        returned(bank, payment_id, code, at(15))
    assert states(bank, at(15)) == [CODES[code]]
    bank.withdraw()
    assert bank.decision() == (None if CODES[code] == "ended" else ("excluded", 0, "held"))


@pytest.mark.parametrize("code", CODES)
def test_rule_30_the_mail_promises_no_withdrawal_from_that_account(bank, code):
    payment_id = paid_once(bank)
    returned(bank, payment_id, code, at(15))
    facts = bank.mail("not_paid")
    ends = CODES[code] == "ended"
    assert (facts["mandate_ended"], facts["mandate_held"]) == (ends, not ends)
    assert (facts["will_take_cents"], facts["owed_cents"]) == (None, 63720)


@pytest.mark.parametrize("code", ["R01", "R09"])
def test_rule_29_for_want_of_funds_monthly_payments_go_on(bank, code):
    payment_id = paid_once(bank)
    returned(bank, payment_id, code, at(15))
    assert states(bank, at(15)) == ["active"]


@pytest.mark.parametrize("code", CODES)
def test_a_mandate_from_another_account_is_never_touched(bank, code):
    payment_id = paid_once(bank, number=ELSEWHERE)
    before = bank.system.records.mandates.of(ONE)
    returned(bank, payment_id, code, at(15))
    assert bank.system.records.mandates.of(ONE) == before
    assert bank.mail("not_paid")["will_take_cents"] == 63720


@pytest.mark.parametrize("code", CODES)
def test_rule_29_after_the_freeze_and_before_the_claim_that_account_is_not_debited(bank, code):
    payment_id = paid_once(bank, when=18)
    bank.start(WITHDRAWAL, at(22))
    returned(bank, payment_id, code, at(22, 9, 1))
    bank.work()
    verdict, cents, reason = bank.decision()
    assert (verdict, cents) == ("excluded", 0)
    assert reason in ("returned", "held")
    assert bank.counts(RUN)[:4] == (1, 0, 0, 1)
    assert bank.mails("excluded") == [ONE]


def test_after_the_freeze_a_mandate_from_another_account_is_debited(bank):
    payment_id = paid_once(bank, when=18, number=ELSEWHERE)
    bank.start(WITHDRAWAL, at(22))
    returned(bank, payment_id, "R02", at(22, 9, 1))
    bank.work()
    assert bank.decision()[0] == "claimed"


def test_a_payment_of_an_earlier_mandate_ends_the_later_one_from_the_same_account(bank):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.begins(when=at(4, 10), cents=0)
    returned(bank, payment_id, "R02", at(8, 8))
    assert states(bank, at(8, 9)) == ["ended", "ended"]
    assert bank.mail("not_paid")["mandate_ended"]


def test_a_payment_of_an_earlier_mandate_leaves_the_later_one_from_another_account(bank):
    payment_id = bank.begins(number=ELSEWHERE)
    bank.collect(at(3, 18))
    bank.begins(when=at(4, 10), cents=0)
    returned(bank, payment_id, "R02", at(8, 8))
    assert states(bank, at(8, 9)) == ["ended", "active"]


def test_a_mandate_that_was_cancelled_is_not_undone_after_a_single_payment_of_its_account(bank):
    payment_id = paid_once(bank)
    [mandate] = bank.system.records.mandates.of(ONE).standing
    bank.system.mandating.cancel(bank.standing(ONE, at(12)), mandate.mandate_id, None, at(12))
    returned(bank, payment_id, "R02", at(15))
    [past] = bank.system.records.mandates.past(ONE)
    assert not past.can_be_undone("2026-12")
    assert str(past.end_reason) == "cancelled"


def test_another_enrollment_s_mandate_is_not_touched(bank):
    """Health and dental of one person, from one account: the bank spoke of one entry only."""
    health = bank.enroll(ONE, subscriber_id="S", plan=Plan.HEALTH)
    dental = bank.enroll(TWO, subscriber_id="S", plan=Plan.DENTAL)
    for enrollment in (health, dental):
        bank.authorize(enrollment)
    payment_id = bank.pays(ONE, number=NUMBER, cents=10000)
    bank.collect(at(3, 18))
    returned(bank, payment_id, "R08", at(8, 8))
    assert (states(bank, at(8, 9)), states(bank, at(8, 9), TWO)) == (["held"], ["active"])


# The bank has corrected the account since.


def corrected(bank):
    """A first payment whose bank corrected the mandate's account to `RIGHT`."""
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "C01"), when=at(8, 8), data=RIGHT), at(8, 8))
    charge(bank, ONE, 21240, at(9))
    return payment_id


def test_what_was_made_under_a_mandate_that_was_corrected_since_ends_it(bank):
    payment_id = corrected(bank)
    returned(bank, payment_id, "R10", at(15))
    assert states(bank, at(15)) == ["ended"]


@pytest.mark.parametrize(("number", "state"), [(NUMBER, "active"), (RIGHT, "ended")])
def test_of_a_single_payment_the_account_that_is_debited_now_decides(bank, number, state):
    corrected(bank)
    payment_id = bank.pays(when=at(9, 10), number=number, cents=10000)
    bank.collect(at(9, 18))
    returned(bank, payment_id, "R02", at(14))
    assert states(bank, at(14)) == [state]
