"""Who is behind a line of the ledger: address, language, and the mandate it was taken under."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import BankAccount, Contact, Payment
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
            return self.of_mandate(line.enrollment_id, str(line.mandate_id))
        return self._of_payment(payment)

    def account_of(self, paid: Line) -> BankAccount:
        """The one that a payment or a withdrawal was taken from."""
        payment = self.records.books.payment(str(paid.payment_id))
        account = payment.account if payment else paid.account
        assert account, "a payment was taken from an account"
        return account

    def of_mandate(self, enrollment_id: str, mandate_id: str) -> Payer:
        """Who gave this authorization."""
        return of_mandate(self.records.mandates.find(enrollment_id, mandate_id))

    def _of_payment(self, payment: Payment) -> Payer:
        submission = self.records.books.submission(payment.confirmation)
        mandate = None
        if payment.mandate_id:
            mandate = self.records.mandates.find(payment.enrollment_id, payment.mandate_id)
        if submission is None:
            return of_mandate(mandate)
        language = submission.evidence.language
        return Payer(submission.contact, language, payment.confirmation, mandate)


def of_mandate(mandate: Mandate | None) -> Payer:
    """The address kept with a mandate."""
    if mandate is None:
        return Payer()
    return Payer(mandate.contact, mandate.language, None, mandate)
