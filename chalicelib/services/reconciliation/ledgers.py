"""Ledgers are proved slot by slot: each line that moves money leads by key to its entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import withdrawal_run
from chalicelib.domain.ledger import Line, LineKind, returned_id, taken_back_by
from chalicelib.domain.proof import Book, BookTotals, Difference, Differs, Proof
from chalicelib.repositories.records import Records
from chalicelib.services.reconciliation.expected_location import (
    ExpectedLocation,
    ExpectedLocations,
    is_overdue,
)
from chalicelib.services.reconciliation.returns import CLAIMS, of_return
from chalicelib.services.reconciliation.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerProof:
    """What proving ledgers needs of the world."""

    records: Records
    expected_locations: ExpectedLocations

    def of(self, snapshot: Snapshot, slot: int) -> Proof:
        """One slot: about a thousand enrollments when there are a million."""
        totals, found = BookTotals(), list[Difference]()
        for enrollment_id, enrollment in self.records.enrollments.in_slot(slot).items():
            lines = self.records.books.lines(enrollment_id)
            plan = enrollment.plan if enrollment else None
            for line in lines:
                if (line.payment_id or returned_id(line)) and _is_in_scope(line, snapshot):
                    found += self._of_line(line, lines, plan, snapshot, totals)
        return Proof(tuple(found), totals)

    def _of_line(
        self,
        line: Line,
        lines: Sequence[Line],
        plan: Plan | None,
        snapshot: Snapshot,
        totals: BookTotals,
    ) -> Iterator[Difference]:
        if returned_id(line):
            totals.returns += 1
            totals.returned_cents += abs(line.amount_cents)
            yield from of_return(line, lines, is_sealed=True)  # of that its claim tells
        elif line.kind in CLAIMS:
            if line.kind is LineKind.WITHDRAWAL:
                totals.sums[withdrawal_run(str(line.month)), Book.LEDGER] -= line.amount_cents
            if any(_is_twin(line, each) for each in lines):
                yield _about(line, Differs.CLAIMED_TWICE)
            yield from self._of_claim(line, lines, plan, snapshot, totals)

    def _of_claim(
        self,
        line: Line,
        lines: Sequence[Line],
        plan: Plan | None,
        snapshot: Snapshot,
        totals: BookTotals,
    ) -> Iterator[Difference]:
        """Open until its file is due; then it has an entry that was sealed."""
        place = self.expected_locations.of(line, plan, snapshot.runs)
        if place is None:
            yield _without_place(line)
            return
        entry = self._entry(place, line)
        transmission_id = snapshot.transmission_of(place.collection)
        if entry and line.amount_cents != (
            entry.amount_cents if entry.batch.is_credit else -entry.amount_cents
        ):
            yield _about(line, Differs.OTHER_AMOUNT, entry.amount_cents)
        is_sealed = transmission_id is not None
        if transmission_id is not None:
            transmission = snapshot.manifests.get(transmission_id)
            if transmission and line.payment_id in transmission.left_out_ids:
                is_sealed = False  # its manifest tells
            elif entry is None:
                yield _about(line, Differs.ENTRY_GONE)
            elif transmission and (entry.collection, entry.batch) not in snapshot.in_manifests:
                is_sealed = False
                yield _about(line, Differs.ENTRY_ALONE)
        elif is_overdue(place.due_on, snapshot.at) and not snapshot.waits(place.collection):
            yield _about(line, Differs.NOT_COLLECTED if entry else Differs.ENTRY_GONE)
        else:
            totals.open_claims += 1
            totals.open_cents += abs(line.amount_cents)
        back = taken_back_by(lines, str(line.payment_id))
        if back and not is_sealed:
            yield from of_return(back, lines, is_sealed=False)

    def _entry(self, place: ExpectedLocation, line: Line) -> Entry | None:
        """By key, in the batch where it should be, or in another that it may have been put in."""
        for batch in place.batches:
            entry = self.records.books.entry(place.collection, batch, str(line.payment_id))
            if entry and entry.payment_id == line.payment_id:
                return entry
        return None


def _is_in_scope(line: Line, snapshot: Snapshot) -> bool:
    """A withdrawal counts with all of its run, so that the run's number is whole."""
    if snapshot.since is None:
        return True
    if line.kind is LineKind.WITHDRAWAL:
        return str(line.month) >= month_of(snapshot.since)
    return local_day(line.at) >= snapshot.since


def _is_twin(line: Line, other: Line) -> bool:
    """Another line that claims the same payment; of two the second is told."""
    same = other.kind in CLAIMS and other.payment_id == line.payment_id
    return same and other.line < line.line


def _without_place(line: Line) -> Difference:
    """A run that is gone is told once, and not by each of its payments."""
    if line.kind is LineKind.WITHDRAWAL:
        return Difference(where=line.line, what=Differs.RUN_GONE)
    return _about(line, Differs.PAYMENT_GONE)


def _about(line: Line, what: Differs, found_cents: int | None = None) -> Difference:
    return Difference(
        where=line.line,
        what=what,
        payment_id=line.payment_id,
        enrollment_id=line.enrollment_id,
        expected_cents=abs(line.amount_cents),
        found_cents=found_cents,
    )
