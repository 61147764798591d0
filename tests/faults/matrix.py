"""Each flow, with each of its calls going wrong in each way; the end must be that of a calm run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tests.faults import differing, truths
from tests.faults.flows import FLOWS, Flow
from tests.faults.gate import AFTER, BEFORE, Call, Fault
from tests.faults.state import State
from tests.faults.town import on
from tests.faults.world import World
from tests.monthly import at

END = at(31, 23)


@dataclass(frozen=True, order=True)
class Point:
    """One fault, or two: the second counts the calls from the first on."""

    flow: str
    n: int
    fault: str
    then: tuple[int, str] | None = None

    def __str__(self) -> str:
        second = f"+{self.then[0]}:{self.then[1]}" if self.then else ""
        return f"{self.flow}:{self.n}:{self.fault}{second}"

    @classmethod
    def read(cls, text: str) -> "Point":
        """As it is written. Raises ValueError."""
        first, _, second = text.partition("+")
        flow, n, fault = first.split(":")
        then = None
        if second:
            m, other = second.split(":")
            then = int(m), str(Fault(other))
        return cls(flow, int(n), str(Fault(fault)), then)


@dataclass(frozen=True)
class Calm:
    """A flow without a fault: before, its calls, and the days of its month as they ended."""

    flow: Flow
    before: State
    calls: tuple[Call, ...]
    days: tuple[tuple[datetime, State], ...]

    @property
    def end(self) -> State:
        return self.days[-1][1]


@dataclass(frozen=True)
class Found:
    """What a point showed, by the name that plays it again."""

    part: str
    point: str
    call: str
    violations: tuple[str, ...]
    second_copies: int = 0

    @property
    def name(self) -> str:
        """Of the flow, or of what its part is made of."""
        first, second, *_ = self.point.split(":")
        return second if first == self.part != "down" else first


@lru_cache
def calm(name: str) -> Calm:
    """Made once in a process."""
    flow = FLOWS[name]
    world = flow.start()
    before = world.state.copy()
    world.gate.counts = True
    flow.act(world)
    world.gate.counts = False
    days = [(world.now(), world.state.copy())]
    for end in ends(flow, world.now()):
        world.lives(end, on(*flow.days))
        days.append((end, world.state.copy()))
    assert not world.failures, f"{name} fails by itself: {world.failures[0].__cause__!r}"
    wrong = truths.broken(world.state, before)
    assert not wrong, f"{name} is wrong by itself: {wrong[0]}"
    return Calm(flow, before, tuple(world.gate.calls), tuple(days))


def points(name: str) -> Iterator[Point]:
    """Every call in every way; of calls in a row that ask the same and find nothing, the first."""
    last: Call | None = None
    for n, call in enumerate(calm(name).calls, start=1):
        if not (call == last and not call.found):
            yield from (Point(name, n, str(fault)) for fault in call.faults)
        last = call


def pairs(name: str) -> Iterator[Point]:
    """A second fault among the calls that follow a first one: of calls that change something."""
    calls = calm(name).calls
    changing = [n for n, call in enumerate(calls, start=1) if call.changes]
    for n in changing:
        for fault in Fault:
            for later in range(1, len(calls) + 1, 2):
                for other in (Fault.DIES_AFTER, Fault.ANSWER_LOST, Fault.ERROR_BEFORE):
                    yield Point(name, n, str(fault), (later, str(other)))


def play(point: Point) -> Found:
    """The flow with its fault, until done; once more; the rest of the month."""
    without = calm(point.flow)
    flow = without.flow
    world = World(without.before.now, **flow.settings)
    world.state = without.before.copy()
    gate = world.gate
    gate.counts, gate.plans = True, [(point.n, Fault(point.fault))]
    if point.then:
        gate.plans.append((point.n + point.then[0], Fault(point.then[1])))
    flow.act(world)
    gate.counts = False
    first = dict(world.state.answers)
    world.again()
    there = _until_same(world, without)
    wrong = [] if there else truths.broken(world.state, without.before)
    wrong += differing.answers(first, world.state.answers, without.end.answers)
    wrong += differing.states(world.state, there or without.end, point.flow)
    copies = differing.second_copies(world.state, there or without.end)
    if copies > sum(may_copy(*each) for each in gate.struck):
        wrong.append(f"I19: {copies} mails went twice")
    assert gate.struck, f"{point}: there is no such call"
    call, _ = gate.struck[0]
    what = f"{call.neighbour} {call.what}"
    part = "pairs" if point.then else "matrix"
    return Found(part, str(point), what, tuple(wrong), copies)


def ends(flow: Flow, now: datetime) -> list[datetime]:
    ends = [at(day, 23, 59) for day in flow.days]
    return [*(end for end in ends if now < end), END]


def _until_same(world: World, without: Calm) -> State | None:
    """Lives on to the first evening that is as the calm one was: from there on nothing can differ.

    What happens next follows from what is kept, lies in queues and at the bank, and from nothing
    else. None at the end of the month.
    """
    for end, state in without.days:
        world.lives(end, on(*without.flow.days))
        if differing.same(world.state, state):
            return state
    return None


def may_copy(call: Call, fault: Fault) -> bool:
    """SES took the mail, and we did not come to note it: it has no key to know it again by."""
    if call.neighbour == "ses":
        return fault in AFTER
    return (call.neighbour, call.what) == ("outbox", "write 2") and fault in BEFORE


def short(found: Found, lines: int = 6) -> str:
    """For a terminal."""
    said = [f"{found.point}  ({found.call})", *found.violations[:lines]]
    more = len(found.violations) - lines
    return "\n    ".join([*said, f"... and {more} more"] if more > 0 else said)
