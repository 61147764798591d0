"""Ledger lines, payments, and the entries that wait for the bank."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime

from chalicelib.domain.coverage import is_month
from chalicelib.domain.credit import Credit
from chalicelib.domain.entry import Batch, Entry, Torn, entry_of, line_of_payment, web_collections
from chalicelib.domain.identities import joined, parts_of, rest_of
from chalicelib.domain.ledger import OF_A_MONTH, Line, in_order
from chalicelib.domain.payment import Payment, Submission
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item, readable, to_item
from chalicelib.store import Change, Check, ConditionFailed, Item, Put, Store, Write, read_all

HEADER = "#header"  # sorts before every entry
OPEN, CLOSED = "open", "closed"
STOPS = "stops"
LOOKS, LOOK_AGAIN_S = 20, 0.25


class Books:
    """Tables `ledger`, `payments` and `entries`."""

    def __init__(self, store: Store, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause

    def lines(self, enrollment_id: str) -> list[Line]:
        """All lines, oldest first."""
        items = self._store.query("ledger", enrollment_id)
        return in_order(map(_line_of, items))

    def readable_lines(self, enrollment_id: str) -> list[Line] | None:
        """The same; None where one can't be read: nobody knows then what is owed."""
        items = list(self._store.query("ledger", enrollment_id))
        lines = [readable(_line_of, item) for item in items]
        return in_order(line for line in lines if line) if all(lines) else None

    def adding_line(self, line: Line) -> Write:
        """Refused where the line is already posted: its id is its business identity."""
        return Put("ledger", to_item(line), when={"line": None})

    def adding_submission(
        self, submission: Submission, line_at: datetime, *prenotes: Entry
    ) -> list[Write]:
        """Payments, lines, entries and the submission; the collection must still be open."""
        writes: list[Write] = []
        for payment in submission.payments:
            writes += [
                self.adding_payment(payment),
                self.adding_line(line_of_payment(payment, line_at)),
            ]
        entries = [entry_of(payment) for payment in submission.payments]
        return [*writes, _submission(submission), *self.joining(*entries, *prenotes)]

    def adding_payment(self, payment: Payment) -> Write:
        """Refused where there is one of this id."""
        return Put("payments", to_item(payment), when={"payment_id": None})

    def joining(self, *entries: Entry) -> list[Write]:
        """Entries, and the count and cents of their collection, which must still be open."""
        joined: dict[str, list[int]] = {}
        for entry in entries:
            joined.setdefault(entry.collection, []).append(entry.amount_cents)
        return [
            *(Put("entries", _entry(entry), when={"entry": None}) for entry in entries),
            *(_counting(collection, cents) for collection, cents in joined.items()),
        ]

    def decide(self, line: Line) -> Line:
        """Adds the first decision of a month, and answers with the one that stands."""
        try:
            self._store.write(self.adding_line(line))
        except ConditionFailed:
            row = self._store.get("ledger", (line.enrollment_id, line.line))
            return (readable(_line_of, row) if row else None) or line
        return line

    def put_entry(self, entry: Entry) -> None:
        """Puts the entry of a decision that stands; once there, it never changes."""
        with suppress(ConditionFailed):
            self._store.write(Put("entries", _entry(entry), when={"entry": None}))

    def entries(
        self, collection: str, batch: Batch | None = None, without: Collection[str] = ()
    ) -> Iterator[Entry]:
        """In key order: by batch, then payment id; those left out are not even read."""
        for item in self._entries(collection, batch):
            if _paid_by(item) not in without:
                yield from_item(Entry, item)

    def all_entries(self, collection: str, batch: Batch | None = None) -> Iterator[Entry | Torn]:
        """The same; of those that can't be read what is left."""
        for item in self._entries(collection, batch):
            yield readable(_entry_of, item) or Torn.of(item)

    def readable_entries(self, collection: str, batch: Batch | None = None) -> Iterator[Entry]:
        """The same, but for those that can't be read."""
        return (row for row in self.all_entries(collection, batch) if isinstance(row, Entry))

    def _entries(self, collection: str, batch: Batch | None = None) -> Iterator[Item]:
        """The header is no entry."""
        prefix = joined(batch, "") if batch else ""
        rows = self._store.query("entries", collection, prefix=prefix)
        return (item for item in rows if item["entry"] != HEADER)

    def entry(self, collection: str, batch: Batch, payment_id: str) -> Entry | None:
        """One entry."""
        item = self._store.get("entries", (collection, joined(batch, payment_id)))
        return from_item(Entry, item) if item else None

    def entries_of(self, places: Sequence[tuple[str, Batch]], payment_id: str) -> Iterator[Entry]:
        """Those of this id in any of these batches; a hundred keys in one call."""
        keys = [(collection, joined(batch, payment_id)) for collection, batch in places]
        for item in read_all(self._store, "entries", keys):
            yield from_item(Entry, item)

    def stopping(self, entry: Entry, signature: Signature) -> list[Write]:
        """The entry does not go; refused once its collection is closed, or where it is stopped."""
        day = parts_of(entry.collection)[1]
        return [
            Check("entries", (entry.collection, HEADER), when={"state": OPEN}),
            Put(
                "entries",
                {"collection": joined(STOPS, day), "entry": entry.payment_id, **to_item(signature)},
                when={"entry": None},
            ),
        ]

    def stops(self, day: date) -> frozenset[str]:
        """Payments of a day's collection that do not go; complete once it is closed."""
        rows = self._store.query("entries", joined(STOPS, day))
        return frozenset(str(row["entry"]) for row in rows)

    def close_web(self, day: date) -> None:
        """Closes the headers; then waits until the rows agree with them.

        A query may lag a committed transaction for a moment (facts: aws 6.21).
        """
        for collection in web_collections(day):
            self._store.write(Change("entries", (collection, HEADER), set={"state": CLOSED}))
            self._await_rows(collection)

    def credit(self, credit_id: str) -> Credit | None:
        """Money that is to go back; it lies among the payments."""
        item = self._store.get("payments", (credit_id,))
        return from_item(Credit, item) if item and "credit_id" in item else None

    def changing_credit(self, credit: Credit, before: Credit | None) -> Write:
        """Refused when it is not as it was before: every change adds a release or moves on."""
        row = {**to_item(credit), "signed": len(credit.releases)}
        if before is None:
            new = {**row, "payment_id": credit.credit_id}
            return Put("payments", new, when={"payment_id": None})
        when = {"state": str(before.state), "signed": len(before.releases)}
        return Change("payments", (credit.credit_id,), set=row, when=when)

    def line(self, enrollment_id: str, line: str) -> Line | None:
        """One line of the ledger."""
        item = self._store.get("ledger", (enrollment_id, line))
        return _line_of(item) if item else None

    def submission(self, confirmation: str) -> Submission | None:
        """One Submit with its payments, by its confirmation number."""
        item = self._store.get("payments", (confirmation,))
        if item is None or "amount_cents" in item:  # a payment, or a credit
            return None
        ids = item["payment_ids"]
        if not all(isinstance(each, str) for each in ids):
            raise KeyError("payment_ids")
        found = [self.payment(payment_id) for payment_id in ids]
        payments = [to_item(payment) for payment in found if payment]
        return from_item(Submission, {**item, "payments": payments})

    def payment(self, payment_id: str) -> Payment | None:
        """One debit from the page, or a retry; Submits and credits lie in the same table."""
        item = self._store.get("payments", (payment_id,))
        if item is None or "payment_ids" in item or "credit_id" in item:
            return None
        return from_item(Payment, item)

    def having(self, enrollment_ids: Sequence[str], line: str) -> set[str]:
        """Those of the enrollments whose ledger has a line of this name."""
        keys = [(enrollment_id, line) for enrollment_id in enrollment_ids]
        return {str(row["enrollment_id"]) for row in read_all(self._store, "ledger", keys)}

    def lacking(self, enrollment_id: str, line: str) -> Write:
        """Nothing happens when the ledger has this line."""
        return Check("ledger", (enrollment_id, line), when={"line": None})

    def _holds(self, collection: str, count: int, cents: int) -> bool:
        """Whether all rows are there; of one that can't be read nobody knows the cents."""
        rows = list(self.all_entries(collection))
        torn = any(isinstance(row, Torn) for row in rows)
        return len(rows) == count and (torn or sum(row.amount_cents for row in rows) == cents)

    def _await_rows(self, collection: str) -> None:
        header = self._store.get("entries", (collection, HEADER)) or {}
        wanted = (header.get("count", 0), header.get("cents", 0))
        for _ in range(LOOKS):
            if self._holds(collection, *wanted):
                return
            self._pause(LOOK_AGAIN_S)
        raise TimeoutError(f"{collection} does not agree with its header")


def _entry_of(item: Item) -> Entry:
    """Raises KeyError where it is not what its key says."""
    entry = from_item(Entry, item)
    if joined(entry.batch, entry.payment_id) != item["entry"]:
        raise KeyError(item["entry"])
    return entry


def _paid_by(item: Item) -> str:
    return rest_of(str(item["entry"]))


def _line_of(item: Item) -> Line:
    """Raises KeyError where its month is none: it would be charged once more."""
    line = from_item(Line, item)
    may_have_none = line.kind not in OF_A_MONTH
    if not (is_month(line.month) if line.month is not None else may_have_none):
        raise KeyError(item["line"])
    return line


def _entry(entry: Entry) -> Item:
    return {**to_item(entry), "entry": joined(entry.batch, entry.payment_id)}


def _submission(submission: Submission) -> Put:
    item = to_item(submission)
    ids = [payment["payment_id"] for payment in item.pop("payments")]
    key = {"payment_id": submission.confirmation, "payment_ids": ids}
    return Put("payments", {**item, **key}, when={"payment_id": None})


def _counting(collection: str, cents: list[int]) -> Change:
    return Change(
        "entries",
        (collection, HEADER),
        set={"state": OPEN},
        add={"count": len(cents), "cents": sum(cents)},
        when={"state": (None, OPEN)},
    )
