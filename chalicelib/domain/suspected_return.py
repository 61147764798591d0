"""Suspected returns: payments that the bank may have sent back, in words not to be relied on."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectedReturn:
    """While its case is open none of these is called paid (rule 17): staff ask the bank."""

    case_id: str
    part: int  # counted from 0: a file may name more than one row holds
    since: datetime
    payment_ids: tuple[str, ...]  # or ids of mandates, where a prenote may have come back

    def holds(self, settled_at: datetime) -> bool:
        """Whether it had begun on the evening that would call them paid.

        What was told as paid before stays so, until a return that can be read says otherwise.
        """
        return local_day(self.since) <= local_day(settled_at)
