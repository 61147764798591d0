"""What the bank may have sent back, in words that can't be relied on, is not called paid (I18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice

from chalicelib.domain.doubt import Doubt
from chalicelib.domain.payment import is_payment_id
from chalicelib.repositories.records import Records

A_ROW = 1000  # ids: some 16 kB


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectedReturns:
    """What keeping doubts needs of the world."""

    records: Records

    def begin(self, case: str, named: Iterable[str], at: datetime) -> None:
        """Until this case is closed; names that are none of ours are not kept."""
        ours = (name for name in named if is_payment_id(name))
        for part in count():
            ids = tuple(islice(ours, A_ROW))
            if not ids:
                return
            doubt = Doubt(case=case, part=part, since=at, payment_ids=ids)
            self.records.transmissions.keep_doubt(doubt)

    def doubtful(self, settled_at: datetime) -> frozenset[str]:
        """Of what was settled then, and of much else, all that is in doubt."""
        holding = (
            doubt for doubt in self.records.transmissions.doubts() if doubt.holds(settled_at)
        )
        return frozenset(name for doubt in holding for name in doubt.payment_ids)

    def over(self) -> list[Doubt]:
        """Those whose case was closed: the bank sent it anew, or it was nothing."""
        doubts = self.records.transmissions.doubts()
        open_cases = {each.case for each in self.records.cases.open()} if doubts else set()
        return [doubt for doubt in doubts if doubt.case not in open_cases]
