"""What never moved is taken back: a file that the bank refused, an entry that was left out of one.

Its payments are not paid, and members are told. Staff decide when, of a file after they have spoken
with the bank: each entry comes back as if by a return of its own, once, so that a terminal that was
closed midway goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.ach import returns
from chalicelib.domain.ach.decisions import ReturnDecision
from chalicelib.domain.ach.refused_changes import RefusedChange
from chalicelib.domain.ach.return_table import FILE_REFUSED, LEFT_OUT
from chalicelib.domain.acknowledgement import FileVerdict
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.entry import ENTRY_PURPOSES, Entry
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject, case_id
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import LeftOut, SealedFile, Transmission
from chalicelib.repositories.records import Records
from chalicelib.services.returns.original_entries import OriginalEntries
from chalicelib.services.returns.posting import ReturnPosting
from chalicelib.store import ConditionFailed


class NotRefused(DomainError):
    """The bank has not refused this file: nothing of it is taken back."""

    code = "not_refused"


class NotLeftOut(DomainError):
    """No entry of this id was left out of a file: nothing is taken back."""

    code = "not_left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What taking back needs of the world."""

    records: Records
    original_entries: OriginalEntries
    return_posting: ReturnPosting

    def find(self, name: str) -> tuple[Transmission, SealedFile]:
        """The refused file, and its transmission. Raises NotRefused."""
        said = self.records.transmissions.acknowledged([name]).get(name)
        for transmission in self.records.transmissions.all():
            for file in transmission.files:
                if file.name == name and said and said.verdict is FileVerdict.REFUSED:
                    return transmission, file
        raise NotRefused

    def undo(self, name: str, signature: Signature) -> Iterator[None]:
        """Takes its entries back, one at each step; the last one closes the matter. NotRefused.

        The evening goes on with the transmission and erases its copy: staff may erase nothing.
        """
        transmission, file = self.find(name)
        for entry in self._entries(transmission, file):
            self._take_back(transmission, entry, FILE_REFUSED, signature)
            yield
        self._close(name, signature)

    def left_out(self, payment_id: str) -> tuple[Transmission, LeftOut]:
        """An entry that is in no file, and the transmission that left it out. Raises NotLeftOut."""
        for transmission in self.records.transmissions.all():
            for each in transmission.left_out:
                if each.payment_id == payment_id and not each.is_stopped:
                    return transmission, each
        raise NotLeftOut

    def undo_left_out(self, payment_id: str, signature: Signature) -> None:
        """Takes it back, once, and closes its case. Raises NotLeftOut."""
        transmission, left_out = self.left_out(payment_id)
        entry = self.records.books.entry(left_out.collection, left_out.batch, payment_id)
        if entry:  # reconciliation names one that is gone
            self._take_back(transmission, entry, LEFT_OUT, signature)
        self.records.commit(
            *self.records.cases.closing(case_id("left_out", payment_id), signature),
            *self.records.audit.signing(
                audit_subject("left_out", payment_id),
                "taken back",
                signature,
                left_out.enrollment_id,
            ),
        )

    def _take_back(
        self, transmission: Transmission, entry: Entry, why: ReturnDecision, signature: Signature
    ) -> None:
        if entry.refused:
            self._not_refused(entry, entry.refused, signature)
            return
        original = self.original_entries.in_the_books(transmission, entry)
        if original:  # one that is in no book reconciliation names
            # What the bank sent back already stands: then this is no answer to it.
            self.return_posting.apply(
                original, returns.of_unmoved(why, ENTRY_PURPOSES[entry.kind]), signature.at
            )

    def _not_refused(self, entry: Entry, refused: RefusedChange, signature: Signature) -> None:
        """Nothing moved, but its bank doesn't know that we refused what it wrote."""
        self.records.cases.open_case(
            Case(
                case_id=case_id("not_refused", entry.payment_id),
                kind=CaseKind.BANK,
                enrollment_id=entry.enrollment_id,
                reason=f"the refusal ({refused.code}) of a correction for {refused.of_payment} was "
                "in a file that our bank did not take: ask our bank to refuse it",
                opened_at=signature.at,
            )
        )

    def _entries(self, transmission: Transmission, file: SealedFile) -> Iterator[Entry]:
        """In the order of the file: those of the transmission's batches that are in it."""
        left_out = transmission.left_out_ids
        every = (
            entry
            for batch in transmission.batches
            for entry in self.records.books.entries(batch.collection, batch.kind, without=left_out)
        )
        before = transmission.files[: transmission.files.index(file)]
        start = sum(each.entries for each in before)
        yield from islice(every, start, start + file.entries)

    def _close(self, name: str, signature: Signature) -> None:
        try:
            self.records.commit(
                self.records.transmissions.undoing(name, signature),
                *self.records.cases.closing(case_id("refused_file", name), signature),
                *self.records.audit.signing(audit_subject("file", name), "taken back", signature),
            )
        except ConditionFailed:
            if name not in self.records.transmissions.undone([name]):
                raise
