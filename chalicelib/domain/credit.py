"""Money back to the member: a refund, or the reversal of a debit that was an error.

Two different people must release it. A reversal undoes a whole debit and must reach the member's
bank within five banking days of its settlement, for one of Nacha's four errors; everything else is
a refund.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.banking_days import banking_day_after
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ledger import Line, LineKind, refunded
from chalicelib.domain.may_go_back import Fault, MayGoBack
from chalicelib.domain.payment import (
    BankAccount,
    EntryKind,
    PaymentState,
    credit_payment_id,
)
from chalicelib.domain.signature import Signature, is_one_person

RELEASES_NEEDED = 2
REVERSAL_DAYS = 5  # Nacha: banking days from the debit's settlement, until the RDFI has it


class CreditState(StrEnum):
    """How far a credit is, until its entry waits for the bank."""

    PROPOSED = "proposed"
    RELEASED = "released"  # its entry goes with the next collection
    DROPPED = "dropped"


class WhyBack(StrEnum):
    """Why money goes back."""

    CREDIT = "credit"  # the member has paid more than is owed
    MISTAKE = "mistake"  # this debit should not have been, whatever is owed
    WRONG_AMOUNT = "wrong_amount"
    DUPLICATE = "duplicate"
    WRONG_PERSON = "wrong_person"
    TOO_EARLY = "too_early"


REVERSIBLE = frozenset(
    {WhyBack.WRONG_AMOUNT, WhyBack.DUPLICATE, WhyBack.WRONG_PERSON, WhyBack.TOO_EARLY}
)


class CannotGiveBack(DomainError):
    """This money does not go back so; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money that is to go back: to the account that a payment came from, or paid elsewhere."""

    credit_id: str
    kind: EntryKind  # refund or reversal
    why: WhyBack
    enrollment_id: str
    subscriber_id: str
    plan: Plan
    amount_cents: int
    proposed: Signature
    of_payment: str | None = None  # neither this nor an account where it is paid elsewhere
    account: BankAccount | None = None
    elsewhere: str | None = None  # the reference under which the exchange pays it (rule 37)
    account_is_gone: bool = False  # so staff say: corrected away, or another person's
    releases: tuple[Signature, ...] = ()
    state: CreditState = CreditState.PROPOSED
    collected_on: date | None = None
    effective_on: date | None = None

    def released_by(self, signature: Signature) -> "Credit":
        """With one more release; RELEASED once two different people did. Raises CannotGiveBack."""
        self.assert_open()
        if any(is_one_person(signature, before) for before in self.releases):
            raise CannotGiveBack("two_people")
        releases = (*self.releases, signature)
        done = len(releases) >= RELEASES_NEEDED
        return replace(self, releases=releases, state=CreditState.RELEASED if done else self.state)

    def identity(self, number: int) -> str:
        """The one id that the n-th credit of this payment, kind, reason and amount can have."""
        what = f"{self.of_payment}|{self.kind}|{self.why}|{self.amount_cents}"
        if self.elsewhere:
            what = f"{self.enrollment_id}|{self.elsewhere}"
        return credit_payment_id(what, number)

    def was_released_by(self, signature: Signature) -> bool:
        """Whether this is the newest release once more."""
        return bool(self.releases) and self.releases[-1].is_repeated_by(signature)

    def dropped(self) -> "Credit":
        """It is not to be, after all; what was dropped stays so. Raises CannotGiveBack."""
        if self.state is CreditState.DROPPED:
            return self
        self.assert_open()
        return replace(self, state=CreditState.DROPPED)

    def assert_open(self) -> None:
        """Raises CannotGiveBack when it was released or dropped before."""
        if self.state is not CreditState.PROPOSED:
            raise CannotGiveBack(f"already_{self.state}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to go back, and when it would arrive."""

    kind: EntryKind
    why: WhyBack
    amount_cents: int
    paid: Line | None  # the payment's or withdrawal's line
    state: PaymentState | None
    settled_on: date | None
    effective_on: date
    back: MayGoBack


def check(lines: Sequence[Line], asked: Asked) -> None:
    """Whether this money may go back, by the books as they stand. Raises CannotGiveBack."""
    paid = asked.paid
    if paid is None or paid.kind not in (LineKind.PAYMENT, LineKind.WITHDRAWAL):
        raise CannotGiveBack("unknown_payment")
    given = refunded(lines)[str(paid.payment_id)]
    faults = [(asked.state is PaymentState.NOT_PAID, "came_back")]
    if asked.kind is EntryKind.REVERSAL:
        faults += [
            (asked.why not in REVERSIBLE, "not_an_error"),
            (asked.state is PaymentState.RECEIVED, "not_sent"),
            (given > 0, "given_back"),
            (asked.amount_cents != -paid.amount_cents, "not_the_whole"),
            (_is_late(asked), "too_late"),
        ]
    else:
        faults += [
            (asked.state is not PaymentState.PAID, "not_paid_yet"),
            (asked.amount_cents <= 0, "nothing"),
            (given + asked.amount_cents > -paid.amount_cents, "more_than_paid"),
        ]
        if asked.why is WhyBack.CREDIT:
            faults += [
                *asked.back.faults(asked.amount_cents),
                (asked.back.newest_paid != paid, "not_the_newest"),
                (asked.back.account_is_refused, "refuses_credit"),
            ]
    raise_first(faults)


def raise_first(faults: Sequence[Fault]) -> None:
    """Raises CannotGiveBack with the first code that holds."""
    if fault := next((code for holds, code in faults if holds), None):
        raise CannotGiveBack(fault)


def _is_late(asked: Asked) -> bool:
    if asked.settled_on is None:
        return False  # it is not settled yet: the reversal follows it
    return asked.effective_on > banking_day_after(asked.settled_on, REVERSAL_DAYS)
