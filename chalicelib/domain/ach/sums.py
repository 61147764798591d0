"""What a file amounts to: counts, hash and totals, as its control records and our manifest say."""

from dataclasses import dataclass

from chalicelib.domain.ach.entries import BatchKey, FileIdentity
from chalicelib.domain.ach.records import (
    CREDITS,
    HASH_DIGITS,
    BatchControl,
    BatchHeader,
    EntryDetail,
    FileControl,
)

MOST_TOTAL_CENTS = 10**12 - 1  # twelve digits, of a batch and of a file


class Sums:
    """Counts that grow with each entry; those of a file, with each batch."""

    def __init__(self) -> None:
        self.entries = 0
        self.debit_cents = 0
        self.credit_cents = 0
        self.addenda = 0
        self._hash = 0

    def add(self, dfi: str, cents: int, *, credit: bool) -> None:
        """Count one entry; the hash sums the first eight digits of routing numbers."""
        self.entries += 1
        self._hash += int(dfi)
        if credit:
            self.credit_cents += cents
        else:
            self.debit_cents += cents

    def take(self, batch: "Sums") -> None:
        """A batch is over: the file has it, too."""
        self.entries += batch.entries
        self.addenda += batch.addenda
        self.debit_cents += batch.debit_cents
        self.credit_cents += batch.credit_cents
        self._hash += batch.entry_hash

    def holds(self, cents: int, batch: "Sums", *, credit: bool) -> bool:
        """Whether one more entry of so much, and the batch before it, fit into twelve digits."""
        both = (
            batch.credit_cents + self.credit_cents
            if credit
            else batch.debit_cents + self.debit_cents
        )
        return both + cents <= MOST_TOTAL_CENTS

    def disagreements(self, control: BatchControl | FileControl) -> tuple[str, ...]:
        """The fields of a control record that say something else."""
        counted = {
            "entry_addenda_count": self.records,
            "entry_hash": self.entry_hash,
            "total_debit_cents": self.debit_cents,
            "total_credit_cents": self.credit_cents,
        }
        return tuple(name for name, value in counted.items() if getattr(control, name) != value)

    @property
    def records(self) -> int:
        """Entries and their addenda together."""
        return self.entries + self.addenda

    @property
    def entry_hash(self) -> int:
        """Its ten rightmost digits."""
        return self._hash % HASH_DIGITS


class Scope:
    """A batch, or the file, as it is read: its sums, and whether it can be relied on."""

    def __init__(self, heading: str = "") -> None:
        self.heading = heading
        self.header: BatchHeader | None = None  # where that could be read
        self.sums = Sums()
        self.batches = 0
        self.is_sound = True
        self.is_complete = True  # each line was read; otherwise its sums can't agree anyway

    def add(self, detail: EntryDetail) -> None:
        """Count an entry."""
        credit = detail.transaction_code in CREDITS
        self.sums.add(detail.receiving_dfi_identification, detail.amount_cents, credit=credit)


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a batch's control record says, and the rank of its first trace number."""

    key: BatchKey
    batch_number: int
    first_trace: int
    entries: int
    entry_hash: int
    debit_cents: int
    credit_cents: int


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What a manifest keeps of a file, and must agree with what was claimed."""

    identity: FileIdentity
    batches: tuple[BatchSummary, ...]
    entries: int
    entry_hash: int
    debit_cents: int
    credit_cents: int
    lines: int
    next_trace: int  # the rank that the next file starts with
    sha256: str  # of the plain bytes
