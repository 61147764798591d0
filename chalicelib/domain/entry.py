"""An entry that waits for the bank: in which collection it goes, and in which batch of its file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.ach.entries import Purpose
from chalicelib.domain.ach.refused_changes import RefusedChange
from chalicelib.domain.banking_days import banking_day_after, effective_entry_date
from chalicelib.domain.credit import Credit
from chalicelib.domain.enrollment import Plan, slot_of
from chalicelib.domain.identities import (
    halves_of,
    joined,
    kind_of,
    parts_of,
    payment_line,
    run_part,
    web_part,
)
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month_dates import first_debit_on
from chalicelib.domain.payment import BankAccount, EntryKind, Payment
from chalicelib.domain.run import Run, shard_of

WEB_SHARDS = 64  # of a day's collection; a Submit's entries lie together in one
PRENOTE_WAIT_DAYS = 3  # Nacha: banking days from a prenote's settlement to the first debit

ENTRY_PURPOSES: Mapping[EntryKind, Purpose] = {
    EntryKind.ONE_TIME: Purpose.DEBIT,
    EntryKind.FIRST: Purpose.DEBIT,
    EntryKind.WITHDRAWAL: Purpose.DEBIT,
    EntryKind.RETRY: Purpose.RETRY,
    EntryKind.PRENOTE: Purpose.PRENOTE,
    EntryKind.REFUND: Purpose.REFUND,
    EntryKind.REVERSAL: Purpose.REVERSAL,
    EntryKind.REFUSED_CHANGE: Purpose.REFUSED_CHANGE,
}
"""What Nacha's forms an entry of each kind takes."""


MOVES_NOTHING = frozenset({EntryKind.PRENOTE, EntryKind.REFUSED_CHANGE})
"""No line of a ledger stands for these."""


class Batch(StrEnum):
    """Which batch of a file: entries of one description, class and direction stand together."""

    DENTAL = "dental"
    HEALTH = "health"
    REFUND_DENTAL = "refund_dental"
    REFUND_HEALTH = "refund_health"
    REFUSED_DENTAL = "refused_dental"  # notifications of change that go back
    REFUSED_HEALTH = "refused_health"
    RETRY = "retry"  # Nacha: a batch of its own, described RETRY PYMT
    REVERSAL = "reversal"

    @property
    def is_credit(self) -> bool:
        """Whether its entries give money to the member."""
        return self in (Batch.REFUND_DENTAL, Batch.REFUND_HEALTH, Batch.REVERSAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A debit or credit that waits for the bank's file, in the collection it goes with."""

    collection: str
    payment_id: str  # the entry's individual id; a credit and a prenote have one of their own
    kind: EntryKind
    plan: Plan
    enrollment_id: str
    subscriber_id: str
    amount_cents: int
    effective_on: date
    account: BankAccount
    is_recurring: bool = False
    refused: RefusedChange | None = None

    @property
    def individual_id(self) -> str:
        """What its line in the file is known by: a refusal's is that of the entry corrected."""
        return self.refused.of_payment if self.refused else self.payment_id

    @property
    def batch(self) -> Batch:
        """A prenote stands among the debits that it asks about."""
        match self.kind:
            case EntryKind.RETRY:
                return Batch.RETRY
            case EntryKind.REVERSAL:
                return Batch.REVERSAL
            case EntryKind.REFUND:
                return Batch(f"refund_{self.plan}")
            case EntryKind.REFUSED_CHANGE:
                return Batch(f"refused_{self.plan}")
        return Batch(self.plan)

    @property
    def is_debit(self) -> bool:
        """Whether it takes money from the member; a prenote takes none."""
        return not self.batch.is_credit and self.amount_cents > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """What is left of an entry whose row can't be read: its key, and what else makes sense."""

    collection: str
    payment_id: str
    batch: Batch
    kind: EntryKind
    enrollment_id: str
    amount_cents: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Torn":
        """The key says batch and payment; nothing says a kind or cents that nobody can read."""
        batch, payment_id = halves_of(str(row["entry"]))
        kind, cents, name = (row.get(each) for each in ("kind", "amount_cents", "enrollment_id"))
        of_run = kind_of(str(row["collection"])) == "run"
        assumed = EntryKind.WITHDRAWAL if of_run else EntryKind.ONE_TIME
        return cls(
            collection=str(row["collection"]),
            payment_id=payment_id,
            batch=Batch(batch),
            kind=EntryKind(kind) if kind in list(EntryKind) else assumed,
            enrollment_id=name if isinstance(name, str) else "",
            amount_cents=cents if isinstance(cents, int) else 0,
        )


def entry_of(payment: Payment) -> Entry:
    """The entry of a payment from the page, or of its retry."""
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
        is_recurring=payment.is_recurring,
    )


def line_of_payment(payment: Payment, at: datetime) -> Line:
    """What the ledger says of it."""
    return Line(
        enrollment_id=payment.enrollment_id,
        line=payment_line(payment.payment_id),
        kind=LineKind.PAYMENT,
        amount_cents=-payment.amount_cents,
        at=at,
        payment_id=payment.payment_id,
        collection=entry_of(payment).collection,
    )


def entry_of_credit(credit: Credit) -> Entry:
    """The entry of money that goes back; once it was released."""
    assert credit.collected_on, "a credit that was released knows its day"
    assert credit.effective_on, "and its date"
    assert credit.account, "what is paid elsewhere has no entry"
    return Entry(
        collection=web_collection(credit.collected_on, credit.credit_id),
        payment_id=credit.credit_id,
        kind=credit.kind,
        plan=credit.plan,
        enrollment_id=credit.enrollment_id,
        subscriber_id=credit.subscriber_id,
        amount_cents=credit.amount_cents,
        effective_on=credit.effective_on,
        account=credit.account,
    )


def entry_of_refusal(
    original: Entry, refused: RefusedChange, refusal: str, collected_on: date
) -> Entry:
    """What sends a correction back: to the bank of the entry that it was about, as that was."""
    return replace(
        original,
        collection=web_collection(collected_on, refusal),
        payment_id=refusal,
        kind=EntryKind.REFUSED_CHANGE,
        amount_cents=0,
        effective_on=effective_entry_date(collected_on),
        refused=refused,
    )


def prenote_of(mandate: Mandate, collected_on: date) -> Entry | None:
    """Asks the bank of a new mandate, from which nothing is paid now (rule 12).

    Its id is the mandate's. None where its answer would come too late for the first withdrawal:
    after a prenote nothing may be debited before the third banking day (Nacha).
    """
    effective_on = effective_entry_date(collected_on)
    if first_debit_on(mandate) < banking_day_after(effective_on, PRENOTE_WAIT_DAYS):
        return None
    return Entry(
        collection=web_collection(collected_on, mandate.confirmation),
        payment_id=mandate.mandate_id,
        kind=EntryKind.PRENOTE,
        plan=mandate.plan,
        enrollment_id=mandate.enrollment_id,
        subscriber_id=mandate.subscriber_id,
        amount_cents=0,
        effective_on=effective_on,
        account=mandate.account,
        is_recurring=True,
    )


def transmitted_as(collection: str) -> tuple[str, str]:
    """The group and name under which a collection is transmitted: of a day, or of a shard."""
    kind, period, shard = parts_of(collection)
    return (kind, period) if kind == "web" else (joined(kind, period), shard)


def run_collections(run: Run) -> list[str]:
    """All collections of a run: one a shard."""
    return [run_part(run.period, shard) for shard in range(run.shards)]


def run_collection(run: Run, enrollment_id: str) -> str:
    """The collection of a run that an enrollment's entry lies in."""
    return run_part(run.period, shard_of(slot_of(enrollment_id), run.shards))


def web_collections(collected_on: date) -> list[str]:
    """All collections of a day."""
    return [web_part(collected_on, shard) for shard in range(WEB_SHARDS)]


def web_collection(collected_on: date, name: str) -> str:
    """The collection of a day in which entries lie that go together under this name."""
    shard = hashlib.sha256(name.encode()).digest()[0] % WEB_SHARDS
    return web_collections(collected_on)[shard]
