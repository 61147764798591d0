"""A transmission: what goes to the bank together is fixed once; it moves as the table says."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.entry import Batch
from chalicelib.domain.transmission import (
    TRANSITIONS,
    Transmission,
    TransmissionState,
    TransmittedBatch,
    with_traces,
)

LATER = datetime(2026, 12, 4, 1, tzinfo=UTC)


def a_batch(collection="web#2026-12-03#00", kind=Batch.HEALTH, entries=2, first_trace=1, cents=200):
    return TransmittedBatch(
        collection=collection, kind=kind, first_trace=first_trace, entries=entries, cents=cents
    )


def a_transmission(*batches, **changed):
    facts = {
        "transmission_id": "collection#2026-12-03",
        "sealed_at": datetime(2026, 12, 3, 23, tzinfo=UTC),
        "effective_on": date(2026, 12, 4),
        "first_trace": 1,
        "batches": batches,
    }
    return Transmission(**{**facts, **changed})


@pytest.mark.parametrize(("here", "there"), list(product(TransmissionState, repeat=2)))
def test_a_transmission_travels_only_open_roads(here, there):
    transmission = a_transmission(state=here)
    if there in TRANSITIONS[here]:
        assert transmission.move_to(there, LATER).state is there
    else:
        with pytest.raises(AssertionError):
            transmission.move_to(there, LATER)


def test_a_transmission_knows_when_each_state_was_reached():
    instants = [LATER + timedelta(hours=n) for n in range(4)]
    states = (TransmissionState.SENDING, TransmissionState.SENT, TransmissionState.ACKNOWLEDGED)
    transmission = a_transmission()
    assert (transmission.sent_at, transmission.acknowledged_at, transmission.settled_at) == (
        None,
        None,
        None,
    )
    for state, at in zip((*states, TransmissionState.SETTLED), instants, strict=True):
        transmission = transmission.move_to(state, at)
    assert [
        transmission.sent_at,
        transmission.acknowledged_at,
        transmission.settled_at,
    ] == instants[1:]


def test_what_was_released_after_its_date_settles_on_another():
    assert a_transmission().settles_on == date(2026, 12, 4)
    assert a_transmission(moved_to=date(2026, 12, 7)).settles_on == date(2026, 12, 7)


@pytest.mark.parametrize("state", TransmissionState)
def test_only_what_was_never_sent_goes_stale_when_its_date_comes(state):
    transmission = a_transmission(state=state)
    assert not transmission.is_stale(date(2026, 12, 3))
    assert transmission.is_stale(date(2026, 12, 4)) == (state is TransmissionState.SEALED)


@pytest.mark.parametrize(
    ("collections", "last"),
    [
        ([], date(2026, 12, 10)),
        (["web#2026-12-03#00"], date(2026, 12, 10)),
        (["run#2026-12#000"], date(2026, 12, 10)),
        (["web#2026-12-03#00", "run#2026-11#007"], date(2026, 11, 28)),
    ],
)
def test_rule_27_it_goes_by_itself_for_six_days_and_no_withdrawal_after_the_28th(collections, last):
    assert a_transmission(*map(a_batch, collections)).last_day == last


@pytest.mark.parametrize(
    ("hour", "on"), [(21, None), (22, date(2026, 12, 7))], ids=["16:00 New York", "17:00"]
)
def test_what_leaves_after_its_date_settles_on_another(hour, on):
    at = datetime(2026, 12, 4, hour, tzinfo=UTC)
    assert a_transmission().sent_at_last(at).moved_to == on
    assert a_transmission(moved_to=date(2026, 12, 7)).sent_at_last(at).moved_to == on


def test_no_road_leads_back_to_where_a_file_could_be_sent_again():
    before_sending = {TransmissionState.SEALED, TransmissionState.SENDING}
    for here in set(TransmissionState) - before_sending:
        assert not TRANSITIONS[here] & before_sending


def test_counts_and_cents_are_those_of_the_parts():
    transmission = a_transmission(a_batch(), a_batch("web#2026-12-03#01", entries=3, cents=50))
    assert (transmission.entries, transmission.debit_cents) == (5, 250)
    assert (a_transmission().entries, a_transmission().debit_cents) == (0, 0)


def test_parts_stand_by_batch_then_collection_as_the_batches_of_the_file():
    batches = [a_batch("b"), a_batch("a"), a_batch("b", Batch.DENTAL), a_batch("a", Batch.DENTAL)]
    found = with_traces(batches, 7)
    places = [(batch.kind, batch.collection, batch.first_trace) for batch in found]
    assert places == [
        (Batch.DENTAL, "a", 7),
        (Batch.DENTAL, "b", 9),
        (Batch.HEALTH, "a", 11),
        (Batch.HEALTH, "b", 13),
    ]


batches = st.lists(
    st.tuples(st.sampled_from(Batch), st.integers(0, 4)), max_size=12, unique_by=lambda x: x
).map(lambda rows: [a_batch(f"c{n}", kind, count) for n, (kind, count) in enumerate(rows)])


@given(batches=batches, first=st.integers(1, 9_000_000))
def test_every_trace_is_in_one_batch_and_an_empty_batch_has_none(batches, first):
    transmission = a_transmission(*with_traces(batches, first), first_trace=first)
    assert all(batch.entries for batch in transmission.batches)
    traces = range(first, first + transmission.entries)
    for trace in traces:
        assert [batch.holds(trace) for batch in transmission.batches].count(True) == 1
        assert transmission.batch_of(trace).holds(trace)
    assert (
        transmission.batch_of(first - 1)
        is transmission.batch_of(first + transmission.entries)
        is None
    )
    for one, other in pairwise(transmission.batches):
        assert one.first_trace + one.entries == other.first_trace
