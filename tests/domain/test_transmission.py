"""A transmission: what goes to the bank together is fixed once; it moves as the table says."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.entry import Batch
from chalicelib.domain.transmission import (
    TRANSITIONS,
    BatchPart,
    Transmission,
    TransmissionState,
    with_traces,
)

LATER = datetime(2026, 12, 4, 1, tzinfo=UTC)


def a_part(collection="web#2026-12-03#00", batch=Batch.HEALTH, entries=2, first_trace=1, cents=200):
    return BatchPart(
        collection=collection, batch=batch, first_trace=first_trace, entries=entries, cents=cents
    )


def a_transmission(*parts, **changed):
    facts = {
        "transmission_id": "collection#2026-12-03",
        "sealed_at": datetime(2026, 12, 3, 23, tzinfo=UTC),
        "effective_on": date(2026, 12, 4),
        "first_trace": 1,
        "parts": parts,
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
    assert a_transmission(*map(a_part, collections)).last_day == last


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
    transmission = a_transmission(a_part(), a_part("web#2026-12-03#01", entries=3, cents=50))
    assert (transmission.entries, transmission.debit_cents) == (5, 250)
    assert (a_transmission().entries, a_transmission().debit_cents) == (0, 0)


def test_parts_stand_by_batch_then_collection_as_the_batches_of_the_file():
    parts = [a_part("b"), a_part("a"), a_part("b", Batch.DENTAL), a_part("a", Batch.DENTAL)]
    found = with_traces(parts, 7)
    places = [(part.batch, part.collection, part.first_trace) for part in found]
    assert places == [
        (Batch.DENTAL, "a", 7),
        (Batch.DENTAL, "b", 9),
        (Batch.HEALTH, "a", 11),
        (Batch.HEALTH, "b", 13),
    ]


parts = st.lists(
    st.tuples(st.sampled_from(Batch), st.integers(0, 4)), max_size=12, unique_by=lambda x: x
).map(lambda rows: [a_part(f"c{n}", batch, count) for n, (batch, count) in enumerate(rows)])


@given(parts=parts, first=st.integers(1, 9_000_000))
def test_every_trace_is_of_one_part_and_an_empty_part_has_none(parts, first):
    transmission = a_transmission(*with_traces(parts, first), first_trace=first)
    assert all(part.entries for part in transmission.parts)
    traces = range(first, first + transmission.entries)
    for trace in traces:
        assert [part.holds(trace) for part in transmission.parts].count(True) == 1
        assert transmission.part_of(trace).holds(trace)
    assert (
        transmission.part_of(first - 1)
        is transmission.part_of(first + transmission.entries)
        is None
    )
    for one, other in pairwise(transmission.parts):
        assert one.first_trace + one.entries == other.first_trace
