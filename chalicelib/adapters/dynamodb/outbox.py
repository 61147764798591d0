"""Messages that were promised, by the day they were promised on."""

import hashlib
from collections.abc import Iterator

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.store import Item, Put, Store
from chalicelib.domain.mail import Mail, MailState
from chalicelib.ports import Refused, Write

ONCE = "letters"
SHARDS = 16


class DynamoOutbox:
    """Table `outbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def adding(self, mail: Mail) -> Write:
        """Refused when this message was already promised."""
        return Put("outbox", _item(mail), when={"mail_id": None})

    def add(self, mail: Mail) -> bool:
        """Promises a message by itself; False when it was already promised."""
        try:
            self._store.write(self.adding(mail))
        except Refused:
            return False
        return True

    def add_once(self, mail: Mail) -> bool:
        """The same, whatever day it is: a letter that a member gets once in all."""
        marker = {"subject": ONCE, "line": mail.mail_id, "what": "promised"}
        try:
            self._store.write(self.adding(mail), Put("audit", marker, when={"line": None}))
        except Refused:
            return False
        return True

    def get(self, day: str, mail_id: str) -> Mail | None:
        """One message."""
        item = self._store.get("outbox", (_partition(day, mail_id), mail_id))
        return from_item(Mail, item) if item else None

    def marking(self, mail: Mail, before: Mail) -> Write:
        """The message as it now is; refused when another sender marked it meanwhile."""
        when = {"state": str(before.state), "attempts": before.attempts}
        return Put("outbox", _item(mail), when=when)

    def pending(self, day: str) -> Iterator[Mail]:
        """Messages promised on a day (UTC) that were neither sent nor given up."""
        for shard in range(SHARDS):
            for item in self._store.query("outbox", f"{day}.{shard:02}"):
                mail = from_item(Mail, item)
                if mail.state is MailState.PENDING:
                    yield mail


def _item(mail: Mail) -> Item:
    day = mail.created_at.date().isoformat()
    return {**to_item(mail), "day": _partition(day, mail.mail_id)}


def _partition(day: str, mail_id: str) -> str:
    """A morning's million letters go to many partitions: one takes a thousand writes a second."""
    return f"{day}.{hashlib.sha256(mail_id.encode()).digest()[0] % SHARDS:02}"
