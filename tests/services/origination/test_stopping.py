"""The authorization: a call before 18:00 of its day stops a payment; after that only the bank."""

from contextlib import suppress

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.signature import Signature
from chalicelib.services.origination.stopping import AlreadyCollected
from chalicelib.services.origination.undoing import NotLeftOut
from tests.bank import Bank
from tests.monthly import at
from tests.small import shrink
from tests.stores import Crash, Interrupted

ONE, TWO = "EN000001", "EN000002"
DAY = "2026-12-03"
CALL = at(3, 17, 59)


@pytest.fixture(autouse=True)
def few_shards(monkeypatch):
    shrink(monkeypatch.setattr)


@pytest.fixture
def bank():
    return Bank()


def stop(bank, payment_id, when=CALL):
    signed = Signature(who="Ada", why="she called", at=when)
    return bank.system.stopping.stop(payment_id, signed)


def sent(bank):
    """The payments that the bank has."""
    return {entry.person_id.strip() for kept in bank.has.values() for entry in kept}


def test_a_stopped_payment_is_in_no_file_is_owed_again_and_the_member_is_told(bank):
    stopped, goes = bank.pays(ONE), bank.pays(TWO)
    stop(bank, stopped)
    bank.collect(at(3, 18))
    assert sent(bank) == {goes}
    assert (bank.state(stopped, ONE), bank.owed(ONE)) == ("not_paid", 42480)
    assert (bank.state(goes, TWO), bank.owed(TWO)) == ("sent", 0)
    assert bank.mails("not_paid") == [ONE]
    assert bank.mail("not_paid", ONE)["why"] == "stopped_in_time"
    assert bank.cases() == {}
    assert bank.prove(at(3, 20)) == []
    assert bank.system.reconciling.differences(at(3, 20)) == []


def test_where_nothing_else_was_paid_there_is_no_file(bank):
    stop(bank, bank.pays(ONE))
    bank.collect(at(3, 18))
    assert bank.has == {}
    assert bank.owed(ONE) == 42480
    assert bank.prove(at(4, 20)) == []


def test_of_two_payments_of_one_submit_only_the_named_one_stops(bank):
    first, second = bank.pays(ONE, cents=42480), bank.pays(ONE, at(3, 11), cents=1000)
    stop(bank, second)
    bank.collect(at(3, 18))
    assert sent(bank) == {first}


def test_again_says_the_same_and_signs_once(bank):
    payment_id = bank.pays(ONE)
    assert stop(bank, payment_id) == stop(bank, payment_id, at(3, 17, 59, "2026-12"))
    bank.collect(at(3, 18))
    stop(bank, payment_id, at(4, 9))
    assert len(bank.system.records.audit.signed(f"payment#{payment_id}")) == 1
    assert bank.mails("not_paid") == [ONE]


def test_from_the_collection_on_only_the_bank_can_stop_it(bank):
    payment_id = bank.pays(ONE)
    bank.collect(at(3, 18))
    with pytest.raises(AlreadyCollected):
        stop(bank, payment_id, at(3, 18, 1))
    assert sent(bank) == {payment_id}
    assert bank.system.records.audit.signed(f"payment#{payment_id}") == []


def test_what_is_no_payment_of_the_page_is_not_found(bank):
    with pytest.raises(NotFound):
        stop(bank, "2222222222")


def test_monthly_payments_go_on_when_their_first_payment_was_stopped(bank):
    payment_id = bank.begins(ONE)
    stop(bank, payment_id)
    bank.collect(at(3, 18))
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert (mandate.held, mandate.ended_at) == (False, None)


def test_what_was_stopped_is_not_taken_back_as_left_out(bank):
    payment_id = bank.pays(ONE)
    stop(bank, payment_id)
    bank.collect(at(3, 18))
    with pytest.raises(NotLeftOut):
        bank.system.undoing.left_out(payment_id)


def test_invariant_11_whether_the_evening_dies_anywhere_it_ends_the_same():
    n, died, day = 0, True, Bank()
    stopped, goes = day.pays(ONE), day.pays(TWO)
    stop(day, stopped)
    while died:
        n, bank = n + 1, Bank(day.store.copy())
        dying = Bank(bank.store, s3=bank.s3, seen=Interrupted(bank.store, n))
        died = True
        with suppress(Crash):
            dying.system.transmission_job.collect(at(3, 18))
            died = False
        bank.system.transmission_job.collect(at(3, 18))
        bank.fetch(at(3, 18, 5))
        assert sent(bank) == {goes}
        assert bank.owed(ONE) == 42480
        assert bank.mails("not_paid") == [ONE]
    assert n > 20


def test_what_was_sealed_by_an_evening_that_died_is_taken_back_by_whoever_goes_on(bank):
    stopped, goes = bank.pays(ONE), bank.pays(TWO)
    stop(bank, stopped)
    seen = WhenSealed(bank.store)
    with suppress(Crash):
        Bank(bank.store, s3=bank.s3, seen=seen).system.transmission_job.collect(at(3, 18))
    assert bank.owed(ONE) == 0
    bank.system.transmission_job.resume(at(3, 19), at(3, 19))
    bank.fetch(at(3, 19, 5))
    assert (sent(bank), bank.owed(ONE)) == ({goes}, 42480)


class WhenSealed(Interrupted):
    """Dies at the first call after the manifest was kept."""

    def __init__(self, store):
        super().__init__(store, -1)

    def write(self, *writes):
        super().write(*writes)
        if any(write.table == "transmissions" for write in writes):
            self.left = 1


def test_a_stop_and_the_collection_in_every_order_are_one_of_two_ends():
    n, between, day = 0, True, Bank()
    payment_id = day.pays(ONE)
    while between:
        n, bank, answers = n + 1, Bank(day.store.copy()), []

        def call(bank=bank, answers=answers):
            try:
                stop(bank, payment_id)
            except AlreadyCollected:
                answers.append("too late")
            else:
                answers.append("stopped")

        seen = Interrupted(bank.store, n, call)
        Bank(bank.store, s3=bank.s3, seen=seen).system.transmission_job.collect(at(3, 18))
        between = bool(answers)
        bank.fetch(at(3, 18, 5))
        if answers == ["stopped"]:
            assert (sent(bank), bank.owed(ONE)) == (set(), 42480)
        else:
            assert (sent(bank), bank.owed(ONE)) == ({payment_id}, 0)
    assert n > 20
