"""A payment that came back is tried again: never by itself, once the member agreed (rule 31)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import banking_days
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import entry_of
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, dispute_line
from chalicelib.domain.ledger import Line, LineKind, next_retry, return_of
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import RetryLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.payment import ON_ITS_WAY, EntryKind, Payment, retry_payment_id
from chalicelib.domain.retry import (
    CORRECTED,
    WRONG_TERMS,
    Attempt,
    CannotRetry,
    corrected_attempt,
    first_of,
    next_attempt,
    retries_of,
)
from chalicelib.domain.signature import Signature
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.payers import Payer, Payers, moved, payment_mail
from chalicelib.services.monthly.months import Months
from chalicelib.services.settlement.tracking import Tracking
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """What trying again needs of the world."""

    records: Records
    months: Months
    payers: Payers
    tracking: Tracking
    account_validation: AccountValidation

    def release(
        self,
        enrollment_id: str,
        payment_id: str,
        signature: Signature,
        corrected_cents: int | None = None,
    ) -> Payment:
        """The same amount again with the next collection; the member is told the date.

        What came back as R11 is put right instead: so many cents of it, no retry by name (51).
        The signature says how and when the member agreed; the same one again is answered with
        what it led to. Raises CannotRetry, NotFound.
        """

        def attempt() -> Payment:
            enrollment = self._enrollment(enrollment_id)
            lines = self.records.books.lines(enrollment_id)
            if stands := self._asked_before(lines, payment_id, signature, corrected_cents):
                return stands
            tried = self._next(lines, payment_id, signature.at, corrected_cents)
            payer = self.payers.of(tried.first, lines)
            payment = self._payment(enrollment, tried, payer, signature)
            if self.account_validation.is_refused(payment.account):
                raise CannotRetry("account_refused")
            line = _line(payment, next_retry(lines), signature, tried)
            subject = audit_subject("payment", payment.payment_id)
            done = "retried" if corrected_cents is None else "corrected"
            self.records.commit(
                *self._no_withdrawal(enrollment_id, lines, signature),
                self.records.books.lacking(enrollment_id, dispute_line(str(payment.retry_of))),
                *self.account_validation.unless_refused(payment.account),
                self.records.books.adding_payment(payment),
                self.records.books.adding_line(line),
                *self.records.books.joining(entry_of(payment)),
                *self.records.audit.signing(subject, done, signature, enrollment_id),
                mails=_mails(enrollment, payment, line, payer, signature.at),
            )
            return payment

        return self.records.commit_or_retry(attempt)

    def _enrollment(self, enrollment_id: str) -> Enrollment:
        enrollment = self.records.enrollments.get(enrollment_id)
        if enrollment is None:
            raise NotFound
        return enrollment

    def _asked_before(
        self,
        lines: Sequence[Line],
        payment_id: str,
        signature: Signature,
        corrected_cents: int | None,
    ) -> Payment | None:
        """The retry that is under way, where this very command made it and its answer was lost."""
        first = first_of(lines, payment_id)
        last = max(retries_of(lines, first), key=lambda line: line.at, default=None)
        if last is None or return_of(lines, str(last.payment_id)):
            return None
        signed = self.records.audit.signed(audit_subject("payment", str(last.payment_id)))
        is_same = corrected_cents in (None, -last.amount_cents)
        if is_same and any(each.is_repeated_by(signature) for each in signed):
            return self.records.books.payment(str(last.payment_id))
        return None

    def _next(
        self, lines: Sequence[Line], payment_id: str, at: datetime, corrected_cents: int | None
    ) -> Attempt:
        first = first_of(lines, payment_id)
        transmission = self.tracking.transmission_of(first)
        settled_on = transmission.settles_on if transmission else None
        again_on = banking_days.effective_entry_date(banking_days.collection_day(at))
        if corrected_cents is not None and transmission:
            answers = self.records.transmissions.answers_of(transmission, str(first.payment_id))
            back_on = next((each.settled_on for each in answers if each.code == WRONG_TERMS), None)
            put_right = (lines, payment_id, corrected_cents)
            return corrected_attempt(*put_right, back_on=back_on, again_on=again_on)
        return next_attempt(lines, payment_id, settled_on=settled_on, again_on=again_on)

    def _no_withdrawal(
        self, enrollment_id: str, lines: Sequence[Line], signature: Signature
    ) -> list[Write]:
        """None is announced or on its way; and what keeps it so until all is written."""
        mandates = self.records.mandates.of(enrollment_id)
        coming = self.months.coming(enrollment_id, signature.at)
        announced = self.records.mandates.announced(enrollment_id, coming)
        ahead = self.months.ahead(mandates, lines, signature.at)
        if any(month.bars_retry for month in ahead) or self._is_moving(lines):
            raise CannotRetry("withdrawal_coming")
        return self.records.mandates.unchanged(mandates, coming, announced)

    def _is_moving(self, lines: Sequence[Line]) -> bool:
        """Whether a withdrawal, of whichever month, is neither paid nor back."""
        states = self.tracking.states(lines)
        taken = (line.payment_id for line in lines if line.kind is LineKind.WITHDRAWAL)
        return any(states.get(str(payment_id)) in ON_ITS_WAY for payment_id in taken)

    def _payment(
        self, enrollment: Enrollment, attempt: Attempt, payer: Payer, signature: Signature
    ) -> Payment:
        """From the account of the first attempt, with what the bank has corrected since."""
        first_id = str(attempt.first.payment_id)
        before = self.records.books.payment(first_id)
        account = before.account if before else attempt.first.account
        account = payer.mandate.account if payer.mandate else account
        assert account, "a payment was taken from an account"
        collected_on = banking_days.collection_day(signature.at)
        mandate = payer.mandate
        return Payment(
            payment_id=retry_payment_id(first_id, attempt.number),
            confirmation=payer.confirmation or (mandate.confirmation if mandate else first_id),
            kind=EntryKind.ONE_TIME if attempt.is_corrected else EntryKind.RETRY,
            enrollment_id=enrollment.enrollment_id,
            subscriber_id=enrollment.subscriber_id,
            plan=enrollment.plan,
            plan_name=enrollment.plan_name,
            plan_year=enrollment.plan_year,
            billing_account=enrollment.billing_account,
            amount_cents=attempt.cents,
            account=account,
            submitted_at=signature.at,
            collected_on=collected_on,
            effective_on=banking_days.effective_entry_date(collected_on),
            retry_of=first_id,
            is_recurring=before.is_recurring if before else True,
            mandate_id=mandate.mandate_id if mandate else None,
        )


def _line(payment: Payment, line: str, signature: Signature, tried: Attempt) -> Line:
    return Line(
        enrollment_id=payment.enrollment_id,
        line=line,
        kind=LineKind.PAYMENT,
        amount_cents=-payment.amount_cents,
        at=signature.at,
        payment_id=payment.payment_id,
        of_payment=payment.retry_of,
        reason=CORRECTED if tried.is_corrected else None,
        collection=entry_of(payment).collection,
    )


def _mails(
    enrollment: Enrollment, payment: Payment, line: Line, payer: Payer, at: datetime
) -> list[Mail]:
    """The member is told the date, where we know how."""
    if payer.contact is None:
        return []
    entry = entry_of(payment)
    money = replace(moved(entry, line, payer), on=payment.effective_on)
    is_corrected = line.reason == CORRECTED
    tells = RetryLetter(
        about=about(enrollment, payment.account), money=money, is_corrected=is_corrected
    )
    return [payment_mail(tells, entry, payer, at)]
