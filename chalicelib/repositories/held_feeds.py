"""Feeds that are held until staff decide, and whom their rows would harm meanwhile (rule 40)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.feed_file import form_of
from chalicelib.domain.identities import joined
from chalicelib.domain.signature import Signature, is_one_person
from chalicelib.repositories.codec import from_item, from_json, to_item, to_json
from chalicelib.repositories.feeds import PartReport
from chalicelib.store import Change, ConditionFailed, Item, Put, Remove, Store, Write

HELD = "#held"
RELEASING = "releasing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFeed:
    """A feed of which no row was imported; sealed in quarantine under its name."""

    name: str  # of the file, and its version
    key: str
    digest: str  # of its content
    columns: tuple[str, ...]
    arrived_at: datetime
    why: tuple[str, ...]
    slots: tuple[int, ...]  # where its rows would harm somebody
    releases: tuple[Signature, ...] = ()

    @property
    def releases_missing(self) -> int:
        """How many more people must release it."""
        return max(form_of(self.key).releases_needed - len(self.releases), 0)

    def with_release(self, signature: Signature) -> "HeldFeed":
        """The same where this person did before."""
        if any(is_one_person(signature, before) for before in self.releases):
            return self
        return replace(self, releases=(*self.releases, signature))

    @property
    def place(self) -> str:
        """Where it lies, sealed."""
        return f"quarantine/feed-{self.name}"


class HeldFeeds:
    """Of table `feeds`: the held ones, their rows' reports, and who waits for them, by slot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[HeldFeed]:
        """Oldest first."""
        found = [from_item(HeldFeed, row) for row in self._store.query("feeds", HELD)]
        return sorted(found, key=lambda held: (held.arrived_at, held.name))

    def holding(self, held: HeldFeed) -> Write:
        """Refused where it is held already."""
        return Put("feeds", {"feed": HELD, "part": held.name, **to_item(held)}, when={"feed": None})

    def signing(self, held: HeldFeed, before: HeldFeed) -> Write:
        """With one more release; refused where it is not as it was before."""
        return self._signed(held, before, {})

    def releasing(self, held: HeldFeed, before: HeldFeed) -> Write:
        """From now on it can't be refused; refused where it is not as it was before."""
        return self._signed(held, before, {RELEASING: True})

    def _signed(self, held: HeldFeed, before: HeldFeed, more: Item) -> Write:
        row = {"releases": to_item(held)["releases"], "signed": len(held.releases), **more}
        when = {"feed": HELD, "signed": len(before.releases) or None}
        return Change("feeds", (HELD, held.name), set=row, when=when)

    def ending(self, held: HeldFeed, *, is_release: bool) -> Write:
        """Refused where it is not held any more, or somebody decided otherwise meanwhile."""
        decided = {RELEASING: True if is_release else None}
        return Remove("feeds", (HELD, held.name), when={"feed": HELD, **decided})

    def keep_report(self, name: str, part: int, report: PartReport) -> None:
        """What would have become of some rows."""
        row = {"feed": joined(HELD, name), "part": f"{part:06}", "report": to_json(report)}
        with suppress(ConditionFailed):
            self._store.write(Put("feeds", row, when={"feed": None}))

    def reports(self, name: str) -> Iterator[PartReport]:
        """In the order of its rows; one is held at a time."""
        for row in self._store.query("feeds", joined(HELD, name)):
            yield from_json(PartReport, row["report"])

    def keep_harmed(self, name: str, enrollment_ids: Iterable[str]) -> tuple[int, ...]:
        """Whose rows end them or lower their premium; answers with their slots."""
        by_slot = defaultdict[int, set[str]](set)
        for each in enrollment_ids:
            by_slot[slot_of(each)].add(each)
        for slot, ids in by_slot.items():
            row = {"feed": _slot(slot), "part": name, "enrollment_ids": sorted(ids)}
            self._store.write(Put("feeds", row))
        return tuple(sorted(by_slot))

    def harmed_in(self, slot: int) -> frozenset[str]:
        """Those of a slot whom a held feed would harm; what an ended one left does not count."""
        rows = list(self._store.query("feeds", _slot(slot)))
        names = {held.name for held in self.all()} if rows else set()
        return frozenset(
            each for row in rows if row["part"] in names for each in row["enrollment_ids"]
        )

    def forget_harmed(self, held: HeldFeed) -> None:
        """Its rows wait no more."""
        for slot in held.slots:
            self._store.write(Remove("feeds", (_slot(slot), held.name)))


def _slot(slot: int) -> str:
    return joined(HELD, f"{slot:04}")
