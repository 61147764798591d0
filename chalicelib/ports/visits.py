"""What visits, letters, cases and feeds leave behind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.case import Case
from chalicelib.domain.guessing import Counted, Misses
from chalicelib.domain.journey import Draft, Journey
from chalicelib.domain.mail import Mail, PendingMail
from chalicelib.domain.signature import Signature
from chalicelib.ports.world import Write


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

    def changing(
        self, keys: Mapping[Counted, str], misses: Mapping[Counted, Misses], now: datetime
    ) -> list[Write]:
        """The counters as given, at their next version; refused when one changed since its read."""

    def nothing(self, count: int) -> list[Write]:
        """As many writes that change nothing and meet nobody else's."""

    def lift(self, key: str, signature: Signature | None = None) -> None:
        """Ends a wait, by staff."""


class Outbox(Protocol):
    def adding(self, *mails: Mail) -> list[Write]:
        """Two writes each: the message, refused for ever where it was promised, and that it waits.

        What waits is gone with the write that marks it sent or given up.
        """

    def add(self, mail: Mail) -> bool:
        """Promises a message by itself; False when it was already promised that day."""

    def add_once(self, mail: Mail) -> bool:
        """The same, whatever day it is: a letter that a member gets once in all."""

    def get(self, day: str, mail_id: str) -> Mail | None: ...

    def marking(self, mail: Mail, before: Mail) -> list[Write]:
        """The message as it now is; refused when another sender marked it meanwhile."""

    def oldest_pending(self) -> PendingMail | None: ...

    def pending(self, after: PendingMail | None = None) -> Iterator[PendingMail]:
        """All that wait, each at a fixed place in the order, beyond `after`; read as asked for."""

    def note_woken(self, mails: Sequence[PendingMail], at: datetime) -> None:
        """Of at most 100; what was sent meanwhile stays gone."""

    def swept_to(self) -> PendingMail | None:
        """Where the last sweep ran out of time; None when it came to the end."""

    def keep_swept_to(self, last: PendingMail | None) -> None: ...


class Audit(Protocol):
    """What people on the staff did, line by line; only ever added."""

    def signing(self, subject: str, what: str, signature: Signature) -> Write: ...

    def signed(self, subject: str) -> list[Signature]:
        """Who did something to it, oldest first."""


class Cases(Protocol):
    def opening(self, case: Case) -> Write: ...

    def closing(self, case: str, signature: Signature) -> list[Write]:
        """To close it in the transaction of what was done; nothing, when it is not open."""

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
