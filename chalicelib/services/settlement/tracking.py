"""How far a payment is, and since when: by its transmission, and whether it came back (rule 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from chalicelib.domain.entry import transmitted_as
from chalicelib.domain.ledger import NEVER_TAKEN, STOPPED, Line, return_of, won_by
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.progress import Progress
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.suspected_returns import suspected_ids

STATES = {
    TransmissionState.SEALED: PaymentState.RECEIVED,
    TransmissionState.SENDING: PaymentState.RECEIVED,  # uncertain until the bank has it
    TransmissionState.SENT: PaymentState.SENT,
    TransmissionState.ACKNOWLEDGED: PaymentState.SENT,
    TransmissionState.SETTLED: PaymentState.PAID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """What following payments needs of the world."""

    records: Records

    def states(self, lines: Sequence[Line]) -> Mapping[str, PaymentState]:
        """By payment id, the state of all money that moves for one enrollment."""
        return {name: progress.state for name, progress in self.progress(lines).items()}

    def progress(self, lines: Sequence[Line]) -> Mapping[str, Progress]:
        """The same, with the instant each state was reached; derived, never set."""
        found, suspected = {}, cache(partial(suspected_ids, self.records))
        for line in lines:
            if line.collection is None:
                continue
            reached, back = self._reached(line), return_of(lines, str(line.payment_id))
            paid_at = reached.get(PaymentState.PAID)
            if paid_at and line.payment_id in suspected(paid_at):
                del reached[PaymentState.PAID]
            if won := won_by(lines, str(line.payment_id)):
                reached[PaymentState.PAID] = won.at
            if back:
                reached = {state: then for state, then in reached.items() if then <= back.at}
                reached[PaymentState.NOT_PAID] = back.at
            never_taken = back is not None and back.reason in NEVER_TAKEN
            is_stopped = back is not None and back.reason == STOPPED
            found[str(line.payment_id)] = Progress(reached, never_taken, is_stopped)
        return found

    def transmission_of(self, line: Line) -> Transmission | None:
        """The transmission that took the entry of a line; None while it waits."""
        if line.collection is None:
            return None
        transmission = self.records.transmissions.of(*transmitted_as(line.collection))
        left_out = transmission is not None and line.payment_id in transmission.left_out_ids
        return None if left_out else transmission

    def _reached(self, line: Line) -> dict[PaymentState, datetime]:
        reached, transmission = {PaymentState.RECEIVED: line.at}, self.transmission_of(line)
        if transmission is None or STATES[transmission.state] is PaymentState.RECEIVED:
            return reached
        reached[PaymentState.SENT] = transmission.sent_at or transmission.sealed_at
        if transmission.settled_at:
            reached[PaymentState.PAID] = transmission.settled_at
        return reached
