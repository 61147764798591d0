"""Ledger lines, payments, and the entries that wait for the bank."""

import hashlib
from contextlib import suppress
from datetime import date, datetime

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.store import Change, Item, Put, Store
from chalicelib.domain.ledger import Line, LineKind, in_order
from chalicelib.domain.payment import Entry, Payment, Submission
from chalicelib.ports import Refused, Write

WEB_SHARDS = 64  # a Submit's entries lie together, so its collection's count moves once
HEADER = "#header"  # sorts before every entry
OPEN = "open"


class DynamoBooks:
    """Tables `ledger`, `payments` and `entries`."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
