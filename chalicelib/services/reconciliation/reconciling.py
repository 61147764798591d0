"""Books that prove themselves: ledger, entries, sealed files and runs say the same (I2, I3).

Every evening what was sealed lately is proved, and what shards of runs reported: one
message a file, a collection, and a shard, so that each fits into one function; a function that dies
is delivered again and says the same. On demand everything is, and every ledger is read as well,
slot by slot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.entry import transmitted_as
from chalicelib.domain.identities import case_id, run_shard
from chalicelib.domain.money import dollars
from chalicelib.domain.proof import Difference, Differs, Findings, Proof
from chalicelib.domain.run import Run, RunKind, RunState
from chalicelib.domain.transmission import Transmission
from chalicelib.ports import Metrics, Queue
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.passed_over import PassedOver
from chalicelib.services.reconciliation.collections import CollectionProof
from chalicelib.services.reconciliation.files import FileProof
from chalicelib.services.reconciliation.ledgers import LedgerProof
from chalicelib.services.reconciliation.manifests import ManifestProof
from chalicelib.services.reconciliation.reports import ReportProof
from chalicelib.services.reconciliation.snapshot import Snapshot, SnapshotLoader

DAILY_DAYS = 10  # calendar days that the evening's proof looks back
REPORT_DAYS = timedelta(days=2)
MOST_CASES = 100  # of one file or collection: what is wrong with all of them is one matter

Step = Callable[[], Proof]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling:
    """What proving the books needs of the world."""

    snapshots: SnapshotLoader
    manifest_proof: ManifestProof
    file_proof: FileProof
    collection_proof: CollectionProof
    ledger_proof: LedgerProof
    report_proof: ReportProof
    passed_over: PassedOver
    records: Records
    bank_queue: Queue
    metrics: Metrics

    def reconcile(self, at: datetime) -> list[Difference]:
        """The evening's proof: manifests and totals here, all else by message."""
        snapshot = self.snapshots.take(at, local_day(at) - timedelta(days=DAILY_DAYS))
        found = self._of_manifests(snapshot).differences
        self.metrics.count("Differences", len(found))
        self._open_cases("manifests", found, at)
        collections = {*snapshot.collections(), *self.snapshots.uncollected(snapshot)}
        proving = {"kind": "prove_collection", "at": at.isoformat()}
        self.bank_queue.send(
            *(
                {
                    "kind": "prove_file",
                    "transmission_id": each.transmission_id,
                    "file": n,
                    "at": at.isoformat(),
                }
                for each, n in snapshot.files()
            ),
            *(
                {**proving, "collection": each, "transmission_id": snapshot.transmission_of(each)}
                for each in sorted(collections)
            ),
            *(
                {"kind": "prove_report", "run": run.run_id, "shard": n, "at": at.isoformat()}
                for run in snapshot.reports
                if _is_fresh(run, at)
                for n in range(run.shards)
            ),
        )
        return list(found)

    def prove_file(self, name: str, file: int, at: datetime) -> list[Difference]:
        """One file of a transmission, as the evening asks."""
        transmission = self.records.transmissions.get(name)
        if transmission is None or file >= len(transmission.files):
            return []  # its manifest is gone: the evening itself says so
        return self._ring(self._of_file(transmission, file), transmission.files[file].name, at)

    def prove_collection(
        self, collection: str, transmission_id: str | None, at: datetime
    ) -> list[Difference]:
        """One collection, both ways, as the evening asks; it may have been transmitted since."""
        group, name = transmitted_as(collection)
        transmission_id = transmission_id or self.records.transmissions.transmitted(group).get(name)
        transmission = self.records.transmissions.get(transmission_id) if transmission_id else None
        if transmission_id and transmission is None:
            return []  # here too
        waits = transmission is None and transmitted_as(collection) in self.snapshots.waiting()
        proof = self._of_collection(collection, transmission, at, both_ways=True, waits=waits)
        return self._ring(proof, collection, at)

    def prove_report(self, name: str, shard: int, at: datetime) -> list[Difference]:
        """What a shard of a run reported, as the evening asks; whom it passed over is told."""
        run = self.records.runs.get(name)
        if run is None:
            return []
        proof = self._of_report(run, shard)
        if run.kind is RunKind.WITHDRAWAL:
            self.passed_over.exclude(run, shard, at)
        return self._ring(proof, name, at)

    def differences(self, at: datetime, since: date | None = None) -> list[Difference]:
        """On demand: all of it, or what was not settled `since` that day."""
        snapshot, findings = self.snapshots.take(at, since), Findings()
        steps = (step for some in self.steps(snapshot).values() for step in some)
        found = [each for step in steps for each in findings.take(step())]
        return [*found, *findings.take(findings.closing(snapshot.whole_runs()))]

    def steps(self, snapshot: Snapshot) -> dict[str, Sequence[Step]]:
        """All that is to be proved, by kind; steps are independent, and each holds little."""
        return {
            "Manifests": [partial(self._of_manifests, snapshot)],
            "Files": [partial(self._of_file, each, n) for each, n in snapshot.files()],
            "Collections": [
                partial(self._of_one_collection, snapshot, c) for c in snapshot.collections()
            ],
            "Reports": [
                partial(self._of_report, run, n)
                for run in snapshot.reports
                for n in range(run.shards)
            ],
            "Slots": [partial(self._of_slot, snapshot, n) for n in range(SLOTS)],
        }

    def _of_manifests(self, snapshot: Snapshot) -> Proof:
        return _readable("manifests", partial(self.manifest_proof.of, snapshot))

    def _of_file(self, transmission: Transmission, n: int) -> Proof:
        return _readable(transmission.files[n].name, partial(self.file_proof.of, transmission, n))

    def _of_one_collection(self, snapshot: Snapshot, collection: str) -> Proof:
        """From the ledgers all slots are read as well: it is not asked both ways."""
        transmission = snapshot.manifests.get(snapshot.transmission_of(collection) or "")
        waits = snapshot.waits(collection)
        return self._of_collection(
            collection, transmission, snapshot.at, both_ways=False, waits=waits
        )

    def _of_collection(
        self,
        collection: str,
        transmission: Transmission | None,
        at: datetime,
        *,
        both_ways: bool,
        waits: bool,
    ) -> Proof:
        how = {"both_ways": both_ways, "waits": waits}
        step = partial(self.collection_proof.of, collection, transmission, at, **how)
        return _readable(collection, step)

    def _of_report(self, run: Run, shard: int) -> Proof:
        return _readable(run_shard(run.run_id, shard), partial(self.report_proof.of, run, shard))

    def _of_slot(self, snapshot: Snapshot, slot: int) -> Proof:
        return _readable(f"slot {slot}", partial(self.ledger_proof.of, snapshot, slot))

    def _ring(self, proof: Proof, where: str, at: datetime) -> list[Difference]:
        found = proof.differences
        if found:
            self.metrics.count("Differences", len(found))
            self._open_cases(where, found, at)
        return list(found)

    def _open_cases(self, where: str, found: Sequence[Difference], at: datetime) -> None:
        """A case each, named by payment; of very many the rest are one case."""
        for each in found[:MOST_CASES]:
            self._open_case(each.name, _reason(each), each.enrollment_id, at)
        if len(found) > MOST_CASES:
            more = f"{where}: {len(found)} differences; `reconcile` names them all"
            self._open_case(where, more, None, at)

    def _open_case(self, name: str, reason: str, enrollment_id: str | None, at: datetime) -> None:
        self.records.cases.open_case(
            Case(
                case_id=case_id("difference", name),
                kind=CaseKind.BANK,
                enrollment_id=enrollment_id,
                reason=reason,
                opened_at=at,
            )
        )


def _is_fresh(run: Run, at: datetime) -> bool:
    """What was reported does not change: two evenings will do, and all on which the run goes on."""
    began = local_day(at) - local_day(run.started_at) < REPORT_DAYS
    return began or run.state is not RunState.CLOSED


def _readable(where: str, step: Step) -> Proof:
    """A row that says nonsense is a difference, and keeps nothing else from being proved (I15)."""
    try:
        return step()
    except ValueError:
        return Proof((Difference(where=where, what=Differs.UNREADABLE_ROW),))


def _reason(found: Difference) -> str:
    cents = (("expected", found.expected_cents), ("found", found.found_cents))
    said = [f"{word} {dollars(amount)}" for word, amount in cents if amount is not None]
    amounts = f" ({', '.join(said)})" if said else ""
    return f"{found.where}: {found.what}{amounts}"
