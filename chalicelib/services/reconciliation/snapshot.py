"""What there is to prove: manifests, runs, transmitted collections; read once before all else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.banking_days import ReturnWindow, is_banking_day, local_day
from chalicelib.domain.coverage import month_of, months
from chalicelib.domain.entry import Batch, transmitted_as, web_collections
from chalicelib.domain.identities import (
    billing_run,
    notice_run,
    run_group,
    run_part,
    withdrawal_run,
)
from chalicelib.domain.run import Checkpoint, Run, RunKind
from chalicelib.domain.timetable import FIRST_NOTICE_DAY, LAST_NOTICE_DAY
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.repositories.records import Records
from chalicelib.services.origination.batching import waits_for_limit
from chalicelib.services.reconciliation.expected_location import is_overdue

REPORTED = (RunKind.BILLING, RunKind.NOTICE, RunKind.WITHDRAWAL)
LOOK_BACK_DAYS = 10  # how long a day that nobody collected is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """As one strong reading showed it; without `since` it is everything there ever was."""

    at: datetime
    since: date | None
    transmissions: Sequence[Transmission]
    manifests: Mapping[str, Transmission]  # all, by name
    runs: Mapping[str, Run]  # withdrawals, by month
    reports: Sequence[Run]  # of what their shards reported
    checkpoints: Mapping[str, Sequence[Checkpoint]]  # by month
    transmitted: Mapping[str, Mapping[str, str]]  # group -> collections, each with its transmission
    by_manifest: Mapping[str, str]  # collection -> transmission, as manifests say
    in_manifests: Collection[tuple[str, Batch]]  # of which collection a manifest has which batch
    waiting: Collection[tuple[str, str]]  # what the bank's daily limit holds back, by its case

    def marked(self, collection: str) -> str | None:
        """The name of the transmission under which a collection is marked."""
        group, name = transmitted_as(collection)
        return self.transmitted.get(group, {}).get(name)

    def transmission_of(self, collection: str) -> str | None:
        """The transmission that has it, by name, though its mark be lost; None while it is open."""
        return self.by_manifest.get(collection) or self.marked(collection)

    def waits(self, collection: str) -> bool:
        """Whether it waits for the bank's daily limit: staff know it, and it is no difference."""
        return transmitted_as(collection) in self.waiting

    def files(self) -> list[tuple[Transmission, int]]:
        """Each file that was made."""
        return [(each, n) for each in self.transmissions for n in range(len(each.files))]

    def shards(self) -> list[tuple[str, Checkpoint]]:
        """Each shard that has begun, with its collection."""
        return [
            (run_part(month, place.shard), place)
            for month, places in self.checkpoints.items()
            for place in places
        ]

    def collections(self) -> list[str]:
        """What has entries: batches of these transmissions, and open shards of these runs."""
        names = {
            batch.collection
            for transmission in self.transmissions
            for batch in transmission.batches
        }
        proved = {each.transmission_id for each in self.transmissions}
        for collection, place in self.shards():
            transmission_id = self.transmission_of(collection)
            if place.counts.claimed and (transmission_id is None or transmission_id in proved):
                names.add(collection)
        return sorted(names)

    def whole_runs(self) -> list[str]:
        """Runs that are all reported, their transmissions all proved here: their sums stand."""
        proved = {None, *(each.transmission_id for each in self.transmissions)}
        shards = self.shards()
        return [
            run.run_id
            for month, run in self.runs.items()
            if sum(place.reported for place in self.checkpoints[month]) == run.shards
            and {self.transmission_of(c) for c, place in shards if place.run_id == run.run_id}
            <= proved
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLoader:
    """What a snapshot needs of the world."""

    records: Records
    return_window: ReturnWindow

    def take(self, at: datetime, since: date | None) -> Snapshot:
        """What was not settled `since` that day; what is marked is read before manifests."""
        runs = self._runs(at, since)
        groups = ["web", *(run_group(month) for month in runs)]
        transmitted = {group: self.records.transmissions.transmitted(group) for group in groups}
        manifests = {each.transmission_id: each for each in self.records.transmissions.all()}
        return Snapshot(
            at=at,
            since=since,
            transmissions=[each for each in manifests.values() if self._is_recent(each, since)],
            manifests=manifests,
            runs=runs,
            reports=self._reports(at, since),
            checkpoints={
                month: self.records.runs.checkpoints(run.run_id) for month, run in runs.items()
            },
            transmitted=transmitted,
            by_manifest={
                batch.collection: transmission.transmission_id
                for transmission in manifests.values()
                for batch in transmission.batches
            },
            in_manifests=frozenset(
                (batch.collection, batch.kind)
                for transmission in manifests.values()
                for batch in transmission.batches
            ),
            waiting=self.waiting(),
        )

    def waiting(self) -> frozenset[tuple[str, str]]:
        """Days and shards that wait, as their open cases name them."""
        return frozenset(
            what
            for name in self.records.cases.open_ids()
            if (what := waits_for_limit(name)) is not None
        )

    def uncollected(self, snapshot: Snapshot) -> list[str]:
        """Collections of the page that are due, have entries, and that nobody took."""
        today = local_day(snapshot.at)
        days = [today - timedelta(days=back) for back in range(LOOK_BACK_DAYS, -1, -1)]
        late = [
            day
            for day in days
            if is_banking_day(day)
            and is_overdue(day, snapshot.at)
            and day.isoformat() not in snapshot.transmitted["web"]
        ]
        collections = (collection for day in late for collection in web_collections(day))
        return [
            collection
            for collection in collections
            if not snapshot.waits(collection) and next(self.records.books.entries(collection), None)
        ]

    def _runs(self, at: datetime, since: date | None) -> dict[str, Run]:
        if since is None:
            every = self.records.runs.all()
            return {each.period: each for each in every if each.kind is RunKind.WITHDRAWAL}
        named = months(month_of(since), month_of(local_day(at)))
        found = (self.records.runs.get(withdrawal_run(month)) for month in named)
        return {run.period: run for run in found if run}

    def _reports(self, at: datetime, since: date | None) -> list[Run]:
        """All, or those that began since that day."""
        if since is None:
            return [each for each in self.records.runs.all() if each.kind in REPORTED]
        days = [since + timedelta(days=n) for n in range((local_day(at) - since).days + 1)]
        named = months(month_of(since), month_of(local_day(at)))
        names = [run(month) for month in named for run in (billing_run, withdrawal_run)]
        names += [notice_run(day) for day in days if FIRST_NOTICE_DAY <= day.day <= LAST_NOTICE_DAY]
        found = [run for name in names if (run := self.records.runs.get(name))]
        return [run for run in found if local_day(run.started_at) >= since]

    def _is_recent(self, transmission: Transmission, since: date | None) -> bool:
        """Not settled yet, or settled since then."""
        if since is None or transmission.state is not TransmissionState.SETTLED:
            return True
        return self.return_window.paid_on(transmission.settles_on) >= since
