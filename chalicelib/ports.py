"""All we ask of the world, on one page: services know these, adapters keep them.

A `Write` is a change that has not happened yet: repositories make them, `Keep` does them, all or
none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from chalicelib.domain.case import Case
from chalicelib.domain.enrollment import Enrollment, Plan
from chalicelib.domain.guessing import Counted, Misses
from chalicelib.domain.identification import Ssn
from chalicelib.domain.journey import Draft, Journey
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Letter, Mail
from chalicelib.domain.mandate import Mandate, Mandates, Past, Told
from chalicelib.domain.payment import Entry, Payment, Submission
from chalicelib.domain.run import Checkpoint, Run, RunState
from chalicelib.domain.sealing import Sealing
from chalicelib.domain.signature import Signature

Write = Any


class Refused(Exception):
    """Something stood otherwise than a write expected; nothing was written."""

    def __init__(self, writes: Sequence[Write]) -> None:
        super().__init__(f"refused: {', '.join(sorted({write.table for write in writes}))}")
        self.writes = tuple(writes)


class Keep(Protocol):
    """Does writes, at most 100: all of them, or none. Raises Refused."""

    def __call__(self, *writes: Write) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""


class Chance(Protocol):
    """Numbers nobody can guess."""

    def token(self) -> str:
        """A secret of 256 bits, safe in a cookie."""

    def code(self, signs: str, length: int) -> str: ...

    def bytes(self, length: int) -> bytes: ...


class Hasher(Protocol):
    def update(self, chunk: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class Vault(Protocol):
    """Keeps secrets: what went through `seal` opens only with its key and context."""

    def seal(self, purpose: str, text: str, about: str) -> str:
        """Text that opens only for the same purpose and `about`."""

    def open(self, purpose: str, sealed: str, about: str) -> str:
        """Raises Unsealable when it was altered, moved, or sealed under a key that is gone."""

    def opens(self, purpose: str, sealed: str, about: str) -> bool:
        """Whether it would open; nothing is handed out."""

    def mac(self, purpose: str, text: str) -> bytes:
        """HMAC-SHA-256 under a key of this purpose."""

    def hasher(self, purpose: str) -> Hasher:
        """The same, fed piece by piece."""

    def ssn_index(self, ssn: Ssn) -> str:
        """The keyed index of a Social Security number; its key never leaves the HSM."""


class Unsealable(Exception):
    """A sealed text does not open here."""


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

    def in_slot(self, slot: int) -> dict[str, Enrollment]: ...

    def keeping(self, known: Known, before: Known | None) -> list[Write]:
        """The facts, the lookups that lead to them, and an audit line."""

    def confirming(self, known: Known, feed_order: str) -> Write:
        """The same facts, seen again in a later feed."""


class Books(Protocol):
    def lines(self, enrollment_id: str) -> list[Line]:
        """All lines of one enrollment, oldest first; a strong read."""

    def adding_line(self, line: Line) -> Write:
        """Refused where the line is already posted."""

    def adding_submission(self, submission: Submission, line_at: datetime) -> list[Write]:
        """Payments, their ledger lines and entries, and the count of their open collection."""

    def decide(self, line: Line) -> Line:
        """Keeps the first decision of a month, and answers with the one that stands."""

    def put_entry(self, entry: Entry) -> None:
        """Once there it never changes: putting again is harmless."""

    def entries(self, collection: str, plan: Plan | None = None) -> Iterator[Entry]:
        """The entries of a collection in key order."""

    def entry(self, collection: str, plan: Plan, payment_id: str) -> Entry | None: ...

    def close_web(self, day: date) -> None:
        """No payment joins this day's collection any more; what joined it can be read."""

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

    def is_freeze(self, refused: Refused) -> bool:
        """Whether it was a freeze that refused."""

    def telling(self, told: Told) -> Write: ...

    def told(self, enrollment_id: str, month: str) -> Told | None: ...

    def told_in_slot(self, slot: int, month: str) -> dict[str, Told]: ...

    def untell(self, enrollment_id: str, month: str, mail_id: str) -> None:
        """A notice whose mail failed for good does not count (rule 24)."""

    def freeze(self, month: str, slots: Sequence[int]) -> None: ...

    def in_slot(self, slot: int, after: str, limit: int) -> list[tuple[str, Mandates | None]]:
        """By key; None where a row can't be read."""


class Sealings(Protocol):
    """What went to the bank together."""

    def next_trace(self) -> int: ...

    def keep(self, sealing: Sealing, taken: Sequence[tuple[str, str]], next_trace: int) -> Sealing:
        """The sealing, its traces and its collections, at once; or the one kept before."""

    def get(self, sealing: str) -> Sealing | None: ...

    def all(self) -> list[Sealing]: ...

    def taken(self, group: str) -> dict[str, str]: ...

    def change(self, after: Sealing, before: Sealing) -> bool:
        """False when another worker changed it meanwhile."""


class BankLine(Protocol):
    """The way of files to the bank."""

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Seals a file; where one lies already, it must have the same plain bytes."""

    def send(self, name: str) -> None: ...

    def has(self, name: str) -> bool: ...

    def read(self, name: str) -> Iterator[bytes]: ...


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


class Journeys(Protocol):
    def get(self, journey_id: str) -> Journey | None: ...

    def starting(self, journey: Journey) -> Write: ...

    def changing(self, journey: Journey) -> Write:
        """Refused when the journey changed since it was read."""

    def touch(self, journey: Journey, now: datetime) -> None:
        """Winds up the idle clock; never fails the request."""

    def leave_draft(self, journey: Journey, draft: Draft) -> None:
        """Keeps what a late POST brought to an expired journey."""

    def spend_token(
        self, spent_id: str, answer_digest: str, verdict: str, now: datetime
    ) -> tuple[str, str]:
        """Keeps the first answer to a challenge; returns the digest and verdict that stand."""


class Counters(Protocol):
    def read(self, keys: Mapping[Counted, str]) -> dict[Counted, Misses]:
        """One read of all; absent ones are empty."""

    def missing(
        self, keys: Mapping[Counted, str], misses: Mapping[Counted, Misses], now: datetime
    ) -> list[Write]:
        """One more miss on each, from what was last read; Refused when another came between."""

    def finding(self, now: datetime) -> Write:
        """One more hit, counted where everybody's misses are."""

    def lift(self, key: str, signature: Signature | None = None) -> None:
        """Ends a wait, by staff."""


class Outbox(Protocol):
    def adding(self, mail: Mail) -> Write: ...

    def add(self, mail: Mail) -> bool:
        """Promises a message by itself; False when it was already promised."""

    def get(self, day: str, mail_id: str) -> Mail | None: ...

    def marking(self, mail: Mail, before: Mail) -> Write: ...

    def pending(self, day: str) -> Iterator[Mail]: ...


class Cases(Protocol):
    def opening(self, case: Case) -> Write: ...

    def open_case(self, case: Case) -> None:
        """Opens it, unless it is or was open."""

    def open(self) -> list[Case]: ...

    def close(self, case: str, signature: Signature) -> bool:
        """False when no such case is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed being read: `order` places its rows among those of other feeds."""

    feed: str  # object key and version
    order: str
    parts: int


class Feeds(Protocol):
    def place(self, content_digest: str, order: str) -> str:
        """The order of the first feed with this content: dropped again, it stays where it was."""

    def begin(self, feed: Feed) -> Feed:
        """Keeps the feed, or answers with the one kept before."""

    def get(self, feed: str) -> Feed | None: ...

    def report_part(
        self, feed: str, part: int, accepted: int, rejected: Sequence[tuple[int, str]]
    ) -> None:
        """Keeps the first report of a part."""

    def parts(self, feed: str) -> dict[int, tuple[int, list[tuple[int, str]]]]:
        """The parts that have reported: accepted rows, and (line, reason) of rejected ones."""


class Gone(LookupError):
    """An object is not there any more."""


class Files(Protocol):
    """Objects of the bucket."""

    def lines(
        self, key: str, version: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """The object's lines with their line ends, streamed; from byte `start`, up to `end`."""

    def put(self, key: str, body: bytes, content_type: str) -> None: ...

    def erase(self, key: str, version: str) -> None:
        """Deletes one version for good, without a trace (rule 33)."""


class Queue(Protocol):
    def send(self, *messages: Mapping[str, Any]) -> None: ...


class Mailer(Protocol):
    def send(self, mail: Mail, letter: Letter) -> None:
        """Raises MailRefused when it can never be sent, else what may be tried again."""


class MailRefused(Exception):
    """This message will not be taken, now or later."""


class Letters(Protocol):
    def letter(self, mail: Mail) -> Letter:
        """Subject, text and HTML from the mail's committed facts."""


class Signals(Protocol):
    """Counts for alarms; no personal data."""

    def count(self, name: str, number: int = 1) -> None: ...
