"""Transmissions on both stores: collections are taken once, traces are given once."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.ach.changes import Heard
from chalicelib.domain.ach.decisions import Rate
from chalicelib.domain.acknowledgement import Acknowledgement, FileVerdict
from chalicelib.domain.answer import Answer
from chalicelib.domain.entry import Batch
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.suspected_return import SuspectedReturn
from chalicelib.domain.transmission import LeftOut, SealedFile, TransmissionState
from chalicelib.repositories.transmissions import TransmissionBook
from chalicelib.store import ConditionFailed
from tests.builders import NOW
from tests.domain.test_transmission import a_batch, a_transmission

EVENING = [("web", "2026-12-03"), ("run#2026-12", "007")]


@pytest.fixture
def transmissions(store):
    return TransmissionBook(store)


LEFT_OUT = LeftOut(
    payment_id="PAY1",
    kind=EntryKind.ONE_TIME,
    enrollment_id="EN1",
    amount_cents=100,
    collection="web#2026-12-03#00",
    batch=Batch.HEALTH,
)


def test_a_kept_transmission_comes_back_as_it_was(transmissions):
    file = SealedFile(name="a.ach", sha256="0" * 64, entries=2, debit_cents=200, credit_cents=0)
    transmission = a_transmission(a_batch(), left_out=(LEFT_OUT,), files=(file,))
    assert transmissions.begin(transmission, EVENING, 1, 3) == transmission
    assert transmissions.get(transmission.transmission_id) == transmission
    assert transmissions.all() == [transmission]
    assert transmissions.get("collection#2026-12-04") is None


def test_a_suspected_return_stands_once_and_is_gone_when_it_is_cleared(transmissions):
    one, other = (
        SuspectedReturn(case_id="quarantine#a@v1", part=n, since=NOW, payment_ids=(f"PAY{n}",))
        for n in range(2)
    )
    for suspected in (one, other, one):
        transmissions.put_suspected_return(suspected)
    assert transmissions.suspected_returns() == [one, other]
    transmissions.forget_suspected_return(one)
    transmissions.forget_suspected_return(one)
    assert transmissions.suspected_returns() == [other]


def test_its_collections_are_taken_and_its_traces_gone_at_once(transmissions):
    assert transmissions.next_trace() == 1
    transmissions.begin(a_transmission(a_batch()), EVENING, 1, 3)
    assert transmissions.next_trace() == 3
    assert transmissions.transmitted("web") == {"2026-12-03": "collection#2026-12-03"}
    assert transmissions.transmitted("run#2026-12") == {"007": "collection#2026-12-03"}
    assert transmissions.transmitted("run#2027-01") == {}


def test_invariant_16_who_seals_the_same_evening_again_gets_what_was_sealed(transmissions):
    first = transmissions.begin(a_transmission(a_batch()), EVENING, 1, 3)
    other = a_transmission(a_batch(entries=9), first_trace=3)
    assert transmissions.begin(other, [("web", "2026-12-04")], 3, 12) == first
    assert transmissions.next_trace() == 3
    assert transmissions.transmitted("web") == {"2026-12-03": first.transmission_id}


def test_invariant_2_no_collection_is_taken_by_two_transmissions(transmissions):
    transmissions.begin(a_transmission(a_batch()), EVENING, 1, 3)
    noon = a_transmission(a_batch(), transmission_id="collection#2026-12-03#noon", first_trace=3)
    with pytest.raises(ConditionFailed):
        transmissions.begin(noon, EVENING[1:], 3, 5)
    assert transmissions.get(noon.transmission_id) is None
    assert transmissions.next_trace() == 3


def test_no_trace_is_given_to_two_transmissions(transmissions):
    transmissions.begin(a_transmission(a_batch()), EVENING, 1, 3)
    other = a_transmission(a_batch(), transmission_id="collection#2026-12-04")
    with pytest.raises(ConditionFailed):
        transmissions.begin(other, [("web", "2026-12-04")], 1, 3)
    assert transmissions.transmitted("web") == {"2026-12-03": "collection#2026-12-03"}


def test_seven_digits_begin_again_at_one(transmissions):
    transmissions.begin(a_transmission(a_batch(first_trace=1)), EVENING, 1, 9_999_999)
    again = a_transmission(a_batch(first_trace=1), transmission_id="collection#2026-12-04")
    assert transmissions.begin(again, [("web", "2026-12-04")], 9_999_999, 3) == again
    assert transmissions.next_trace() == 3


def test_one_worker_moves_a_transmission_on(transmissions):
    transmission = transmissions.begin(a_transmission(a_batch()), EVENING, 1, 3)
    sending = transmission.move_to(TransmissionState.SENDING, NOW)
    assert transmissions.change(sending, transmission)
    assert not transmissions.change(sending, transmission)
    assert transmissions.get(transmission.transmission_id) == sending
    sent = sending.move_to(TransmissionState.SENT, NOW)
    assert transmissions.change(sent, sending)
    assert transmissions.get(transmission.transmission_id) == sent
    assert sent.sent_at == NOW


def test_invariant_17_a_transmission_that_was_given_another_date_meanwhile_is_not_moved(
    transmissions,
):
    read = transmissions.begin(
        a_transmission(a_batch(), state=TransmissionState.SENDING), EVENING, 1, 3
    )
    later = replace(read, moved_to=date(2026, 12, 7))
    assert transmissions.change(later, read)
    assert not transmissions.change(read.move_to(TransmissionState.SENT, NOW), read)
    assert transmissions.get(read.transmission_id) == later


def test_a_transmission_may_move_in_the_transaction_of_what_was_done_about_it(store, transmissions):
    transmission = transmissions.begin(
        a_transmission(a_batch(), moved_to=date(2026, 12, 7)), EVENING, 1, 3
    )
    sending = transmission.move_to(TransmissionState.SENDING, NOW)
    store.write(transmissions.changing(sending, transmission))
    assert transmissions.get(transmission.transmission_id) == sending
    with pytest.raises(ConditionFailed):
        store.write(transmissions.changing(sending, transmission))


def test_all_are_oldest_first(transmissions):
    later = a_transmission(
        transmission_id="collection#2026-12-01", sealed_at=a_transmission().sealed_at.replace(day=9)
    )
    transmissions.begin(later, [], 1, 1)
    transmissions.begin(
        replace(a_transmission(), transmission_id="collection#2026-12-03"), [], 1, 1
    )
    assert [each.transmission_id for each in transmissions.all()] == [
        "collection#2026-12-03",
        "collection#2026-12-01",
    ]


def a_word(file="a.ach", **changed):
    facts = {"verdict": FileVerdict.ACCEPTED, "entries": 2, "debit_cents": 200, "credit_cents": 0}
    return Acknowledgement(**{"file": file, **facts, **changed})


def test_the_bank_s_first_word_about_a_file_stands(transmissions):
    first = a_word()
    assert transmissions.acknowledge(first, NOW) == first
    assert transmissions.acknowledge(a_word(verdict=FileVerdict.REFUSED, reason="no"), NOW) == first
    assert transmissions.acknowledge(first, NOW) == first
    assert transmissions.acknowledged(["a.ach", "b.ach"]) == {"a.ach": first}
    assert transmissions.acknowledged([]) == {}


def test_the_words_about_more_than_a_hundred_files_are_found_at_once(transmissions):
    names = [f"{n:03}.ach" for n in range(205)]
    for name in names[::2]:
        transmissions.acknowledge(a_word(name), NOW)
    found = transmissions.acknowledged(names)
    assert sorted(found) == names[::2]
    assert found["204.ach"].file == "204.ach"


def an_answer(**changed):
    facts = {
        "payment_id": "PAY1",
        "code": "R01",
        "enrollment_id": "EN1",
        "cents": 100,
        "rate": Rate.OTHER,
        "is_posted": True,
        "answered_at": NOW,
    }
    return Answer(**{**facts, **changed})


def a_notification(**changed):
    facts = {"payment_id": "PAY1", "code": "C01", "digest": "aa", "enrollment_id": "EN1"}
    return Heard(**{**facts, "heard_at": NOW, **changed})


def test_invariant_18_a_return_is_answered_once_in_its_transmission(store, transmissions):
    transmission, other = a_transmission(), a_transmission(transmission_id="collection#2026-12-04")
    store.write(*transmissions.answering(transmission, an_answer()))
    with pytest.raises(ConditionFailed):
        store.write(
            *transmissions.answering(transmission, an_answer(answered_at=NOW.replace(year=2027)))
        )
    with pytest.raises(ConditionFailed):  # money can't come back for two reasons
        store.write(*transmissions.answering(transmission, an_answer(code="R10")))
    store.write(*transmissions.answering(transmission, an_answer(code="R67", is_final=False)))
    assert transmissions.answered(transmission, "PAY1", "R01")
    assert not transmissions.answered(other, "PAY1", "R01")
    assert [each.code for each in transmissions.answers(transmission)] == ["R01", "R67"]
    assert transmissions.answers(other) == []


def test_invariant_18_a_notification_of_change_is_heard_once_in_its_transmission(
    store, transmissions
):
    transmission, other = a_transmission(), a_transmission(transmission_id="collection#2026-12-04")
    first = a_notification()
    assert not transmissions.has_heard(transmission, first)
    store.write(transmissions.hearing(transmission, first))
    with pytest.raises(ConditionFailed):
        store.write(
            transmissions.hearing(transmission, a_notification(heard_at=NOW.replace(year=2027)))
        )
    assert transmissions.has_heard(transmission, first)
    assert not transmissions.has_heard(other, first)
    for unlike in ({"digest": "bb"}, {"code": "C02"}, {"payment_id": "PAY2"}):
        assert not transmissions.has_heard(transmission, a_notification(**unlike))
        store.write(transmissions.hearing(transmission, a_notification(**unlike)))


def test_a_notification_of_change_is_no_return(store, transmissions):
    transmission = a_transmission()
    store.write(transmissions.hearing(transmission, a_notification()))
    assert transmissions.answers(transmission) == []
    assert transmissions.all() == []
