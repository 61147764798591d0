"""What waits in suspense is ended by staff: booked, tried again, or dropped (rule 52).

Where money or a mandate moves two people do it: the second says the same as the first.
"""

from dataclasses import dataclass

from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry
from chalicelib.domain.ach.reading import Reading
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.entry import Entry
from chalicelib.domain.errors import DomainError, NotFound
from chalicelib.domain.identities import audit_subject
from chalicelib.domain.signature import Signature
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.unsealing import Unsealing
from chalicelib.services.returns.matching import Matching
from chalicelib.services.returns.original_entries import OriginalEntries, OriginalEntry


class CannotBook(DomainError):
    """Not so: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that an item may be about, and what of the two is the same."""

    entry: Entry
    agrees_in: tuple[str, ...]  # of id, trace, amount, account


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseDesk:
    """What deciding about it needs of the world."""

    records: Records
    unsealing: Unsealing
    original_entries: OriginalEntries
    matching: Matching

    def open(self, case_id: str) -> tuple[Case, AnswerEntry]:
        """A case that waits, and what it is about. Raises NotFound, Unsealable."""
        return self._open_one(case_id, CaseKind.SUSPENSE), self.unsealing.suspended(case_id)

    def candidates(self, case_id: str) -> list[Candidate]:
        """What it may be about, that which fits first. Raises NotFound, Unsealable."""
        case, item = self.open(case_id)
        sent = self.original_entries.sent(self.records.transmissions.all())
        found = self.original_entries.find(item, sent, local_day(case.opened_at))
        fits = [found.original.entry] if found.original else []
        return [
            Candidate(
                entry=entry, agrees_in=tuple(self.original_entries.agreeing(item, sent, entry))
            )
            for entry in (*fits, *(each for _, each in found.candidates))
        ]

    def book(self, case_id: str, payment_id: str, signature: Signature) -> bool:
        """To the entry of this payment, by two people. False: a second one must say the same.

        Raises CannotBook, NotFound, Unsealable.
        """
        case, item = self.open(case_id)
        original = self._entry(item, payment_id)
        what = f"booked to {payment_id}"
        if not self._is_second(case, what, signature):
            return False
        self._apply(case, item, original, what, signature)
        return True

    def read_again(self, case_id: str, signature: Signature) -> str:
        """By evidence, as if it came today: what was wrong may be mended. Its payment's id.

        Raises CannotBook, NotFound, Unsealable.
        """
        case, item = self.open(case_id)
        sent = self.original_entries.sent(self.records.transmissions.all())
        found = self.original_entries.find(item, sent, local_day(case.opened_at))
        if found.original is None:
            raise CannotBook("fits_nothing")
        self._apply(case, item, found.original, "read again", signature)
        return found.original.entry.payment_id

    def read_file_again(self, case_id: str, signature: Signature) -> Reading:
        """A file in quarantine: what can be relied on now is booked, what was booked stays once.

        Its case ends where nothing of it needs a look any more. Raises NotFound, Unsealable.
        """
        case = self._open_one(case_id, CaseKind.BANK)
        reading = self.unsealing.file(case_id)
        self.matching.book(reading.answers, case.opened_at, signature.at)
        if not reading.needs_a_look:
            self.records.cases.close(case_id, signature, "read again")
        return reading

    def drop(self, case_id: str, signature: Signature) -> bool:
        """It is nothing of ours, as two people say: nothing is booked. False: a second one must.

        Raises NotFound.
        """
        case = self._open_one(case_id, CaseKind.SUSPENSE)
        if not self._is_second(case, "dropped", signature):
            return False
        return self.records.cases.close(case_id, signature, "dropped")

    def _open_one(self, case_id: str, kind: CaseKind) -> Case:
        found = self.records.cases.find(case_id)
        if found is None or not found[1] or found[0].kind is not kind:
            raise NotFound
        return found[0]

    def _entry(self, item: AnswerEntry, payment_id: str) -> OriginalEntry:
        sent = self.original_entries.sent(self.records.transmissions.all())
        found = next(sent.of_id(sent.manifests, payment_id), None)
        original = self.original_entries.in_the_books(*found) if found else None
        if original is None:
            raise CannotBook("no_such_entry")
        if not isinstance(item, ChangeEntry) and item.amount_cents != original.entry.amount_cents:
            raise CannotBook("other_amount")
        return original

    def _is_second(self, case: Case, what: str, signature: Signature) -> bool:
        return self.records.is_second(audit_subject("case", case.case_id), what, signature)

    def _apply(
        self,
        case: Case,
        item: AnswerEntry,
        original: OriginalEntry,
        what: str,
        signature: Signature,
    ) -> None:
        """With the end of the case in one transaction; where it was applied before, that alone."""
        entry = original.entry
        subject = audit_subject("payment", entry.payment_id)
        also = [
            *self.records.cases.closing(case.case_id, signature, what),
            *self.records.audit.signing(
                subject, f"{item.code} {what}", signature, entry.enrollment_id
            ),
        ]
        if not self.matching.apply(item, original, case.opened_at, signature.at, *also):
            raise CannotBook("answered_otherwise")
        self.records.cases.close(case.case_id, signature, what)
