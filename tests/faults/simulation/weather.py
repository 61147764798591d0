"""What goes wrong, by the seed: calls that fail, now and then, and neighbours that are away.

Both stay within what redelivery covers: the third try of an event, the eighth of a message, the
calendar's own next day, and what the runbook has staff do with a dead letter.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

from chalicelib import bootstrap
from tests.faults.gate import READS, Call, Fault, Gate
from tests.faults.matrix import may_copy
from tests.faults.neighbours import NEIGHBOURS, Outage
from tests.faults.world import World
from tests.monthly import at

RATES = (0.005, 0.01, 0.03)  # of calls that change something; a seed has one of them
OF_READS = 0.1  # so much of that: there are thirty times as many, and nothing is left behind
A_MONTH = 4  # neighbours that are away
TWICE = 0.01  # of events and messages come again, hours later
LONGEST_MINUTES = 100  # a message of the work queue is tried for 126 minutes
DAYS, HOURS = (1, 3, 10, 22), (5, 7, 8, 9, 11, 17, 18, 19)  # before much leaves at once


class Weather(Gate):
    """A gate that fails by chance; still while nobody said that the year has begun."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.randomness = Random(f"{seed}|weather")
        self.rate = 0.0
        self.passed = 0
        self.may_copy = 0  # mails of which a second copy may have gone
        self.faults: Counter[str] = Counter()

    def pass_(
        self,
        neighbour: str,
        what: str,
        act: Callable[[], Any],
        again: Callable[[], Any] | None = None,
    ) -> Any:
        self.passed += 1
        rate = self.rate if again else self.rate * OF_READS
        if rate and self.randomness.random() < rate and not self._is_away(neighbour):
            fault = self.randomness.choice(tuple(Fault) if again else READS)
            self.faults[str(fault)] += 1
            self.may_copy += may_copy(Call(neighbour, what, bool(again)), fault)
            return self._fail(fault, neighbour, act, again or act)
        return super().pass_(neighbour, what, act, again)

    @property
    def struck_times(self) -> int:
        """Calls that failed by chance; those to a neighbour that was away are counted apart."""
        return self.faults.total()

    def _is_away(self, neighbour: str) -> bool:
        return bool(self.is_down and any(self.is_down(name) for name in neighbour.split("+")))

    @contextmanager
    def stilled(self) -> Iterator[None]:
        """Meanwhile nothing goes wrong."""
        rate, is_down = self.rate, self.is_down
        self.rate, self.is_down = 0.0, None
        try:
            yield
        finally:
            self.rate, self.is_down = rate, is_down


class Year(World):
    """The world, for long: it keeps no exceptions, and no id is ever given twice."""

    gate: Weather

    def __init__(self, seed: int, now: datetime, **settings: Any) -> None:
        super().__init__(now, patient=True, **settings)
        self.gate = Weather(seed)
        self.processes = 0
        self.failed = 0
        self.sent_again = 0
        self.away = 0
        self.twice = 0
        self.outages: list[Outage] = []
        self.staff = Outage("nobody", now, timedelta(0))

    def system(self, label: str) -> bootstrap.System:
        self.processes += 1
        return super().system(f"{self.processes}:{label}")

    def _invoke(self, label: str, act: Callable[[], Any]) -> Any:
        try:
            return super()._invoke(label, act)
        finally:
            self.failed += len(self.failures)
            self.failures.clear()

    # --- neighbours that are away -----------------------------------------------------------------

    def begin(self, rate: float, outages: list[Outage]) -> None:
        """From now on."""
        self.gate.rate, self.outages = rate, outages
        self.away += len(outages)
        self.gate.is_down = lambda name: any(each.takes(self, name) for each in self.outages)

    def is_away(self) -> bool:
        """Whether any neighbour is, now."""
        return any(each.begins <= self.now() < each.begins + each.lasts for each in self.outages)

    def redrive(self) -> None:
        """Staff send again what was given up, once all are back."""
        if not self.is_away():
            before = self.staff.sent_again
            self.staff.redrive(self)
            self.sent_again += self.staff.sent_again - before
        self._tell_twice()

    def _tell_twice(self) -> None:
        """At least once, AWS says: of what came since, some comes once more."""
        told, delivered = self.triggers, self.delivered
        self.triggers, self.delivered = [], []
        if not self.gate.rate:
            return
        randomness = self.gate.randomness
        for label, act in told:
            if "@" in label and randomness.random() < TWICE:  # an event, and no command of a person
                self.twice += 1
                act()
        for queue, body in delivered:
            if randomness.random() < TWICE:
                self.twice += 1
                self.hand_over(queue, [body])
        self.quiet()


def outages(seed: int, month: str) -> list[Outage]:
    """Of one month; each for minutes, or for an hour and a half."""
    randomness = Random(f"{seed}|outages|{month}")
    found = []
    for _ in range(A_MONTH):
        day = randomness.choice(DAYS) if randomness.random() < 0.5 else randomness.randrange(2, 28)
        begins = at(day, randomness.choice(HOURS), randomness.randrange(30, 60), month=month)
        lasts = timedelta(minutes=randomness.randrange(2, LONGEST_MINUTES))
        found.append(Outage(randomness.choice(NEIGHBOURS), begins, lasts))
    return found


def rate(seed: int) -> float:
    """How many of the calls go wrong."""
    return Random(f"{seed}|rate").choice(RATES)
