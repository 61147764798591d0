"""Loads the demo population fast: the application's import, on tables in memory, poured into moto.

What stands afterwards is what dropping the same file at that instant would leave; only the
thousands of calls to moto are saved.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from chalicelib.domain.identification import Ssn
from chalicelib.ports import Hasher, Vault
from chalicelib.services.enrollment.feeds import FeedImport, RowRange
from chalicelib.store import table_name
from infra.offline.environment import ACCOUNT, REGION
from infra.offline.memory_store import MemoryStore
from infra.offline.stack import STAGE

KEY = "inbound/enrollments/00000000-demo-members.csv"  # sorts before any that is dropped later
VERSION = "demo"
STEPS = 100  # how often a long load tells how far it is

Progress = Callable[[int, int], None]
"""Rows done, rows in all."""


def load(
    importer: FeedImport, body: bytes, at: datetime, progress: Progress | None = None
) -> bytes:
    """Import the file through the service, on whatever store it writes to; answers its report."""
    files, queue = OneFile(body), Waiting()
    vault = Remembering(importer.vault)
    enrolling = replace(importer.enrollment_rows.enrolling, vault=vault)
    rows = replace(importer.enrollment_rows, enrolling=enrolling)
    receipts = replace(importer.receipts, files=files)
    quick = replace(importer, files=files, feed_queue=queue, vault=vault, enrollment_rows=rows)
    quick = replace(quick, receipts=receipts, feed_rows_a_part=max(1, body.count(b"\n") // STEPS))
    quick.receive(KEY, VERSION, at)
    for done, message in enumerate(queue.messages, start=1):
        part = RowRange(**{name: message[name] for name in ("part", "start", "end", "line")})
        quick.read_part(KEY, VERSION, part, at, at)
        if progress:
            progress(done, len(queue.messages))
    return files.report


def pour(store: MemoryStore) -> int:
    """Put every item of the tables in memory into moto's; says how many."""
    backend = dynamodb_backends[ACCOUNT][REGION]
    poured = 0
    for name, items in store.items.items():
        table = backend.tables[table_name(STAGE, name)]
        for item in items.values():
            _put(table, _wire(item))
        poured += len(items)
    return poured


def _put(table: Table, wire: Mapping[str, Any]) -> None:
    key = DynamoType(wire[table.hash_key_attr])
    sort = DynamoType(wire[table.range_key_attr]) if table.range_key_attr else None
    item = Item(key, sort, {})
    for name, value in wire.items():
        # moto weighs the whole item again for each attribute set; these were weighed by our import.
        dict.__setitem__(item.attrs, name, DynamoType(value))
    if sort is None:
        table.items[key] = item  # type: ignore[assignment]
    else:
        table.items[key][sort] = item


_serialize = TypeSerializer().serialize


def _wire(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_text(dict(_serialize(value))) for name, value in item.items()}


def _as_text(value: dict[str, Any]) -> dict[str, Any]:
    """Bytes lie in moto as they came over the wire: in base64."""
    [(kind, inner)] = value.items()
    if kind == "B":
        return {"B": base64.b64encode(bytes(inner)).decode()}
    if kind == "L":
        return {"L": [_as_text(each) for each in inner]}
    if kind == "M":
        return {"M": {name: _as_text(each) for name, each in inner.items()}}
    return value


class OneFile:
    """The bucket, with one file in it."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.report = b""

    def lines(
        self, _key: str, _version: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """Its lines."""
        yield from self._body[start:end].splitlines(keepends=True)

    def put(self, _key: str, _body: bytes, _content_type: str) -> None:
        """Only reports are ever put."""

    def put_lines(self, key: str, lines: Iterable[bytes], _content_type: str) -> None:
        """Of these the one that programs read is asked for."""
        if key.endswith(".json"):
            self.report = b"".join(lines)

    def erase(self, _key: str, _version: str) -> None:
        """It never lay anywhere."""


class Waiting:
    """The queue of parts."""

    def __init__(self) -> None:
        self.messages: list[Mapping[str, Any]] = []

    def send(self, *messages: Mapping[str, Any]) -> None:
        """Keeps them."""
        self.messages.extend(messages)


class Remembering:
    """A vault that asks for the index of a number once: a member's enrollments share it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[Ssn, str] = {}

    def seal(self, purpose: str, text: str, about: str) -> str:
        """As the vault does."""
        return self._vault.seal(purpose, text, about)

    def open(self, purpose: str, sealed: str, about: str) -> str:
        """As the vault does."""
        return self._vault.open(purpose, sealed, about)

    def mac(self, purpose: str, text: str) -> bytes:
        """As the vault does."""
        return self._vault.mac(purpose, text)

    def hasher(self, purpose: str) -> Hasher:
        """As the vault does."""
        return self._vault.hasher(purpose)

    def ssn_index(self, ssn: Ssn) -> str:
        """As the vault does, once."""
        if ssn not in self._known:
            self._known[ssn] = self._vault.ssn_index(ssn)
        return self._known[ssn]
