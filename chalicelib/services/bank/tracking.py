"""How far a payment is, derived from facts: its sealing, and whether it came back (rule 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.run import shard_of
from chalicelib.domain.sealing import Sealing, SealingState
from chalicelib.ports import Books, Runs, Sealings

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

    books: Books
    runs: Runs
    sealings: Sealings

    def states(self, lines: Sequence[Line]) -> Mapping[str, PaymentState]:
        """By payment id, the state of each payment and withdrawal of one enrollment."""
        moved = [line for line in lines if line.payment_id and line.kind is not LineKind.RETURN]
        back = {line.payment_id for line in lines if line.kind is LineKind.RETURN}
        if not moved:
            return {}
        sealings = {each.sealing: each for each in self.sealings.all()}
        return {
            str(line.payment_id): PaymentState.NOT_PAID
            if line.payment_id in back
            else self._state(line, sealings)
            for line in moved
        }

    def _state(self, line: Line, sealings: Mapping[str, Sealing]) -> PaymentState:
        group, name = self.collection_of(line)
        sealing = sealings.get(self.sealings.taken(group).get(name, ""))
        if sealing is None or line.payment_id in sealing.left_out:
            return PaymentState.RECEIVED
        return STATES[sealing.state]

    def collection_of(self, line: Line) -> tuple[str, str]:
        """The group and name under which a sealing takes this payment's collection."""
        if line.kind is LineKind.WITHDRAWAL:
            run = self.runs.get(f"withdrawal#{line.month}")
            shard = shard_of(slot_of(line.enrollment_id), run.shards) if run else 0
            return f"run#{line.month}", f"{shard:03}"
        payment = self.books.payment(str(line.payment_id))
        return "web", payment.collected_on.isoformat() if payment else ""
