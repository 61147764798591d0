"""Feeds being read, and what their parts reported."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.identities import joined
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import ConditionFailed, Put, Store

HEADER = "#header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed being read: `order` places its rows among those of other feeds."""

    feed: str  # object key and version
    order: str
    parts: int
    columns: tuple[str, ...]  # of its header row


class Feeds:
    """Table `feeds`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def place(self, content_digest: str, order: str) -> str:
        """The order of the first feed with this content."""
        key = (joined("content", content_digest), HEADER)
        try:
            row = {"feed": key[0], "part": key[1], "order": order}
            self._store.write(Put("feeds", row, when={"feed": None}))
        except ConditionFailed:
            first = self._store.get("feeds", key)
            return str(first["order"]) if first else order
        return order

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

    def report_part(
        self, feed: str, part: int, accepted: int, rejected: Sequence[tuple[int, str]]
    ) -> None:
        """Keeps the first report of a part; a second reading finds nothing new to say."""
        row = {
            "feed": feed,
            "part": f"{part:06}",
            "accepted": accepted,
            "rejected": [list(each) for each in rejected],
        }
        with suppress(ConditionFailed):
            self._store.write(Put("feeds", row, when={"feed": None}))

    def parts(self, feed: str) -> dict[int, tuple[int, list[tuple[int, str]]]]:
        """By part: accepted rows, and (line, reason) of the rejected ones."""
        return {
            int(row["part"]): (row["accepted"], [(line, why) for line, why in row["rejected"]])
            for row in self._store.query("feeds", feed)
            if row["part"] != HEADER
        }
