"""Who is behind a line of the ledger: address, language, and the mandate it was taken under."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import Contact, EntryKind, Payment
from chalicelib.repositories.records import Records


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom to tell about a payment, a withdrawal, or money that goes back."""

    contact: Contact | None = None
    language: str = "en"
    confirmation: str | None = None
    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """What finding them needs of the world."""

    records: Records

    def of(self, line: Line, lines: Iterable[Line]) -> Payer:
        """By what the line moves; of a refund, by the payment that it gives back."""
        if line.kind is LineKind.REFUND:
            paid = next((each for each in lines if each.payment_id == line.of_payment), None)
            payer = self.of(paid, lines) if paid else Payer()
            return Payer(payer.contact, payer.language, payer.confirmation)
        payment = self.records.books.payment(str(line.payment_id))
        if payment is None:
            return of_mandate(self._mandate(line.enrollment_id, str(line.mandate_id)))
        return self._of_payment(payment)

    def of_mandate(self, enrollment_id: str, mandate_id: str) -> Payer:
        """Who gave this authorization."""
        return of_mandate(self._mandate(enrollment_id, mandate_id))

    def _of_payment(self, payment: Payment) -> Payer:
        submission = self.records.books.submission(payment.confirmation)
        mandate = None
        if payment.mandate_id:
            mandate = self._mandate(payment.enrollment_id, payment.mandate_id)
        elif payment.kind is EntryKind.FIRST:
            mandate = self._found(
                payment.enrollment_id, lambda each: each.confirmation == payment.confirmation
            )
        if submission is None:
            return of_mandate(mandate)
        language = submission.evidence.language
        return Payer(submission.contact, language, payment.confirmation, mandate)

    def _mandate(self, enrollment_id: str, mandate_id: str) -> Mandate | None:
        return self._found(enrollment_id, lambda each: each.mandate_id == mandate_id)

    def _found(self, enrollment_id: str, is_it: Callable[[Mandate], bool]) -> Mandate | None:
        """Looks again where a cancel or an undo may have moved it between the two readings."""
        while True:
            mandates = self.records.mandates.of(enrollment_id)
            every = [*mandates.standing, *self.records.mandates.past(enrollment_id)]
            found = next(filter(is_it, every), None)
            if found or self.records.mandates.of(enrollment_id).version == mandates.version:
                return found


def of_mandate(mandate: Mandate | None) -> Payer:
    """The address kept with a mandate."""
    if mandate is None:
        return Payer()
    return Payer(mandate.contact, mandate.language, None, mandate)
