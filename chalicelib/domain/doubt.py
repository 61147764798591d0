"""A doubt: payments that the bank may have sent back, in words that can't be relied on."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """While its case is open none of these is called paid (rule 17): staff ask the bank."""

    case: str
    part: int  # counted from 0: a file may name more than one row holds
    since: datetime
    payment_ids: tuple[str, ...]  # or ids of mandates, where a prenote may have come back
