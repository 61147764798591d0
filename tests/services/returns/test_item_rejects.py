"""Our own bank takes a file and refuses an entry of it: never taken, undone, told (rule 53)."""

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from tests.bank import Bank
from tests.monthly import at

ONE, TWO = "EN000001", "EN000002"
MORNING = at(4, 8)
CODE = "REJ06030"


@pytest.fixture
def bank():
    return Bank()


def signed(who):
    return Signature(who=who, why="spoke with her", at=at(9, 10))


def sent(bank):
    ids = [bank.begins(name) for name in (ONE, TWO)]
    bank.collect(at(3, 18))
    return ids


def test_rule_53_an_item_reject_is_never_taken_undone_and_told_and_stops_no_other(bank):
    first, second = sent(bank)
    bank.receive(bank.echoed(first), MORNING)
    assert (bank.owed(ONE), bank.owed(TWO)) == (42480, 0)
    assert bank.mails("not_paid") == [ONE]
    facts = bank.mail("not_paid")
    assert (facts["why"], facts["mandate_held"]) == ("not_taken", True)
    assert "our bank refused this entry" in bank.cases()[f"return#{first}#item_refused"]
    assert bank.here.metrics.counts["ReturnsAlarming"] == 1
    bank.evening(at(8, 20))
    assert bank.state(second, TWO) == "paid"
    assert bank.mails("paid") == [TWO]


def test_rule_53_the_same_reject_again_is_once(bank):
    first, _ = sent(bank)
    for hour in (8, 9):
        bank.receive(bank.echoed(first), at(4, hour))
    assert bank.owed(ONE) == 42480
    assert bank.mails("not_paid") == [ONE]


def test_rule_53_the_books_agree_after_it(bank):
    first, _ = sent(bank)
    bank.receive(bank.echoed(first), MORNING)
    bank.evening(at(8, 20))
    assert bank.differences(at(8, 21)) == []


def test_rule_53_on_the_22nd_nothing_is_taken_that_our_bank_would_refuse_again(bank):
    first, _ = sent(bank)
    bank.receive(bank.echoed(first), MORNING)
    bank.tell()
    bank.withdraw()
    assert bank.decision(ONE) == ("excluded", 0, "held")


def test_rule_53_a_reject_of_a_prenote_tells_that_nothing_was_asked(bank):
    mandate_id = bank.sign_up(bank.enroll(plan_year=2027), at(3, 10), cents=0)
    bank.collect(at(3, 18))
    bank.receive(bank.echoed(mandate_id), MORNING)
    assert bank.mail("account_refused")["why"] == "not_taken"


def test_rule_53_a_reject_of_a_refund_is_credit_again_and_holds_nothing(bank):
    payment_id = bank.begins(ONE)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    why, crediting = WhyBack.MISTAKE, bank.system.crediting
    asked = (EntryKind.REFUND, why, ONE, payment_id, 1000)
    credit_id = crediting.propose(*asked, signed("Ada")).credit_id
    for who in ("Ada", "Ben"):
        crediting.release(credit_id, signed(who))
    before = bank.owed()
    bank.s3.objects.clear()
    bank.collect(at(9, 18))
    bank.receive(bank.echoed(credit_id), at(10, 8))
    assert bank.owed() == before - 1000
    assert not bank.system.records.mandates.of(ONE).standing[0].held


def test_rule_53_a_reject_that_names_nobody_of_ours_waits_in_suspense(bank):
    first, _ = sent(bank)
    body = bank.echoed(first).replace(first.encode(), b"HCKLMNPQRSTU234")
    bank.receive(body, MORNING)
    [reason] = [why for case, why in bank.cases().items() if case.startswith("suspense#")]
    assert f"a return {CODE} of $424.80" in reason
    bank.evening(at(8, 20))
    assert bank.state(first) == "sent"


@pytest.mark.parametrize("code", ["12345678", "rej06030", "REJ0603 ", "        "])
def test_rule_53_what_is_no_such_code_rejects_nothing(bank, code):
    first, _ = sent(bank)
    bank.receive(bank.echoed(first, code=code), MORNING)
    assert bank.owed(ONE) == 0
    assert bank.mails("not_paid") == []
