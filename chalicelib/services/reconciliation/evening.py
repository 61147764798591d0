"""The evening: what the bank has is settled, and the books prove themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.services.origination.acknowledging import Acknowledging
from chalicelib.services.reconciliation.reconciling import Reconciling
from chalicelib.services.reconciliation.return_rates import ReturnRates
from chalicelib.services.settlement.settling import Settling


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """Whose jobs it is made of."""

    acknowledging: Acknowledging
    settling: Settling
    reconciling: Reconciling
    return_rates: ReturnRates

    def work(self, at: datetime) -> Iterator[Exception]:
        """Every job in turn; what failed is told, and does not stop those after it."""
        jobs = (
            self.acknowledging.evening,
            self.settling.settle,
            self.reconciling.reconcile,
            self.return_rates.watch,
        )
        for job in jobs:
            try:
                job(at)
            except Exception as error:  # noqa: BLE001 - whoever asked raises it when all are done
                yield error
