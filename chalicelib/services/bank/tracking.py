"""How far a payment is, derived from facts: its sealing, and whether it came back (rule 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.entry import taken_as
from chalicelib.domain.ledger import Line, came_back
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.sealing import Sealing, SealingState
from chalicelib.ports import Sealings

STATES = {
    SealingState.SEALED: PaymentState.RECEIVED,
    SealingState.SENDING: PaymentState.RECEIVED,  # in doubt until the bank has it
    SealingState.SENT: PaymentState.SENT,
    SealingState.ACKNOWLEDGED: PaymentState.SENT,
    SealingState.SETTLED: PaymentState.PAID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """What following payments needs of the world."""

    sealings: Sealings

    def states(self, lines: Sequence[Line]) -> Mapping[str, PaymentState]:
        """By payment id, the state of all money that moves for one enrollment."""
        back = came_back(lines)
        return {
            str(line.payment_id): PaymentState.NOT_PAID
            if line.payment_id in back
            else self._state(line)
            for line in lines
            if line.collection
        }

    def sealing_of(self, line: Line) -> Sealing | None:
        """The sealing that took the entry of a line; None while it waits."""
        if line.collection is None:
            return None
        sealing = self.sealings.that_took(*taken_as(line.collection))
        left_out = sealing is not None and line.payment_id in sealing.left_out
        return None if left_out else sealing

    def _state(self, line: Line) -> PaymentState:
        sealing = self.sealing_of(line)
        return STATES[sealing.state] if sealing else PaymentState.RECEIVED
