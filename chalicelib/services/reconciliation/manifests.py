"""Manifests are proved by themselves, and against what was transmitted; no entry is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.entry import transmitted_as
from chalicelib.domain.identities import parts_of, withdrawal_run
from chalicelib.domain.ledger import LEFT_OUT, STOPPED
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.proof import Book, BookTotals, Difference, Differs, Proof
from chalicelib.domain.transmission import (
    LONGEST_JOB,
    LeftOut,
    Transmission,
    TransmissionState,
    with_traces,
)
from chalicelib.ports import BankLine
from chalicelib.repositories.records import Records
from chalicelib.services.reconciliation.snapshot import Snapshot

PUT_OUT = (TransmissionState.SENDING, TransmissionState.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestProof:
    """What proving manifests needs of the world."""

    records: Records
    bank: BankLine

    def of(self, snapshot: Snapshot) -> Proof:
        """All of a snapshot, and the totals that runs and transmissions say."""
        found = [
            each
            for transmission in snapshot.transmissions
            for each in self._of_one(transmission, snapshot)
        ]
        found += _missing(snapshot)
        found += _of_shards(snapshot)
        return Proof(tuple(found), _totals(snapshot))

    def _of_one(self, transmission: Transmission, snapshot: Snapshot) -> Iterator[Difference]:
        yield from _of_sums(transmission)
        if transmission.state is TransmissionState.SEALED and transmission.entries:
            if snapshot.at - transmission.sealed_at >= LONGEST_JOB:
                yield _about(transmission, Differs.NO_FILES, transmission.debit_cents, 0)
        elif transmission.state in PUT_OUT:
            yield from self._unsent(transmission)
        for collection in sorted({batch.collection for batch in transmission.batches}):
            marked = snapshot.marked(collection)
            if marked != transmission.transmission_id and not self._took(transmission, collection):
                yield Difference(where=collection, what=Differs.NOT_TAKEN)
        for each in transmission.left_out:
            if each.kind is EntryKind.REFUSED_CHANGE:
                continue  # no book waits for it; its case does
            why = STOPPED if each.is_stopped else LEFT_OUT
            if not self.records.transmissions.answered(transmission, each.payment_id, why):
                yield _of_left_out(transmission, each)

    def _unsent(self, transmission: Transmission) -> Iterator[Difference]:
        for file in transmission.files:
            if self.bank.has(file.name):
                continue
            # From its word on the bank's copy is gone; asked after, for it may come in between.
            if not self.records.transmissions.acknowledged([file.name]):
                cents = file.debit_cents + file.credit_cents
                yield Difference(
                    where=file.name, what=Differs.NEVER_SENT, expected_cents=cents, found_cents=0
                )

    def _took(self, transmission: Transmission, collection: str) -> bool:
        """Asked again: it may have been sealed between two readings of the snapshot."""
        group, name = transmitted_as(collection)
        stands = self.records.transmissions.transmitted(group).get(name)
        return stands == transmission.transmission_id


def _of_sums(transmission: Transmission) -> Iterator[Difference]:
    if (
        transmission.state is not TransmissionState.SEALED
        and transmission.written != transmission.claimed
    ):
        claimed, written = transmission.claimed, transmission.written
        expected = claimed.debit_cents + claimed.credit_cents
        found = written.debit_cents + written.credit_cents
        yield _about(transmission, Differs.NOT_ADDED_UP, expected, found)
    if with_traces(transmission.batches, transmission.first_trace) != transmission.batches:
        yield _about(transmission, Differs.OTHER_TRACES)


def _missing(snapshot: Snapshot) -> Iterator[Difference]:
    """Transmissions that took collections, and of which nothing else is left."""
    took = {name for group in snapshot.transmitted.values() for name in group.values()}
    for name in sorted(took - snapshot.manifests.keys()):
        yield Difference(where=name, what=Differs.MANIFEST_GONE)


def _of_shards(snapshot: Snapshot) -> Iterator[Difference]:
    """A shard claimed what was sealed of it; where entries were left out, its entries say so."""
    for collection, place in snapshot.shards():
        transmission = snapshot.manifests.get(snapshot.transmission_of(collection) or "")
        if transmission is None or transmission.left_out or not place.reported:
            continue
        batches = [batch for batch in transmission.batches if batch.collection == collection]
        sealed = (sum(batch.entries for batch in batches), sum(batch.cents for batch in batches))
        if sealed != (place.counts.claimed, place.counts.cents):
            yield Difference(
                where=collection,
                what=Differs.OTHER_CLAIMS,
                expected_cents=place.counts.cents,
                found_cents=sealed[1],
            )


def _totals(snapshot: Snapshot) -> BookTotals:
    totals = BookTotals()
    for transmission in snapshot.transmissions:
        totals.sums[transmission.transmission_id, Book.SEALED] += transmission.debit_cents
    for transmission in snapshot.manifests.values():
        for batch in transmission.batches:
            kind, month, _ = parts_of(batch.collection)
            if kind == "run" and month in snapshot.runs:
                totals.sums[withdrawal_run(month), Book.SEALED] += batch.cents
    for collection, place in snapshot.shards():
        run = withdrawal_run(parts_of(collection)[1])
        totals.sums[run, Book.RUN] += place.counts.cents
        if snapshot.transmission_of(collection) is None:
            totals.sums[run, Book.OPEN] += place.counts.cents
    return totals


def _of_left_out(transmission: Transmission, each: LeftOut) -> Difference:
    """Until staff have taken it back."""
    is_prenote = each.kind is EntryKind.PRENOTE
    return Difference(
        where=transmission.transmission_id,
        what=Differs.PRENOTE_LEFT_OUT if is_prenote else Differs.LEFT_OUT,
        payment_id=each.payment_id,
        enrollment_id=each.enrollment_id,
        expected_cents=each.amount_cents,
        found_cents=0,
    )


def _about(
    transmission: Transmission, what: Differs, expected: int | None = None, found: int | None = None
) -> Difference:
    return Difference(
        where=transmission.transmission_id, what=what, expected_cents=expected, found_cents=found
    )
