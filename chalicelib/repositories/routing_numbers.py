"""Routing numbers: the directory, those that take no payments, and who pays there (12, 49)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from chalicelib.domain.identities import joined
from chalicelib.domain.mandate import EndReason, Mandates
from chalicelib.store import Check, Put, Store, Write

DIRECTORY, LOADED = "routing", "#loaded"
STATES, DEAD, ALIVE = "routing_states", "dead", "alive"
AT = "at_routing"
OVER = frozenset({EndReason.REPLACED, EndReason.RETURNED, EndReason.DIED})


class RoutingBook:
    """Of table `lookups`: `routing`, the directory that staff load, and `routing_states`.

    Of `mandates`: `at_routing#<number>`, a row for each enrollment that ever had a mandate there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def is_listed(self, routing: str) -> bool | None:
        """Whether the directory has this routing number; None while none is loaded (rule 12)."""
        if self._store.get("lookups", (DIRECTORY, LOADED)) is None:
            return None
        return self._store.get("lookups", (DIRECTORY, routing)) is not None

    def bank_name(self, routing: str) -> str | None:
        """What the directory calls the bank; None where it has no name, or not the number."""
        item = self._store.get("lookups", (DIRECTORY, routing)) or {}
        return item.get("bank_name") or None

    def load(self, routings: Iterable[str], names: Mapping[str, str] | None = None) -> int:
        """Adds routing numbers to the directory, and whose they are; says how many."""
        count = 0
        for routing in routings:
            named = {"bank_name": (names or {}).get(routing, "")}
            item = {"lookup": DIRECTORY, "enrollment_id": routing, **named}
            self._store.write(Put("lookups", item))
            count += 1
        self._store.write(Put("lookups", {"lookup": DIRECTORY, "enrollment_id": LOADED}))
        return count

    def is_dead(self, routing: str) -> bool:
        """Whether nothing may be debited at this routing number any more (rule 49)."""
        return self._state(routing) == DEAD

    def was_released(self, routing: str) -> bool:
        """Whether it was dead, and people have released it since."""
        return self._state(routing) == ALIVE

    def burying(self, routing: str, at: datetime) -> Write:
        """From now on nothing is; the same again changes nothing that matters."""
        return _saying(routing, DEAD, at)

    def reviving(self, routing: str, at: datetime) -> Write:
        """It may be debited there again."""
        return _saying(routing, ALIVE, at)

    def while_dead(self, routing: str, *, is_dead: bool) -> Write:
        """Nothing happens where it is otherwise meanwhile."""
        wanted = DEAD if is_dead else (None, ALIVE)
        return Check("lookups", (STATES, routing), when={"state": wanted})

    def who_pays_at(
        self, routing: str, after: str | None = None, most: int | None = None
    ) -> list[str]:
        """Enrollments that have, or had, a mandate there; in order, beyond `after`."""
        rows = self._store.query("mandates", joined(AT, routing), after=after, limit=most)
        return [str(row["mandate"]) for row in rows]

    def _state(self, routing: str) -> str | None:
        row = self._store.get("lookups", (STATES, routing))
        return str(row["state"]) if row else None


def _saying(routing: str, state: str, at: datetime) -> Put:
    key = {"lookup": STATES, "enrollment_id": routing}
    return Put("lookups", {**key, "state": state, "at": at.isoformat()})


def paying_at(mandates: Mandates) -> Iterator[Put]:
    """The rows of who pays where, for the transaction of a change; what is over has its own."""
    going_on = [each for each in mandates.standing if each.end_reason not in OVER]
    for routing in sorted({each.account.routing for each in going_on}):
        row = {"slot": joined(AT, routing), "mandate": mandates.enrollment_id}
        yield Put("mandates", row)
