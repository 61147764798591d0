"""A sample of what many do at once; the whole is played by `make faults`."""

from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.repositories.journeys import Journeys
from chalicelib.services.page.paying import Paying
from infra.offline.memory_store import MemoryStore
from tests.faults import races, turns
from tests.faults.run import PLAYERS
from tests.small import shrink


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)
    yield
    for each in (races._town, races.alone, races.month_of):
        each.cache_clear()


def found(point):
    """What is wrong with it."""
    return " ".join(PLAYERS[point.partition(":")[0]](point).violations)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "name",
    ["submit_one_by_64", "withdraw_by_8", "two_shards_by_8", "collect_by_8", "return_by_8",
     "noc_by_8", "release_by_8", "undo_file_by_8", "feed_by_8", "cancel_and_withdraw_by_8"],
)  # fmt: skip
def test_invariant_12_many_at_once_leave_what_one_alone_leaves(name, order):
    assert found(f"race:{name}:{order}") == ""


def test_one_order_is_the_same_each_time():
    moved = []
    for _ in range(2):
        here = races.Racing("withdraw_by_8")
        here.gate.counts = True
        here.run(7)
        moved.append(here.gate.calls)
    assert moved[0] == moved[1]
    assert len(moved[0]) > 50


def test_others_move_between_any_two_calls():
    said = []

    def act(name):
        for _ in range(5):
            said.append(name)
            here.pass_()

    here = turns.Turns(0)
    here.play([lambda name=name: act(name) for name in "abc"])
    assert len(said) == 15
    assert sum(one != other for one, other in pairwise(said)) > 5


def test_a_decision_that_is_put_over_another_is_found(monkeypatch):
    def holds(self, write, real=MemoryStore._holds):
        return write.table == "ledger" or real(self, write)

    monkeypatch.setattr(MemoryStore, "_holds", holds)
    said = [found(f"race:two_shards_by_8:{order}") for order in range(4)]
    assert any("I2: " in each for each in said)


def test_a_submit_that_takes_a_number_of_its_own_is_found(monkeypatch):
    def submit(self, journey, *more, real=Paying.submit):
        numbers = {name: self.randomness.code("ABCDEFGH", 15) for name in journey.payment_ids}
        confirmation = self.randomness.code("ABCDEFGH", 12)
        own = replace(journey, payment_ids=numbers, confirmation=confirmation)
        return real(self, own, *more)

    def changing(self, journey):
        return replace(whole(self, journey), when={})

    whole = Journeys.changing
    monkeypatch.setattr(Paying, "submit", submit)
    monkeypatch.setattr(Journeys, "changing", changing)
    said = [found(f"race:submit_one_by_64:{order}") for order in range(3)]
    assert any("should not be there" in each for each in said), said
