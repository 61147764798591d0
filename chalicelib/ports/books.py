"""What money stands on: enrollments, ledgers, mandates, sealings, runs."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.ach.changes import Heard
from chalicelib.domain.acknowledgement import Acknowledgement
from chalicelib.domain.credit import Credit
from chalicelib.domain.doubt import Doubt
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Batch, Entry
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate, Mandates, Past, Told
from chalicelib.domain.payment import Payment, Submission
from chalicelib.domain.run import Checkpoint, Run, RunState
from chalicelib.domain.sealing import Answer, Sealing
from chalicelib.domain.signature import Signature
from chalicelib.ports.world import Write

GOOD = "good"  # of an account: a payment came through


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An enrollment as kept, with the place in the feeds its facts came from."""

    enrollment: Enrollment
    feed_order: str
    row_digest: str
    ssn_index: str | None
    version: int


class Enrollments(Protocol):
    def known(self, enrollment_id: str) -> Known | None: ...

    def get(self, enrollment_id: str) -> Enrollment | None: ...

    def found_by(self, id_type: str, number: str) -> list[Enrollment]:
        """All enrollments of the subscriber this number leads to; same calls for hit and miss."""

    def of_subscriber(self, subscriber_id: str) -> list[Enrollment]: ...

    def in_slot(self, slot: int) -> dict[str, Enrollment | None]:
        """By id; None for one that can't be read."""

    def keeping(self, known: Known, before: Known | None) -> list[Write]:
        """The facts, the lookups that lead to them, and an audit line."""

    def confirming(self, known: Known, feed_order: str) -> Write:
        """The same facts, seen again in a later feed."""


class Books(Protocol):
    def lines(self, enrollment_id: str) -> list[Line]:
        """All lines of one enrollment, oldest first; a strong read."""

    def adding_line(self, line: Line) -> Write:
        """Refused where the line is already posted."""

    def lacking(self, enrollment_id: str, line: str) -> Write:
        """Nothing happens when the ledger has this line."""

    def adding_submission(
        self, submission: Submission, line_at: datetime, *prenotes: Entry
    ) -> list[Write]:
        """Payments, their ledger lines and entries, and the count of their open collection."""

    def joining(self, *entries: Entry) -> list[Write]:
        """Entries, and the count of their day's collection; refused when it is closed."""

    def adding_payment(self, payment: Payment) -> Write: ...

    def decide(self, line: Line) -> Line:
        """Keeps the first decision of a month, and answers with the one that stands."""

    def put_entry(self, entry: Entry) -> None:
        """Once there it never changes: putting again is harmless."""

    def entries(self, collection: str, batch: Batch | None = None) -> Iterator[Entry]:
        """The entries of a collection in key order."""

    def entry(self, collection: str, batch: Batch, payment_id: str) -> Entry | None: ...

    def close_web(self, day: date) -> None:
        """No payment joins this day's collection any more; what joined it can be read."""

    def credit(self, credit_id: str) -> Credit | None: ...

    def keeping_credit(self, credit: Credit, before: Credit | None) -> Write:
        """Refused when it is not as it was before (None: not there)."""

    def line(self, enrollment_id: str, line: str) -> Line | None: ...

    def submission(self, confirmation: str) -> Submission | None: ...

    def payment(self, payment_id: str) -> Payment | None: ...


class MandateBook(Protocol):
    """Mandates, freezes, and what members were told."""

    def of(self, enrollment_id: str) -> Mandates: ...

    def past(self, enrollment_id: str) -> list[Mandate]:
        """Those no run will meet again, oldest first."""

    def is_frozen(self, month: str, enrollment_id: str) -> bool: ...

    def keeping(self, mandates: Mandates, past: Past, coming: str, audit: str) -> list[Write]:
        """The mandates as changed; refused when they, or the coming month's freeze, moved."""

    def standing_so(self, mandates: Mandates) -> Write:
        """Nothing happens when the mandates have changed since they were read."""

    def unchanged(self, mandates: Mandates, coming: str, told: Told | None) -> list[Write]:
        """Nothing happens unless mandates, freeze and what was told of that month stand so."""

    def telling(self, told: Told) -> Write: ...

    def told(self, enrollment_id: str, month: str) -> Told | None: ...

    def told_in_slot(self, slot: int, month: str) -> dict[str, Told]:
        """By enrollment; what can't be read was not told."""

    def untell(self, enrollment_id: str, month: str, mail_id: str) -> None:
        """A notice whose mail failed for good does not count (rule 24)."""

    def freeze(self, month: str, slots: Sequence[int]) -> None: ...

    def in_slot(self, slot: int, after: str, limit: int) -> list[tuple[str, Mandates | None]]:
        """By key; None where a row can't be read."""


class Sealings(Protocol):
    """What went to the bank together."""

    def next_trace(self) -> int: ...

    def keep(
        self, sealing: Sealing, taken: Sequence[tuple[str, str]], seen: int, next_trace: int
    ) -> Sealing:
        """The sealing, its traces and its collections, at once; or the one kept before."""

    def get(self, sealing: str) -> Sealing | None: ...

    def all(self) -> list[Sealing]: ...

    def unsent(self) -> list[Sealing]:
        """Those that no file of is surely out."""

    def taken(self, group: str) -> dict[str, str]: ...

    def that_took(self, group: str, name: str) -> Sealing | None: ...

    def answering(self, sealing: Sealing, answer: Answer) -> list[Write]:
        """A return that is applied; refused where it, or another final one, was applied before."""

    def answers_of(self, sealing: Sealing, payment_id: str) -> list[Answer]: ...

    def answered(self, sealing: Sealing, payment_id: str, code: str) -> bool: ...

    def answers(self, sealing: Sealing) -> list[Answer]:
        """The returns of a sealing's entries that were applied."""

    def hearing(self, sealing: Sealing, heard: Heard) -> Write:
        """A notification of change that is applied; refused where it was heard before."""

    def has_heard(self, sealing: Sealing, heard: Heard) -> bool: ...

    def acknowledge(self, said: Acknowledgement, at: datetime) -> Acknowledgement:
        """Keeps the bank's first word about a file, and answers with the one that stands."""

    def acknowledged(self, files: Sequence[str]) -> dict[str, Acknowledgement]:
        """What the bank said of these files, by name."""

    def keep_doubt(self, doubt: Doubt) -> None: ...

    def doubts(self) -> list[Doubt]: ...

    def forget_doubt(self, doubt: Doubt) -> None: ...

    def undoing(self, file: str, signature: Signature) -> Write:
        """What the bank refused of us is taken back, entry by entry; refused the second time."""

    def undone(self, files: Sequence[str]) -> set[str]:
        """Those of these files that were taken back."""

    def change(self, after: Sealing, before: Sealing) -> bool:
        """False when another worker changed it meanwhile."""

    def changing(self, after: Sealing, before: Sealing) -> Write:
        """Refused when it is not in the state any more that was read."""


class Runs(Protocol):
    def open(self, run: Run) -> Run:
        """Opens a run, or answers with the one that was opened before."""

    def get(self, run: str) -> Run | None: ...

    def all(self) -> list[Run]: ...

    def checkpoints(self, run: str) -> list[Checkpoint]: ...

    def checkpoint(self, run: Run, shard: int) -> Checkpoint: ...

    def advance(self, before: Checkpoint, after: Checkpoint) -> bool:
        """False when another worker of this shard came first."""

    def move(self, run: Run, state: RunState) -> bool:
        """False when the run is no longer in the state that was read."""

    def stops(self, run: str) -> dict[str, str]:
        """What staff, or a return, stopped: key -> reason."""

    def stop(
        self, run: str, what: str, reason: str, signature: Signature | None = None
    ) -> None: ...

    def release(self, run: str, what: str, signature: Signature | None = None) -> None: ...


class Accounts(Protocol):
    """What is known of bank accounts; an account is named by keyed digest and routing number."""

    def verdict(self, account: str) -> str | None:
        """GOOD, or the return code under which its bank refused it; None when it is new."""

    def trust(self, account: str, at: datetime) -> None:
        """It is good, unless its bank refused it before."""

    def refusing(
        self, account: str, code: str, at: datetime, where: Collection[str | None] = ()
    ) -> Write:
        """Refused where another verdict stands than these; () goes over any."""

    def unless_refused(self, account: str, but: Collection[str] = ()) -> Write:
        """Nothing happens when its bank has refused it meanwhile, but for these codes."""

    def is_listed(self, routing: str) -> bool | None:
        """Whether the directory has this routing number; None while none is loaded."""

    def load(self, routings: Iterable[str]) -> int: ...
