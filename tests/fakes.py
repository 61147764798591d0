"""Small stand-ins for the world. Each keeps the promises of its port; tests/adapters says so."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.identification import Ssn
from chalicelib.domain.mail import Letter, Mail
from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.ports import Gone, Hasher, Lying, MailRefused, Unsealable
from tests.builders import NOW

KEY = b"no secret: this vault is for tests"


class PlainVault:
    """A vault without keys: what it seals is only disguised, but opens only where it should."""

    def seal(self, purpose: str, text: str, about: str) -> str:
        assert PURPOSES[purpose] in (Kind.BOX, Kind.SYMMETRIC, Kind.STEADY)
        body = base64.urlsafe_b64encode(text.encode()[::-1]).decode()
        return f"v1.1.{body}.{self._stamp(purpose, body, about)}"

    def open(self, purpose: str, sealed: str, about: str) -> str:
        head, _, stamp = sealed.rpartition(".")
        body = head.removeprefix("v1.1.")
        if not hmac.compare_digest(stamp.encode(), self._stamp(purpose, body, about).encode()):
            raise Unsealable(purpose)
        if head == body:
            raise Unsealable(purpose)
        return base64.urlsafe_b64decode(body)[::-1].decode()

    def opens(self, purpose: str, sealed: str, about: str) -> bool:
        try:
            self.open(purpose, sealed, about)
        except Unsealable:
            return False
        return True

    def mac(self, purpose: str, text: str) -> bytes:
        assert PURPOSES[purpose] in (Kind.DIGEST, Kind.INDEX)
        return hmac.digest(KEY + purpose.encode(), text.encode(), "sha256")

    def hasher(self, purpose: str) -> Hasher:
        assert PURPOSES[purpose] is Kind.DIGEST
        return hmac.new(KEY + purpose.encode(), digestmod="sha256")

    def ssn_index(self, ssn: Ssn) -> str:
        made = hmac.digest(KEY, f"ssn|{ssn.digits}".encode(), "sha256")
        return f"v1#{base64.b32encode(made).decode().rstrip('=')}"

    def _stamp(self, purpose: str, body: str, about: str) -> str:
        said = json.dumps([purpose, body, about]).encode()
        return hmac.digest(KEY + b"seal", said, "sha256").hex()


class FixedRandomness:
    """Codes that count up, so that a test can name them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = 0

    def token(self) -> str:
        return f"token-{self._next()}"

    def code(self, signs: str, length: int) -> str:
        number, made = self._next(), ""
        for _ in range(length):
            number, index = divmod(number, len(signs))
            made = signs[index] + made
        return made

    def bytes(self, length: int) -> bytes:
        return hashlib.sha256(str(self._next()).encode()).digest()[:length]

    def _next(self) -> int:
        with self._lock:
            self._made += 1
            return self._made


class StillClock:
    """It stands until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class ListQueue:
    """What was sent, oldest first."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, *messages: Mapping[str, Any]) -> None:
        self.messages += [json.loads(json.dumps(message)) for message in messages]

    def take(self) -> list[dict[str, Any]]:
        """All of them, once."""
        taken, self.messages = self.messages, []
        return taken


class CountedMetrics:
    """What was counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.gauges: dict[str, int] = {}

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] += number

    def gauge(self, name: str, number: int) -> None:
        self.gauges[name] = number


class MemoryFiles:
    """Objects with versions: an object is a key with all that was ever put there."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, bytes]] = {}
        self.since: dict[tuple[str, str], datetime] = {}
        self.versions = itertools.count(1)

    def drop(self, key: str, body: bytes, at: datetime = NOW) -> str:
        """Puts an object, as the world does; returns its version."""
        versions = self.objects.setdefault(key, {})
        version = f"v{next(self.versions)}"
        self.since[key, version] = at
        versions[version] = body
        return version

    def lines(
        self, key: str, version: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        try:
            body = self.objects[key][version] if version else self.body(key)
        except KeyError:
            raise Gone(key) from None
        return iter(body[start:end].splitlines(keepends=True))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        assert content_type
        self.drop(key, body)

    def put_lines(self, key: str, lines: Iterable[bytes], content_type: str) -> None:
        self.put(key, b"".join(lines), content_type)

    def erase(self, key: str, version: str) -> None:
        versions = self.objects.get(key, {})
        versions.pop(version, None)
        if not versions:
            self.objects.pop(key, None)

    def lying(self, prefix: str) -> Iterator[Lying]:
        found = [key for key in sorted(self.objects) if key.startswith(prefix)]
        each = [(key, version) for key in found for version in reversed(self.objects[key])]
        return iter([Lying(*place, self.since[place]) for place in each])

    def body(self, key: str) -> bytes:
        """The newest version."""
        return list(self.objects[key].values())[-1]


class ListBus:
    """News that a test hands on, or loses."""

    def __init__(self) -> None:
        self.told: list[Lying] = []

    def arrived(self, *files: Lying) -> None:
        self.told += files


class ListMailer:
    """A mail service that takes everything, unless it was told how to fail next."""

    def __init__(self) -> None:
        self.sent: list[tuple[Mail, Letter]] = []
        self.failures: list[Exception] = []

    def send(self, mail: Mail, letter: Letter) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((mail, letter))


class PlainMailTemplates:
    """A letter that says its facts, for whom it is, and its link."""

    def letter(self, mail: Mail, *, member: str | None, token: str | None) -> Letter:
        return Letter(mail.kind, json.dumps(dict(mail.facts)), f"<p>{member} {token}</p>")


def refusal() -> MailRefused:
    """As the mail service says that it will never take a message."""
    return MailRefused("MessageRejected")
