"""Money of a return that our bank dishonored with success counts again (rule 51; Nacha R61 to R70).

The banks settle that between them; staff book it when it is on our account.
"""

from dataclasses import dataclass

from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject, dispute_line
from chalicelib.domain.ledger import (
    NEVER_TAKEN,
    Line,
    LineKind,
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

SAYS = "Your bank paid after all"  # as the member reads it
CLOSED = "dispute closed"


class CannotClose(DomainError):
    """There is no such money: `code` says why."""

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
