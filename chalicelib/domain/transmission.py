"""A transmission: entries that go to the bank together, fixed once, and how far their files are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.banking_days import settles_when_sent
from chalicelib.domain.entry import Batch, Entry, Torn
from chalicelib.domain.identities import case_id, kind_of, parts_of
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.timetable import LAST_CATCH_UP_DAY

HASH_DIGITS = 10**10  # Nacha: the ten rightmost digits of an entry hash
LONGEST_JOB = timedelta(minutes=15)  # Lambda's own limit: by then it has sent, or died
LATEST_BY_ITSELF = timedelta(days=6)  # after its date; as from the 22nd to the 28th (rule 27)


class TransmissionState(StrEnum):
    """How far a transmission is; no file goes out under a state that is uncertain."""

    SEALED = "sealed"  # which entries, with which traces, is fixed
    SENDING = "sending"  # a file may be on its way: look first, never just send again
    SENT = "sent"  # the bank has all files
    ACKNOWLEDGED = "acknowledged"  # and says so
    SETTLED = "settled"  # two banking days after settlement: what did not come back is paid


UNSENT = (TransmissionState.SEALED, TransmissionState.SENDING)


TRANSITIONS: dict[TransmissionState, frozenset[TransmissionState]] = {
    TransmissionState.SEALED: frozenset({TransmissionState.SENDING}),
    TransmissionState.SENDING: frozenset({TransmissionState.SENT}),
    TransmissionState.SENT: frozenset({TransmissionState.ACKNOWLEDGED, TransmissionState.SETTLED}),
    TransmissionState.ACKNOWLEDGED: frozenset({TransmissionState.SETTLED}),
    TransmissionState.SETTLED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmittedBatch:
    """The entries of one kind in one collection; their traces follow each other in key order."""

    collection: str
    kind: Batch
    first_trace: int
    entries: int
    cents: int
    entry_hash: int = 0  # the sum of the routing numbers' first eight digits
    prenotes: int = 0  # of the entries: those that move no money
    announced_on: date | None = None  # the earliest date that a member of it was told; of debits

    @classmethod
    def empty(cls, collection: str, kind: Batch) -> "TransmittedBatch":
        """Before anything was counted."""
        return cls(collection=collection, kind=kind, first_trace=0, entries=0, cents=0)

    def with_one(self, entry: Entry) -> "TransmittedBatch":
        """One more entry was counted."""
        announced = [
            each for each in (self.announced_on, entry.effective_on) if each and entry.is_debit
        ]
        return replace(
            self,
            entries=self.entries + 1,
            cents=self.cents + entry.amount_cents,
            entry_hash=self.entry_hash + int(entry.account.routing[:8]),
            prenotes=self.prenotes + (entry.amount_cents == 0),
            announced_on=min(announced, default=self.announced_on),
        )

    def holds(self, trace: int) -> bool:
        """Whether this trace (its last seven digits) is in this batch."""
        return self.first_trace <= trace < self.first_trace + self.entries


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An entry that no bank would take, or whose account number does not open: a case for staff.

    Or the member had it stopped in time.
    """

    payment_id: str
    kind: EntryKind
    enrollment_id: str
    amount_cents: int
    collection: str
    batch: Batch
    is_stopped: bool = False

    @classmethod
    def of(cls, entry: Entry | Torn, *, is_stopped: bool = False) -> "LeftOut":
        """What staff and proofs must know of it."""
        return cls(
            is_stopped=is_stopped,
            payment_id=entry.payment_id,
            kind=entry.kind,
            enrollment_id=entry.enrollment_id,
            amount_cents=entry.amount_cents,
            collection=entry.collection,
            batch=entry.batch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A file as it was built; `sha256` is of the plain bytes, which never change (I16)."""

    name: str
    sha256: str
    entries: int
    debit_cents: int
    credit_cents: int
    entry_hash: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """What claims and files must agree in (I3)."""

    entries: int
    debit_cents: int
    credit_cents: int
    entry_hash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """The manifest of what goes to the bank together."""

    transmission_id: str  # collection#2026-12-03, collection#2026-12-22#noon
    sealed_at: datetime  # the scheduled instant: it names the files (origin, date, time, modifier)
    effective_on: date
    first_trace: int
    batches: tuple[TransmittedBatch, ...]
    left_out: tuple[LeftOut, ...] = ()
    files: tuple[SealedFile, ...] = ()
    state: TransmissionState = TransmissionState.SEALED
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    settled_at: datetime | None = None
    moved_to: date | None = None  # when it settles, where it was released after its date

    @property
    def settles_on(self) -> date:
        """The date its money really moves; its files go on saying `effective_on`."""
        return self.moved_to or self.effective_on

    @property
    def sending_cases(self) -> tuple[str, str]:
        """The cases that may be open about its sending."""
        return case_id("stale_transmission", self.transmission_id), case_id(
            "uncertain_send", self.transmission_id
        )

    def sent_at_last(self, at: datetime) -> "Transmission":
        """With the date that it settles on when it leaves only now."""
        on = settles_when_sent(self.effective_on, at)
        return replace(self, moved_to=on if on != self.effective_on else None)

    @property
    def last_day(self) -> date:
        """From then on only staff send it: of a withdrawal, none after the 28th (rule 27)."""
        runs = [batch.collection for batch in self.batches if kind_of(batch.collection) == "run"]
        months = {parts_of(collection)[1] for collection in runs}
        days = [date.fromisoformat(f"{month}-{LAST_CATCH_UP_DAY}") for month in months]
        return min([self.effective_on + LATEST_BY_ITSELF, *days])

    def is_stale(self, today: date) -> bool:
        """Whether its date has come and nothing of it was sent."""
        return self.state is TransmissionState.SEALED and self.effective_on <= today

    @property
    def left_out_ids(self) -> frozenset[str]:
        """Payment ids of its collections that are in no file."""
        return frozenset(each.payment_id for each in self.left_out)

    @property
    def stopped(self) -> tuple[LeftOut, ...]:
        """Those that the member had stopped in time."""
        return tuple(each for each in self.left_out if each.is_stopped)

    @property
    def entries(self) -> int:
        """How many entries."""
        return sum(batch.entries for batch in self.batches)

    @property
    def debit_cents(self) -> int:
        """Of all debits together."""
        return sum(batch.cents for batch in self.batches if not batch.kind.is_credit)

    @property
    def credit_cents(self) -> int:
        """Of all credits together."""
        return sum(batch.cents for batch in self.batches if batch.kind.is_credit)

    @property
    def debits(self) -> int:
        """How many entries take money."""
        taking = [batch for batch in self.batches if not batch.kind.is_credit]
        return sum(batch.entries - batch.prenotes for batch in taking)

    @property
    def claimed(self) -> Totals:
        """What the entries say."""
        entry_hash = sum(batch.entry_hash for batch in self.batches) % HASH_DIGITS
        return Totals(self.entries, self.debit_cents, self.credit_cents, entry_hash)

    @property
    def written(self) -> Totals:
        """What the files say."""
        return Totals(
            sum(file.entries for file in self.files),
            sum(file.debit_cents for file in self.files),
            sum(file.credit_cents for file in self.files),
            sum(file.entry_hash for file in self.files) % HASH_DIGITS,
        )

    def batch_of(self, trace: int) -> TransmittedBatch | None:
        """The batch that a trace is in."""
        return next((batch for batch in self.batches if batch.holds(trace)), None)

    def move_to(self, state: TransmissionState, at: datetime) -> "Transmission":
        """Further, as the table says; with the instant, where somebody may ask for it later."""
        assert state in TRANSITIONS[self.state], f"no transition from {self.state} to {state}"
        moved = replace(self, state=state)
        match state:
            case TransmissionState.SENT:
                return replace(moved, sent_at=at)
            case TransmissionState.ACKNOWLEDGED:
                return replace(moved, acknowledged_at=at)
            case TransmissionState.SETTLED:
                return replace(moved, settled_at=at)
        return moved


def with_traces(
    batches: Sequence[TransmittedBatch], first_trace: int
) -> tuple[TransmittedBatch, ...]:
    """The batches in file order (by kind, then collection), each with its first trace."""
    placed = []
    for batch in sorted(batches, key=lambda batch: (batch.kind, batch.collection)):
        if batch.entries:
            placed.append(replace(batch, first_trace=first_trace))
            first_trace += batch.entries
    return tuple(placed)
