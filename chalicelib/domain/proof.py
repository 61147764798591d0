"""What a proof of the books finds: differences, by name, and sums that must be the same."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.identities import rest_of, run_group


class Differs(StrEnum):
    """What two books can say differently."""

    # A payment, and its line in the ledger.
    NOT_ASKED_FOR = "an entry was sent that no ledger line asks for"
    OTHER_AMOUNT = "the entry has another amount than the ledger"
    ENTRY_GONE = "claimed, but its entry is gone"
    CLAIMED_TWICE = "more than one line claims this payment"
    PAYMENT_GONE = "claimed, but its payment is not kept"
    OTHER_PLACE = "its line names another collection than its entry lies in"
    ENROLLMENT_GONE = "its enrollment is not kept"
    NOT_COLLECTED = "not collected in time: it is in no file"
    # What the bank took back.
    BACK_UNASKED = "it came back, but no ledger line claims it"
    BACK_AMOUNT = "it came back with another amount than was claimed"
    BACK_UNSENT = "it came back, but is in no sealed file"
    BACK_UNSAID = "it came back, but the bank did not say so"
    BACK_UNPOSTED = "the bank took it back, but the ledger does not say so"
    # A file, and the entries that it was made of.
    LEFT_OUT = "left out of its file"
    PRENOTE_LEFT_OUT = "a prenote, left out of its file: the bank is not asked about its account"
    FILE_ALONE = "in its file, but its entry is gone"
    ENTRY_ALONE = "its entry is not in the file of its collection"
    OTHER_IN_FILE = "its file says otherwise"
    SEALED_GONE = "the sealed file is gone"
    UNREADABLE_FILE = "the sealed file does not open any more"
    OTHER_BYTES = "its bytes are not those that were sealed"
    OTHER_TOTALS = "its totals are not those of its manifest"
    OTHER_DATE = "its batches name another date than its manifest"
    OTHER_COPY = "the copy that the bank fetches has other bytes"
    NEVER_SENT = "was never sent"
    # A transmission, a collection, a run.
    NO_FILES = "was sealed, but its files were never made"
    NOT_ADDED_UP = "files do not add up to the entries"
    OTHER_TRACES = "its traces do not follow each other"
    NOT_TAKEN = "sealed, but another transmission has it, or none"
    MANIFEST_GONE = "it took collections, but its manifest is gone"
    NOT_AS_SEALED = "entries are not as sealed"
    RUN_GONE = "its run is not kept"
    NOT_REPORTED = "sealed, but its shard has not reported"
    OTHER_CLAIMS = "entries and claims differ"
    PASSED_OVER = "the run passed it over: its monthly payment was not decided"
    OTHER_REPORT = "it reported otherwise than stands in ledgers, or in what was announced"
    OTHER_SUMS = "the run, its files and its ledger lines are not the same number"
    UNREADABLE_ROW = "a row can not be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two books that do not say the same, named by payment where there is one."""

    where: str  # the collection, file, transmission, run or ledger line
    what: str
    payment_id: str | None = None
    enrollment_id: str | None = None
    expected_cents: int | None = None
    found_cents: int | None = None

    @property
    def name(self) -> str:
        """What staff look at: a payment is one matter, in however many books it differs."""
        return self.payment_id or f"{self.where}: {self.what}"


class Book(StrEnum):
    """Who says a number."""

    RUN = "run"  # the checkpoints of a run's shards
    SEALED = "sealed"  # the batches of manifests: of a run, or of a transmission
    LEFT_OUT = "left_out"  # claimed by a run, but no bank would take it
    OPEN = "open"  # claimed by a run, and not sealed yet
    LEDGER = "ledger"  # the lines of a run
    FILES = "files"  # the debits in the bytes of a transmission's files


@dataclass(slots=True, kw_only=True)
class BookTotals:
    """What was gone through, counted; it grows with transmissions and runs, never with entries."""

    files: int = 0
    entries: int = 0
    debit_cents: int = 0
    credit_cents: int = 0
    returns: int = 0
    returned_cents: int = 0
    open_claims: int = 0
    open_cents: int = 0
    sums: Counter[tuple[str, Book]] = field(default_factory=Counter)
    """Cents of a run or transmission, as each book says them."""

    def add(self, other: "BookTotals") -> None:
        """Count what another one counted, too."""
        self.files += other.files
        self.entries += other.entries
        self.debit_cents += other.debit_cents
        self.credit_cents += other.credit_cents
        self.returns += other.returns
        self.returned_cents += other.returned_cents
        self.open_claims += other.open_claims
        self.open_cents += other.open_cents
        self.sums.update(other.sums)

    def says(self, of: str, book: Book) -> int:
        """Cents."""
        return self.sums[of, book]

    def of_run(self, run: str) -> tuple[int, int, int]:
        """Three numbers that must be one: of the run, of its files and what waits, of the ledger.

        What no bank would take stands beside the files: it is claimed, and a case.
        """
        sealed = (Book.SEALED, Book.LEFT_OUT, Book.OPEN)
        return (
            self.says(run, Book.RUN),
            sum(self.says(run, book) for book in sealed),
            self.says(run, Book.LEDGER),
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What one step of a proof found: about a file, a collection, a slot, or all manifests."""

    differences: tuple[Difference, ...] = ()
    totals: BookTotals = field(default_factory=BookTotals)


class Findings:
    """All steps together: each difference once, and the sums of all."""

    def __init__(self) -> None:
        self.totals = BookTotals()
        self.differences = 0
        self._reported: set[tuple[str | None, str]] = set()
        self._places: set[str] = set()

    def take(self, proof: Proof) -> Iterator[Difference]:
        """What this step found and no step before it."""
        self.totals.add(proof.totals)
        for each in proof.differences:
            reported = (each.payment_id, each.what if each.payment_id else each.name)
            if reported not in self._reported:
                self._reported.add(reported)
                self._places.add(each.where)
                self.differences += 1
                yield each

    def closing(self, runs: Collection[str]) -> Proof:
        """Runs whose three numbers differ although each of their payments agrees."""
        found = []
        for run in runs:
            claimed, sealed, posted = self.totals.of_run(run)
            if claimed == sealed == posted or self._is_reported(run):
                continue
            what, other = Differs.OTHER_SUMS, posted if sealed == claimed else sealed
            found.append(
                Difference(where=run, what=what, expected_cents=claimed, found_cents=other)
            )
        return Proof(tuple(found))

    def _is_reported(self, run: str) -> bool:
        collections = run_group(rest_of(run))
        return any(place.startswith((run, collections)) for place in self._places)
