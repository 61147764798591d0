"""Any credit may go back, whatever it came from: how much, and to the newest paid account (37)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.ledger import Line, LineKind, owed, refunded
from chalicelib.domain.payment import PaymentState

CLAIMED = frozenset({LineKind.PAYMENT, LineKind.WITHDRAWAL})
UNCERTAIN = frozenset({PaymentState.RECEIVED, PaymentState.SENT})

Fault = tuple[bool, str]
"""Whether it holds, and its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MayGoBack:
    """How much of an enrollment's credit may go back, and where to (rule 37)."""

    credit_cents: int
    uncertain_cents: int  # received or sent, and not yet paid: it may still come back
    newest_paid: Line | None
    newest_left_cents: int  # what that brought, and did not give back
    account_is_refused: bool

    def faults(self, cents: int) -> list[Fault]:
        """What speaks against so much, wherever it goes."""
        return [
            (cents > self.credit_cents, "more_than_credit"),
            (cents > self.credit_cents - self.uncertain_cents, "not_certain_yet"),
        ]

    def faults_elsewhere(self, cents: int, *, account_is_gone: bool) -> list[Fault]:
        """Only what no account can be given is paid elsewhere."""
        free = self.credit_cents - self.uncertain_cents
        usable = not (account_is_gone or self.account_is_refused)
        to_account = min(free, self.newest_left_cents) if usable else 0
        goes_there = (cents > free - to_account, "goes_to_account")
        return [(cents <= 0, "nothing"), *self.faults(cents), goes_there]


def may_go_back(
    lines: Sequence[Line],
    states: Mapping[str, PaymentState],
    is_refused: Callable[[Line], bool],
) -> MayGoBack:
    """By the books, and by how far each payment is."""
    moved = [line for line in lines if line.kind in CLAIMED and line.amount_cents < 0]
    paid = [each for each in moved if states.get(str(each.payment_id)) is PaymentState.PAID]
    newest = paid[-1] if paid else None
    given = refunded(lines)[str(newest.payment_id)] if newest else 0
    return MayGoBack(
        credit_cents=-owed(lines),
        uncertain_cents=sum(
            -each.amount_cents for each in moved if states.get(str(each.payment_id)) in UNCERTAIN
        ),
        newest_paid=newest,
        newest_left_cents=-newest.amount_cents - given if newest else 0,
        account_is_refused=newest is not None and is_refused(newest),
    )
