"""Any run over all enrollments or mandates: the calendar opens it, shards work it, counts close it.

Every step may happen twice, late, or at the same time as itself: opening and advancing are
conditional writes, what a page does is keyed by its business identity, and a worker that dies is
followed by the next start, which sends again the shards that have not reported.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id, run_shard, shard_part
from chalicelib.domain.run import (
    Checkpoint,
    Counts,
    Run,
    RunKind,
    RunState,
    may_close,
    shard_of,
    slots_of,
)
from chalicelib.domain.signature import Signature
from chalicelib.ports import HAND_OVER_MS, Metrics, Queue, Remaining
from chalicelib.repositories.records import Records

PAGE_ROWS = 1000  # a slot's mandates when there are a million: its facts are read once
CLOSED = {
    RunKind.BILLING: "BillingRunsClosed",
    RunKind.NOTICE: "NoticeRunsClosed",
    RunKind.REMINDER: "ReminderRunsClosed",
    RunKind.WITHDRAWAL: "WithdrawalRunsClosed",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page ended, and what it did; no `after` when the slot is finished."""

    after: str | None
    counts: Counts


class Job(Protocol):
    """What one kind of run does."""

    def identity(self, scheduled_at: datetime) -> tuple[str, str] | None:
        """Run id and period of a scheduled instant; None where it has none."""

    def begin(self, run: Run) -> None:
        """Before any shard is worked; may happen again."""

    def slots(self) -> Collection[int]:
        """Those that may have something to decide; asked again by each worker."""

    def page(self, run: Run, place: Checkpoint, at: datetime, stops: Mapping[str, str]) -> Page:
        """The next rows of a slot."""

    def active(self, run: Run, slot: int) -> int | None:
        """How many the slot had to decide, counted again; None where pages count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs need of the world."""

    records: Records
    work_queue: Queue
    metrics: Metrics
    jobs: Mapping[RunKind, Job]
    run_shards: int

    def start(self, kind: RunKind, scheduled_at: datetime) -> Run | None:
        """Opens the run of this instant, or goes on with it; a finished one answers at once.

        None on a day that has none.
        """
        identity = self.jobs[kind].identity(scheduled_at)
        if identity is None:
            return None
        name, period = identity
        run = self.records.runs.open(
            Run(
                run_id=name,
                kind=kind,
                period=period,
                started_at=scheduled_at,
                shards=self.run_shards,
            )
        )
        if run.state is not RunState.OPEN:
            return run
        self._hand_out(run, scheduled_at)
        self.close(name)
        return run

    def work(self, name: str, shard: int, at: datetime, remaining_ms: Remaining) -> None:
        """Works a shard from its checkpoint on; hands over before the time is up."""
        run = self.records.runs.get(name)
        if run is None or run.state is not RunState.OPEN:
            return
        place, slots = self.records.runs.checkpoint(run, shard), self.jobs[run.kind].slots()
        while not place.reported:
            if remaining_ms() < HAND_OVER_MS:
                self.work_queue.send({"run": name, "shard": shard, "at": at.isoformat()})
                return
            stops = self.records.runs.stops(name)  # once a page
            if "run" in stops or shard_part(shard) in stops:
                return
            reached = self._advance(run, place, at, stops, slots)
            if reached is None:
                return  # another worker of this shard is ahead
            place = reached
        self.close(name)

    def close(self, name: str) -> None:
        """Closes the run once every shard has reported and all counts agree; everyone tries."""
        run = self.records.runs.get(name)
        if run is None or run.state is not RunState.OPEN:
            return
        checkpoints = self.records.runs.reported(run)
        if may_close(run, checkpoints):
            if self.records.runs.move(run, RunState.CLOSED):
                self.metrics.count(CLOSED[run.kind])
            return
        for each in checkpoints:
            if each.reported and not each.counts.agree:
                self._ring(run, each)

    def watch(self, kind: RunKind, scheduled_at: datetime) -> None:
        """Rings when the run of this day is not closed by now: absence is an alarm."""
        identity = self.jobs[kind].identity(scheduled_at)
        assert identity, "what is watched has a run on this day"
        name, period = identity
        run = self.records.runs.get(name)
        if run is None or run.state is not RunState.CLOSED:
            self.metrics.count("RunsLate")
            self._open_case(
                case_id("run_late", name), f"{kind} of {period} is not closed", scheduled_at
            )

    def counts(self, run: str) -> Counts:
        """What a run has done so far."""
        return sum((each.counts for each in self.records.runs.checkpoints(run)), Counts())

    def stop(self, name: str, what: str, reason: str, signature: Signature | None = None) -> None:
        """A kill switch: `run`, `shard#007`, or a mandate id."""
        self.records.runs.stop(name, what, reason, signature)
        run = self.records.runs.get(name)
        if what == "run" and run and run.state is RunState.OPEN:
            self.records.runs.move(run, RunState.STOPPED)

    def release(
        self, name: str, what: str, at: datetime, signature: Signature | None = None
    ) -> None:
        """Takes a stop back, and goes on where it was."""
        self.records.runs.release(name, what, signature)
        run = self.records.runs.get(name)
        if run and run.state is RunState.STOPPED and what == "run":
            self.records.runs.move(run, RunState.OPEN)
            run = self.records.runs.get(name)
        if run and run.state is RunState.OPEN and run.kind in self.jobs:
            self._hand_out(run, at)

    def _hand_out(self, run: Run, at: datetime) -> None:
        """Sends the shards that have not reported, once all stands that must stand before.

        What has nothing to decide is reported at once.
        """
        self.jobs[run.kind].begin(run)
        filled = {shard_of(slot, run.shards) for slot in self.jobs[run.kind].slots()}
        places = {each.shard: each for each in self.records.runs.checkpoints(run.run_id)}
        shards = range(run.shards)
        empty = [shard for shard in shards if shard not in filled and shard not in places]
        waiting = [
            *(n for n in shards if (n in places and not places[n].reported)),
            *(n for n in shards if n in filled and n not in places),
            *self.records.runs.report_empty(run, empty),
        ]
        self.work_queue.send(
            *({"run": run.run_id, "shard": n, "at": at.isoformat()} for n in sorted(waiting))
        )

    def _advance(
        self,
        run: Run,
        place: Checkpoint,
        at: datetime,
        stops: Mapping[str, str],
        filled: Collection[int],
    ) -> Checkpoint | None:
        """The next checkpoint that is worth keeping: after a page with rows, or the report."""
        job, slots = self.jobs[run.kind], slots_of(place.shard, run.shards)
        reached = place
        while reached.slot < slots.stop:
            if reached.slot not in filled:
                reached = reached.next_slot()
                continue
            page = job.page(run, reached, at, stops)
            if page.after is None:
                reached = reached.past("", page.counts).next_slot()
            else:
                reached = reached.past(page.after, page.counts)
            if page.counts != Counts():
                break
        if reached.slot == slots.stop:
            looked_at = [slot for slot in slots if slot in filled]
            reached = replace(reached, counts=self._checked(run, reached.counts, looked_at))
            reached = replace(reached, reported=True)
        if self.records.runs.advance(place, reached):
            return reached
        # A reply that was lost makes our own write look like another's; going on harms neither.
        return reached if self.records.runs.checkpoint(run, place.shard) == reached else None

    def _checked(self, run: Run, counts: Counts, slots: Collection[int]) -> Counts:
        """With the active ones counted again, where the job can: no page vouches for itself."""
        again = [self.jobs[run.kind].active(run, slot) for slot in slots]
        found = [number for number in again if number is not None]
        return replace(counts, active=sum(found)) if found else counts

    def _ring(self, run: Run, place: Checkpoint) -> None:
        self.metrics.count("RunsThatDisagree")
        reason = f"{run.run_id}, shard {place.shard}: the counts do not agree"
        self._open_case(case_id("run", run_shard(run.run_id, place.shard)), reason, run.started_at)

    def _open_case(self, case: str, reason: str, at: datetime) -> None:
        self.records.cases.open_case(
            Case(case_id=case, kind=CaseKind.RUN, enrollment_id=None, reason=reason, opened_at=at)
        )
