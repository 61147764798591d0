"""Runs on both stores: opened once, moved once, and a shard only goes on from where it stands."""

from dataclasses import replace

import pytest

from chalicelib.domain.run import Checkpoint, Counts, Run, RunKind, RunState
from chalicelib.repositories.runs import Runs
from chalicelib.store import ConditionFailed
from tests.builders import NOW

RUN = Run(
    run_id="notice#2026-12-10", kind=RunKind.NOTICE, period="2026-12", started_at=NOW, shards=2
)
START = Checkpoint(run_id=RUN.run_id, shard=1, slot=512)
ONE = Counts(active=1, claimed=1, cents=100)
PAGE = START.past("live#EN000001", ONE)


@pytest.fixture
def runs(store):
    return Runs(store)


def test_a_run_is_opened_once(runs):
    assert runs.open(RUN) == RUN
    runs.move(RUN, RunState.STOPPED)
    assert runs.open(RUN).state is RunState.STOPPED


def test_invariant_25_of_two_who_close_a_run_one_did(runs):
    runs.open(RUN)
    assert runs.move(RUN, RunState.CLOSED)
    assert not runs.move(RUN, RunState.CLOSED)


def test_a_run_that_was_stopped_meanwhile_is_not_closed(runs):
    runs.open(RUN)
    runs.move(RUN, RunState.STOPPED)
    assert not runs.move(RUN, RunState.CLOSED)
    assert runs.get(RUN.run_id).state is RunState.STOPPED


@pytest.mark.parametrize(
    "stands", [PAGE, START.next_slot(), replace(START, reported=True)], ids=["page", "slot", "end"]
)
def test_invariant_12_a_shard_goes_on_only_from_where_it_stands(runs, stands):
    runs.open(RUN)
    assert runs.advance(START, stands)
    assert not runs.advance(START, START.past("live#EN000002", ONE))
    assert runs.checkpoint(RUN, 1) == stands


def test_what_has_nothing_to_decide_is_reported_once_and_who_had_begun_is_named(runs):
    runs.open(RUN)
    assert runs.report_empty(RUN, range(1, RUN.shards)) == []
    assert [each.reported for each in runs.reported(RUN)] == [True] * (RUN.shards - 1)
    assert runs.report_empty(RUN, [0, 1]) == [0, 1]
    assert 0 not in {each.shard for each in runs.reported(RUN)}


def test_a_report_is_counted_up_only_from_what_it_says(runs, store):
    runs.open(RUN)
    runs.report_empty(RUN, [1])
    place, more = runs.checkpoint(RUN, 1), Counts(active=1, excluded=1)
    store.write(runs.counting(place, more))
    assert runs.checkpoint(RUN, 1).counts == more
    with pytest.raises(ConditionFailed):
        store.write(runs.counting(place, more))
