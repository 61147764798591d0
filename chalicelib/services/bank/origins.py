"""The entry of ours that a return or a change is about, found through the manifests (I18)."""

from dataclasses import dataclass

from chalicelib.domain.ach.findings import ReturnEntry
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import Contact, EntryKind
from chalicelib.ports import Books, Enrollments, MandateBook, Sealings, Unsealable, Vault

ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Origin:
    """The entry that a return or change is about, and where it stands in the books."""

    entry: Entry
    line: Line  # its payment or withdrawal line
    enrollment: Enrollment
    confirmation: str | None
    contact: Contact | None
    language: str
    mandate: Mandate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """What finding it needs of the world."""

    enrollments: Enrollments
    books: Books
    mandates: MandateBook
    sealings: Sealings
    vault: Vault

    def of(self, trace_number: str, entry_id: str) -> Origin | None:
        """By trace through the manifests, newest first; then by the id that we gave the entry."""
        digits = trace_number[-7:]
        if not digits.isdigit():
            return None
        for sealing in reversed(self.sealings.all()):
            part = sealing.part_of(int(digits))
            entry = (
                self.books.entry(part.collection, part.batch, entry_id.strip()) if part else None
            )
            if entry:
                return self._in_the_books(entry)
        return None

    def _in_the_books(self, entry: Entry) -> Origin | None:
        lines = self.books.lines(entry.enrollment_id)
        line = next((each for each in lines if each.payment_id == entry.payment_id), None)
        enrollment = self.enrollments.get(entry.enrollment_id)
        if line is None or enrollment is None:
            return None
        found = [
            *self.mandates.past(entry.enrollment_id),
            *self.mandates.of(entry.enrollment_id).standing,
        ]
        payment = self.books.payment(entry.payment_id)
        if payment is None:
            mandate = next((m for m in found if m.mandate_id == line.mandate_id), None)
            contact = mandate.contact if mandate else None
            language = mandate.language if mandate else "en"
            return Origin(entry, line, enrollment, None, contact, language, mandate)
        submission = self.books.submission(payment.confirmation)
        first = payment.kind is EntryKind.FIRST
        made_with = [m for m in found if first and m.confirmation == payment.confirmation]
        contact = submission.contact if submission else None
        language = submission.evidence.language if submission else "en"
        mandate = made_with[0] if made_with else None
        return Origin(entry, line, enrollment, payment.confirmation, contact, language, mandate)

    def is_same(self, entry: Entry, item: ReturnEntry) -> bool:
        """Amount and account must agree too: a trace may come round again."""
        try:
            digits = self.vault.open(ACCOUNT, entry.account.sealed_number, entry.subscriber_id)
        except Unsealable:
            return False
        same = item.account.digits.lstrip("0") == digits.lstrip("0")
        return same and item.amount_cents == entry.amount_cents
