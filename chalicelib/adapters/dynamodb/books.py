"""Ledger lines, payments, and the entries that wait for the bank."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.store import Change, Item, Put, Store
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.ledger import Line, LineKind, in_order
from chalicelib.domain.payment import Entry, Payment, Submission
from chalicelib.domain.sealing import WEB_SHARDS
from chalicelib.ports import Refused, Write

HEADER = "#header"  # sorts before every entry
OPEN, CLOSED = "open", "closed"
LOOKS, LOOK_AGAIN_S = 20, 0.25


class DynamoBooks:
    """Tables `ledger`, `payments` and `entries`."""

    def __init__(self, store: Store, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause

    def lines(self, enrollment_id: str) -> list[Line]:
        """All lines, oldest first."""
        items = self._store.query("ledger", enrollment_id)
        return in_order(from_item(Line, item) for item in items)

    def adding_line(self, line: Line) -> Write:
        """Refused where the line is already posted: its id is its business identity."""
        return Put("ledger", to_item(line), when={"line": None})

    def adding_submission(self, submission: Submission, line_at: datetime) -> list[Write]:
        """Payments, lines, entries and the submission; the collection must still be open."""
        writes: list[Write] = []
        for payment in submission.payments:
            writes += [
                Put("payments", to_item(payment), when={"payment_id": None}),
                self.adding_line(_line(payment, line_at)),
                Put("entries", _entry(_entry_of(payment)), when={"entry": None}),
            ]
        counting = [_counting(submission)] if submission.payments else []
        return [*writes, _submission(submission), *counting]

    def decide(self, line: Line) -> Line:
        """Keeps the first decision of a month, and answers with the one that stands."""
        try:
            self._store.write(self.adding_line(line))
        except Refused:
            kept = self._store.get("ledger", (line.enrollment_id, line.line))
            return from_item(Line, kept) if kept else line
        return line

    def put_entry(self, entry: Entry) -> None:
        """Puts the entry of a decision that stands; once there, it never changes."""
        with suppress(Refused):
            self._store.write(Put("entries", _entry(entry), when={"entry": None}))

    def entries(self, collection: str, plan: Plan | None = None) -> Iterator[Entry]:
        """In key order: by plan, then payment id; the header is no entry."""
        prefix = f"{plan}#" if plan else ""
        for item in self._store.query("entries", collection, prefix=prefix):
            if item["entry"] != HEADER:
                yield from_item(Entry, item)

    def entry(self, collection: str, plan: Plan, payment_id: str) -> Entry | None:
        """One entry."""
        item = self._store.get("entries", (collection, f"{plan}#{payment_id}"))
        return from_item(Entry, item) if item else None

    def close_web(self, day: date) -> None:
        """Closes the headers; then waits until the rows agree with them.

        A query may lag a committed transaction for a moment (facts: aws 6.21).
        """
        for shard in range(WEB_SHARDS):
            collection = f"web#{day.isoformat()}#{shard:02}"
            self._store.write(Change("entries", (collection, HEADER), set={"state": CLOSED}))
            self._await_rows(collection)

    def line(self, enrollment_id: str, line: str) -> Line | None:
        """One line of the ledger."""
        item = self._store.get("ledger", (enrollment_id, line))
        return from_item(Line, item) if item else None

    def submission(self, confirmation: str) -> Submission | None:
        """One Submit with its payments, by its confirmation number."""
        item = self._store.get("payments", (confirmation,))
        if item is None:
            return None
        found = [self.payment(payment_id) for payment_id in item["payment_ids"]]
        payments = [to_item(payment) for payment in found if payment]
        return from_item(Submission, {**item, "payments": payments})

    def payment(self, payment_id: str) -> Payment | None:
        """One debit."""
        item = self._store.get("payments", (payment_id,))
        return from_item(Payment, item) if item else None

    def _await_rows(self, collection: str) -> None:
        header = self._store.get("entries", (collection, HEADER)) or {}
        wanted = (header.get("count", 0), header.get("cents", 0))
        for _ in range(LOOKS):
            rows = list(self.entries(collection))
            if (len(rows), sum(row.amount_cents for row in rows)) == wanted:
                return
            self._pause(LOOK_AGAIN_S)
        raise TimeoutError(f"{collection} does not agree with its header")


def web_collection(collected_on: date, confirmation: str) -> str:
    """The part of a day's page collection that a Submit's entries lie in."""
    shard = hashlib.sha256(confirmation.encode()).digest()[0] % WEB_SHARDS
    return f"web#{collected_on.isoformat()}#{shard:02}"


def _line(payment: Payment, at: datetime) -> Line:
    return Line(
        enrollment_id=payment.enrollment_id,
        line=f"payment#{payment.payment_id}",
        kind=LineKind.PAYMENT,
        amount_cents=-payment.amount_cents,
        at=at,
        payment_id=payment.payment_id,
    )


def _entry_of(payment: Payment) -> Entry:
    return Entry(
        collection=web_collection(payment.collected_on, payment.confirmation),
        payment_id=payment.payment_id,
        kind=payment.kind,
        plan=payment.plan,
        enrollment_id=payment.enrollment_id,
        subscriber_id=payment.subscriber_id,
        amount_cents=payment.amount_cents,
        effective_on=payment.effective_on,
        account=payment.account,
    )


def _entry(entry: Entry) -> Item:
    return {**to_item(entry), "entry": f"{entry.plan}#{entry.payment_id}"}


def _submission(submission: Submission) -> Put:
    item = to_item(submission)
    ids = [payment["payment_id"] for payment in item.pop("payments")]
    key = {"payment_id": submission.confirmation, "payment_ids": ids}
    return Put("payments", {**item, **key}, when={"payment_id": None})


def _counting(submission: Submission) -> Change:
    return Change(
        "entries",
        (web_collection(submission.collected_on, submission.confirmation), HEADER),
        set={"state": OPEN},
        add={"count": len(submission.payments), "cents": submission.total_cents},
        when={"state": (None, OPEN)},
    )
