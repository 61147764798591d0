"""Tables in memory with the promises of `Store`: for quick tests, bulk loading and scale proofs."""

import threading
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from chalicelib.store import (
    MOST_CHANGES,
    TABLES,
    Change,
    Check,
    ConditionFailed,
    Item,
    Key,
    Put,
    Remove,
    Write,
    allowed,
    key_of,
    refuse_overwriting,
)

V = TypeVar("V")


class MemoryStore:
    """One lock, one dictionary a table, one sorted list of sort keys a partition."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.items: dict[str, dict[Key, Item]] = {table: {} for table in TABLES}
        self._order: dict[tuple[str, str | int], list[str | int]] = defaultdict(list)

    def copy(self) -> "MemoryStore":
        """As it stands; rows are never changed in place, so both have them."""
        other = MemoryStore()
        with self._lock:
            other.items = {table: dict(rows) for table, rows in self.items.items()}
            other._order.update({place: list(order) for place, order in self._order.items()})
        return other

    def get(self, table: str, key: Key) -> Item | None:
        """The item, or None."""
        with self._lock:
            return self._at(table, key)

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        """Those that exist, of at most 100 different keys."""
        assert len(keys) <= MOST_CHANGES, "a batch read holds at most 100 keys"
        assert len(set(keys)) == len(keys), "a batch read names each key once"
        with self._lock:
            return [item for key in keys if (item := self._at(table, key)) is not None]

    def query(
        self,
        table: str,
        partition: str | int,
        *,
        prefix: str = "",
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """In key order; rows that come while it runs may or may not be seen."""
        with self._lock:
            order = self._order[table, partition]
            start = 0
            if after is not None:
                start = bisect_right(order, after)
            elif prefix:
                start = bisect_left(order, prefix)
            found: list[Item] = []
            for sort in order[start:]:
                if limit is not None and len(found) >= limit:
                    break
                if not str(sort).startswith(prefix):
                    break
                found.append(_copied(self.items[table][partition, sort]))
        yield from found

    def write(self, *writes: Write) -> None:
        """All or nothing."""
        assert 0 < len(writes) <= MOST_CHANGES, "a transaction holds 1 to 100 writes"
        refuse_overwriting(writes)
        places = [(write.table, key_of(write)) for write in writes]
        assert len(set(places)) == len(places), "a transaction touches each item once"
        with self._lock:
            refused = [write for write in writes if not self._holds(write)]
            if refused:
                raise ConditionFailed(refused)
            for write in writes:
                self._apply(write)

    def _at(self, table: str, key: Key) -> Item | None:
        item = self.items[table].get(key)
        return None if item is None else _copied(item)

    def _holds(self, write: Write) -> bool:
        item = self.items[write.table].get(key_of(write), {})
        return all(item.get(name) in allowed(wanted) for name, wanted in write.when.items())

    def _apply(self, write: Write) -> None:
        key = key_of(write)
        rows = self.items[write.table]
        match write:
            case Put(item=item):
                self._keep(write.table, key, {k: v for k, v in item.items() if v is not None})
            case Change(set=values, add=amounts):
                names = TABLES[write.table]
                item = rows.get(key) or dict(zip(names, key, strict=True))
                changed = {**item, **values}
                for name, amount in amounts.items():
                    changed[name] = item.get(name, 0) + amount
                self._keep(write.table, key, {k: v for k, v in changed.items() if v is not None})
            case Remove():
                if rows.pop(key, None) is not None and len(key) > 1:
                    order = self._order[write.table, key[0]]
                    order.pop(bisect_left(order, key[1]))
            case Check():
                pass

    def _keep(self, table: str, key: Key, item: Item) -> None:
        if key not in self.items[table] and len(key) > 1:
            insort(self._order[table, key[0]], key[1])
        self.items[table][key] = _copied(item)


PLAIN = frozenset({str, int, bool, bytes, type(None)})


def _copied(value: V) -> V:
    """Of what a table takes: only maps and lists can be changed by whoever holds them."""
    if isinstance(value, dict):
        rows = {n: inner if type(inner) in PLAIN else _copied(inner) for n, inner in value.items()}
        return type(value)(rows)
    if isinstance(value, (list, tuple)):
        return type(value)([inner if type(inner) in PLAIN else _copied(inner) for inner in value])
    return value
