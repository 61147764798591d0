"""Misses are counted together and noticed when another came between (rule 9), on both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.guessing import LONGEST_WAIT, WINDOW, Counted, Misses, Ticket
from chalicelib.repositories.counters import Counters
from chalicelib.store import ConditionFailed
from tests.builders import NOW

KEYS = {
    Counted.SUBJECT: "subject#a",
    Counted.IDENTIFIER: "identifier#b",
    Counted.ADDRESS: "address#c",
}


@pytest.fixture
def counters(store):
    return Counters(store)


def missing(counters, keys=KEYS, at=NOW):
    """The writes of one more miss."""
    misses = {counted: each.after_miss(at) for counted, each in counters.read(keys).items()}
    return counters.changing(keys, misses, at)


def miss(store, counters, keys=KEYS, at=NOW):
    store.write(*missing(counters, keys, at))


def test_who_never_missed_has_empty_counters(counters):
    assert counters.read(KEYS) == {counted: Misses(counted=counted) for counted in KEYS}


def test_a_miss_is_counted_on_all_three(store, counters):
    miss(store, counters)
    read = counters.read(KEYS)
    once = {counted: Misses(counted=counted, recent_at=(NOW,), version=1) for counted in KEYS}
    assert read == once


def test_counters_read_back_as_the_rule_left_them(store, counters):
    expected = Misses(counted=Counted.SUBJECT)
    for n in range(7):
        at = NOW + n * timedelta(seconds=90)
        expected = expected.after_miss(at)
        miss(store, counters, at=at)
    assert counters.read(KEYS)[Counted.SUBJECT] == replace(expected, version=7)
    assert expected.wait_until


def test_rule_09_counters_are_of_their_own_key_only(store, counters):
    for _ in range(5):
        miss(store, counters)
    other = counters.read({**KEYS, Counted.SUBJECT: "subject#z"})
    assert other[Counted.SUBJECT].wait_until is None
    assert other[Counted.IDENTIFIER].wait_until


def test_a_miss_that_came_between_is_noticed(store, counters):
    slow = missing(counters)
    miss(store, counters)
    with pytest.raises(ConditionFailed):
        store.write(*slow)
    assert len(counters.read(KEYS)[Counted.SUBJECT].recent_at) == 1


def test_tickets_read_back_as_they_were_taken(store, counters):
    tickets = [Ticket(f"try-{n}", NOW + n * timedelta(milliseconds=1)) for n in range(3)]
    for ticket in tickets:
        taken = {c: each.with_ticket(ticket) for c, each in counters.read(KEYS).items()}
        store.write(*counters.changing(KEYS, taken, NOW))
    assert {each.tickets for each in counters.read(KEYS).values()} == {tuple(tickets)}


def test_nothing_writes_nothing_and_meets_nobody(store, counters):
    first, second = counters.nothing(4), counters.nothing(4)
    assert not {write.key for write in first} & {write.key for write in second}
    store.write(*first, *second)
    store.write(*first)


def test_rule_09_staff_can_lift_a_wait(store, counters):
    for _ in range(5):
        miss(store, counters)
    counters.lift("subject#a")
    read = counters.read(KEYS)
    assert read[Counted.SUBJECT] == Misses(counted=Counted.SUBJECT)
    assert read[Counted.IDENTIFIER].wait_until
    miss(store, counters)


def test_reading_all_counters_is_one_call(aws):
    Counters(aws.store).read(KEYS)
    assert [call.operation for call in aws.engine.calls] == ["BatchGetItem"]


def test_two_kinds_with_the_same_key_do_not_meet(store, counters):
    keys = {Counted.SUBJECT: "subject#x", Counted.IDENTIFIER: "identifier#x"}
    miss(store, counters, keys)
    assert counters.read(keys)[Counted.IDENTIFIER].counted is Counted.IDENTIFIER


def test_invariant_21_no_counter_is_swept_while_it_may_lengthen_a_wait(store, counters):
    miss(store, counters)
    for key in KEYS.values():
        row = store.get("journeys", (f"misses#{key}",))
        assert row["expires_at_epoch"] > (NOW + LONGEST_WAIT + WINDOW).timestamp()
