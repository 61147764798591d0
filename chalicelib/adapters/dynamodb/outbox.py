"""Messages that were promised, by the day they were promised on."""

from collections.abc import Iterator

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.store import Item, Put, Store
from chalicelib.domain.mail import Mail, MailState
from chalicelib.ports import Refused, Write

ONCE = "letters"


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
        item = self._store.get("outbox", (day, mail_id))
        return from_item(Mail, item) if item else None

    def marking(self, mail: Mail, before: Mail) -> Write:
        """The message as it now is; refused when another sender marked it meanwhile."""
        when = {"state": str(before.state), "attempts": before.attempts}
        return Put("outbox", _item(mail), when=when)

    def pending(self, day: str) -> Iterator[Mail]:
        """Messages promised on a day that were neither sent nor given up."""
        mails = (from_item(Mail, item) for item in self._store.query("outbox", day))
        return (mail for mail in mails if mail.state is MailState.PENDING)


def _item(mail: Mail) -> Item:
    return {**to_item(mail), "day": outbox_day(mail)}


def outbox_day(mail: Mail) -> str:
    """The UTC day a message was promised on."""
    return mail.created_at.date().isoformat()
