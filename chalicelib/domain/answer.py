"""What the bank sent back, as it was applied."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.ach.decisions import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A return of the bank that was applied: what the ledger took it for, and how it counts."""

    payment_id: str
    code: str
    enrollment_id: str
    cents: int
    rate: Rate  # which of Nacha's return rates it counts in
    is_posted: bool  # whether the ledger has a line of it
    answered_at: datetime
    is_final: bool = True  # no other answer can follow; false where banks argue (R61 to R77)
    item: str | None = None  # names what the bank's file said, by a keyed digest
    settled_on: date | None = None  # when it moved money again, or its entry had moved none (48)
    left_cents: int = 0  # what left our account with it; below zero it came
