"""Each flow at each limit of DynamoDB: it ends as without (`narrow.py` says which limits)."""

from datetime import datetime
from typing import Any

from chalicelib import bootstrap
from chalicelib.store import Store
from tests.faults import differing, matrix, truths
from tests.faults.flows import FLOWS
from tests.faults.matrix import Found
from tests.faults.narrow import KINDS, LEFT_OVER, SWEPT, Narrow, NarrowStore, sweep
from tests.faults.state import State
from tests.faults.town import on
from tests.faults.world import World, pausing

NAME = "limit"


class NarrowWorld(World):
    """Every process reaches the tables through one narrow client."""

    def __init__(self, kind: str, now: datetime, **settings: Any) -> None:
        super().__init__(now, **settings)
        self.narrow = Narrow(kind, lambda: self.state)

    def store(self) -> Store:
        """The real store."""
        return NarrowStore(self.narrow)

    def adapt(self, system: bootstrap.System) -> None:
        """Nobody really waits."""
        pausing(system, lambda _: None)


def points() -> list[str]:
    """Flow and limit; keys are left over where a batch is read."""
    return [
        f"{NAME}:{flow}:{kind}"
        for kind in KINDS
        for flow in FLOWS
        if kind != LEFT_OVER or any(call.what == "get many" for call in matrix.calm(flow).calls)
    ]


def play(text: str) -> Found:
    """The flow and the rest of its month, at one limit."""
    _, name, kind = text.split(":")
    without = matrix.calm(name)
    flow = without.flow
    world = NarrowWorld(kind, without.before.now, **flow.settings)
    world.state = without.before.copy()
    world.narrow.begin()
    flow.act(world)
    for end in matrix.ends(flow, world.now()):
        world.lives(end, on(*flow.days))
    calm = _swept(without.end, world) if kind == SWEPT else without.end
    wrong = truths.broken(world.state, without.before)
    wrong += differing.answers(world.state.answers, {}, calm.answers)
    wrong += differing.states(world.state, calm, name)
    wrong += [f"failed: {failure.__cause__!r}" for failure in world.failures]
    wrong += [f"near a limit: {each}" for each in sorted(set(world.narrow.near))]
    copies = differing.second_copies(world.state, calm)
    if copies:
        wrong.append(f"I19: {copies} mails went twice")
    return Found(NAME, text, f"met {world.narrow.met} times", tuple(wrong), copies)


def _swept(calm: State, world: World) -> State:
    """What may be gone is gone, there as here."""
    there = calm.copy()
    there.now = world.now()
    sweep(there)
    sweep(world.state)
    return there
