"""A member calls before 18:00: the payment is stopped, and does not go (its authorization says so).

The stop is a row of the day that is collected, written while that collection is open. The evening
leaves the entry out of its files, and takes the payment back: not paid, and the member is told.
"""

from dataclasses import dataclass

from chalicelib.domain.ach import returns
from chalicelib.domain.ach.return_table import STOPPED
from chalicelib.domain.entry import ENTRY_PURPOSES, entry_of
from chalicelib.domain.errors import DomainError, NotFound
from chalicelib.domain.identities import audit_subject
from chalicelib.domain.payment import Payment
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import Transmission
from chalicelib.repositories.records import Records
from chalicelib.services.returns.original_entries import OriginalEntries
from chalicelib.services.returns.posting import ReturnPosting
from chalicelib.store import ConditionFailed


class AlreadyCollected(DomainError):
    """It is being sent to the bank, or was: only the member's bank can stop it now."""

    code = "already_collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """What stopping needs of the world."""

    records: Records
    original_entries: OriginalEntries
    return_posting: ReturnPosting

    def stop(self, payment_id: str, signature: Signature) -> Payment:
        """Of a payment from the page, or of a retry; again says the same.

        Raises NotFound, AlreadyCollected.
        """
        payment = self.records.books.payment(payment_id)
        if payment is None:
            raise NotFound
        try:
            self.records.commit(
                *self.records.books.stopping(entry_of(payment), signature),
                *self.records.audit.signing(
                    audit_subject("payment", payment_id),
                    "stopped",
                    signature,
                    payment.enrollment_id,
                ),
            )
        except ConditionFailed:
            if payment_id not in self.records.books.stops(payment.collected_on):
                raise AlreadyCollected from None
        return payment

    def take_back(self, transmission: Transmission) -> None:
        """What was stopped and so left out of it is not paid; again changes nothing."""
        for left_out in transmission.stopped:
            entry = self.records.books.entry(
                left_out.collection, left_out.batch, left_out.payment_id
            )
            original = self.original_entries.in_the_books(transmission, entry) if entry else None
            if original:  # one that is in no book reconciliation names
                decision = returns.of_unmoved(STOPPED, ENTRY_PURPOSES[left_out.kind])
                self.return_posting.apply(original, decision, transmission.sealed_at)
