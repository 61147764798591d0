"""Carries what AWS carries between our functions: files, messages, and the calendar's wakings.

One worker at a time. Visibility time-outs and delays are ended here, for moto lives in real time
and we don't. A function that fails gets its message again, until the dead-letter queue takes it.
"""

import logging
import threading
from collections import deque
from datetime import datetime
from types import ModuleType
from typing import Any

from chalice.app import Chalice, CloudWatchEventConfig, SQSEventConfig
from moto.s3.models import s3_backends
from moto.sqs.models import SQSBackend, sqs_backends

from infra.offline import events, schedules
from infra.offline.bank_desk import OUTBOUND, BankDesk
from infra.offline.clock import VirtualClock, WentBack, written
from infra.offline.engine import Call, Engine
from infra.offline.environment import ACCOUNT, REGION
from infra.offline.events import Event, LambdaContext, Stored
from infra.offline.faults import Crash
from infra.offline.instants import dated_by
from infra.offline.resources import reports_failures
from infra.offline.schedules import Firing, Schedule
from infra.offline.stack import Stack
from infra.rights.acting import acting

log = logging.getLogger("infra.offline")

ATTEMPTS = 3  # Lambda tries an asynchronous event three times
MOST_DELIVERIES = 100_000  # a queue that never empties is a bug, and must be told as one
TICK_SECONDS = 0.2


class Unsettled(RuntimeError):
    """The queues do not come to rest."""


class Pump:
    """Hands events and messages to the functions that app.py binds, as AWS would."""

    def __init__(
        self,
        engine: Engine,
        stack: Stack,
        clock: VirtualClock,
        app_module: ModuleType,
        bank: BankDesk | None = None,
    ) -> None:
        self.engine = engine
        self.stack = stack
        self.clock = clock
        self.module = app_module
        self.lock = threading.RLock()
        self.remaining_ms = 180_000
        """What a function is told it has left."""
        self.failures: list[tuple[str, BaseException]] = []
        """Every invocation that failed, in order."""
        self.dead: list[tuple[str, Event]] = []
        """Events that were given up after the last attempt."""
        app: Chalice = app_module.app
        sources = app.event_sources
        self.listeners = [s for s in sources if isinstance(s, CloudWatchEventConfig)]
        self.readers = [s for s in sources if isinstance(s, SQSEventConfig)]
        self.calendar: list[Schedule] = schedules.read(stack.document)
        self.played_until: datetime = clock.now()
        self.bank = bank
        """Who fetches what we put out."""
        self._arrived: deque[Stored] = deque()
        self._told: deque[Event] = deque()
        self._stored = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        engine.on_call(after=dated_by(clock))
        engine.on_call(after=self._notice)

    # --- coming to rest ---------------------------------------------------------------------------

    def settle(self) -> None:
        """Deliver until nothing is left to deliver. Raises Unsettled."""
        with self.lock:
            for _ in range(MOST_DELIVERIES):
                if not self.step():
                    return
            raise Unsettled(f"still busy after {MOST_DELIVERIES} deliveries")

    def step(self) -> bool:
        """One delivery, the oldest file first; False when all is quiet."""
        with self.lock:
            if self._arrived:
                stored = self._arrived.popleft()
                if self.bank and stored.key.startswith(OUTBOUND):
                    self.bank.fetch(stored.key, self.clock.now())
                self.deliver(stored.event())
                return True
            if self._told:
                self.deliver(self._told.popleft())
                return True
            return any(self._read(reader) for reader in self.readers)

    def deliver(self, event: Event) -> None:
        """Put an event on the bus: every function whose pattern matches gets it."""
        for listener in self.listeners:
            if events.matches(listener.event_pattern, event):
                self._tell(_function(listener.handler_string), event)

    def _read(self, reader: SQSEventConfig) -> bool:
        queue, backend = self._queue(reader)
        with self.engine.lock:
            waiting = backend.get_queue(queue)._messages  # noqa: SLF001 - moto shows only visible ones
            for message in waiting:
                message.visible_at = message.delayed_until = 0
            batch = waiting and backend.receive_message(queue, reader.batch_size, 0, 3600)
        if not batch:
            return False
        arn = backend.get_queue(queue).queue_arn
        function = _function(reader.handler_string)
        answer = self._invoke(function, events.queue_event(batch, arn))
        if answer is not FAILED and not reports_failures(self.stack.document, function):
            answer = None  # AWS does not look at it either
        failed = _failed(answer, {message.id for message in batch})
        with self.engine.lock:
            for message in batch:
                if message.id not in failed:
                    backend.delete_message(queue, str(message.receipt_handle))
        return True

    def _queue(self, reader: SQSEventConfig) -> tuple[str, SQSBackend]:
        logical = str(reader.queue or reader.queue_arn).strip("${}").split(".")[0]
        return self.stack.queues[logical], sqs_backends[ACCOUNT][REGION]

    # --- invoking ---------------------------------------------------------------------------------

    def fire(self, firing: Firing) -> None:
        """Wake a function as the calendar does."""
        self._tell(firing.handler, firing.event())

    def _tell(self, function: str, event: Event) -> None:
        if any(self._invoke(function, event) is not FAILED for _ in range(ATTEMPTS)):
            return
        self.dead.append((function, event))

    def _invoke(self, function: str, event: Event) -> Any:
        """What the function answers; FAILED when it raised, or its process died."""
        handler = getattr(self.module, function)
        try:
            with acting(function):
                return handler(event, LambdaContext(function, self.remaining_ms))
        except (Exception, Crash) as failure:
            log.warning("%s failed", function, exc_info=failure)
            self.failures.append((function, failure))
            return FAILED

    # --- time -------------------------------------------------------------------------------------

    def move(self, to: datetime) -> list[Firing]:
        """Move the clock; every schedule due in between fires, in order. Raises WentBack."""
        with self.lock:
            if to < self.clock.now():
                raise WentBack(f"it is later already than {written(to)}")
            fired = list(schedules.moves(self.calendar, self.played_until, to))
            for firing in fired:
                self._forward(firing.at)
                self.settle()
                self.fire(firing)
                self.settle()
            self._forward(to)
            self.played_until = max(to, self.played_until)
            self.settle()
            return fired

    def tick(self) -> None:
        """Fire what the running clock has passed, and deliver what waits."""
        with self.lock:
            now = self.clock.now()
            due = list(schedules.ticks(self.calendar, self.played_until, now))
            self.played_until = max(now, self.played_until)
            for firing in due:
                self._forward(firing.at)  # what the bank answered before it comes before it
                self.settle()
                self.fire(firing)
                self.settle()
            self._forward(now)
            self.settle()

    def _forward(self, to: datetime) -> None:
        """Move the clock; what the bank answers on the way is dropped at its own time."""
        while self.bank and (due := self.bank.next_at()) and due <= to:
            self.clock.reach(due)  # a running clock may have passed it meanwhile
            self.bank.answer(due)
            self.settle()
        self.clock.reach(to)

    # --- in the background ------------------------------------------------------------------------

    def run(self) -> None:
        """Tick in a thread of its own until stopped."""
        self._thread = threading.Thread(target=self._ticking, name="pump", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the delivery it is at."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _ticking(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception:
                log.exception("the pump stumbled; it goes on")

    def _notice(self, call: Call) -> None:
        self._told += events.told_of(call)
        place = events.stored_place(call)
        if place is None or place[0] not in self.stack.buckets.values():
            return
        bucket, key = place
        stored = s3_backends[ACCOUNT]["aws"].get_object(bucket, key)
        if stored is None:
            return
        self._stored += 1
        version = stored.version_id if stored.version_id != "null" else None
        etag, now = stored.etag.strip('"'), self.clock.now()
        self._arrived.append(Stored(bucket, key, now, stored.size, version, etag, self._stored))


FAILED = object()


def _function(handler_string: str) -> str:
    return handler_string.rpartition(".")[2]


def _failed(answer: Any, batch: set[str]) -> set[str]:
    """Which messages come again: those reported; all, when the function died or said nonsense."""
    if answer is FAILED:
        return batch
    if not isinstance(answer, dict):
        return set()
    reported = {
        str(failure.get("itemIdentifier")) for failure in answer.get("batchItemFailures", [])
    }
    return min(reported, batch)
