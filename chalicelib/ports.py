"""The world outside: time, randomness, secrets, files, queues, mail, the bank's line.

What we ask of a table stands in `store.py`; adapters keep both, bootstrap joins them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.domain.identification import Ssn
from chalicelib.domain.mail import Letter, Mail

HAND_OVER_MS = 45_000
"""So much of its time a function keeps for handing over what is left."""
Remaining = Callable[[], int]
"""Milliseconds that this invocation has left."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""


class Randomness(Protocol):
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


class Gone(LookupError):
    """An object is not there any more."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A version of an object, and since when it lies there."""

    key: str
    version: str
    since: datetime


class NotPutOut(Exception):
    """A file could not be put out: its place is held, or the bank's word came meanwhile."""


class Files(Protocol):
    """Objects of the bucket."""

    def lines(
        self, key: str, version: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """The object's lines with their line ends, streamed; from byte `start`, up to `end`."""

    def put(self, key: str, body: bytes, content_type: str) -> None: ...

    def put_lines(self, key: str, lines: Iterable[bytes], content_type: str) -> None:
        """An object of these lines, which are never all in memory."""

    def erase(self, key: str, version: str) -> None:
        """Deletes one version for good, without a trace (rule 33)."""

    def lying(self, prefix: str) -> Iterator[Lying]:
        """Every version of each key that begins so; what was put is seen at once."""


class Bus(Protocol):
    def arrived(self, *files: Lying) -> None:
        """Says that these files arrived, as when they did. Raises when it was not heard."""


class Queue(Protocol):
    def send(self, *messages: Mapping[str, Any]) -> None: ...


class Mailer(Protocol):
    def send(self, mail: Mail, letter: Letter) -> None:
        """Raises MailRefused when it can never be sent, else what may be tried again."""


class MailRefused(Exception):
    """This message will not be taken, now or later."""


class MailTemplates(Protocol):
    def letter(self, mail: Mail, *, member: str | None, token: str | None) -> Letter:
        """Subject, text and HTML from the mail's committed facts.

        `member` is for whom it is, as letters name them; `token` leads to the state of what it
        names (rule 58). None where there is none.
        """


class Metrics(Protocol):
    """Figures for alarms; no personal data. docs/operations.md names each."""

    def count(self, name: str, number: int = 1) -> None: ...

    def gauge(self, name: str, number: int) -> None:
        """The newest figure of something, for an alarm on its size."""


class Outbound(StrEnum):
    """What stands where the bank fetches a file, in any version."""

    EMPTY = "empty"  # nothing was ever put there, or it was erased after the bank's word
    HELD = "held"  # an object without a byte: no file lands there before a later date is told
    LIES = "lies"  # the file; the bank can have fetched it
    GONE = "gone"  # somebody took the file away: only the bank can say who


class BankLine(Protocol):
    """The way of files to the bank."""

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Seals a file; where one lies already, it must have the same plain bytes."""

    def send(self, name: str) -> None:
        """Puts the file out, where nothing stands. Raises NotPutOut where its place is held."""

    def has(self, name: str) -> bool:
        """Whether the file lies where the bank fetches it."""

    def landed(self, name: str) -> datetime | None:
        """Since when it does."""

    def look(self, name: str) -> Outbound: ...

    def hold(self, name: str) -> None:
        """Takes an empty place with an object without a byte: who comes after it lands nowhere."""

    def free(self, name: str) -> None:
        """Nobody holds the place any more."""

    def erase(self, name: str) -> None:
        """The copy for the bank goes, in all versions; the sealed one stays."""

    def read(self, name: str) -> Iterator[bytes]:
        """The plain bytes of a sealed file. Raises Gone, or Unsealable where it does not open."""

    def outbound(self, name: str) -> Iterator[bytes]:
        """The copy that the bank fetches, while it lies there. Raises Gone."""
