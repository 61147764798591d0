"""People, calendar and bank do what they may, in any order and again; a plain model knows the end.

A run of 50 steps is a point, named by its seed: `make faults ONLY=machine:17`.
"""

from datetime import timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from tests.faults.machine_bank import Bank
from tests.faults.machine_base import hours, picks
from tests.faults.machine_people import People
from tests.faults.matrix import Found
from tests.monthly import at

NAME = "machine"
RUNS, STEPS = 300, 50
TURNS = [
    *(at(1, 6), at(4, 18), at(8, 20), at(10, 9), at(11, 9), at(16, 18), at(22, 9), at(22, 12)),
    *(at(22, 18), at(23, 9), at(24, 20), at(28, 9), at(31, 18), at(1, 6, month="2027-01")),
    *(at(10, 9, month="2027-01"), at(22, 9, month="2027-01"), at(22, 12, month="2027-01")),
    *(at(25, 9, month="2027-01"), at(1, 6, month="2027-02"), at(10, 9, month="2027-02")),
    *(at(22, 9, month="2027-02"), at(24, 9, month="2027-02")),
]
MOMENT = timedelta(minutes=1)
RUN = settings(
    max_examples=1,
    stateful_step_count=STEPS,
    derandomize=False,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


class Machine(People, Bank):
    """And the calendar, with queues that hold and double what they hold."""

    @precondition(lambda self: self.started and self.here.now() < TURNS[-1])
    @rule(times=st.integers(1, 3), holds=st.sampled_from([False, False, True]))
    def clock(self, times: int, *, holds: bool) -> None:
        """To the next instant at which something turns; schedules fire one to three times.

        What they hand out may wait, so that people act after a freeze and before the decision.
        """
        self.here.times = times
        turn = next(each for each in TURNS if each > self.here.now())
        self.goes_on(turn - MOMENT)
        if holds and not self.here.closed:
            self.here.closed.add("work")
            self.held_since = self.here.now()
        self.goes_on(turn)
        self.here.times = 1
        self.did(f"clock, {times} times")

    @precondition(lambda self: self.started and not self.here.closed)
    @rule(after=hours, names=st.sets(st.sampled_from(["work", "mail", "feed"]), min_size=1))
    def holds_back(self, after: int, names: set[str]) -> None:
        """Some queues deliver nothing for a while."""
        self.passes(after)
        self.here.closed |= names
        self.held_since = self.here.now()
        self.did("holds back")

    @precondition(lambda self: self.started and self.here.closed)
    @rule(after=hours)
    def lets_go(self, after: int) -> None:
        """All of it, in an order by chance."""
        self.passes(after)
        self.opens()
        self.did("lets go")

    @precondition(lambda self: self.started and self.here.known)
    @rule(after=hours, pick=picks)
    def doubles(self, after: int, pick: int) -> None:
        """A message that was delivered comes once more, however old."""
        self.passes(after)
        self.here.late_double(pick)
        self.did("doubles")


def points() -> list[str]:
    """By name: the seed of each run."""
    return [f"{NAME}:{number}" for number in range(1, RUNS + 1)]


def play(text: str) -> Found:
    """One run of 50 steps; what broke, and the steps that led there.

    Hypothesis would draw from the constants of whichever modules are loaded by then: a run that
    failed among others would be another one when it is played by its seed alone.
    """

    def made() -> Machine:
        return Machine()

    seed(int(text.partition(":")[2]))(made)
    try:
        with patch.object(providers, "_get_local_constants", providers.Constants):
            run_state_machine_as_test(made, settings=RUN)
    except Exception as failure:  # noqa: BLE001 - whatever fails in a run is found
        said = f"{type(failure).__name__}: {failure}".splitlines()
        notes = [line for note in getattr(failure, "__notes__", ()) for line in note.splitlines()]
        return Found(NAME, text, f"{STEPS} steps", (*said, *notes))
    return Found(NAME, text, f"{STEPS} steps", ())
