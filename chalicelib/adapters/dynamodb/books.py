"""Ledger lines, payments, and the entries that wait for the bank."""

import hashlib
from datetime import date, datetime

from chalicelib.adapters.dynamodb.codec import from_item, to_item
from chalicelib.adapters.dynamodb.store import Change, Put, Store
from chalicelib.domain.ledger import Line, LineKind, in_order
from chalicelib.domain.payment import Payment, Submission
from chalicelib.ports import Write

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
                Put("entries", _entry(payment), when={"entry": None}),
            ]
        return [*writes, _submission(submission), _counting(submission)]

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


def _entry(payment: Payment) -> dict[str, object]:
    return {
        "collection": web_collection(payment.collected_on, payment.confirmation),
        "entry": f"{payment.plan}#{payment.payment_id}",
        "payment_id": payment.payment_id,
        "kind": str(payment.kind),
        "plan": str(payment.plan),
        "enrollment_id": payment.enrollment_id,
        "subscriber_id": payment.subscriber_id,
        "amount_cents": payment.amount_cents,
        "effective_on": payment.effective_on.isoformat(),
        "account": to_item(payment.account),
    }


def _submission(submission: Submission) -> Put:
    item = to_item(submission)
    ids = [payment["payment_id"] for payment in item.pop("payments")]
    key = {"payment_id": submission.confirmation, "payment_ids": ids}
    return Put("payments", {**item, **key}, when={"payment_id": None})


def _counting(submission: Submission) -> Change:
    collected_on = submission.payments[0].collected_on
    return Change(
        "entries",
        (web_collection(collected_on, submission.confirmation), HEADER),
        set={"state": OPEN},
        add={"count": len(submission.payments), "cents": submission.total_cents},
        when={"state": (None, OPEN)},
    )
