"""Where the entry of a ledger line lies, and by when a sealed file should have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.credit import Credit
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.entry import Batch, entry_of, entry_of_credit, run_collection
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.month_dates import collected_on
from chalicelib.domain.run import Run
from chalicelib.domain.timetable import SETTLEMENT
from chalicelib.repositories.records import Records


@dataclass(frozen=True, slots=True)
class ExpectedLocation:
    """The collection of an entry, and the batches that it may be in: the likely one first."""

    collection: str
    batches: tuple[Batch, ...]
    due_on: date  # whose evening file should have it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLocations:
    """What finding the place of an entry needs of the world."""

    records: Records

    def of(self, line: Line, plan: Plan | None, runs: Mapping[str, Run]) -> ExpectedLocation | None:
        """The place of a claim; None where neither its payment nor its run is kept."""
        if line.kind is LineKind.WITHDRAWAL:
            run = runs.get(str(line.month))
            return _of_withdrawal(line, plan, run) if run else None
        if line.kind is LineKind.REFUND:
            credit = self.records.books.credit(str(line.payment_id))
            return _of_credit(credit) if credit else None
        payment = self.records.books.payment(str(line.payment_id))
        if payment is None:
            return None
        entry = entry_of(payment)
        return ExpectedLocation(entry.collection, (entry.batch,), payment.collected_on)


def _of_withdrawal(line: Line, plan: Plan | None, run: Run) -> ExpectedLocation:
    plans = sorted(Plan, key=lambda each: each is not plan)
    collection = run_collection(run, line.enrollment_id)
    return ExpectedLocation(collection, tuple(Batch(each) for each in plans), collected_on(line))


def _of_credit(credit: Credit) -> ExpectedLocation | None:
    if credit.collected_on is None:  # it was never released
        return None
    entry = entry_of_credit(credit)
    return ExpectedLocation(entry.collection, (entry.batch,), credit.collected_on)


def is_overdue(due_on: date, at: datetime) -> bool:
    """Whether a file should have it by now: until the evening of its day it is open."""
    return at >= SETTLEMENT.on(due_on)
