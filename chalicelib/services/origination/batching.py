"""Which entries go to the bank together: the page's days that are due, and shards of runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain import banking_days
from chalicelib.domain.ach.writer import MOST_TRACES
from chalicelib.domain.bank_limits import BankLimits
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.entry import Batch, Entry, Torn, web_collections
from chalicelib.domain.identities import (
    case_id,
    joined,
    parts_of,
    run_group,
    shard_number,
    withdrawal_run,
)
from chalicelib.domain.money import dollars
from chalicelib.domain.transmission import LeftOut, Transmission, TransmittedBatch, with_traces
from chalicelib.ports import Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.origination.file_maker import FileMaker

LOOK_BACK_DAYS = 10  # a day whose job never ran is collected by the next one
LONGEST_WAIT_MONTHS = 12
MOST_BATCHES = 2000  # a manifest is one row, of 400 kB at most; a batch is about 130 bytes
MOST_COLLECTIONS = 90  # they and the transmission are one transaction, of a hundred rows at most

LIMIT, ABOVE_LIMIT = "bank_limit", "above_bank_limit"  # cases
WAITS = "it waits for the next collection; less is left today of the bank's daily limit of"
TOO_LARGE = "it never goes, unless the bank raises its daily limit, which is"

Collected = tuple[str, str]  # the group and name of a day of the page, or of a shard of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """What gathering needs of the world."""

    records: Records
    maker: FileMaker
    metrics: Metrics
    limits: BankLimits

    def seal(self, name: str, due: Sequence[Collected], effective_on: date, at: datetime) -> None:
        """Fixes which entries, with which traces and which date; once. What does not fit waits."""
        collections: list[Collected] = []
        batches: list[TransmittedBatch] = []
        left_out: list[LeftOut] = []
        today = self._sent_on(local_day(at)) if self.limits.are_any else []
        for each in due:
            if len(collections) == MOST_COLLECTIONS or len(batches) > MOST_BATCHES:
                break  # the next evening takes the rest
            more, refused = self._count(each, effective_on, at)
            limit = self.limits.reached(today, batches, more)
            if limit:
                self._wait(each, more, limit, at)
                continue
            collections.append(each)
            batches += more
            left_out += refused
        self._begin(name, collections, batches, left_out, effective_on, at)

    def _begin(
        self,
        name: str,
        collections: Sequence[Collected],
        batches: Sequence[TransmittedBatch],
        left_out: Sequence[LeftOut],
        effective_on: date,
        at: datetime,
    ) -> None:
        counter = self.records.transmissions.next_trace()
        entries = sum(batch.entries for batch in batches)
        # Seven digits: the numbers begin again; a return is looked for in the newest file first.
        first = counter if counter + entries - 1 <= MOST_TRACES else 1
        transmission = Transmission(
            transmission_id=name,
            sealed_at=at,
            effective_on=effective_on,
            first_trace=first,
            batches=with_traces(batches, first),
            left_out=tuple(left_out),
        )
        self.records.transmissions.begin(transmission, collections, counter, first + entries)

    def web_days(self, today: date) -> list[Collected]:
        """The days whose page collections are due and not transmitted; each is closed first.

        One that waits for the bank's daily limit is due until it is transmitted.
        """
        transmitted = self.records.transmissions.transmitted("web")
        first = min((date.fromisoformat(day) for day in transmitted), default=today)
        back_days = max(LOOK_BACK_DAYS, (today - first).days)
        days = [today - timedelta(days=back) for back in range(back_days, -1, -1)]
        open_days = [day for day in days if day.isoformat() not in transmitted]
        due = [day for day in open_days if banking_days.is_banking_day(day)]
        for day in due:
            self.records.books.close_web(day)
        return [("web", day.isoformat()) for day in due]

    def shards(self, today: date) -> list[Collected]:
        """Shards of this month's run, and of the last one's, that have reported and wait.

        The last catch-up of a February may be on a weekend that ends in March. Where the bank has a
        daily limit, a shard may wait longer.
        """
        back_months = LONGEST_WAIT_MONTHS if self.limits.are_any else 1
        months = [month_after(month_of(today), -back) for back in range(back_months, -1, -1)]
        return [shard for month in months for shard in self._shards_of(month)]

    def _shards_of(self, month: str) -> list[Collected]:
        group = run_group(month)
        transmitted = self.records.transmissions.transmitted(group)
        reported = [
            shard_number(each.shard)
            for each in self.records.runs.checkpoints(withdrawal_run(month))
            if each.reported
        ]
        return [(group, shard) for shard in reported if shard not in transmitted]

    def _count(
        self, due: Collected, effective_on: date, at: datetime
    ) -> tuple[list[TransmittedBatch], list[LeftOut]]:
        """Counts it by batch; what no bank would take is left out and becomes a case."""
        batches: dict[tuple[str, Batch], TransmittedBatch] = {}
        left_out: list[LeftOut] = []
        stops = self._stops(*due)
        for collection in _collections(*due):
            for entry in self.records.books.all_entries(collection):
                if entry.payment_id in stops:
                    left_out.append(LeftOut.of(entry, is_stopped=True))
                    continue
                if isinstance(entry, Torn) or self.maker.refuses(entry, effective_on, at):
                    left_out.append(LeftOut.of(entry))
                    self._open_case(entry, at)
                    continue
                key = (collection, entry.batch)
                batches[key] = batches.get(key, TransmittedBatch.empty(*key)).with_one(entry)
        return list(batches.values()), left_out

    def _stops(self, group: str, key: str) -> frozenset[str]:
        """What members had stopped in time; of a run's shard mandates are stopped, not entries."""
        return self.records.books.stops(date.fromisoformat(key)) if group == "web" else frozenset()

    def _sent_on(self, today: date) -> list[Transmission]:
        return [
            transmission
            for transmission in self.records.transmissions.all()
            if local_day(transmission.sent_at or transmission.sealed_at) == today
        ]

    def _wait(
        self, due: Collected, batches: Sequence[TransmittedBatch], limit: str, at: datetime
    ) -> None:
        """Never silently: a case the first time, and the alarm each time (I20)."""
        self.metrics.count("BankLimitReached")
        what = joined(*due)
        alone = self.limits.reached([], [], batches)
        case = case_id(ABOVE_LIMIT if alone else LIMIT, *due)
        why = f"{TOO_LARGE} {alone}" if alone else f"{WAITS} {limit}"
        cents = sum(batch.cents for batch in batches if not batch.kind.is_credit)
        reason = f"{what}, {dollars(cents)}: {why}"
        self.records.cases.open_case(
            Case(case_id=case, kind=CaseKind.BANK, reason=reason, opened_at=at)
        )

    def _open_case(self, entry: Entry | Torn, at: datetime) -> None:
        self.records.cases.open_case(
            Case(
                case_id=case_id("left_out", entry.payment_id),
                kind=CaseKind.BANK,
                enrollment_id=entry.enrollment_id or None,
                reason="no bank would take this entry, its account number does not open, or its "
                "row can't be read: see why, and take it back with `payment undo`",
                opened_at=at,
            )
        )


def waits_for_limit(case: str) -> Collected | None:
    """What a case says is waiting for the bank's daily limit: a day of the page, or a shard."""
    kind, *about = parts_of(case)
    return (joined(*about[:-1]), about[-1]) if kind in (LIMIT, ABOVE_LIMIT) else None


def _collections(group: str, key: str) -> list[str]:
    """web, 2026-12-03: its 64 shards; run#2026-12, 007: itself."""
    if group == "web":
        return web_collections(date.fromisoformat(key))
    return [joined(group, key)]
