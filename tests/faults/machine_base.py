"""What every rule of the machine stands on: hours that pass, and what must be true after a step."""

import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.faults import agreeing, truths
from tests.faults.model_books import Books
from tests.faults.model_days import day_of
from tests.faults.state import State
from tests.faults.street import Street
from tests.faults.town import FOUR, ONE, THREE, TWO, row
from tests.monthly import at

HOUR = timedelta(hours=1)
A_WHILE = timedelta(seconds=37)  # nobody acts at just the instant of a schedule
HOLDS_FOR = timedelta(days=3)  # a queue keeps a message for four
ENDS = [at(31, 23), at(29, 23, month="2027-01"), at(26, 23, month="2027-02")]
LAST = at(24, 9, month="2027-02")  # what is done until then has its evening before the last end
TOWN = {
    ONE: row(ONE, balance="849.60"),
    TWO: row(TWO, balance="150.00", billed_through="2026-12", coverage_end=""),
    THREE: row(
        THREE, balance="212.40", billed_through="2026-11", plan_year="2026",
        coverage_start="2026-01-01", coverage_end="2026-12-31",
    ),
    FOUR: row(FOUR, balance="-30.00", billed_through=""),
}  # fmt: skip

hours = st.sampled_from([0, 2, 6, 14, 30])
picks = st.integers(0, 2**16)
DONE: Counter[str] = Counter()
"""How often each rule did something, in this process."""


class Broken(AssertionError):
    """A truth or the model was broken."""


class Base(RuleBasedStateMachine):
    """Each rule lets some hours pass first."""

    started = False
    here: Street
    before: State

    @initialize(start=st.integers(0, 2**32 - 1))
    def begin(self, start: int) -> None:
        """Hypothesis tries the plainest example first, whatever the seed: it is none."""
        assume(start)
        self.here = Street(at(30, 20, month="2026-11"), random.Random(start))
        self.model = self.here.model
        self.before = self.here.state.copy()
        self.started = True
        self.numbers = 0
        self.held_since = self.here.now()
        self.submits: list[tuple[Any, ...]] = []
        self.feeds: list[list[dict[str, str]]] = []
        self.drops([TOWN[name] for name in (ONE, TWO, THREE)], self.here.now())

    def drops(self, rows: list[dict[str, str]], when: datetime) -> None:
        """A feed comes."""
        self.feeds.append(rows)
        self.here.feed(f"{self.number():03}.csv", rows, when)

    def did(self, what: str) -> None:
        """A rule that found something to do."""
        DONE[what] += 1
        event(what)

    def number(self) -> int:
        """No name comes twice."""
        self.numbers += 1
        return self.numbers

    def passes(self, hours: int) -> datetime:
        """Some hours, with all that the calendar does in them."""
        self.goes_on(self.here.now() + hours * HOUR + A_WHILE)
        return self.here.now()

    def goes_on(self, until: datetime) -> None:
        """To an instant; staff let no run stand still past its month (docs/operations.md)."""
        stopped = [run for run, all_ in self.model.stops.items() if "run" in all_]
        for run in stopped:
            end = at(28, 12, month=run.partition("#")[2])
            if self.here.now() < end <= until:
                self._until(end)
                self._takes_back(run, "run")
        self._until(until)

    def _takes_back(self, run: str, what: str) -> None:
        raise NotImplementedError

    def _until(self, until: datetime) -> None:
        """Or as long as a queue may be held."""
        until = min(until, LAST)
        if self.here.closed:
            until = min(until, self.held_since + HOLDS_FOR)
        self.here.lives(until)
        if self.here.closed and until >= self.held_since + HOLDS_FOR:
            self.opens()

    def opens(self) -> None:
        """What was held is delivered."""
        self.here.closed.clear()
        self.here.quiet()

    def known(self) -> list[Books]:
        """Whom the feed has brought."""
        return list(self.model.books.values())

    def findable(self) -> list[Books]:
        """Who can be found on the page."""
        return [each for each in self.known() if each.can_be_found(self.here.now())]

    @invariant()
    def all_is_true(self) -> None:
        """What holds at every moment; and when nothing waits, the model."""
        if self.started:
            self.holds(truths.broken_now(self.here.state, self.before))
            self.before = self.here.state.copy()

    def holds(self, wrong: list[str]) -> None:
        """Raises Broken."""
        failures = [f"fails: {each.__cause__ or each!r}" for each in self.here.failures]
        failures += [f"page: {self.here.page_errors} failed"] * bool(self.here.page_errors)
        if agreeing.rests(self.here):
            wrong = [*wrong, *agreeing.disagreements(self.here, self.model)]
        if wrong or failures:
            raise Broken("\n".join([*wrong, *failures]))

    def teardown(self) -> None:
        """The month ends; then everything is true."""
        if not self.started or sys.exc_info()[0]:
            return  # it was broken before, or is no run
        past_22nd = bool(self.model.frozen)
        self.finishes()
        self.opens()
        soon = min(self.here.now() + 30 * HOUR, ENDS[-1])
        end = next(each for each in ENDS if each >= soon)
        self.here.lives(end)
        self.holds(truths.broken(self.here.state, self.before))
        DONE.update(["runs", f"runs to the end of {day_of(end):%B}"])
        DONE["runs past the 22nd"] += past_22nd
        DONE.update(
            f"withdrawal: {verdict}"
            for books in self.known()
            for line, (_, verdict) in books.lines.items()
            if line.startswith("withdrawal#")
        )

    def finishes(self) -> None:
        """What staff must do before a month can end."""
