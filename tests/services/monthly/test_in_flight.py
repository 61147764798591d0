"""What a mail about a return says of this month's withdrawal, the run does (rules 20, 30)."""

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.mail import Mail
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item
from tests.bank import Bank
from tests.builders import letter_templates
from tests.monthly import WITHDRAWAL, at
from tests.services.returns.test_cancelled_meanwhile import begun, cancel
from tests.services.returns.test_prenotes import asks
from tests.stores import Interrupted, mail_rows

ONE = "EN000001"
ON_ITS_WAY = "we still take $537.20 on Tuesday, December 22, 2026 from your checking account ending"


@pytest.fixture
def bank():
    return Bank()


def paid_once(bank):
    """$637.20 are announced for the 22nd, and $100.00 of it are paid from the same account."""
    bank.member(owed_cents=63720, plan_year=2027)
    bank.tell()
    payment_id = bank.pays(when=at(18, 10), cents=10000)
    bank.collect(at(18, 18))
    return payment_id


def returned(bank, payment_id, code, when):
    bank.receive(bank.answer((payment_id, code), when=when), when)


def text(bank, kind):
    rows = [row for row in mail_rows(bank.store) if row["kind"] == kind]
    mail = from_item(Mail, max(rows, key=lambda row: row["created_at"]))
    templates = letter_templates()
    return " ".join(templates.letter(mail).text.split())


# After the claim.


@pytest.mark.parametrize("code", ["R02", "R07", "R08", "R10", "R11"])
def test_rule_20_what_was_claimed_before_is_said_to_be_taken(bank, code):
    payment_id = paid_once(bank)
    bank.withdraw()
    returned(bank, payment_id, code, at(22, 10))
    bank.noon(at(22, 12))
    assert 53720 in [each.cents for each in bank.taken().values()]
    said = text(bank, "not_paid")
    assert ON_ITS_WAY in said
    assert "You owe $100.00." in said
    assert ("After that, we take nothing until you agree again" in said) == (code in ("R08", "R11"))


def test_what_came_back_or_was_taken_before_is_not_on_its_way(bank):
    payment_id = paid_once(bank)
    bank.withdraw()
    bank.noon(at(22, 12))
    [withdrawal] = [each for each in bank.taken() if each != payment_id]
    returned(bank, withdrawal, "R02", at(23, 8))
    assert "we still take" not in text(bank, "not_paid")
    assert "You owe $537.20." in text(bank, "not_paid")


def test_rule_12_a_prenote_that_comes_back_late_denies_no_withdrawal(bank):
    mandate_id = asks(bank, at(16, 10))
    bank.collect(at(16, 18))
    bank.withdraw()
    verdict, cents, _ = bank.decision()
    assert verdict == "claimed"
    bank.noon(at(22, 12))
    returned(bank, mandate_id, "R10", at(23, 8))
    said = text(bank, "account_refused")
    assert "Nothing was or will be taken" not in said
    assert f"we still take ${cents / 100:.2f}" in said


# Between the freeze and the claim.


@pytest.mark.parametrize("code", ["R01", "R02", "R08"])
def test_rule_30_mail_and_run_agree_wherever_the_claim_falls(code):
    """What the mail asks for, and what is taken, together are what was owed."""
    for n in range(1, 60):
        bank = Bank()
        payment_id = paid_once(bank)
        body = bank.answer((payment_id, code), when=at(22, 9))
        bank.start(WITHDRAWAL, at(22))
        seen = Interrupted(bank.store, n, bank.work)
        Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue).receive(body, at(22, 9))
        came = seen.left <= 0
        bank.work()
        told = bank.mail("not_paid")
        taken = bank.decision()[1] if bank.decision()[0] == "claimed" else 0
        assert (told["still_cents"] or told["will_take_cents"] or 0) == taken, n
        assert taken + told["owed_cents"] - (told["will_take_cents"] or 0) == 63720, n
        if not came:
            assert n > 10
            return
    raise AssertionError("it never ended")


# Where a cancel could be undone.


def test_rule_21_who_can_not_undo_a_cancel_any_more_is_told(bank):
    payment_id = begun(bank)
    cancel(bank, at(11))
    returned(bank, payment_id, "R02", at(12, 8))
    said = text(bank, "not_paid")
    assert "you cannot turn them on again" in said
    assert "have ended" not in said


def test_who_had_not_cancelled_is_not_told_of_an_undo(bank):
    returned(bank, begun(bank), "R02", at(12, 8))
    assert "turn them on again" not in text(bank, "not_paid")


# Money that goes back.


def given_back(bank, payment_id, when, cents=None):
    crediting = bank.system.crediting
    signed = [Signature(who=who, why="she asked", at=when) for who in ("Ada", "Grace")]
    kind, why = EntryKind.REFUND, WhyBack.MISTAKE
    credit = crediting.propose(kind, why, ONE, payment_id, cents, signed[0]).credit_id
    for each in signed:
        crediting.release(credit, each)
    return credit


def test_rule_30_a_refund_asks_for_no_money_that_the_withdrawal_takes(bank):
    bank.member(owed_cents=42480, plan_year=2027)
    bank.tell()
    payment_id = bank.pays(when=at(11, 10))
    bank.collect(at(11, 18))
    bank.evening(at(16, 20))
    given_back(bank, payment_id, at(17, 10))
    said = text(bank, "refund")
    assert "$424.80 will be taken on Tuesday, December 22, 2026." in said
    assert "You do not need to pay it yourself." in said
    bank.withdraw()
    assert bank.decision()[:2] == ("claimed", 42480)


def test_a_refund_that_comes_back_is_told_also_where_nobody_pays_monthly(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    credit = given_back(bank, payment_id, at(9, 10))
    assert "You owe $424.80. It is due by" in text(bank, "refund")
    bank.collect(at(9, 18))
    returned(bank, credit, "R02", at(14, 8))
    assert bank.owed() == 0
    said = text(bank, "account_refused")
    assert "We sent $424.80 back to this account, and your bank returned it." in said
    assert "You owe nothing for this plan now." in said


# What is in no file.


def test_a_first_payment_that_no_file_takes_holds_monthly_payments(bank):
    enrollment = bank.enroll(ONE, 63720, plan_year=2027)
    bank.sign_up(enrollment, at(3, 10), cents=10000, sealed_about="somebody else")
    [payment_id] = bank.payment_ids()
    bank.collect(at(3, 18))
    bank.tell()
    bank.system.undoing.undo_left_out(payment_id, Signature(who="Ada", why="by phone", at=at(11)))
    said = text(bank, "not_paid")
    assert "on hold, because we cannot use the bank account information we have" in said
    assert "will be taken" not in said
    bank.withdraw()
    assert bank.decision() == ("excluded", 0, "held")


# Before the notice.


@pytest.mark.parametrize("code", ["R01", "R03"])
def test_rule_25_the_mail_before_the_notice_says_that_the_notice_counts(bank, code):
    """Told on December 3 that nothing more is taken; then the first payment comes back."""
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    returned(bank, payment_id, code, at(8, 8))
    said = text(bank, "not_paid")
    assert "You owe $424.80." in said
    goes_on = code == "R01"
    assert ("By Saturday, December 12, 2026, a notice tells you" in said) == goes_on
    bank.tell()
    bank.withdraw()
    assert bank.decision() == (("claimed", 42480, None) if goes_on else None)


def test_rule_25_and_after_it_what_it_said_counts(bank):
    returned(bank, paid_once(bank), "R01", at(21, 8))
    said = text(bank, "not_paid")
    assert "will be taken on Tuesday, December 22, 2026." in said
    assert "a notice tells you" not in said
