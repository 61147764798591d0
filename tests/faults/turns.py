"""Several at once, and yet in an order that can be played again: one of them moves at a time.

Each is a thread that waits for its turn before each call that leaves; who is next is decided by a
seed. What a process has to itself is put aside while others move.
"""

import gc
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property, lru_cache
from typing import Any

import app
from chalicelib import bootstrap
from tests.faults.gate import Gate

OURS = ("current_request", "lambda_context")  # Chalice keeps them on the app
LONGEST_SLEEP = 20  # turns of others


class Actor:
    """One of them."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act
        self.may, self.moved = threading.Semaphore(0), threading.Semaphore(0)
        self.is_done, self.error = False, None
        self.sleeps = 0  # so many turns of others
        self.kept: tuple[list[Any], dict[str, Any]] = ([], {})
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.may.acquire()
        try:
            self.act()
        except BaseException as error:  # noqa: BLE001 - told by whoever lets them move
            self.error = error
        self.is_done = True
        self.moved.release()

    def move(self) -> None:
        """Up to its next call, or its end."""
        adopted, requests = self.kept
        bootstrap._adopted[:] = adopted
        vars(app.app).update(requests)
        self.may.release()
        self.moved.acquire()

    def wait(self) -> None:
        """Lets others move."""
        requests = {name: getattr(app.app, name, None) for name in OURS}
        self.kept = list(bootstrap._adopted), requests
        self.moved.release()
        self.may.acquire()


class Turns:
    """Who is next: anybody, all in step, or one who goes far while the others stand."""

    def __init__(self, seed: int) -> None:
        self.randomness = random.Random(seed)
        self.how = (self._anybody, self._in_step, self._far)[seed % 3]
        self.actors: list[Actor] = []
        self.by_thread: dict[int, Actor] = {}
        self.rest: list[Actor] = []
        self.moves = 0

    def play(self, acts: Sequence[Callable[[], Any]]) -> None:
        """Until all are done. Raises what one of them raised."""
        with _apart():
            self._play(acts)

    def _play(self, acts: Sequence[Callable[[], Any]]) -> None:
        self.actors = [Actor(act) for act in acts]
        for each in self.actors:
            each.thread.start()
            self.by_thread[each.thread.ident or 0] = each
        while waiting := [each for each in self.actors if not each.is_done]:
            awake = [each for each in waiting if not each.sleeps] or waiting
            self.how(awake).move()
            self.moves += 1
            for each in waiting:
                each.sleeps = max(0, each.sleeps - 1)
        bootstrap.adopt()
        for each in self.actors:
            each.thread.join()
            if each.error:
                raise each.error

    def who(self) -> int:
        """The number of who moves."""
        return self.actors.index(self.by_thread[threading.get_ident()])

    def pass_(self) -> None:
        """One of them is about to call; others may come before."""
        each = self.by_thread.get(threading.get_ident())
        if each:
            each.wait()

    def sleep(self, _: float) -> None:
        """One of them waits for the others."""
        each = self.by_thread.get(threading.get_ident())
        if each:
            each.sleeps = self.randomness.randint(1, LONGEST_SLEEP)
            each.wait()

    def _anybody(self, awake: list[Actor]) -> Actor:
        return self.randomness.choice(awake)

    def _in_step(self, awake: list[Actor]) -> Actor:
        """Each makes one call, then each the next, in another order."""
        self.rest = [each for each in self.rest if each in awake]
        if not self.rest:
            self.rest = self.randomness.sample(awake, len(awake))
        return self.rest.pop()

    def _far(self, awake: list[Actor]) -> Actor:
        """The same one for some calls."""
        self.rest = [each for each in self.rest if each in awake]
        if not self.rest:
            self.rest = [self.randomness.choice(awake)] * self.randomness.randint(1, LONGEST_SLEEP)
        return self.rest.pop()


@lru_cache
def _properties() -> list[Any]:
    return [each for each in gc.get_objects() if type(each) is cached_property]


@contextmanager
def _apart() -> Iterator[None]:
    """Processes share no locks; Python 3.11's cached properties do, among all instances."""
    locks = [(each, each.lock) for each in _properties()]
    for each, _ in locks:
        each.lock = nullcontext()
    try:
        yield
    finally:
        for each, lock in locks:
            each.lock = lock


class TurnGate(Gate):
    """Whoever calls waits for their turn."""

    turns: Turns | None = None

    def pass_(self, *call: Any, **more: Any) -> Any:
        """As inherited, when it is their turn."""
        if self.turns:
            self.turns.pass_()
        return super().pass_(*call, **more)
