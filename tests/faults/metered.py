"""A store that counts calls and capacity as DynamoDB would charge them, and may die on the way."""

import json
import math
from collections import Counter

from tests.stores import Crash

READ_BYTES, WRITE_BYTES = 4096, 1024


def weight(item):
    """About what DynamoDB weighs: names and values as text, bytes as they are."""
    return len(json.dumps(item, default=lambda sealed: "x" * len(sealed)))


class Metered:
    """Strong reads cost a unit for 4 KB, writes one for 1 KB; a transaction costs twice as much."""

    def __init__(self, store, *, crash_at=()):
        self.store, self.crash_at = store, set(crash_at)
        self.calls, self.read_units, self.write_units = Counter(), 0, 0

    @property
    def items(self):
        return self.store.items

    def get(self, table, key):
        self._called("get", table)
        item = self.store.get(table, key)
        self._read([item] if item else [])
        return item

    def get_many(self, table, keys):
        self._called("get_many", table)
        items = self.store.get_many(table, keys)
        for item in items:
            self._read([item])
        return items

    def query(self, table, partition, **how):
        self._called("query", table)
        items = list(self.store.query(table, partition, **how))
        self._read(items)
        yield from items

    def write(self, *writes):
        self._called("write", writes[0].table)
        self.store.write(*writes)
        for write in writes:
            item = getattr(write, "item", None) or getattr(write, "set", {})
            units = max(1, math.ceil(weight(item) / WRITE_BYTES))
            self.write_units += units * (1 if len(writes) == 1 else 2)

    @property
    def total(self):
        return sum(self.calls.values())

    def _read(self, items):
        whole = sum(weight(item) for item in items)
        self.read_units += max(1, math.ceil(whole / READ_BYTES))

    def _called(self, what, table):
        self.calls[what, table] += 1
        if self.total in self.crash_at:
            raise Crash
