"""What the bank may have sent back, in words that can't be relied on, is not called paid (I18)."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count, islice

from chalicelib.domain.suspected_return import SuspectedReturn
from chalicelib.repositories.records import Records

A_ROW = 1000  # ids: some 16 kB


def suspect(records: Records, case: str, payment_ids: Iterable[str], at: datetime) -> None:
    """Until this case is closed."""
    ours = iter(payment_ids)
    for part in count():
        ids = tuple(islice(ours, A_ROW))
        if not ids:
            return
        suspected = SuspectedReturn(case_id=case, part=part, since=at, payment_ids=ids)
        records.transmissions.put_suspected_return(suspected)


def suspected_ids(records: Records, settled_at: datetime) -> frozenset[str]:
    """Of what was settled then, and of much else, all that may have come back."""
    return frozenset(
        payment_id
        for suspected in records.transmissions.suspected_returns()
        if suspected.holds(settled_at)
        for payment_id in suspected.payment_ids
    )


def cleared(records: Records) -> list[SuspectedReturn]:
    """Those whose case was closed: the bank sent it anew, or it was nothing."""
    found = records.transmissions.suspected_returns()
    open_cases = records.cases.open_ids() if found else set()
    return [suspected for suspected in found if suspected.case_id not in open_cases]
