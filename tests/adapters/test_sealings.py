"""Sealings on both stores: collections are taken once, traces are given once."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.ach.changes import Heard
from chalicelib.domain.ach.decisions import Rate
from chalicelib.domain.acknowledgement import Acknowledgement, FileVerdict
from chalicelib.domain.answer import Answer
from chalicelib.domain.doubt import Doubt
from chalicelib.domain.entry import Batch
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.sealing import LeftOut, SealedFile, SealingState
from chalicelib.repositories.sealings import Sealings
from chalicelib.store import ConditionFailed
from tests.builders import NOW
from tests.domain.test_sealing import a_part, a_sealing

EVENING = [("web", "2026-12-03"), ("run#2026-12", "007")]


@pytest.fixture
def sealings(store):
    return Sealings(store)


LEFT_OUT = LeftOut(
    payment_id="PAY1",
    kind=EntryKind.ONE_TIME,
    enrollment_id="EN1",
    amount_cents=100,
    collection="web#2026-12-03#00",
    batch=Batch.HEALTH,
)


def test_a_kept_sealing_comes_back_as_it_was(sealings):
    file = SealedFile(name="a.ach", sha256="0" * 64, entries=2, debit_cents=200, credit_cents=0)
    sealing = a_sealing(a_part(), left_out=(LEFT_OUT,), files=(file,))
    assert sealings.keep(sealing, EVENING, 1, 3) == sealing
    assert sealings.get(sealing.sealing) == sealing
    assert sealings.all() == [sealing]
    assert sealings.get("collection#2026-12-04") is None


def test_a_doubt_is_kept_once_and_is_gone_when_it_is_over(sealings):
    one, other = (
        Doubt(case="quarantine#a@v1", part=n, since=NOW, payment_ids=(f"PAY{n}",)) for n in range(2)
    )
    for doubt in (one, other, one):
        sealings.keep_doubt(doubt)
    assert sealings.doubts() == [one, other]
    sealings.forget_doubt(one)
    sealings.forget_doubt(one)
    assert sealings.doubts() == [other]


def test_its_collections_are_taken_and_its_traces_gone_at_once(sealings):
    assert sealings.next_trace() == 1
    sealings.keep(a_sealing(a_part()), EVENING, 1, 3)
    assert sealings.next_trace() == 3
    assert sealings.taken("web") == {"2026-12-03": "collection#2026-12-03"}
    assert sealings.taken("run#2026-12") == {"007": "collection#2026-12-03"}
    assert sealings.taken("run#2027-01") == {}


def test_invariant_16_who_seals_the_same_evening_again_gets_what_was_sealed(sealings):
    first = sealings.keep(a_sealing(a_part()), EVENING, 1, 3)
    other = a_sealing(a_part(entries=9), first_trace=3)
    assert sealings.keep(other, [("web", "2026-12-04")], 3, 12) == first
    assert sealings.next_trace() == 3
    assert sealings.taken("web") == {"2026-12-03": first.sealing}


def test_invariant_2_no_collection_is_taken_by_two_sealings(sealings):
    sealings.keep(a_sealing(a_part()), EVENING, 1, 3)
    noon = a_sealing(a_part(), sealing="collection#2026-12-03#noon", first_trace=3)
    with pytest.raises(ConditionFailed):
        sealings.keep(noon, EVENING[1:], 3, 5)
    assert sealings.get(noon.sealing) is None
    assert sealings.next_trace() == 3


def test_no_trace_is_given_to_two_sealings(sealings):
    sealings.keep(a_sealing(a_part()), EVENING, 1, 3)
    other = a_sealing(a_part(), sealing="collection#2026-12-04")
    with pytest.raises(ConditionFailed):
        sealings.keep(other, [("web", "2026-12-04")], 1, 3)
    assert sealings.taken("web") == {"2026-12-03": "collection#2026-12-03"}


def test_seven_digits_begin_again_at_one(sealings):
    sealings.keep(a_sealing(a_part(first_trace=1)), EVENING, 1, 9_999_999)
    again = a_sealing(a_part(first_trace=1), sealing="collection#2026-12-04")
    assert sealings.keep(again, [("web", "2026-12-04")], 9_999_999, 3) == again
    assert sealings.next_trace() == 3


def test_one_worker_moves_a_sealing_on(sealings):
    sealing = sealings.keep(a_sealing(a_part()), EVENING, 1, 3)
    sending = sealing.move_to(SealingState.SENDING, NOW)
    assert sealings.change(sending, sealing)
    assert not sealings.change(sending, sealing)
    assert sealings.get(sealing.sealing) == sending
    sent = sending.move_to(SealingState.SENT, NOW)
    assert sealings.change(sent, sending)
    assert sealings.get(sealing.sealing) == sent
    assert sent.sent_at == NOW


def test_invariant_17_a_sealing_that_was_given_another_date_meanwhile_is_not_moved(sealings):
    read = sealings.keep(a_sealing(a_part(), state=SealingState.SENDING), EVENING, 1, 3)
    later = replace(read, moved_to=date(2026, 12, 7))
    assert sealings.change(later, read)
    assert not sealings.change(read.move_to(SealingState.SENT, NOW), read)
    assert sealings.get(read.sealing) == later


def test_a_sealing_may_move_in_the_transaction_of_what_was_done_about_it(store, sealings):
    sealing = sealings.keep(a_sealing(a_part(), moved_to=date(2026, 12, 7)), EVENING, 1, 3)
    sending = sealing.move_to(SealingState.SENDING, NOW)
    store.write(sealings.changing(sending, sealing))
    assert sealings.get(sealing.sealing) == sending
    with pytest.raises(ConditionFailed):
        store.write(sealings.changing(sending, sealing))


def test_all_are_oldest_first(sealings):
    later = a_sealing(
        sealing="collection#2026-12-01", sealed_at=a_sealing().sealed_at.replace(day=9)
    )
    sealings.keep(later, [], 1, 1)
    sealings.keep(replace(a_sealing(), sealing="collection#2026-12-03"), [], 1, 1)
    assert [each.sealing for each in sealings.all()] == [
        "collection#2026-12-03",
        "collection#2026-12-01",
    ]


def a_word(file="a.ach", **changed):
    facts = {"verdict": FileVerdict.ACCEPTED, "entries": 2, "debit_cents": 200, "credit_cents": 0}
    return Acknowledgement(**{"file": file, **facts, **changed})


def test_the_bank_s_first_word_about_a_file_stands(sealings):
    first = a_word()
    assert sealings.acknowledge(first, NOW) == first
    assert sealings.acknowledge(a_word(verdict=FileVerdict.REFUSED, reason="no"), NOW) == first
    assert sealings.acknowledge(first, NOW) == first
    assert sealings.acknowledged(["a.ach", "b.ach"]) == {"a.ach": first}
    assert sealings.acknowledged([]) == {}


def test_the_words_about_more_than_a_hundred_files_are_found_at_once(sealings):
    names = [f"{n:03}.ach" for n in range(205)]
    for name in names[::2]:
        sealings.acknowledge(a_word(name), NOW)
    found = sealings.acknowledged(names)
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


def test_invariant_18_a_return_is_answered_once_in_its_sealing(store, sealings):
    sealing, other = a_sealing(), a_sealing(sealing="collection#2026-12-04")
    store.write(*sealings.answering(sealing, an_answer()))
    with pytest.raises(ConditionFailed):
        store.write(*sealings.answering(sealing, an_answer(answered_at=NOW.replace(year=2027))))
    with pytest.raises(ConditionFailed):  # money can't come back for two reasons
        store.write(*sealings.answering(sealing, an_answer(code="R10")))
    store.write(*sealings.answering(sealing, an_answer(code="R67", is_final=False)))
    assert sealings.answered(sealing, "PAY1", "R01")
    assert not sealings.answered(other, "PAY1", "R01")
    assert [each.code for each in sealings.answers(sealing)] == ["R01", "R67"]
    assert sealings.answers(other) == []


def test_invariant_18_a_notification_of_change_is_heard_once_in_its_sealing(store, sealings):
    sealing, other = a_sealing(), a_sealing(sealing="collection#2026-12-04")
    first = a_notification()
    assert not sealings.has_heard(sealing, first)
    store.write(sealings.hearing(sealing, first))
    with pytest.raises(ConditionFailed):
        store.write(sealings.hearing(sealing, a_notification(heard_at=NOW.replace(year=2027))))
    assert sealings.has_heard(sealing, first)
    assert not sealings.has_heard(other, first)
    for unlike in ({"digest": "bb"}, {"code": "C02"}, {"payment_id": "PAY2"}):
        assert not sealings.has_heard(sealing, a_notification(**unlike))
        store.write(sealings.hearing(sealing, a_notification(**unlike)))


def test_a_notification_of_change_is_no_return(store, sealings):
    sealing = a_sealing()
    store.write(sealings.hearing(sealing, a_notification()))
    assert sealings.answers(sealing) == []
    assert sealings.all() == []
