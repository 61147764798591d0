"""Runs: their headers, the checkpoints of their shards, and what was stopped."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.identities import audit_subject, joined, rest_of, shard_part
from chalicelib.domain.run import TRANSITIONS, Checkpoint, Counts, Run, RunState, slots_of
from chalicelib.domain.signature import Signature
from chalicelib.repositories.audit import signing
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import Change, ConditionFailed, Put, Remove, Store, Write, read_all

HEADER, SHARD, STOP, ALL = "#header", "shard", "stop", "#runs"
REPORTS_AT_ONCE = 90


class Runs:
    """Table `runs`; the list of all runs is a partition of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, run: Run) -> Run:
        """Opens a run, or answers with the one that was opened before."""
        try:
            self._store.write(
                Put("runs", {**to_item(run), "part": HEADER}, when={"run_id": None}),
                Put("runs", {"run_id": ALL, "part": run.run_id}),
            )
        except ConditionFailed:
            return self.get(run.run_id) or run
        return run

    def get(self, run_id: str) -> Run | None:
        """One run."""
        item = self._store.get("runs", (run_id, HEADER))
        return from_item(Run, item) if item else None

    def all(self) -> list[Run]:
        """Every run there was, oldest first."""
        found = [self.get(row["part"]) for row in self._store.query("runs", ALL)]
        return sorted((run for run in found if run), key=lambda run: (run.started_at, run.run_id))

    def checkpoints(self, run_id: str) -> list[Checkpoint]:
        """How far each shard is that has begun; a strong reading."""
        rows = self._store.query("runs", run_id, prefix=joined(SHARD, ""))
        return [from_item(Checkpoint, row) for row in rows]

    def reported(self, run: Run) -> list[Checkpoint]:
        """All that have begun, read by their keys: a query may lag a transaction for a moment."""
        keys = [(run.run_id, shard_part(shard)) for shard in range(run.shards)]
        return [from_item(Checkpoint, row) for row in read_all(self._store, "runs", keys)]

    def checkpoint(self, run: Run, shard: int) -> Checkpoint:
        """How far a shard is; one that has not begun stands before its first slot."""
        item = self._store.get("runs", (run.run_id, shard_part(shard)))
        if item:
            return from_item(Checkpoint, item)
        return Checkpoint(run_id=run.run_id, shard=shard, slot=slots_of(shard, run.shards).start)

    def advance(self, before: Checkpoint, after: Checkpoint) -> bool:
        """False when another worker of this shard came first."""
        row = {**to_item(after), "part": shard_part(after.shard)}
        here = {"slot": (None, before.slot), "after": (None, before.after)}
        try:
            self._store.write(Put("runs", row, when={**here, "reported": (None, before.reported)}))
        except ConditionFailed:
            return False
        return True

    def report_empty(self, run: Run, shards: Sequence[int]) -> list[int]:
        """Reports shards that have nothing to decide; answers with those that had begun already."""
        begun = list[int]()
        for first in range(0, len(shards), REPORTS_AT_ONCE):
            some = shards[first : first + REPORTS_AT_ONCE]
            empty = (
                Checkpoint(
                    run_id=run.run_id, shard=n, slot=slots_of(n, run.shards).stop, reported=True
                )
                for n in some
            )
            rows = ({**to_item(each), "part": shard_part(each.shard)} for each in empty)
            try:
                self._store.write(*(Put("runs", row, when={"run_id": None}) for row in rows))
            except ConditionFailed:
                begun += some
        return begun

    def counting(self, place: Checkpoint, more: Counts) -> Write:
        """To what a shard reported; refused where it says something else by now."""
        row = {
            **to_item(replace(place, counts=place.counts + more)),
            "part": shard_part(place.shard),
        }
        return Put("runs", row, when={"counts": to_item(place)["counts"]})

    def move(self, run: Run, state: RunState) -> bool:
        """False when the run is no longer in the state that was read."""
        assert state in TRANSITIONS[run.state], "a run moves only as the table says"
        try:
            header = Change(
                "runs",
                (run.run_id, HEADER),
                set={"state": str(replace(run, state=state).state)},
                when={"state": str(run.state)},
            )
            self._store.write(header)
        except ConditionFailed:
            return False
        return True

    def stops(self, run_id: str) -> dict[str, str]:
        """`run`, `shard#007` or a mandate id -> reason."""
        rows = self._store.query("runs", run_id, prefix=joined(STOP, ""))
        return {rest_of(row["part"]): row["reason"] for row in rows}

    def stop(self, run_id: str, what: str, reason: str, signature: Signature | None = None) -> None:
        """Stops a run, a shard or a mandate, from the next page on."""
        row = {"run_id": run_id, "part": joined(STOP, what), "reason": reason}
        with suppress(ConditionFailed):  # just this was signed before: it stands
            self._store.write(Put("runs", row), *_signed(run_id, f"stopped {what}", signature))

    def release(self, run_id: str, what: str, signature: Signature | None = None) -> None:
        """Takes a stop back."""
        with suppress(ConditionFailed):
            stopped = Remove("runs", (run_id, joined(STOP, what)))
            self._store.write(stopped, *_signed(run_id, f"released {what}", signature))


def _signed(run_id: str, what: str, signature: Signature | None) -> list[Put]:
    """A person signs; what a return stops is told by the return's own line."""
    return signing(audit_subject("run", run_id), what, signature) if signature else []
