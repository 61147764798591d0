"""Money of a return that our bank dishonored with success counts again (rule 51)."""

import pytest

from chalicelib.domain.adjustment import adjustment_of
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.feed import BadRow
from chalicelib.domain.ledger import payments_that_count
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.retry import CannotRetry
from chalicelib.domain.signature import Signature
from chalicelib.services.returns.disputes import CannotClose, CannotRecall
from tests.bank import Bank
from tests.monthly import WITHDRAWAL, at, charge

ONE = "EN000001"


@pytest.fixture
def bank():
    return Bank()


def signed(who, when):
    return Signature(who=who, why="it is on our account", at=when)


def returned(bank, code="R01"):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, code), when=at(8, 8)), at(8, 8))
    bank.evening(at(8, 20))
    assert (bank.owed(), bank.state(payment_id)) == (42480, "not_paid")
    return payment_id


def close(bank, payment_id, when):
    for who in ("Ada", "Ben"):
        bank.system.disputes.close(ONE, payment_id, signed(who, when))


def test_rule_51_two_people_book_it_the_payment_counts_again_and_the_member_is_told(bank):
    payment_id = returned(bank)
    disputes = bank.system.disputes
    for _ in range(2):
        assert not disputes.close(ONE, payment_id, signed("Ada", at(14)))
    assert (bank.owed(), bank.mails("paid")) == (42480, [])
    assert disputes.close(ONE, payment_id, signed("Ben", at(14, 10)))
    assert (bank.owed(), bank.state(payment_id), bank.mails("paid")) == (0, "paid", [ONE])
    line = bank.system.records.books.line(ONE, f"adjustment#DISPUTE-{payment_id}")
    assert (line.amount_cents, line.reason) == (-42480, "Your bank paid after all")
    assert bank.differences(at(14, 21)) == []


def test_rule_51_a_first_payment_counts_again_for_coverage(bank):
    payment_id = returned(bank)
    assert payments_that_count(bank.system.records.books.lines(ONE)) == []
    close(bank, payment_id, at(14))
    lines = bank.system.records.books.lines(ONE)
    assert [line.payment_id for line in payments_that_count(lines)] == [payment_id]


def test_rule_51_once_and_never_again(bank):
    payment_id = returned(bank)
    close(bank, payment_id, at(14))
    with pytest.raises(CannotClose) as refused:
        bank.system.disputes.close(ONE, payment_id, signed("Cyd", at(15)))
    assert refused.value.code == "already_closed"
    assert bank.owed() == 0


def test_rule_51_the_bank_s_file_again_changes_nothing_after_it(bank):
    payment_id = returned(bank)
    close(bank, payment_id, at(14))
    bank.receive(bank.answer((payment_id, "R01"), when=at(8, 8)), at(15))
    assert (bank.owed(), bank.state(payment_id)) == (0, "paid")


def test_rule_51_what_counts_again_is_not_tried_again(bank):
    payment_id = returned(bank)
    charge(bank, ONE, 60000, at(9))
    close(bank, payment_id, at(14))
    with pytest.raises(CannotRetry) as refused:
        bank.system.retrying.release(ONE, payment_id, signed("Ada", at(15)))
    assert refused.value.code == "not_returned"


def test_rule_51_what_counts_again_is_not_tried_again_after_a_retry_either(bank):
    payment_id = returned(bank)
    retry = bank.system.retrying.release(ONE, payment_id, signed("Ada", at(9))).payment_id
    bank.collect(at(9, 18))
    bank.receive(bank.answer((retry, "R01"), when=at(14, 8)), at(14, 8))
    close(bank, payment_id, at(15))
    charge(bank, ONE, 60000, at(15, 10))
    with pytest.raises(CannotRetry) as refused:
        bank.system.retrying.release(ONE, payment_id, signed("Cyd", at(15, 12)))
    assert refused.value.code == "not_returned"


def test_rule_51_while_it_is_being_tried_again_it_is_not_booked(bank):
    payment_id = returned(bank)
    bank.system.retrying.release(ONE, payment_id, signed("Ada", at(9)))
    with pytest.raises(CannotClose) as refused:
        bank.system.disputes.close(ONE, payment_id, signed("Ada", at(9, 12)))
    assert refused.value.code == "tried_again"


def test_rule_51_the_evidence_tells_the_return_and_that_it_came_to_us_after_all(bank):
    payment_id = returned(bank, "R10")
    close(bank, payment_id, at(15))
    found = bank.system.evidencing.of_payment(payment_id)
    [debit] = found["debits"]
    assert (debit["return_code"], debit["state"]) == ("R10", "paid")
    assert debit["reached"]["paid"] == at(15).isoformat()
    assert [each["mail"] for each in found["letters"]][-2:] == ["not_paid", "paid"]


def test_rule_51_r90_of_a_refund_ends_what_is_monthly_and_rings(bank):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    asked = (EntryKind.REFUND, WhyBack.MISTAKE, ONE, payment_id, 1000, signed("Ada", at(9)))
    credit_id = bank.system.crediting.propose(*asked).credit_id
    for who in ("Ada", "Ben"):
        bank.system.crediting.release(credit_id, signed(who, at(9, 10)))
    bank.collect(at(9, 18))
    bank.receive(bank.answer((credit_id, "R90"), when=at(14, 8)), at(14, 8))
    [mandate] = bank.system.records.mandates.every(ONE)
    assert mandate.ended_at
    assert bank.here.metrics.counts["ReturnsAlarming"] == 1


def test_rule_51_r90_between_freeze_and_claim_takes_nothing_and_writes_to_nobody(bank):
    payment_id = bank.begins(cents=10000)
    bank.collect(at(3, 18))
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    bank.receive(bank.answer((payment_id, "R90"), when=at(22, 9, 1)), at(22, 9, 1))
    bank.work()
    assert bank.decision() == ("excluded", 0, "sanctions")
    assert bank.mails("excluded") == bank.mails("not_paid") == []


def test_rule_51_what_counts_again_can_be_given_back(bank):
    payment_id = returned(bank)
    close(bank, payment_id, at(14))
    asked = (EntryKind.REFUND, WhyBack.MISTAKE, ONE, payment_id, 1000, signed("Ada", at(15)))
    credit_id = bank.system.crediting.propose(*asked).credit_id
    for who in ("Ada", "Ben"):
        bank.system.crediting.release(credit_id, signed(who, at(15, 10)))
    assert bank.owed() == 1000


def test_rule_51_what_did_not_come_back_is_not_disputed(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    for name in (payment_id, "nothing"):
        with pytest.raises(CannotClose) as refused:
            bank.system.disputes.close(ONE, name, signed("Ada", at(9)))
        assert refused.value.code == "not_returned_at_all"


def test_rule_51_what_never_moved_is_not_disputed(bank):
    payment_id = bank.pays()
    bank.system.stopping.stop(payment_id, signed("Ada", at(3, 12)))
    bank.collect(at(3, 18))
    with pytest.raises(CannotClose) as refused:
        bank.system.disputes.close(ONE, payment_id, signed("Ada", at(9)))
    assert refused.value.code == "never_moved"


def test_rule_51_the_exchange_has_no_such_reference():
    row = {"reference": "DISPUTE-1", "enrollment_id": ONE, "month": "", "amount": "1.00"}
    with pytest.raises(BadRow, match="reference"):
        adjustment_of({**row, "reason": "Late tax credit"})


def test_rule_51_sanctions_end_what_is_monthly_ring_and_write_to_nobody(bank):
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "R90"), when=at(8, 8)), at(8, 8))
    assert bank.mails("not_paid") == []
    [mandate] = bank.system.records.mandates.every(ONE)
    assert mandate.ended_at
    assert "sanctions" in bank.cases()[f"return#{payment_id}#R90"]
    assert bank.here.metrics.counts["ReturnsAlarming"] == 1


# --- our bank is asked to have it sent back (R06) -------------------------------------------------


def test_rule_51_a_recall_waits_ten_banking_days_and_its_answer_ends_it(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    for _ in range(2):
        bank.system.disputes.recall(ONE, payment_id, signed("Ada", at(8)))
    case = f"recall#{payment_id}"
    assert bank.cases()[case].endswith("an answer is due by 2026-12-22")
    bank.receive(bank.answer((payment_id, "R06"), when=at(15, 8)), at(15, 8))
    assert case not in bank.cases()
    assert (bank.owed(), bank.mails("not_paid")) == (42480, [ONE])


def test_rule_51_what_never_went_or_came_back_is_not_recalled(bank):
    payment_id = bank.pays()
    with pytest.raises(CannotRecall) as refused:
        bank.system.disputes.recall(ONE, payment_id, signed("Ada", at(3, 11)))
    assert refused.value.code == "never_sent"
    with pytest.raises(CannotRecall) as refused:
        bank.system.disputes.recall(ONE, "P0", signed("Ada", at(3, 11)))
    assert refused.value.code == "unknown_payment"
    other = Bank()
    with pytest.raises(CannotRecall) as refused:
        other.system.disputes.recall(ONE, returned(other), signed("Ada", at(9)))
    assert refused.value.code == "came_back"


@pytest.mark.parametrize("code", ["R01", "R10", "R06"])
def test_rule_51_whatever_comes_back_ends_a_recall_also_one_that_was_closed_and_asked_again(
    bank, code
):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    case = f"recall#{payment_id}"
    for day in (7, 8):
        bank.system.disputes.recall(ONE, payment_id, signed("Ada", at(day)))
        assert case in bank.cases()
        if day == 7:
            assert bank.system.records.cases.close(case, signed("Ada", at(7, 10)))
    bank.receive(bank.answer((payment_id, code), when=at(8, 8)), at(8, 8))
    assert case not in bank.cases()
    assert bank.owed() == 42480
