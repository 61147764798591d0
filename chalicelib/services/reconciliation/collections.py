"""A collection is proved against ledger, manifest and checkpoint; a run's shard both ways.

One collection is what one function can do: a part of a day of the page, or a shard of a run.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.domain.answer import Answer
from chalicelib.domain.entry import MOVES_NOTHING, Batch, Entry
from chalicelib.domain.identities import kind_of, parts_of, withdrawal_run
from chalicelib.domain.ledger import Line, taken_back_by
from chalicelib.domain.month_dates import collected_on
from chalicelib.domain.proof import Book, BookTotals, Difference, Differs, Proof
from chalicelib.domain.run import Checkpoint, Run, slots_of
from chalicelib.domain.transmission import Transmission, TransmittedBatch
from chalicelib.repositories.records import Records
from chalicelib.services.reconciliation.expected_location import is_overdue
from chalicelib.services.reconciliation.returns import claims_of, of_answer, of_return


@dataclass(slots=True)
class _Seen:
    """A collection as it is gone through."""

    collection: str
    transmission: Transmission | None  # that took it; None while it is open
    at: datetime
    not_sent: frozenset[str]
    waits: bool  # for the bank's daily limit, and staff know it
    entries: Counter[Batch] = field(default_factory=Counter)
    cents: Counter[Batch] = field(default_factory=Counter)
    left_out: int = 0
    left_out_cents: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    """What the bank took back of this transmission, by payment."""
    claimed: dict[str, str] = field(default_factory=dict)
    """Of a run: enrollment -> payment, where entry and line have found each other."""

    @property
    def kind(self) -> str:
        return kind_of(self.collection)

    @property
    def period(self) -> str:
        """The month of a run, the day of a page's collection."""
        return parts_of(self.collection)[1]

    def is_left_out(self, entry: Entry) -> bool:
        return entry.payment_id in self.not_sent

    def count(self, entry: Entry) -> None:
        if self.is_left_out(entry):
            self.left_out += 1
            self.left_out_cents += entry.amount_cents
        else:
            self.entries[entry.batch] += 1
            self.cents[entry.batch] += entry.amount_cents

    def claims(self) -> tuple[int, int]:
        """Count and cents of all that a shard has claimed."""
        count, cents = self.entries.total(), self.cents.total()
        return count + self.left_out, cents + self.left_out_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionProof:
    """What proving a collection needs of the world."""

    records: Records

    def of(
        self,
        collection: str,
        transmission: Transmission | None,
        at: datetime,
        *,
        both_ways: bool,
        waits: bool = False,
    ) -> Proof:
        """All entries of a collection; a run's shard also from its ledger lines, slot by slot.

        Transmission, checkpoint and entries are read in this order: what is sealed has reported,
        and what has reported is complete.
        """
        left_out = transmission.left_out_ids if transmission else frozenset()
        seen = _Seen(collection, transmission, at, left_out, waits)
        seen.answers = self._answers(transmission)
        if seen.kind == "web":
            return Proof((*self._of_entries(seen), *_of_batches(seen)))
        name, totals = withdrawal_run(seen.period), BookTotals()
        run = self.records.runs.get(name)
        if run is None:
            return Proof((Difference(where=collection, what=Differs.RUN_GONE),))
        place = self.records.runs.checkpoint(run, int(parts_of(collection)[-1]))
        found = [*self._of_entries(seen), *_of_batches(seen), *_of_checkpoint(seen, place)]
        if both_ways:
            found += self._of_slots(seen, run, place)
        totals.sums[name, Book.LEFT_OUT] = seen.left_out_cents
        return Proof(tuple(found), totals)

    def _of_entries(self, seen: _Seen) -> Iterator[Difference]:
        for entry in self.records.books.entries(seen.collection):
            seen.count(entry)
            if entry.kind in MOVES_NOTHING:
                if entry.amount_cents:
                    yield _of_entry(entry, Differs.OTHER_AMOUNT, 0)
            else:
                lines = self.records.books.lines(entry.enrollment_id)
                if taken_back_by(lines, entry.payment_id) and entry.payment_id not in seen.answers:
                    seen.answers = self._answers(seen.transmission)  # it may have come meanwhile
                yield from _of_claim(seen, entry, lines)

    def _answers(self, transmission: Transmission | None) -> dict[str, Answer]:
        answers = self.records.transmissions.answers(transmission) if transmission else []
        return {each.payment_id: each for each in answers if each.is_posted}

    def _of_slots(self, seen: _Seen, run: Run, place: Checkpoint) -> Iterator[Difference]:
        """Each line of the shard that is claimed has its entry; who was claimed is enrolled."""
        unmet, complete = dict(seen.claimed), seen.transmission is not None or place.reported
        for slot in slots_of(place.shard, run.shards):
            for enrollment_id in self.records.enrollments.in_slot(slot):
                if unmet.pop(enrollment_id, None):
                    continue
                line = self.records.books.line(enrollment_id, run.run_id)
                if line is None or line.payment_id is None:
                    continue
                if complete or is_overdue(collected_on(line), seen.at):
                    yield _of_line(line, Differs.ENTRY_GONE)
        for enrollment_id, payment_id in unmet.items():
            yield Difference(
                where=seen.collection,
                what=Differs.ENROLLMENT_GONE,
                payment_id=payment_id,
                enrollment_id=enrollment_id,
            )


def _of_claim(seen: _Seen, entry: Entry, lines: Sequence[Line]) -> Iterator[Difference]:
    """An entry has one line, of the same cents; what came back, and what is late, is told too."""
    claims = claims_of(lines, entry.payment_id)
    if not claims:
        yield _of_entry(entry, Differs.NOT_ASKED_FOR, 0)
        return
    line = claims[0]
    if seen.kind == "run":
        seen.claimed[entry.enrollment_id] = entry.payment_id
    if len(claims) > 1:
        yield _of_line(line, Differs.CLAIMED_TWICE)
    if line.amount_cents != (entry.amount_cents if entry.batch.is_credit else -entry.amount_cents):
        yield _of_entry(entry, Differs.OTHER_AMOUNT, abs(line.amount_cents))
    if line.collection != seen.collection:
        yield _of_line(line, Differs.OTHER_PLACE)
    back = taken_back_by(lines, entry.payment_id)
    if seen.transmission:
        yield from of_answer(line, back, seen.answers.get(entry.payment_id))
    if back:
        is_sealed = seen.transmission is not None and not seen.is_left_out(entry)
        yield from of_return(back, lines, is_sealed=is_sealed)
    due_on = date.fromisoformat(seen.period) if seen.kind == "web" else collected_on(line)
    if seen.transmission is None and not seen.waits and is_overdue(due_on, seen.at):
        yield _of_entry(entry, Differs.NOT_COLLECTED, entry.amount_cents)


def _of_batches(seen: _Seen) -> Iterator[Difference]:
    """Count and cents of each batch are those that were sealed."""
    if seen.transmission is None:
        return
    its = [batch for batch in seen.transmission.batches if batch.collection == seen.collection]
    sealed = {batch.kind: batch for batch in its}
    for kind in sorted(sealed.keys() | seen.entries.keys()):
        batch = sealed.get(kind, TransmittedBatch.empty(seen.collection, kind))
        found = (seen.entries[kind], seen.cents[kind])
        if found != (batch.entries, batch.cents):
            yield _of_whole(seen, Differs.NOT_AS_SEALED, batch.cents, seen.cents[kind])


def _of_checkpoint(seen: _Seen, place: Checkpoint) -> Iterator[Difference]:
    """A shard that has reported says how much it claimed."""
    if not place.reported:
        if seen.transmission:
            yield _of_whole(seen, Differs.NOT_REPORTED, 0, seen.claims()[1])
    elif seen.claims() != (place.counts.claimed, place.counts.cents):
        yield _of_whole(seen, Differs.OTHER_CLAIMS, place.counts.cents, seen.claims()[1])


def _of_whole(seen: _Seen, what: Differs, expected: int, found: int) -> Difference:
    return Difference(where=seen.collection, what=what, expected_cents=expected, found_cents=found)


def _of_entry(entry: Entry, what: Differs, expected_cents: int) -> Difference:
    return Difference(
        where=entry.collection,
        what=what,
        payment_id=entry.payment_id,
        enrollment_id=entry.enrollment_id,
        expected_cents=expected_cents,
        found_cents=entry.amount_cents,
    )


def _of_line(line: Line, what: Differs) -> Difference:
    return Difference(
        where=line.line,
        what=what,
        payment_id=line.payment_id,
        enrollment_id=line.enrollment_id,
        expected_cents=abs(line.amount_cents),
    )
