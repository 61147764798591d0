"""What the bank may have sent back, in words that can't be relied on, is not called paid (I18)."""

import pytest

from chalicelib.adapters.randomness import SystemRandomness
from chalicelib.domain.signature import Signature
from chalicelib.services.quarantine import suspected_returns
from tests.bank import OUTBOUND, Bank
from tests.domain.ach.by_hand import patched
from tests.monthly import at

ONE, TWO = "EN000001", "EN000002"
MORNING = at(8, 8)
SIGNED = Signature(who="Ada", why="the bank says that it was nothing", at=at(9, 9))


@pytest.fixture
def bank():
    """Two payments that would be called paid on the evening of the eighth."""
    bank = Bank()
    bank.system.__dict__["randomness"] = (
        SystemRandomness()
    )  # what counts up is digits alone: no id of ours
    for name, number in ((ONE, "000123456789"), (TWO, "000123456780")):
        bank.pays(name, number=number)
    bank.collect(at(3, 18))
    [bank.fetched] = [body for key, body in bank.s3.objects.items() if key.startswith(OUTBOUND)]
    bank.answers(at(3, 20))
    return bank


def records(body, kind, patch):
    """The same file, with each record of a kind patched."""
    rows = body.decode().splitlines()
    return "\n".join(patched(row, patch) if row.startswith(kind) else row for row in rows).encode()


def other_sums(body):
    return records(body, "8", {21: "000000000001"})


def no_code(body):
    return records(body, "799", {4: "X"})


def no_trace(body):
    return records(body, "799", {80: " " * 15})


def no_amount(body):
    return records(body, "6", {30: "?" * 10})


def cut_before_the_reason(body):
    return body[: body.index(b"\n799")]


BROKEN = [other_sums, no_code, no_trace, no_amount, cut_before_the_reason]


def states(bank):
    return [bank.state(bank.payment_ids(name)[0], name) for name in (ONE, TWO)]


def the_case(bank):
    [case] = [case for case in bank.cases() if case.startswith("quarantine#")]
    return case


@pytest.mark.parametrize("broken", BROKEN)
def test_what_a_file_in_quarantine_sends_back_is_not_called_paid(bank, broken):
    [one, _] = bank.payment_ids() + bank.payment_ids(TWO)
    bank.receive(broken(bank.answer((one, "R01"), when=MORNING)), MORNING)
    assert bank.owed() == 0  # nothing is booked
    for day in (8, 9):
        bank.evening(at(day, 20))
        assert states(bank) == ["sent", "paid"]
        assert bank.mails("paid") == [TWO]
    assert bank.differences(at(9, 20)) == []


def test_and_is_not_paid_when_the_bank_sends_the_file_again(bank):
    [one] = bank.payment_ids()
    body = bank.answer((one, "R01"), when=MORNING)
    bank.receive(other_sums(body), MORNING)
    bank.evening(at(8, 20))
    bank.receive(body, at(9, 8))
    assert states(bank) == ["not_paid", "paid"]
    assert bank.system.records.cases.close(the_case(bank), SIGNED)
    bank.evening(at(9, 20))
    assert states(bank) == ["not_paid", "paid"]
    assert bank.mails("paid") == [TWO]


@pytest.mark.parametrize("closed_before_it_settles", [True, False])
def test_when_staff_close_its_case_it_is_paid_and_one_mail_says_so(bank, closed_before_it_settles):
    [one] = bank.payment_ids()
    bank.receive(other_sums(bank.answer((one, "R01"), when=MORNING)), MORNING)
    if not closed_before_it_settles:
        bank.evening(at(8, 20))
    assert bank.system.records.cases.close(the_case(bank), SIGNED)
    for day in (9, 10):
        bank.evening(at(day, 20))
        assert states(bank) == ["paid", "paid"]
        assert bank.mails("paid") == [ONE, TWO]
    assert bank.system.records.transmissions.suspected_returns() == []


def test_what_came_while_the_evening_told_is_told_later_too(bank):
    """Settled at eight; the file came an hour later, before the letters were made."""
    [one] = bank.payment_ids()
    bank.system.settling.settle(at(8, 20))
    bank.receive(other_sums(bank.answer((one, "R01"), when=MORNING)), at(8, 21))
    bank.follow_up()
    assert bank.mails("paid") == [TWO]
    assert bank.system.records.cases.close(the_case(bank), SIGNED)
    bank.evening(at(9, 20))
    assert bank.mails("paid") == [ONE, TWO]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_was_told_as_paid_before_stays_paid(bank, broken):
    """A late return (within sixty days) that can't be read: the member was told, and is not yet."""
    [one] = bank.payment_ids()
    bank.evening(at(8, 20))
    bank.receive(broken(bank.answer((one, "R10"), when=at(21, 8))), at(21, 8))
    assert states(bank) == ["paid", "paid"]
    assert bank.system.records.cases.close(the_case(bank), SIGNED)
    bank.evening(at(21, 20))
    assert bank.mails("paid") == [ONE, TWO]
    bank.receive(bank.answer((one, "R10"), when=at(22, 8)), at(22, 8))
    assert states(bank) == ["not_paid", "paid"]


def test_a_return_in_suspense_that_names_a_payment_is_suspected(bank):
    [one] = bank.payment_ids()
    bank.receive(bank.answer((one, "R01"), when=MORNING, cents=42479), MORNING)
    bank.evening(at(8, 20))
    assert states(bank) == ["sent", "paid"]


def test_a_correction_sends_nothing_back(bank):
    [one] = bank.payment_ids()
    bank.receive(other_sums(bank.answer((one, "C01"), when=MORNING, data="1")), MORNING)
    assert the_case(bank).startswith("quarantine#")
    bank.evening(at(8, 20))
    assert states(bank) == ["paid", "paid"]


def test_our_own_file_sent_back_as_it_was_sends_nothing_back(bank):
    """A bank's echo, sound as we made it: entries without a reason, under our own codes."""
    bank.receive(bank.fetched, MORNING)
    assert bank.cases()
    bank.evening(at(8, 20))
    assert states(bank) == ["paid", "paid"]


def test_rule_53_whom_a_file_names_that_can_not_be_relied_on_is_in_doubt_whatever_its_code(bank):
    bank.receive(other_sums(bank.fetched), MORNING)
    bank.evening(at(8, 20))
    assert states(bank) == ["sent", "sent"]
    bank.system.records.cases.close(the_case(bank), SIGNED)
    bank.evening(at(9, 20))
    assert states(bank) == ["paid", "paid"]


def test_an_account_does_not_become_good_by_a_suspected_return(bank):
    [one] = bank.payment_ids()
    bank.receive(other_sums(bank.answer((one, "R01"), when=MORNING)), MORNING)
    bank.evening(at(8, 20))
    good = {
        entry.enrollment_id: bank.system.account_validation.is_good(entry.account)
        for batch in bank.transmission("2026-12-03").batches
        for entry in bank.system.records.books.entries(batch.collection, batch.kind)
    }
    assert good == {ONE: False, TWO: True}


def test_a_file_may_name_more_than_a_row_holds(bank, monkeypatch):
    monkeypatch.setattr(suspected_returns, "A_ROW", 1)
    ids = bank.payment_ids() + bank.payment_ids(TWO)
    bank.receive(other_sums(bank.answer(*((n, "R01") for n in ids), when=MORNING)), MORNING)
    assert len(bank.system.records.transmissions.suspected_returns()) == len(ids)
    bank.evening(at(8, 20))
    assert states(bank) == ["sent", "sent"]
    bank.system.records.cases.close(the_case(bank), SIGNED)
    bank.evening(at(9, 20))
    assert bank.mails("paid") == [ONE, TWO]
