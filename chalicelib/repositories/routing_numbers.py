"""Routing numbers: the directory, those that take no payments, and who pays there (12, 49)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.domain.identities import joined
from chalicelib.domain.mandate import Mandates
from chalicelib.store import Check, Put, Remove, Store, Write

DIRECTORY, LOADED = "routing", "#loaded"
DEAD = "dead_routing"
AT = "at_routing"


class RoutingBook:
    """Of table `lookups`: `routing`, the directory that staff load, and `dead_routing`.

    Of `mandates`: `at_routing#<number>`, a row for each enrollment that ever had a mandate there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def is_listed(self, routing: str) -> bool | None:
        """Whether the directory has this routing number; None while none is loaded (rule 12)."""
        if self._store.get("lookups", (DIRECTORY, LOADED)) is None:
            return None
        return self._store.get("lookups", (DIRECTORY, routing)) is not None

    def load(self, routings: Iterable[str]) -> int:
        """Adds routing numbers to the directory; says how many."""
        count = 0
        for routing in routings:
            self._store.write(Put("lookups", {"lookup": DIRECTORY, "enrollment_id": routing}))
            count += 1
        self._store.write(Put("lookups", {"lookup": DIRECTORY, "enrollment_id": LOADED}))
        return count

    def is_dead(self, routing: str) -> bool:
        """Whether nothing may be debited at this routing number any more (rule 49)."""
        return self._store.get("lookups", (DEAD, routing)) is not None

    def burying(self, routing: str, at: datetime) -> Write:
        """From now on nothing is; the same again changes nothing that matters."""
        key = {"lookup": DEAD, "enrollment_id": routing}
        return Put("lookups", {**key, "at": at.isoformat()})

    def reviving(self, routing: str) -> Write:
        """It may be debited there again."""
        return Remove("lookups", (DEAD, routing))

    def while_dead(self, routing: str, *, is_dead: bool) -> Write:
        """Nothing happens where it is otherwise meanwhile."""
        return Check("lookups", (DEAD, routing), when={"lookup": DEAD if is_dead else None})

    def who_pays_at(
        self, routing: str, after: str | None = None, most: int | None = None
    ) -> list[str]:
        """Enrollments that have, or had, a mandate there; in order, beyond `after`."""
        rows = self._store.query("mandates", joined(AT, routing), after=after, limit=most)
        return [str(row["mandate"]) for row in rows]


def paying_at(mandates: Mandates) -> Iterator[Put]:
    """The rows of who pays where, for the transaction of a change; an ended mandate has its own."""
    going_on = [each for each in mandates.standing if each.ended_at is None]
    for routing in sorted({each.account.routing for each in going_on}):
        row = {"slot": joined(AT, routing), "mandate": mandates.enrollment_id}
        yield Put("mandates", row)
