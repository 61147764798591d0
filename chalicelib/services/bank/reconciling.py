"""Books that prove themselves: ledger, entries, sealed files and runs say the same (I2, I3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.entry import Entry, taken_as
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.run import RunKind
from chalicelib.domain.sealing import Part, Sealing, SealingState
from chalicelib.ports import BankLine, Books, Cases, Enrollments, Runs, Sealings, Signals

DAILY_DAYS = 10  # calendar days that the evening's proof looks back
NOT_ASKED_FOR = "an entry was sent that no ledger line asks for"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two books that do not say the same, named by payment where there is one."""

    payment_id: str | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling:
    """What proving the books needs of the world."""

    enrollments: Enrollments
    books: Books
    sealings: Sealings
    runs: Runs
    bank: BankLine
    cases: Cases
    signals: Signals

    def reconcile(self, at: datetime) -> list[Difference]:
        """The evening's proof: what differs is a case, named by payment."""
        found = self.differences(local_day(at) - timedelta(days=DAILY_DAYS))
        self.signals.count("Differences", len(found))
        for each in found:
            self.cases.open_case(
                Case(
                    case=f"difference#{each.payment_id or each.what}",
                    kind=CaseKind.BANK,
                    enrollment_id=None,
                    reason=f"{each.payment_id or 'books'}: {each.what}",
                    opened_at=at,
                )
            )
        return found

    def differences(self, since: date | None = None) -> list[Difference]:
        """Ledger against entries against sealed files against runs, by strong reads.

        Every evening what was sealed lately is proved from its entries; without `since` everything
        is, and every ledger is read as well, slot by slot. A claim whose collection is still open
        is no difference until its file is due.
        """
        sealings = [s for s in self.sealings.all() if since is None or s.effective_on >= since]
        sealed = {
            entry.payment_id: entry
            for sealing in sealings
            for part in sealing.parts
            for entry in self._entries(sealing, part)
            if entry.kind is not EntryKind.PRENOTE  # it moves no money
        }
        found = [*self._of_sealings(sealings), *self._of_runs(since)]
        if since is None:
            return [*found, *self._of_ledger(sealed)]
        return [*found, *self._of_entries(sealed.values())]

    def _entries(self, sealing: Sealing, part: Part) -> Iterator[Entry]:
        left_out = set(sealing.left_out)
        for entry in self.books.entries(part.collection, part.batch):
            if entry.payment_id not in left_out:
                yield entry

    def _of_sealings(self, sealings: Iterable[Sealing]) -> Iterator[Difference]:
        for sealing in sealings:
            for part in sealing.parts:
                rows = list(self._entries(sealing, part))
                if (len(rows), sum(row.amount_cents for row in rows)) != (part.entries, part.cents):
                    yield Difference(None, f"{part.collection}: entries are not as sealed")
            if sealing.files and sealing.written != sealing.claimed:
                yield Difference(None, f"{sealing.sealing}: files do not add up to the entries")
            if sealing.state is SealingState.SENT:
                names = [file.name for file in sealing.files]
                said = self.sealings.acknowledged(names)  # from then on that is the evidence
                for name in names:
                    if name not in said and not self.bank.has(name):
                        yield Difference(None, f"{name} was never sent")
            for payment_id in sealing.left_out:
                yield Difference(payment_id, "left out of its file")

    def _of_runs(self, since: date | None) -> Iterator[Difference]:
        for run in self.runs.all():
            old = since is not None and run.period < month_of(since)
            if run.kind is not RunKind.WITHDRAWAL or old:
                continue
            for checkpoint in self.runs.checkpoints(run.run):
                rows = list(self.books.entries(f"run#{run.period}#{checkpoint.shard:03}"))
                cents = sum(row.amount_cents for row in rows)
                if checkpoint.reported and cents != checkpoint.counts.cents:
                    what = f"{run.run}, shard {checkpoint.shard}: entries and claims differ"
                    yield Difference(None, what)

    def _of_entries(self, entries: Iterable[Entry]) -> Iterator[Difference]:
        """Each entry has its ledger line, of the same cents."""
        for entry in entries:
            lines = self.books.lines(entry.enrollment_id)
            line = next((each for each in lines if each.payment_id == entry.payment_id), None)
            if line is None:
                yield Difference(entry.payment_id, NOT_ASKED_FOR)
            else:
                yield from self._of_line(line, entry)

    def _of_ledger(self, sealed: dict[str, Entry]) -> Iterator[Difference]:
        """Slot by slot: each payment line has its entry, of the same cents; and the reverse."""
        seen = set()
        for slot in range(SLOTS):
            for enrollment_id in self.enrollments.in_slot(slot):
                for line in self.books.lines(enrollment_id):
                    if line.payment_id is None or line.kind is LineKind.RETURN:
                        continue
                    seen.add(line.payment_id)
                    yield from self._of_line(line, sealed.get(line.payment_id))
        for payment_id in sealed.keys() - seen:
            yield Difference(payment_id, NOT_ASKED_FOR)

    def _of_line(self, line: Line, entry: Entry | None) -> Iterator[Difference]:
        if entry is None:
            if line.collection and self.sealings.that_took(*taken_as(line.collection)):
                yield Difference(line.payment_id, "claimed, but in no sealed file")
        elif entry.amount_cents != abs(line.amount_cents):
            yield Difference(line.payment_id, "the entry has another amount than the ledger")
