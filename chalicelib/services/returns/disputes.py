"""Money of a return that our bank dishonored with success counts again (rule 51; Nacha R61 to R70).

The banks settle that between them; staff book it when it is on our account.
"""

from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.banking_days import banking_day_after, local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject, case_id, dispute_line
from chalicelib.domain.ledger import (
    NEVER_TAKEN,
    Line,
    LineKind,
    line_of,
    next_retry,
    return_of,
    taken_back_by,
)
from chalicelib.domain.payment import ON_ITS_WAY
from chalicelib.domain.signature import Signature
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import paid_mail
from chalicelib.services.returns.original_entries import OriginalEntries
from chalicelib.services.settlement.tracking import Tracking
from chalicelib.store import ConditionFailed

SAYS = "Your bank paid after all"  # as the member reads it
CLOSED = "dispute closed"
RECALL, ANSWERED_WITHIN = "recall", 10  # banking days (Nacha, since 2025-04-01)


class CannotClose(DomainError):
    """There is no such money: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CannotRecall(DomainError):
    """There is nothing to ask our bank for: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputes:
    """What booking it needs of the world."""

    records: Records
    original_entries: OriginalEntries
    tracking: Tracking

    def close(self, enrollment_id: str, payment_id: str, signature: Signature) -> bool:
        """As two people say, once. False: a second one must say the same. Raises CannotClose."""
        self._back(enrollment_id, payment_id)
        subject = audit_subject("payment", payment_id)
        if not self.records.is_second(subject, CLOSED, signature):
            return False

        def attempt() -> bool:
            back = self._back(enrollment_id, payment_id)
            sent = self.original_entries.sent(self.records.transmissions.all())
            found = next(sent.of_id(sent.manifests, payment_id), None)
            original = self.original_entries.in_the_books(*found) if found else None
            if original is None or original.line is None:
                raise CannotClose("unknown_payment")
            line = Line(
                enrollment_id=enrollment_id,
                line=dispute_line(payment_id),
                kind=LineKind.ADJUSTMENT,
                amount_cents=-back.amount_cents,
                at=signature.at,
                month=back.month,
                reason=SAYS,
            )
            mails = []
            if original.payer.contact:
                about = (original.entry, original.line, original.enrollment, original.payer)
                mails = [paid_mail(*about, signature.at)]
            signs = self.records.audit.signing(subject, CLOSED, signature, enrollment_id)
            lines = self.records.books.lines(enrollment_id)
            self.records.commit(
                self.records.books.adding_line(line),
                self.records.books.lacking(enrollment_id, next_retry(lines)),
                *signs,
                mails=mails,
            )
            return True

        return self.records.commit_or_retry(attempt)

    def recall(self, enrollment_id: str, payment_id: str, signature: Signature) -> Case:
        """Our bank was asked to have it sent back: its case waits ten banking days for R06.

        Whatever comes back closes it; so may staff. Raises CannotRecall.
        """
        lines = self.records.books.lines(enrollment_id)
        line = line_of(lines, payment_id)
        if line is None:
            raise CannotRecall("unknown_payment")
        if self.tracking.transmission_of(line) is None:
            raise CannotRecall("never_sent")
        if return_of(lines, payment_id):
            raise CannotRecall("came_back")
        name, asked_on = case_id(RECALL, payment_id), local_day(signature.at)
        found = self.records.cases.find(name)
        if found and found[1]:
            return found[0]
        case = Case(
            case_id=name,
            kind=CaseKind.RETURN,
            enrollment_id=enrollment_id,
            reason=f"asked our bank on {asked_on} to have it sent back (R06): an answer is due by "
            f"{banking_day_after(asked_on, ANSWERED_WITHIN)}",
            opened_at=signature.at,
        )
        subject = audit_subject("payment", payment_id)
        signs = self.records.audit.signing(subject, "recalled", signature, enrollment_id)
        with suppress(ConditionFailed):  # it waits already
            self.records.commit(self.records.cases.opening(case), *signs)
        return case

    def _back(self, enrollment_id: str, payment_id: str) -> Line:
        """What took it back, and stands."""
        lines = self.records.books.lines(enrollment_id)
        back = return_of(lines, payment_id)
        if back is None:
            is_won = taken_back_by(lines, payment_id) is not None
            raise CannotClose("already_closed" if is_won else "not_returned_at_all")
        if back.kind is not LineKind.RETURN or back.reason in NEVER_TAKEN:
            raise CannotClose("never_moved")
        states = self.tracking.states(lines)
        again = [line for line in lines if line.of_payment == payment_id]
        if any(states.get(str(line.payment_id)) in ON_ITS_WAY for line in again):
            raise CannotClose("tried_again")
        return back
