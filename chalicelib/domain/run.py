"""A run over all enrollments or mandates: shards, checkpoints, counts, and when it is closed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.enrollment import SLOTS

SHARDS = 64


class RunKind(StrEnum):
    """What a run does (rule 28)."""

    BILLING = "billing"
    NOTICE = "notice"
    REMINDER = "reminder"
    WITHDRAWAL = "withdrawal"
    COLLECTION = "collection"


class RunState(StrEnum):
    """How far a run is."""

    OPEN = "open"
    STOPPED = "stopped"  # by staff; what is decided stays
    CLOSED = "closed"  # every shard has reported and the counts agree


TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.OPEN: frozenset({RunState.STOPPED, RunState.CLOSED}),
    RunState.STOPPED: frozenset({RunState.OPEN}),
    RunState.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `run_id` is its business identity: withdrawal#2026-12, notice#2026-12-10."""

    run_id: str
    kind: RunKind
    period: str
    started_at: datetime  # the scheduled instant that opened it
    state: RunState = RunState.OPEN
    shards: int = SHARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a shard, or a run, has done so far."""

    active: int = 0
    claimed: int = 0
    skipped: int = 0
    excluded: int = 0
    cents: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            active=self.active + other.active,
            claimed=self.claimed + other.claimed,
            skipped=self.skipped + other.skipped,
            excluded=self.excluded + other.excluded,
            cents=self.cents + other.cents,
        )

    @property
    def agree(self) -> bool:
        """Whether each active one was decided once (I14)."""
        return self.claimed + self.skipped + self.excluded == self.active


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far a shard is: slots before `slot` are done, and in it the keys up to `after`."""

    run_id: str
    shard: int
    slot: int
    after: str = ""
    counts: Counts = Counts()
    reported: bool = False

    def past(self, after: str, counts: Counts) -> "Checkpoint":
        """A page further in the same slot."""
        return replace(self, after=after, counts=self.counts + counts)

    def next_slot(self) -> "Checkpoint":
        """At the start of the next slot."""
        return replace(self, slot=self.slot + 1, after="")


def slots_of(shard: int, shards: int = SHARDS) -> range:
    """The slots of a shard; together all shards have each slot once."""
    return range(shard * SLOTS // shards, (shard + 1) * SLOTS // shards)


def shard_of(slot: int, shards: int = SHARDS) -> int:
    """The shard that a slot is in; the number of shards is a power of two."""
    return slot * shards // SLOTS


def may_close(run: Run, checkpoints: Collection[Checkpoint]) -> bool:
    """When every shard has reported and the counts of each agree."""
    reported = [each for each in checkpoints if each.reported and each.counts.agree]
    return run.state is RunState.OPEN and len(reported) == run.shards
