"""Entries go to the bank: fixed once, written, proved, sent (design.md 7, 9; I2, I3, I16, I17).

First the sealing is kept: which collections, which traces, which date. Everything after follows
from it and may be done again: the same entries give the same bytes, an object is written only where
none is, and a send that is in doubt is resolved by asking the bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.domain import banking_days
from chalicelib.domain.ach.writer import MOST_TRACES
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.entry import Batch, Entry, web_collections
from chalicelib.domain.run import Checkpoint, Counts, Run, RunKind, RunState
from chalicelib.domain.sealing import UNSENT, Part, Sealing, SealingState, with_traces
from chalicelib.ports import BankLine, Books, Cases, Runs, Sealings, Signals
from chalicelib.services.bank.file_making import FileMaker

LOOK_BACK_DAYS = 10  # a day whose job never ran is collected by the next one

DOUBTFUL = "a file may or may not have reached the bank: ask, then release it"
STALE = "a file was not sent before the date it names: call the bank, and tell the members"

Taken = tuple[str, str]


class NotProved(Exception):
    """Counts or totals of the files are not those of the claims; nothing left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingJob:
    """What sealing needs of the world."""

    books: Books
    runs: Runs
    sealings: Sealings
    bank: BankLine
    maker: FileMaker
    cases: Cases
    signals: Signals

    def collect(self, scheduled_at: datetime) -> None:
        """18:00 on banking days: the page's payments, and shards of a run that came late."""
        today = local_day(scheduled_at)
        if not banking_days.is_banking_day(today):
            return
        name = f"collection#{today.isoformat()}"
        if self.sealings.get(name) is None:
            taken = [*self._web_days(today), *self._shards(today)]
            effective_on = banking_days.effective_entry_date(today)
            self._seal(name, taken, effective_on, scheduled_at)
        self.deliver(name)

    def send_same_day(self, scheduled_at: datetime) -> None:
        """12:00 on the debit day: all shards of the run that have reported, dated today."""
        today = local_day(scheduled_at)
        if today != banking_days.debit_day(month_of(today)):
            return
        name = f"collection#{today.isoformat()}#noon"
        if self.sealings.get(name) is None:
            self._seal(name, self._shards(today), today, scheduled_at)
        self.deliver(name)

    def resume(self, at: datetime) -> None:
        """Goes on with what was sealed and not sent (I20); a date that has come is for staff."""
        for sealing in self.sealings.all():
            if sealing.state not in UNSENT:
                continue
            if sealing.state is SealingState.SEALED and sealing.effective_on <= local_day(at):
                self._ring(f"stale_sealing#{sealing.sealing}", STALE, at)
            else:
                self.deliver(sealing.sealing)

    def deliver(self, name: str) -> None:
        """Writes and sends the files of a sealing, from wherever it stands."""
        sealing = self.sealings.get(name)
        if sealing is None or sealing.state not in UNSENT:
            return
        self._open_run(sealing)
        if sealing.state is SealingState.SENDING:
            self._ask_the_bank(sealing)
            return
        built = replace(sealing, files=tuple(self.maker.build(sealing)))
        self._prove(built)
        sending = built.move_to(SealingState.SENDING)
        if not self.sealings.change(sending, sealing):
            return
        for file in built.files:
            self.bank.send(file.name)
        self._sent(sending)

    def _seal(self, name: str, taken: Sequence[Taken], effective_on: date, at: datetime) -> None:
        collections = [each for group, key in taken for each in _collections(group, key)]
        left_out: list[str] = []
        counted = [part for each in collections for part in self._count(each, left_out, at)]
        counter = self.sealings.next_trace()
        entries = sum(part.entries for part in counted)
        # Seven digits: the numbers begin again; a return is looked for in the newest file first.
        first = counter if counter + entries - 1 <= MOST_TRACES else 1
        sealing = Sealing(
            sealing=name,
            sealed_at=at,
            effective_on=effective_on,
            first_trace=first,
            parts=with_traces(counted, first),
            left_out=tuple(left_out),
        )
        self.sealings.keep(sealing, taken, counter, first + entries)

    def _web_days(self, today: date) -> list[Taken]:
        """The days whose page collections are due and not taken; each is closed first."""
        taken = self.sealings.taken("web")
        days = [today - timedelta(days=back) for back in range(LOOK_BACK_DAYS, -1, -1)]
        due = [d for d in days if banking_days.is_banking_day(d) and d.isoformat() not in taken]
        for day in due:
            self.books.close_web(day)
        return [("web", day.isoformat()) for day in due]

    def _shards(self, today: date) -> list[Taken]:
        """Shards of this month's run, and of the last one's, that have reported and are not taken.

        The last catch-up of a February may be on a weekend that ends in March.
        """
        months = (month_after(month_of(today), -1), month_of(today))
        return [taken for month in months for taken in self._shards_of(month)]

    def _shards_of(self, month: str) -> list[Taken]:
        group = f"run#{month}"
        taken = self.sealings.taken(group)
        reported = [
            f"{each.shard:03}"
            for each in self.runs.checkpoints(f"withdrawal#{month}")
            if each.reported
        ]
        return [(group, shard) for shard in reported if shard not in taken]

    def _count(self, collection: str, left_out: list[str], at: datetime) -> list[Part]:
        """Counts a collection by batch; what no bank would take is left out and becomes a case."""
        parts: dict[Batch, Part] = {}
        for entry in self.books.entries(collection):
            if self.maker.refuses(entry):
                left_out.append(entry.payment_id)
                self._open_case(entry, at)
                continue
            part = parts.get(entry.batch, Part.empty(collection, entry.batch))
            parts[entry.batch] = part.with_one(entry.amount_cents, entry.account.routing)
        return list(parts.values())

    def _prove(self, sealing: Sealing) -> None:
        """The files say what the claims say, or nothing leaves (I2, I3)."""
        if sealing.written != sealing.claimed:
            self.signals.count("FilesNotProved")
            raise NotProved(sealing.sealing)

    def _ask_the_bank(self, sealing: Sealing) -> None:
        """A send was cut off: what the bank has is sent; in doubt, staff decide."""
        if all(self.bank.has(file.name) for file in sealing.files):
            self._sent(sealing)
            return
        self._ring(f"doubtful_send#{sealing.sealing}", DOUBTFUL, sealing.sealed_at)

    def _ring(self, case: str, reason: str, at: datetime) -> None:
        self.signals.count("FilesNotSent")
        self.cases.open_case(
            Case(case=case, kind=CaseKind.BANK, enrollment_id=None, reason=reason, opened_at=at)
        )

    def _sent(self, sealing: Sealing) -> None:
        run = self.runs.get(sealing.sealing)
        if run and run.state is RunState.OPEN:
            self.runs.move(run, RunState.CLOSED)
        self.sealings.change(sealing.move_to(SealingState.SENT), sealing)
        self.signals.count("FilesSent", len(sealing.files))

    def _open_run(self, sealing: Sealing) -> None:
        """A collection shows among the runs, with its entries as counts; again changes nothing."""
        if not (sealing.entries or sealing.left_out):
            return
        period = local_day(sealing.sealed_at).isoformat()
        run = Run(
            run=sealing.sealing,
            kind=RunKind.COLLECTION,
            period=period,
            started_at=sealing.sealed_at,
            shards=1,
        )
        self.runs.open(run)
        left_out = len(sealing.left_out)
        counts = Counts(
            active=sealing.entries + left_out,
            claimed=sealing.entries,
            excluded=left_out,
            cents=sealing.debit_cents,
        )
        start = self.runs.checkpoint(run, 0)
        done = Checkpoint(run=run.run, shard=0, slot=1, counts=counts, reported=True)
        self.runs.advance(start, done)

    def _open_case(self, entry: Entry, at: datetime) -> None:
        self.cases.open_case(
            Case(
                case=f"left_out#{entry.payment_id}",
                kind=CaseKind.BANK,
                enrollment_id=entry.enrollment_id,
                reason="no bank would take this entry, or its account number does not open",
                opened_at=at,
            )
        )


def _collections(group: str, key: str) -> list[str]:
    """web, 2026-12-03: its 64 shards; run#2026-12, 007: itself."""
    if group == "web":
        return web_collections(date.fromisoformat(key))
    return [f"{group}#{key}"]
