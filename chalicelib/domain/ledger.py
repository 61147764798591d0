"""The ledger of an enrollment: lines are only ever added; what is owed is their sum (rule 1)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.identities import dispute_line, refund_line, retry_line
from chalicelib.domain.payment import BankAccount


class LineKind(StrEnum):
    """What a line says, and which sign its cents carry."""

    OPENING = "opening"  # owed when first seen; either sign
    CHARGE = "charge"  # a month's premium; positive
    UNCHARGE = "uncharge"  # a month taken back; negative
    CORRECTION = "correction"  # a posted month wanted otherwise since; either sign
    PAYMENT = "payment"  # from the member, on the page; negative
    WITHDRAWAL = "withdrawal"  # of the 22nd; negative, or 0 when skipped or excluded
    RETURN = "return"  # the bank took a payment back; positive
    ADJUSTMENT = "adjustment"  # by staff; either sign
    REFUND = "refund"  # paid back to the member; positive


OF_A_MONTH = frozenset({LineKind.CHARGE, LineKind.UNCHARGE, LineKind.CORRECTION})
"""What says what a month of coverage costs: their sum is what is wanted for it (rule 34)."""

# Reasons of a return line that no bank gave: the entry got into no file that was taken, so that
# nothing had moved. Those in no file at all: no bank would take it, or the member called in time.
FILE_REFUSED, LEFT_OUT, STOPPED = "file_refused", "left_out", "stopped"
ITEM_REFUSED = "item_refused"  # by our own bank, of a file that it took (rule 53)
IN_NO_FILE = frozenset({LEFT_OUT, STOPPED})
NEVER_TAKEN = IN_NO_FILE | {FILE_REFUSED, ITEM_REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. Its id is its business identity, so it can't be posted twice."""

    enrollment_id: str
    line: str
    kind: LineKind
    amount_cents: int
    at: datetime
    month: str | None = None  # of coverage, or of the withdrawal
    payment_id: str | None = None
    reason: str | None = None
    verdict: str | None = None  # of a withdrawal: claimed, skipped or excluded
    mandate_id: str | None = None
    mandate_version: int | None = None
    account: BankAccount | None = None  # of a claim: its entry is made from the line (I10)
    of_payment: str | None = None  # the payment that is tried again, or paid back
    collection: str | None = None  # where the entry of this line waits, or went with a file


def owed(lines: Iterable[Line]) -> int:
    """What is owed, in cents; negative is credit."""
    return sum(line.amount_cents for line in lines)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Oldest first; of one instant, the opening before the charges that came with it."""
    return sorted(lines, key=lambda line: (line.at, line.kind is not LineKind.OPENING, line.line))


def line_of(lines: Iterable[Line], payment_id: str) -> Line | None:
    """The line that moved this money: of a payment, a withdrawal or a refund."""
    moved = (each for each in lines if each.collection)
    return next((each for each in moved if each.payment_id == payment_id), None)


def as_called(line: Line) -> str:
    """What a line is to a member, and to a bank: its kind, or of what further attempt it is."""
    is_again = line.kind is LineKind.PAYMENT and line.of_payment
    return (line.reason or "retry") if is_again else str(line.kind)


def returned_id(line: Line) -> str | None:
    """Which money a line takes back: a payment, or a refund that did not arrive."""
    if line.kind is LineKind.RETURN:
        return line.payment_id
    return line.of_payment if line.kind is LineKind.ADJUSTMENT else None


def taken_back_by(lines: Iterable[Line], payment_id: str) -> Line | None:
    """The line that took this money back, whatever came of it."""
    return next((line for line in lines if returned_id(line) == payment_id), None)


def return_of(lines: Sequence[Line], payment_id: str) -> Line | None:
    """The line that took this money back, where it did not come to us all the same (rule 51)."""
    return taken_back_by(lines, payment_id) if payment_id in came_back(lines) else None


def won_by(lines: Iterable[Line], payment_id: str) -> Line | None:
    """The line that says that it came to us all the same (rule 51)."""
    wanted = dispute_line(payment_id)
    return next((line for line in lines if line.line == wanted), None)


def came_back(lines: Iterable[Line]) -> set[str]:
    """The ids of payments that the bank took back, and of refunds that it could not hand over.

    Without those whose return our bank dishonored with success (rule 51).
    """
    known = list(lines)
    won = {line.line for line in known if line.kind is LineKind.ADJUSTMENT}
    back = {name for name in map(returned_id, known) if name}
    return {name for name in back if dispute_line(name) not in won}


def payments_that_count(lines: Sequence[Line]) -> list[Line]:
    """Payments and withdrawals of money that did not come back, and was not all given back."""
    back, given = came_back(lines), refunded(lines)
    return [
        line
        for line in lines
        if line.kind in (LineKind.PAYMENT, LineKind.WITHDRAWAL)
        and line.amount_cents < 0
        and line.payment_id not in back
        and given[str(line.payment_id)] < -line.amount_cents
    ]


def refunded(lines: Sequence[Line]) -> Counter[str]:
    """By payment id, cents that were given back and did arrive."""
    back, given = came_back(lines), Counter[str]()
    for line in lines:
        if line.kind is LineKind.REFUND and line.payment_id not in back:
            given[str(line.of_payment)] += line.amount_cents
    return given


def next_refund(lines: Iterable[Line]) -> str:
    """The id of an enrollment's next refund line; who reads the same lines wants the same one."""
    return refund_line(sum(line.kind is LineKind.REFUND for line in lines) + 1)


def next_retry(lines: Iterable[Line]) -> str:
    """The id of the line of its next retry, likewise."""
    retries = sum(line.kind is LineKind.PAYMENT and line.of_payment is not None for line in lines)
    return retry_line(retries + 1)


def paid_today(lines: Sequence[Line], amount_cents: int, today: date) -> bool:
    """Whether the member already paid just this amount on this New York day (rule 13)."""
    return any(
        line.kind is LineKind.PAYMENT
        and line.amount_cents == -amount_cents
        and local_day(line.at) == today
        for line in payments_that_count(lines)
    )
