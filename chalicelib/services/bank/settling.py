"""The evening: what did not come back in two banking days is paid (rule 17; 20:00 New York)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day, paid_on
from chalicelib.domain.entry import Entry
from chalicelib.domain.payment import Contact
from chalicelib.domain.sealing import SealingState
from chalicelib.ports import (
    Books,
    Enrollments,
    MandateBook,
    Outbox,
    Queue,
    Sealings,
)
from chalicelib.services.bank.return_letters import paid_mail
from chalicelib.services.mandate_letters import wake

SENT = (SealingState.SENT, SealingState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What the evening needs of the world."""

    enrollments: Enrollments
    books: Books
    mandates: MandateBook
    sealings: Sealings
    outbox: Outbox
    mail_queue: Queue
    bank_queue: Queue

    def settle(self, scheduled_at: datetime) -> None:
        """Sealings whose second banking day is over are settled; letters are made in parts."""
        today = local_day(scheduled_at)
        for sealing in self.sealings.all():
            if sealing.state in SENT and paid_on(sealing.effective_on) <= today:
                at = scheduled_at.isoformat()
                self.bank_queue.send(
                    *(
                        {"kind": "paid", "sealing": sealing.sealing, "part": part, "at": at}
                        for part in range(len(sealing.parts))
                    )
                )
                self.sealings.change(sealing.move_to(SealingState.SETTLED), sealing)

    def tell_paid(self, name: str, part: int, at: datetime) -> None:
        """One letter for each entry of a part that did not come back (rule 17)."""
        sealing = self.sealings.get(name)
        if sealing is None:
            return
        found, left_out = sealing.parts[part], set(sealing.left_out)
        for entry in self.books.entries(found.collection, found.batch):
            if entry.payment_id in left_out:
                continue
            if not self.books.line(entry.enrollment_id, f"return#{entry.payment_id}"):
                self._tell(entry, at)

    def _tell(self, entry: Entry, at: datetime) -> None:
        payment = self.books.payment(entry.payment_id)
        lines = self.books.lines(entry.enrollment_id)
        line = next((each for each in lines if each.payment_id == entry.payment_id), None)
        enrollment = self.enrollments.get(entry.enrollment_id)
        if line is None or enrollment is None:
            return  # reconciliation names it
        if payment:
            submission = self.books.submission(payment.confirmation)
            contact = submission.contact if submission else None
            language = submission.evidence.language if submission else "en"
        else:
            contact, language = self._of_mandate(entry.enrollment_id, str(line.mandate_id))
        if contact:
            confirmation = payment.confirmation if payment else None
            mail = paid_mail(entry, line, enrollment, confirmation, contact, language, at)
            if self.outbox.add_once(mail):
                self.mail_queue.send(wake(mail))

    def _of_mandate(self, enrollment_id: str, mandate_id: str) -> tuple[Contact | None, str]:
        standing = self.mandates.of(enrollment_id).standing
        for mandate in [*standing, *self.mandates.past(enrollment_id)]:
            if mandate.mandate_id == mandate_id:
                return mandate.contact, mandate.language
        return None, "en"
