"""How far a payment is, and since when: by its transmission, and whether it came back (rule 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from chalicelib.domain import ledger
from chalicelib.domain.entry import transmitted_as
from chalicelib.domain.ledger import NEVER_TAKEN, STOPPED, Line, return_of
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.domain.withdrawal import Verdict
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.suspected_returns import suspected_ids

NOT_TAKEN = "not_taken"
STATES = {
    TransmissionState.SEALED: PaymentState.RECEIVED,
    TransmissionState.SENDING: PaymentState.RECEIVED,  # uncertain until the bank has it
    TransmissionState.SENT: PaymentState.SENT,
    TransmissionState.ACKNOWLEDGED: PaymentState.SENT,
    TransmissionState.SETTLED: PaymentState.PAID,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far money is, and when it reached each state; the last one reached is the state."""

    reached: Mapping[PaymentState, datetime]
    never_taken: bool = False  # of what is not paid: it got into no file that a bank took
    is_stopped: bool = False  # and that is because the member had it stopped in time

    @property
    def state(self) -> PaymentState:
        """Where it is now."""
        return list(self.reached)[-1]

    @property
    def since(self) -> datetime:
        """When it came there."""
        return self.reached[self.state]

    @property
    def steps(self) -> list[tuple[str, datetime]]:
        """What was reached, as told, and when; a file that no bank took is not called sent."""
        return [
            (self.as_shown(state), at)
            for state, at in self.reached.items()
            if not (self.never_taken and state is PaymentState.SENT)
        ]

    @property
    def is_our_mistake(self) -> bool:
        """Whether the member's money never moved, and not because they had it stopped."""
        return self.as_shown(self.state) == NOT_TAKEN

    def as_shown(self, state: PaymentState) -> str:
        """A member's bank did not refuse what it never saw."""
        if state is not PaymentState.NOT_PAID or not self.never_taken:
            return str(state)
        return "stopped_in_time" if self.is_stopped else NOT_TAKEN


def state_as_shown(line: Line, progress: Progress | None, lines: Sequence[Line]) -> str:
    """The state of money that moves, or why nothing moved, as the code of its text."""
    state = progress.as_shown(progress.state) if progress else str(line.verdict)
    if state == Verdict.SKIPPED and ledger.owed([e for e in lines if e.at <= line.at]) > 0:
        return "skipped_as_told"  # something was owed, but nothing was announced (rule 25)
    return state


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
