"""Feeds being read, and what their parts reported."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter

from chalicelib.domain.identities import joined
from chalicelib.repositories.codec import from_item, from_json, to_item, to_json
from chalicelib.store import MOST_CHANGES, Change, ConditionFailed, Put, Store

HEADER = "#header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed being read: `order` places its rows among those of other feeds."""

    feed: str  # object key and version
    order: str
    parts: int
    columns: tuple[str, ...]  # of its header row
    reported: int = 0  # parts

    @property
    def is_whole(self) -> bool:
        """Whether each part was read."""
        return self.reported >= self.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """What became of the rows of one part; of a rejected one its line, and why.

    Sums are of the rows that were accepted.
    """

    accepted: int
    premium_cents: int = 0
    balance_cents: int = 0
    rejected: tuple[tuple[int, str], ...] = ()


class Feeds:
    """Table `feeds`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def place(self, content_digest: str, order: str) -> tuple[str, bool]:
        """The order of the first feed with this content, and whether staff released it."""
        key = (joined("content", content_digest), HEADER)
        try:
            row = {"feed": key[0], "part": key[1], "order": order}
            self._store.write(Put("feeds", row, when={"feed": None}))
        except ConditionFailed:
            first = self._store.get("feeds", key)
            if first:
                return str(first["order"]), bool(first.get("released"))
        return order, False

    def release(self, content_digest: str) -> None:
        """What has this content is not held any more."""
        key = (joined("content", content_digest), HEADER)
        self._store.write(Change("feeds", key, set={"released": True}))

    def begin(self, feed: Feed) -> Feed:
        """Begins the feed, or answers with the one begun before."""
        try:
            header = {**to_item(feed), "part": HEADER}
            self._store.write(Put("feeds", header, when={"feed": None}))
        except ConditionFailed:
            return self.get(feed.feed) or feed
        return feed

    def get(self, feed: str) -> Feed | None:
        """The header of a feed."""
        item = self._store.get("feeds", (feed, HEADER))
        return from_item(Feed, item) if item else None

    def has_reported(self, feed: str, part: int) -> bool:
        """Whether this part was read."""
        return self._store.get("feeds", (feed, _name(part))) is not None

    def report_part(self, feed: str, part: int, report: PartReport) -> None:
        """Keeps the first report of a part, and counts it: nobody looks through all of them."""
        row = {"feed": feed, "part": _name(part), "report": to_json(report)}
        counted = Change("feeds", (feed, HEADER), add={"reported": 1}, when={"feed": feed})
        with suppress(ConditionFailed):
            self._store.write(Put("feeds", row, when={"feed": None}), counted)

    def reports(self, feed: Feed) -> Iterator[PartReport]:
        """What the parts reported, in their order; a hundred are held at a time.

        By key: the last one may have been committed this moment, and a query not see it.
        """
        keys = [(feed.feed, _name(part)) for part in range(1, feed.parts + 1)]
        for first in range(0, len(keys), MOST_CHANGES):
            rows = self._store.get_many("feeds", keys[first : first + MOST_CHANGES])
            for row in sorted(rows, key=itemgetter("part")):
                yield from_json(PartReport, row["report"])


def _name(part: int) -> str:
    return f"{part:06}"
