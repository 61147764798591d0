"""Shards cover all slots, checkpoints go forward, and a run closes when its counts agree (I14)."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.run import (
    TRANSITIONS,
    Checkpoint,
    Counts,
    Run,
    RunKind,
    RunState,
    may_close,
    shard_of,
    slots_of,
)

RUN = Run(
    run_id="withdrawal#2026-12",
    kind=RunKind.WITHDRAWAL,
    period="2026-12",
    started_at=datetime(2026, 12, 22, 14, tzinfo=UTC),
    shards=4,
)

AGREE = Counts(active=3, claimed=1, skipped=1, excluded=1, cents=500)


def place(shard, counts=AGREE, *, reported=True):
    slot = slots_of(shard, RUN.shards).stop
    return Checkpoint(run_id=RUN.run_id, shard=shard, slot=slot, counts=counts, reported=reported)


EVERY = [place(shard) for shard in range(4)]


@pytest.mark.parametrize("shards", [1, 2, 4, 32, 64, 256, 1024])
def test_every_slot_is_in_just_one_shard(shards):
    ranges = [slots_of(shard, shards) for shard in range(shards)]
    assert ranges[0].start == 0
    assert ranges[-1].stop == SLOTS
    assert all(one.stop == other.start for one, other in pairwise(ranges))
    assert all(slot in ranges[shard_of(slot, shards)] for slot in range(SLOTS))


@pytest.mark.parametrize(("here", "there"), list(product(RunState, repeat=2)))
def test_a_run_is_stopped_goes_on_and_closes_for_good(here, there):
    roads = {("open", "stopped"), ("open", "closed"), ("stopped", "open")}
    assert (there in TRANSITIONS[here]) == ((str(here), str(there)) in roads)


def test_a_run_closes_when_every_shard_has_reported_and_agrees():
    assert may_close(RUN, EVERY)
    assert may_close(RUN, [place(shard, Counts()) for shard in range(4)])


@pytest.mark.parametrize(
    "places",
    [
        [],
        EVERY[:3],
        [*EVERY[:3], place(3, reported=False)],
        [*EVERY[:3], place(3, replace(AGREE, active=4))],
        [*EVERY[:3], place(3, replace(AGREE, claimed=2))],
    ],
)
def test_a_run_stays_open_while_a_shard_is_missing_or_its_counts_disagree(places):
    assert not may_close(RUN, places)


def test_two_shards_that_err_against_each_other_do_not_agree():
    """Each shard by itself: one too many here is not balanced by one too few there."""
    high, low = replace(AGREE, active=4), replace(AGREE, active=2)
    assert not may_close(RUN, [*EVERY[:2], place(2, high), place(3, low)])


@pytest.mark.parametrize("state", [RunState.STOPPED, RunState.CLOSED])
def test_what_is_stopped_or_closed_does_not_close(state):
    assert not may_close(replace(RUN, state=state), EVERY)


counts = st.builds(Counts, **dict.fromkeys(Counts.__slots__, st.integers(0, 10**9)))


@given(st.lists(counts, max_size=5))
def test_counts_add_up_field_by_field(several):
    whole = sum(several, Counts())
    for name in Counts.__slots__:
        assert getattr(whole, name) == sum(getattr(each, name) for each in several)


def test_a_checkpoint_goes_through_a_slot_by_key_and_then_to_the_next():
    start = Checkpoint(run_id=RUN.run_id, shard=1, slot=256)
    within = start.past("live#E7", AGREE)
    assert (within.slot, within.after, within.counts) == (256, "live#E7", AGREE)
    following = within.past("", AGREE).next_slot()
    assert (following.slot, following.after) == (257, "")
    assert following.counts == AGREE + AGREE
    assert not following.reported
