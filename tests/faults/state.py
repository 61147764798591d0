"""All that outlives a process: what AWS, the bank and members have; and the ids that are given."""

import base64
import hashlib
import itertools
import json
from collections import Counter as Tally
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.entrypoints.page_request import journey_id_of
from infra.offline.bank.counter import Counter
from infra.offline.memory_store import MemoryStore
from infra.offline.metrics import CountedMetrics

QUEUES = ("feed", "mail", "work", "bank")


@dataclass
class Message:
    """One in a queue."""

    body: str
    at: datetime
    receives: int = 0


@dataclass
class State:
    """All that outlives a process: what AWS, the bank and members have."""

    now: datetime
    store: MemoryStore = field(default_factory=MemoryStore)
    objects: dict[str, dict[str, tuple[bytes, datetime]]] = field(default_factory=dict)
    queues: dict[str, list[Message]] = field(default_factory=lambda: {name: [] for name in QUEUES})
    sent: list[tuple[str, str, str, str]] = field(default_factory=list)
    dead: list[tuple[str, str]] = field(default_factory=list)
    metrics: CountedMetrics = field(default_factory=CountedMetrics)
    counter: Counter | None = None
    has: dict[str, list[Any]] = field(default_factory=dict)
    objections: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)  # on the bus, and not yet heard
    notes: dict[str, Any] = field(default_factory=dict)  # of the flow: forms, names
    asked: Tally[str] = field(default_factory=Tally)
    drops: Tally[str] = field(default_factory=Tally)

    def copy(self) -> "State":
        """Rows and bytes are never changed in place, so they are shared."""
        metrics = CountedMetrics()
        metrics.counts, metrics.gauges = Tally(self.metrics.counts), dict(self.metrics.gauges)
        return replace(
            self,
            store=self.store.copy(),
            metrics=metrics,
            objects=dict(self.objects),
            queues={n: [replace(m) for m in found] for n, found in self.queues.items()},
            sent=list(self.sent),
            dead=list(self.dead),
            counter=deepcopy(self.counter),
            has=dict(self.has),
            objections=dict(self.objections),
            answers=dict(self.answers),
            told=list(self.told),
            notes=dict(self.notes),
            asked=Tally(self.asked),
            drops=Tally(self.drops),
        )

    def put(self, queue: str, messages: Any) -> None:
        """What a queue takes."""
        self.queues[queue] += [Message(json.dumps(message), self.now) for message in messages]

    def put_again(self, queue: str, body: str) -> None:
        """Staff redrive a dead letter."""
        self.queues[queue].append(Message(body, self.now))

    def drop(self, key: str, body: bytes) -> str:
        """Puts an object; its version tells the bytes and how often they were put there."""
        versions = self.objects.get(key, {})
        self.drops[key] += 1
        version = f"v{self.drops[key]}"
        self.objects[key] = {**versions, version: (bytes(body), self.now)}
        return version


class Randomness:
    """Ids that are a function of who asks; one that somebody kept is not given twice."""

    def __init__(self, state: State, label: str) -> None:
        self.label, self.state = label, state
        self.again = state.asked[label]
        state.asked[label] += 1
        self.numbers = itertools.count()

    @cached_property
    def kept(self) -> str:
        """All that stands when the first id is asked for, where others may have been given."""
        state = self.state
        return repr(state.store.items) + repr(state.objects) if self.again else ""

    def token(self) -> str:
        return self._fresh(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))

    def code(self, signs: str, length: int) -> str:
        return self._fresh(lambda raw: "".join(signs[byte % len(signs)] for byte in raw[:length]))

    def bytes(self, length: int) -> bytes:
        return self._raw(next(self.numbers))[:length]

    def _fresh(self, spell: Callable[..., str]) -> str:
        for number in self.numbers:
            made = spell(self._raw(number))
            if made not in self.kept and journey_id_of(made) not in self.kept:
                return made
        raise AssertionError("numbers end")

    def _raw(self, number: int):
        return hashlib.sha256(f"{self.label}|{number}".encode()).digest()
