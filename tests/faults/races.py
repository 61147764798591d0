"""The same done by many at once: the end is that of one alone, whatever the order (I7, I12, I25).

Each race has its town and its actors; who moves when is decided by a seed (`turns.py`), so that an
order that was found is played again by its name: `race:submit_one_by_64:17`.
"""

from collections.abc import Iterator
from functools import lru_cache

from chalicelib import bootstrap
from tests.faults import (
    differing,
    matrix,
    racers_for_news,  # noqa: F401 - it registers its own
    truths,
)
from tests.faults.matrix import Found
from tests.faults.racers import RACES
from tests.faults.state import State
from tests.faults.town import on
from tests.faults.turns import TurnGate, Turns
from tests.faults.world import World, pausing

NAME = "race"
ORDERS = 60  # of each race


class Racing(World):
    """A world in which several processes move in turns; each draws numbers of its own."""

    def __init__(self, name: str) -> None:
        self.race = RACES[name]
        flow, town = self.race.its_flow, _town(name)
        super().__init__(town.now, **flow.settings)
        self.state = town.copy()
        self.gate = TurnGate()
        self.turns: Turns | None = None
        self.alone = 0

    def system(self, label: str) -> bootstrap.System:
        """As inherited, with numbers of their own."""
        who = self.turns.who() if self.turns else self.alone
        return super().system(f"{label}#{who}")

    def adapt(self, system: bootstrap.System) -> None:
        """Nobody really sleeps."""
        if self.turns:
            pausing(system, self.turns.sleep)

    def run(self, seed: int) -> None:
        """All of them at once."""
        acts = self.race.actors(self)
        self.gate.turns = self.turns = Turns(seed)
        self.turns.play(acts)
        self.gate.turns = self.turns = None
        self.quiet()

    def one_by_one(self, order: tuple[int, ...]) -> None:
        """Some of them, each alone."""
        acts = self.race.actors(self)
        for n in order:
            self.alone = n
            acts[n]()
        self.alone = 0
        self.quiet()

    def months(self) -> None:
        """The rest of the month."""
        flow = self.race.its_flow
        for end in matrix.ends(flow, self.now()):
            self.lives(end, on(*flow.days))


@lru_cache
def _town(name: str) -> State:
    """Where they stand, all about to begin."""
    race = RACES[name]
    world = race.its_flow.start()
    race.before(world)
    assert not world.failures, f"{name} fails before it begins: {world.failures[0].__cause__!r}"
    world.triggers.clear()
    return world.state


@lru_cache(maxsize=512)
def alone(name: str, order: tuple[int, ...]) -> State:
    """How it ends with one of them, or some one by one."""
    world = Racing(name)
    world.one_by_one(order)
    assert not world.failures, f"{name} fails by itself: {world.failures[0].__cause__!r}"
    return world.state


@lru_cache(maxsize=512)
def month_of(name: str, order: tuple[int, ...]) -> tuple[State, tuple[str, ...]]:
    """The month after that, and what is wrong with it."""
    world = Racing(name)
    world.one_by_one(order)
    world.months()
    return world.state, tuple(truths.broken(world.state, _town(name)))


def points() -> list[str]:
    """So many orders of each race."""
    return [f"{NAME}:{name}:{seed}" for name in RACES for seed in range(ORDERS)]


def play(text: str) -> Found:
    """One order."""
    _, name, seed = text.split(":")
    world = Racing(name)
    world.run(int(seed))
    race = world.race
    moves = f"{len(world.race.actors(world))} actors"
    order = next((o for o in race.alone if differing.same(world.state, alone(name, o))), None)
    order = order or min(race.alone, key=lambda o: _distance(name, world.state, o))
    there = alone(name, order)
    wrong = list(_answers(world.state, there))
    copies = differing.second_copies(world.state, there)
    if differing.same(world.state, there):
        wrong += month_of(name, order)[1]
    else:
        world.months()
        end, _ = month_of(name, order)
        wrong += truths.broken(world.state, _town(name))
        wrong += differing.states(world.state, end, race.flow)
        copies = differing.second_copies(world.state, end)
    if copies and not race.may_copy:
        wrong.append(f"I19: {copies} mails went twice")
    return Found(NAME, text, moves, tuple(wrong), copies)


def _distance(name: str, state: State, order: tuple[int, ...]) -> int:
    return len(differing.states(state, alone(name, order), RACES[name].flow))


def _answers(state: State, there: State) -> Iterator[str]:
    """Whoever sends a form is answered as one alone is."""
    said = {answer for name, answer in there.answers.items() if name.startswith("sends ")}
    for name, answer in state.answers.items():
        if name.startswith("sends ") and answer not in said:
            yield f"answered: {name}: {answer}, not {said}"
