"""Values that may lie nowhere in clear, and a search of everything that the world keeps (rule 33).

What AWS keeps is read in moto's own memory, every version of every object; what passed through it
and was changed later is read in the calls themselves. KMS alone may be asked about a secret.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from chalicelib.store import TABLES
from infra.offline.environment import ACCOUNT, REGION
from infra.offline.world import World

ASKED_IN_CLEAR = "kms"
FEEDS = "/inbound/"  # a feed comes in clear, and is erased when it is read
SHORTEST = 9  # what is shorter is found by chance

_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{12,}")


@dataclass
class Canaries:
    """What is watched: value and kind; and the log of the world, line by line."""

    kinds: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def watch(self, kind: str, value: str) -> None:
        """Look for this from now on, however it is written."""
        bare = value if kind == "cookie" else re.sub(r"\D", "", value, flags=re.ASCII)
        if len(bare) < SHORTEST or bare in ACCOUNT:
            return
        self.kinds |= {bare: kind, bare.encode().hex(): kind}
        if kind != "cookie":  # a cookie has 256 random bits: its hash names the journey
            for hashed in (hashlib.sha256, hashlib.sha1, hashlib.md5):
                self.kinds[hashed(bare.encode()).hexdigest()] = kind

    def found(self, world: World, *others: tuple[str, str]) -> set[tuple[str, str]]:
        """Kind and place of each value that lies somewhere in clear, or merely encoded."""
        lengths = {len(value) for value in self.kinds}
        seen: set[str] = set()
        places = (*everything(world), *others, *(("the log", line) for line in self.log))
        return {
            (self.kinds[part], place)
            for place, text in places
            for word in _words(text, seen)
            for part in _parts(word, lengths)
            if part in self.kinds
        }


def _words(text: str, seen: set[str]) -> Iterator[str]:
    """What in a text could be a number or a token: as it is, or in Base64."""
    for encoded in _ENCODED.findall(text):
        if encoded not in seen:
            seen.add(encoded)
            with suppress(ValueError):
                inside = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
                yield from _NUMBER.findall(inside.decode("latin-1"))
    yield from _NUMBER.findall(text)
    yield from _TOKEN.findall(text)


def _parts(word: str, lengths: set[int]) -> Iterator[str]:
    """Every piece of a word that has the length of what is looked for."""
    bare = re.sub(r"[ .-]", "", word) if word[0].isdigit() else word
    for each in {word, bare}:
        for length in lengths:
            for start in range(len(each) - length + 1):
                yield each[start : start + length]


def everything(world: World) -> Iterator[tuple[str, str]]:
    """Place and text of all that is kept, and of every call that was made."""
    with world.engine.lock:
        yield from _tables(world)
        yield from _objects()
        yield from _messages()
        for call in world.engine.calls:
            if call.service != ASKED_IN_CLEAR and FEEDS not in call.url:
                yield f"the call {call.operation}", f"{call.url}\n{_text(call.body)}"
    for mail in world.mailbox.all():
        yield "a mail", json.dumps(mail, ensure_ascii=False)
    for count in world.metrics.counts:
        yield "a metric", count
    for function, error in world.pump.failures:
        yield f"the failure of {function}", repr(error)


def _tables(world: World) -> Iterator[tuple[str, str]]:
    for table in TABLES:
        for row in world.rows(table):
            yield f"the table {table}", row


def _objects() -> Iterator[tuple[str, str]]:
    for bucket in s3_backends[ACCOUNT]["aws"].buckets.values():
        for name, versions in bucket.keys.lists():
            for version in versions:
                body = getattr(version, "value", b"")  # a delete marker has none
                yield f"the object {name.split('/')[0]}", f"{name}\n{_text(body)}"


def _messages() -> Iterator[tuple[str, str]]:
    for queue in sqs_backends[ACCOUNT][REGION].queues.values():
        for message in queue._messages:
            yield f"the queue {queue.name}", message.body


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
