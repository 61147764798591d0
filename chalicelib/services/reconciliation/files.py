"""A sealed file is proved from its bytes, against its manifest and the entries it was made of.

A file and the entries of its batches are both in key order, so they are walked side by side and
nothing is held. A batch that begins in a file belongs to its proof also where it goes on in the
next one; so each batch is walked once, and whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.ach.entries import Originator
from chalicelib.domain.ach.records import WEB
from chalicelib.domain.entry import Entry
from chalicelib.domain.payment import CODE_SIGNS, PAYMENT_ID_SIGNS, AccountNumber
from chalicelib.domain.proof import Book, BookTotals, Difference, Differs, Proof
from chalicelib.domain.transmission import Transmission, TransmittedBatch, with_traces
from chalicelib.ports import BankLine, Gone, Unsealable
from chalicelib.repositories.records import Records
from chalicelib.services.origination.file_maker import as_file_entry
from chalicelib.services.reconciliation.copies import Copies
from chalicelib.services.reconciliation.reading import FileReading, Head, Written, ranked

PAYMENT_ID = re.compile(rf"[{CODE_SIGNS}]{{{PAYMENT_ID_SIGNS}}}")


class _CutOff(Exception):
    """The file in which a batch goes on can't be read: its own proof says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProof:
    """What proving a file needs of the world."""

    records: Records
    bank: BankLine
    copies: Copies
    originator: Originator

    def of(self, transmission: Transmission, n: int) -> Proof:
        """The n-th file of a transmission."""
        file = transmission.files[n]
        reading = FileReading(self.bank.read(file.name))
        found = list[Difference]()
        try:
            for each in self._walk(transmission, n, reading):
                found.append(each)  # one by one: what was found before a file breaks off counts
        except Gone:
            found.append(Difference(where=file.name, what=Differs.SEALED_GONE))
        except Unsealable:
            found.append(Difference(where=file.name, what=Differs.UNREADABLE_FILE))
        else:
            found += _of_whole(transmission, n, reading)
            if reading.bytes.are(file.sha256):
                found += self.copies.of(transmission, file, reading.bytes.length)
        return Proof(tuple(found), _totals(transmission, reading))

    def _walk(
        self, transmission: Transmission, n: int, reading: FileReading
    ) -> Iterator[Difference]:
        """File and entries side by side; where the manifest contradicts itself there is no side."""
        own = _batches_that_begin_in(transmission, n) if _is_consistent(transmission) else []
        if not own:
            for _ in reading.entries():
                pass
            return
        first, (last, batch) = own[0][0], own[-1]
        try:
            entries = Head(self._entries(transmission, n, reading, last + batch.entries))
            while entries.top and entries.top.rank < first:
                entries.take()
            for start, batch in own:
                yield from self._batch(transmission, batch, start + batch.entries, entries)
        except _CutOff:
            return

    def _entries(
        self, transmission: Transmission, n: int, reading: FileReading, until: int
    ) -> Iterator[Written]:
        """Of this file, and of those after it as far as its last batch reaches."""
        start = sum(file.entries for file in transmission.files[:n])
        file = transmission.files[n]
        yield from ranked(reading.entries(), transmission.first_trace, start, file.entries)
        for following in transmission.files[n + 1 :]:
            start += file.entries
            if start >= until:
                return
            file, further = following, FileReading(self.bank.read(following.name))
            try:
                yield from ranked(further.entries(), transmission.first_trace, start, file.entries)
            except (Gone, Unsealable):
                raise _CutOff from None

    def _batch(
        self, transmission: Transmission, batch: TransmittedBatch, end: int, entries: Head[Written]
    ) -> Iterator[Difference]:
        """What only one of both has is looked up by key, so that it does not shift what follows."""
        left_out = transmission.left_out_ids
        kept = self.records.books.entries(batch.collection, batch.kind)
        rows = Head(row for row in kept if row.payment_id not in left_out)
        known = ("", False)

        def tops() -> tuple[Written | None, Entry | None]:
            return entries.top if entries.top and entries.top.rank < end else None, rows.top

        while any(here := tops()):
            written, row = here
            name = written.detail.individual_identification_number if written else ""
            if written and row and name == row.individual_id:
                yield from self._of_both(transmission, batch, written, row)
                entries.take()
                rows.take()
                continue
            if written and row and known[0] != name:
                known = (name, name not in left_out and self._has_row(batch, name))
            if row and (written is None or known[1]):
                yield _of_row(row, batch, Differs.ENTRY_ALONE)
                rows.take()
            elif written:
                yield _of_written(batch, written)
                entries.take()

    def _has_row(self, batch: TransmittedBatch, payment_id: str) -> bool:
        entry = self.records.books.entry(batch.collection, batch.kind, payment_id)
        return entry is not None and entry.payment_id == payment_id

    def _of_both(
        self, transmission: Transmission, batch: TransmittedBatch, written: Written, row: Entry
    ) -> Iterator[Difference]:
        detail, account = written.detail, AccountNumber(row.account.last4)
        wanted = as_file_entry(row, transmission.effective_on, account)
        routing = detail.receiving_dfi_identification + detail.check_digit
        odfi, web = self.originator.odfi_id, wanted.batch.standard_entry_class == WEB
        same = {
            "amount": detail.amount_cents == row.amount_cents,
            "direction or kind of account": detail.transaction_code == wanted.transaction_code,
            "routing number": routing == row.account.routing,
            "account": detail.dfi_account_number[-len(account.last4) :] == account.last4,
            "name": detail.individual_name == wanted.name_for_the_bank,
            "plan": row.batch is batch.kind,
            "payment type": detail.payment_type_code == (wanted.payment_type if web else ""),
            "addenda": detail.addenda_record_indicator == ("1" if row.refused else "0"),
            "trace number": written.has_its_trace and detail.trace_number.startswith(odfi),
        }
        others = [name for name, agrees in same.items() if not agrees]
        if others:
            found = None if same["amount"] else detail.amount_cents
            what = f"{Differs.OTHER_IN_FILE}: {', '.join(others)}"
            yield _of_row(row, batch, what, found)


def _of_whole(transmission: Transmission, n: int, reading: FileReading) -> Iterator[Difference]:
    """The file as one thing: bytes, totals, date; a total that manifests tell is not told twice."""
    file = transmission.files[n]
    if not reading.bytes.are(file.sha256):
        problem = reading.problem
        where = f" (line {problem.line}: {problem.fault} {problem.detail})" if problem else ""
        yield Difference(where=file.name, what=f"{Differs.OTHER_BYTES}{where}".replace(" )", ")"))
        return
    says_more = len(transmission.files) > 1 or transmission.written == transmission.claimed
    if says_more and not reading.amounts_to(file):
        yield Difference(
            where=file.name,
            what=Differs.OTHER_TOTALS,
            expected_cents=file.debit_cents + file.credit_cents,
            found_cents=reading.sums.debit_cents + reading.sums.credit_cents,
        )
    if n == 0 and reading.dates != {f"{transmission.effective_on:%y%m%d}"}:
        yield Difference(where=transmission.transmission_id, what=Differs.OTHER_DATE)


def _of_row(
    row: Entry, batch: TransmittedBatch, what: str, found_cents: int | None = None
) -> Difference:
    return Difference(
        where=batch.collection,
        what=what,
        payment_id=row.payment_id,
        enrollment_id=row.enrollment_id,
        expected_cents=row.amount_cents,
        found_cents=found_cents,
    )


def _of_written(batch: TransmittedBatch, written: Written) -> Difference:
    """What a file says in the place of an id is told only where it looks like one."""
    name = written.detail.individual_identification_number
    return Difference(
        where=batch.collection,
        what=Differs.FILE_ALONE,
        payment_id=name if PAYMENT_ID.fullmatch(name) else None,
        found_cents=written.detail.amount_cents,
    )


def _batches_that_begin_in(
    transmission: Transmission, n: int
) -> list[tuple[int, TransmittedBatch]]:
    """Each with the rank of its first entry."""
    begin = sum(file.entries for file in transmission.files[:n])
    end, start, found = begin + transmission.files[n].entries, 0, []
    for batch in transmission.batches:
        if begin <= start < end:
            found.append((start, batch))
        start += batch.entries
    return found


def _is_consistent(transmission: Transmission) -> bool:
    """Whether its own sums and traces agree; where not, the manifest itself is the difference."""
    in_order = with_traces(transmission.batches, transmission.first_trace)
    return transmission.written == transmission.claimed and in_order == transmission.batches


def _totals(transmission: Transmission, reading: FileReading) -> BookTotals:
    sums = reading.sums
    totals = BookTotals(
        files=1,
        entries=sums.entries,
        debit_cents=sums.debit_cents,
        credit_cents=sums.credit_cents,
    )
    totals.sums[transmission.transmission_id, Book.FILES] = sums.debit_cents
    return totals
