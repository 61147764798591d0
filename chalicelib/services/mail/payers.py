"""Who is behind a line of the ledger, and letters to them about its money (rules 17, 27)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import entry_letter, later_letter
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.letter_facts import Facts, MovedMoney, about, mail_of
from chalicelib.domain.letters import KINDS, LaterLetter, PaidLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import BankAccount, Contact, Payment
from chalicelib.domain.timetable import WITHDRAWALS
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


def paid_mail(entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, at: datetime) -> Mail:
    """Two full banking days have passed without a return (rule 17)."""
    tells = PaidLetter(about=about(enrollment, entry.account), money=moved(entry, line, payer))
    return payment_mail(tells, entry, payer, at)


def later_mail(
    entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, on: date, at: datetime
) -> Mail:
    """The real date, where the file goes later than the member was told (rule 27)."""
    of_the_22nd = line.kind is LineKind.WITHDRAWAL  # it counts as of then (rule 6)
    counts_from = WITHDRAWALS.first_of(str(line.month)) if of_the_22nd else line.at
    tells = LaterLetter(
        about=about(enrollment, entry.account),
        money=moved(entry, line, payer),
        announced_on=entry.effective_on,
        now_on=on,
        counts_on=local_day(counts_from),
    )
    return payment_mail(tells, entry, payer, at, later_letter(entry.payment_id, on))


def moved(entry: Entry, line: Line, payer: Payer) -> MovedMoney:
    """What every letter about moved money names."""
    return MovedMoney(
        confirmation=payer.confirmation,
        cents=entry.amount_cents,
        kind="withdrawal" if line.kind is LineKind.WITHDRAWAL else "payment",
        on=local_day(line.at),
    )


def payment_mail(
    tells: Facts, entry: Entry, payer: Payer, at: datetime, mail_id: str | None = None
) -> Mail:
    """To whom the money belongs."""
    assert payer.contact, "somebody is told"
    kind, name = KINDS[type(tells)], entry.enrollment_id
    mail_id = mail_id or entry_letter(kind, entry.payment_id)
    return mail_of(kind, tells, mail_id, payer.contact, payer.language, name, at)
