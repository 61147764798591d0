"""How far money is, as it is shown: received, sent, paid, or not paid and why (rule 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import ledger
from chalicelib.domain.ledger import Line
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.withdrawal import Verdict

NOT_TAKEN = "not_taken"


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
