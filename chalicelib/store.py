"""What we ask of a table: strong reads by key, and conditional writes, one or many at once.

Everything that is kept goes through this page. `DynamoStore` is the real one; the in-memory one of
the offline world keeps the same promises (one contract, `tests/adapters/test_store.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Item = dict[str, Any]
Key = tuple[str | int, ...]
When = Mapping[str, Any]
"""Attribute -> what it must be: a value, None for absent, or a tuple of these."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "enrollments": ("slot", "enrollment_id"),
    "lookups": ("lookup", "enrollment_id"),
    "ledger": ("enrollment_id", "line"),
    "payments": ("payment_id",),
    "entries": ("collection", "entry"),
    "mandates": ("slot", "mandate"),
    "runs": ("run_id", "part"),
    "transmissions": ("group", "name"),
    "feeds": ("feed", "part"),
    "journeys": ("journey",),
    "outbox": ("day", "mail_id"),
    "cases": ("state", "case_id"),
    "audit": ("subject", "line"),
    "keys": ("purpose", "epoch"),
}
"""Each table and its key attributes; held against infra/resources.yaml by a test."""

FORMS: Mapping[str, int] = {**dict.fromkeys(TABLES, 1), "runs": 2, "cases": 2}
"""A change of a table's key raises its form: the new table starts empty (docs/deploy.md)."""


def table_name(stage: str, table: str) -> str:
    """What AWS calls a table: one account may hold several stages."""
    return f"premium-pay-{stage}-{table}-{FORMS[table]}"


MOST_CHANGES = 100  # DynamoDB: actions in one transaction
MOST_LOOKS = 20  # at what others change, or at the next of a row of things


@dataclass(frozen=True, slots=True)
class Put:
    """Write the whole item. `when` names attributes of the item that stands there now."""

    table: str
    item: Item
    when: When = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """Set some attributes, and add to some numbers, of the item at `key` (made when absent)."""

    table: str
    key: Key
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    when: When = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the item at `key`."""

    table: str
    key: Key
    when: When = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """Write nothing, but let nothing of the transaction happen unless this holds."""

    table: str
    key: Key
    when: When = field(default_factory=dict)


Write = Put | Change | Remove | Check


class ConditionFailed(Exception):
    """Something stood otherwise than a write expected; nothing was written."""

    def __init__(self, writes: Sequence[Write]) -> None:
        super().__init__(f"refused: {', '.join(sorted({write.table for write in writes}))}")
        self.writes = tuple(writes)


class Contended(TimeoutError):
    """Others changed the same rows all the time, or whatever was looked at was taken."""


class Store(Protocol):
    """Tables of items: text, whole numbers, booleans, None (= absent), bytes, lists and maps."""

    def get(self, table: str, key: Key) -> Item | None:
        """The item as it stands now (a strong read), or None."""

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        """Those of the items (at most 100 keys) that exist; in no order; strong reads."""

    def query(
        self,
        table: str,
        partition: str | int,
        *,
        prefix: str = "",
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Items of a partition in key order, strong; sort keys with `prefix`, beyond `after`."""

    def write(self, *writes: Write) -> None:
        """All of it or nothing. Raises ConditionFailed, and then nothing happened.

        One write is one conditional call; more are one transaction of at most 100.
        """


def read_all(store: Store, table: str, keys: Sequence[Key]) -> Iterator[Item]:
    """Those of however many keys that exist, a hundred in one call; in no order."""
    for first in range(0, len(keys), MOST_CHANGES):
        yield from store.get_many(table, keys[first : first + MOST_CHANGES])


def first_free(start: T, following: Callable[[T], T], is_taken: Callable[[T], bool]) -> T:
    """The first that is not taken, from `start` on. Raises Contended after twenty."""
    here = start
    for _ in range(MOST_LOOKS):
        if not is_taken(here):
            return here
        here = following(here)
    raise Contended(f"from {start} on all are taken")


APPEND_ONLY = frozenset({"ledger", "audit"})
"""Their rows are never changed nor removed (invariants I5, I22)."""
PUT_ONCE = APPEND_ONLY | {"payments"}


class Overwrites(AssertionError):
    """A write could lose what stands there; it was not sent."""


def refuse_overwriting(writes: Iterable[Write]) -> None:
    """What every store asks before it writes. Raises Overwrites.

    PutItem replaces what stands there, and no policy can forbid just that.
    """
    for write in writes:
        is_new = write.when.get(TABLES[write.table][-1], False) is None
        match write:
            case Put() if write.table in PUT_ONCE and not is_new:
                raise Overwrites(f"a put on {write.table} must find nothing there")
            case Change() | Remove() if write.table in APPEND_ONLY:
                raise Overwrites(f"{write.table} only grows")


def key_of(write: Write) -> Key:
    """Where a write goes."""
    if isinstance(write, Put):
        return tuple(write.item[name] for name in TABLES[write.table])
    return write.key


@contextmanager
def naming(*tables: str) -> Iterator[None]:
    """What fails in here carries its tables to the log, for AWS's answer names none."""
    try:
        yield
    except Exception as error:
        error.tables = tables  # type: ignore[attr-defined]
        raise


def allowed(wanted: object) -> tuple[object, ...]:
    """The values a condition admits."""
    return wanted if isinstance(wanted, tuple) else (wanted,)
