"""Who is told of an enrollment as a whole, whatever moved: its mandate's member, or who paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.ledger import Line, LineKind, payments_that_count
from chalicelib.domain.mandate import EndReason, Mandate
from chalicelib.domain.payment import BankAccount, Contact
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import Payers

STILL_A_PAYER = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom to tell, in which language, and of which account."""

    contact: Contact
    language: str
    account: BankAccount


def of_mandate(mandate: Mandate) -> Addressee:
    """Who gave it."""
    contact, language = mandate.contact, mandate.language
    return Addressee(contact=contact, language=language, account=mandate.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressees:
    """What finding them needs of the world."""

    records: Records
    payers: Payers

    def of(self, going: Mandate | None, lines: Sequence[Line], at: datetime) -> Addressee | None:
        """By the mandate that goes on, or by what was paid last, within a year (rule 45)."""
        if going:
            return of_mandate(going)
        counts = payments_that_count(lines)
        paid = [line for line in counts if line.at >= at - STILL_A_PAYER]
        return self._of_last(paid)

    def newest(self, enrollment_id: str, lines: Sequence[Line]) -> Addressee | None:
        """Who gave the newest mandate, or paid since, whatever became of it (rule 44)."""
        every = self.records.mandates.every(enrollment_id)
        tried = [line for line in lines if line.kind is LineKind.PAYMENT and line.payment_id]
        is_newer = tried and not (every and every[-1].created_at >= tried[-1].at)
        payer = self._of_last(tried) if is_newer else None
        return payer or (of_mandate(every[-1]) if every else None)

    def _of_last(self, paid: Sequence[Line]) -> Addressee | None:
        payer = self.payers.of(paid[-1], paid) if paid else None
        if payer is None or payer.contact is None:
            return None
        account = self.payers.account_of(paid[-1])
        return Addressee(contact=payer.contact, language=payer.language, account=account)

    def agreed(self, enrollment_id: str) -> Mandate | None:
        """The newest mandate, where it was to go on with the next plan, whatever ended it (42)."""
        every = self.records.mandates.every(enrollment_id)
        return every[-1] if every and every[-1].carry_over else None

    def ended_with_coverage(self, enrollment_id: str) -> Mandate | None:
        """The newest mandate, where coverage alone ended it."""
        every = self.records.mandates.every(enrollment_id)
        ended = bool(every) and every[-1].end_reason is EndReason.COVERAGE_END
        return every[-1] if ended else None
