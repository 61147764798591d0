"""Messages that were promised, by the day they were promised on; and which of them still wait."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from chalicelib.domain.identities import halves_of, joined
from chalicelib.domain.mail import Mail, MailState, PendingMail
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import (
    MOST_LOOKS,
    Change,
    ConditionFailed,
    Contended,
    Item,
    Key,
    Put,
    Remove,
    Store,
    Write,
    read_all,
)

ONCE = "letters"
SHARDS = 16
PENDING = "pending"
SWEPT_TO = ("sweep", "swept_to")


class Outbox:
    """Table `outbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def adding(self, *mails: Mail) -> list[Write]:
        """Each message, refused where it was promised before, and that it waits."""
        return [write for mail in mails for write in _promise(mail)]

    def add(self, mail: Mail) -> bool:
        """Promises a message by itself; False when it was already promised."""
        try:
            self._store.write(*self.adding(mail))
        except ConditionFailed:
            return False
        return True

    def adding_once(self, *mails: Mail) -> list[Write]:
        """The same, whatever day it is: letters that a member gets once in all."""
        markers = [
            {"subject": ONCE, "line": mail.mail_id, "what": "promised", "day": _day(mail)}
            for mail in mails
        ]
        return [*self.adding(*mails), *(Put("audit", row, when={"line": None}) for row in markers)]

    def add_once(self, mail: Mail) -> bool:
        """One of them by itself; False when it was already promised."""
        try:
            self._store.write(*self.adding_once(mail))
        except ConditionFailed:
            return False
        return True

    def get(self, day: str, mail_id: str) -> Mail | None:
        """One message."""
        item = self._store.get("outbox", (_partition(day, mail_id), mail_id))
        return from_item(Mail, item) if item else None

    def promised_once(self, mail_id: str) -> list[tuple[date, str]]:
        """Day and id of a letter that comes once in all; also of those that go on with a dot."""
        rows = self._store.query("audit", ONCE, prefix=mail_id)
        ours = (row for row in rows if row["line"].removeprefix(mail_id)[:1] in ("", "."))
        return [(date.fromisoformat(row["day"]), row["line"]) for row in ours if "day" in row]

    def found(self, promises: Iterable[tuple[date, str]]) -> list[Mail]:
        """Those of them, by day and id, that were promised; in no order."""
        named = {(day.isoformat(), mail_id) for day, mail_id in promises}
        keys = [(_partition(day, mail_id), mail_id) for day, mail_id in sorted(named)]
        return [from_item(Mail, row) for row in read_all(self._store, "outbox", keys)]

    def marking(self, mail: Mail, before: Mail) -> list[Write]:
        """The message as it now is; refused when another sender marked it meanwhile."""
        when = {"state": str(before.state), "attempts": before.attempts}
        marked = Put("outbox", _item(mail), when=when)
        if mail.state is MailState.PENDING:
            return [marked]
        return [marked, Remove("outbox", _waits_at(mail.mail_id, mail.created_at))]

    def oldest_pending(self) -> PendingMail | None:
        """The one that waits longest: the first of a partition is its oldest."""
        firsts = [
            _pending(row)
            for shard in range(SHARDS)
            for row in self._store.query("outbox", _shard(PENDING, shard), limit=1)
        ]
        return min(firsts, key=lambda mail: mail.promised_at, default=None)

    def pending(self, after: PendingMail | None = None) -> Iterator[PendingMail]:
        """All that wait, partition by partition, oldest first, beyond `after`."""
        begin, beyond = _waits_at(after.mail_id, after.promised_at) if after else ("", "")
        for partition in (_shard(PENDING, shard) for shard in range(SHARDS)):
            if partition >= begin:
                place = beyond if partition == begin else None
                for row in self._store.query("outbox", partition, after=place):
                    yield _pending(row)

    def note_woken(self, mails: Sequence[PendingMail], at: datetime) -> None:
        """In one transaction; without those sent meanwhile, which stay gone. Raises Contended."""
        writes: list[Write] = [_woken(mail, at) for mail in mails]
        for _ in range(MOST_LOOKS):
            if not writes:
                return
            try:
                self._store.write(*writes)
            except ConditionFailed as refused:
                writes = [write for write in writes if write not in refused.writes]
            else:
                return
        raise Contended("letters that wait are sent all the time")

    def swept_to(self) -> PendingMail | None:
        """Where the last sweep ran out of time."""
        item = self._store.get("outbox", SWEPT_TO)
        return from_item(PendingMail, item["last"]) if item and "last" in item else None

    def note_swept_to(self, last: PendingMail | None) -> None:
        """The next sweep begins there; at the beginning without."""
        day, mail_id = SWEPT_TO
        row = {"day": day, "mail_id": mail_id, "last": to_item(last) if last else None}
        self._store.write(Put("outbox", row))


def _promise(mail: Mail) -> list[Write]:
    partition, place = _waits_at(mail.mail_id, mail.created_at)
    return [
        Put("outbox", _item(mail), when={"mail_id": None}),
        Put("outbox", {"day": partition, "mail_id": place}),
    ]


def _item(mail: Mail) -> Item:
    return {**to_item(mail), "day": _partition(_day(mail), mail.mail_id)}


def _day(mail: Mail) -> str:
    return mail.created_at.date().isoformat()


def _waits_at(mail_id: str, promised_at: datetime) -> tuple[str, str]:
    """In the order of promises, so that the oldest is found first; it leads to the message."""
    return _partition(PENDING, mail_id), joined(promised_at.isoformat(), mail_id)


def _pending(row: Item) -> PendingMail:
    promised_at, mail_id = halves_of(row["mail_id"])
    woken_at = row.get("woken_at")
    return PendingMail(
        mail_id=mail_id,
        promised_at=datetime.fromisoformat(promised_at),
        woken_at=datetime.fromisoformat(woken_at) if woken_at else None,
    )


def _woken(mail: PendingMail, at: datetime) -> Change:
    key: Key = _waits_at(mail.mail_id, mail.promised_at)
    return Change("outbox", key, set={"woken_at": at.isoformat()}, when={"mail_id": key[1]})


def _partition(day: str, mail_id: str) -> str:
    """A morning's million letters go to many partitions: one takes a thousand writes a second."""
    return _shard(day, hashlib.sha256(mail_id.encode()).digest()[0] % SHARDS)


def _shard(name: str, shard: int) -> str:
    return f"{name}.{shard:02}"
