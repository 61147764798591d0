"""Who missed how often: one row a counter, in the table of journeys."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.signing import signing
from chalicelib.adapters.dynamodb.store import Change, Item, Put, Remove, Store
from chalicelib.domain.guessing import Counted, Misses
from chalicelib.domain.signature import Signature
from chalicelib.ports import Write

EVERYBODY_SHARDS = 16
KEPT = timedelta(hours=6)


class DynamoCounters:
    """Read together, written together; a write in between is noticed and read again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, keys: Mapping[Counted, str]) -> dict[Counted, Misses]:
        """One call, whatever is found."""
        rows = {row["journey"]: row for row in self._rows(keys)}
        found = {}
        for counted, key in keys.items():
            row = rows.get(_key(key), {})
            found[counted] = from_item(Misses, {"counted": counted, **row})
        return found

    def missing(
        self, keys: Mapping[Counted, str], misses: Mapping[Counted, Misses], now: datetime
    ) -> list[Write]:
        """One more miss on each, and on everybody. Refused when another came since the read."""
        writes: list[Write] = []
        for counted, key in keys.items():
            before = misses[counted]
            item = {
                **to_item(before.after_miss(now)),
                "journey": _key(key),
                "version": before.version + 1,
                "expires_at_epoch": int((now + KEPT).timestamp()),
            }
            writes.append(Put("journeys", item, when={"version": before.version or None}))
        return [*writes, _everybody(now, "missed")]

    def finding(self, now: datetime) -> Write:
        """One more hit, where everybody's misses are counted."""
        return _everybody(now, "found")

    def lift(self, key: str, signature: Signature | None = None) -> None:
        """Forgets the misses, and with them the wait."""
        signed = [signing(_key(key), "lifted", signature)] if signature else []
        self._store.write(Remove("journeys", (_key(key),)), *signed)

    def _rows(self, keys: Mapping[Counted, str]) -> list[Item]:
        return self._store.get_many("journeys", [(_key(key),) for key in keys.values()])


def _everybody(now: datetime, what: str) -> Write:
    """The hour's count over all members, spread so that no row is hot; it never refuses."""
    shard = secrets.randbelow(EVERYBODY_SHARDS)
    return Change(
        "journeys",
        (f"misses#everybody#{now:%Y-%m-%dT%H}#{shard}",),
        set={"expires_at_epoch": int((now + KEPT).timestamp())},
        add={what: 1},
    )


def _key(key: str) -> str:
    return f"misses#{key}"
