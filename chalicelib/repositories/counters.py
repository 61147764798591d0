"""Who missed how often: one row a counter, in the table of journeys."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.domain.guessing import Counted, Misses
from chalicelib.domain.identities import joined
from chalicelib.domain.signature import Signature
from chalicelib.repositories.audit import signing
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import Check, Item, Put, Remove, Store, Write

LIFETIME = timedelta(hours=6)


class Counters:
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

    def changing(
        self, keys: Mapping[Counted, str], misses: Mapping[Counted, Misses], now: datetime
    ) -> list[Write]:
        """The counters as given. Refused when one changed since it was read."""
        writes: list[Write] = []
        for counted, key in keys.items():
            before = misses[counted].version
            item = {
                **to_item(misses[counted]),
                "journey": _key(key),
                "version": before + 1,
                "expires_at_epoch": int((now + LIFETIME).timestamp()),
            }
            writes.append(Put("journeys", item, when={"version": before or None}))
        return writes

    def nothing(self, count: int) -> list[Write]:
        """Checks of rows that nobody has: on rows of others they would hold these up."""
        nobody = _key(joined("nobody", secrets.token_hex(16)))
        return [
            Check("journeys", (joined(nobody, n),), when={"version": None}) for n in range(count)
        ]

    def lift(self, key: str, signature: Signature | None = None) -> None:
        """Forgets the misses, and with them the wait."""
        signed = signing(_key(key), "lifted", signature) if signature else []
        self._store.write(Remove("journeys", (_key(key),)), *signed)

    def _rows(self, keys: Mapping[Counted, str]) -> list[Item]:
        return self._store.get_many("journeys", [(_key(key),) for key in keys.values()])


def _key(key: str) -> str:
    return joined("misses", key)
