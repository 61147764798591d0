"""A payment that came back may be tried again: when, how often, and what stands against it.

Nacha calls it reinitiation: the same amount, in a batch of its own, at most twice, within 180 days
of the settlement of the first. Rule 31 adds that the member agreed, that all of it is still owed,
and that no withdrawal is announced or on its way. What was not according to its terms (R11) is no
retry: it goes once more, put right, within 60 days of the settlement of its return (rule 51).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.ach.decisions import RETRYABLE
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ledger import Line, LineKind, line_of, owed, refunded, return_of

MOST_RETRIES = 2
WITHIN = timedelta(days=180)
CORRECTED = "corrected"  # why a line is there that puts another one right
WRONG_TERMS, CORRECTED_WITHIN = "R11", timedelta(days=60)
# R08, payment stopped: only with fresh consent, which every retry has (rule 31).
MAY_BE_RETRIED = RETRYABLE | {"R08"}


class CannotRetry(DomainError):
    """This payment is not tried again; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Attempt:
    """The next one: the payment it is of, as it was first taken, and its number (2 or 3)."""

    first: Line
    number: int
    cents: int
    is_corrected: bool = False  # what is put right is no retry


def next_attempt(
    lines: Sequence[Line], payment_id: str, *, settled_on: date | None, again_on: date
) -> Attempt:
    """Named by the payment or any retry of it; `again_on` is when it would settle.

    Raises CannotRetry.
    """
    first = first_of(lines, payment_id)
    retries = retries_of(lines, first)
    last = max([first, *retries], key=lambda line: line.at)
    back = return_of(lines, str(last.payment_id))
    # One may count again after a dispute (rule 51): then its money is there.
    counts = any(return_of(lines, str(each.payment_id)) is None for each in [first, *retries])
    faults = [
        (counts, "not_returned"),
        (back is not None and back.reason not in MAY_BE_RETRIED, "not_retryable"),
        (len(retries) >= MOST_RETRIES, "too_often"),
        (settled_on is None or again_on > settled_on + WITHIN, "too_late"),
        (refunded(lines)[str(first.payment_id)] > 0, "given_back"),
        (owed(lines) < -last.amount_cents, "not_owed"),
    ]
    _refuse(faults)
    return Attempt(first, len(retries) + 2, -last.amount_cents)  # what was put right stays so


def corrected_attempt(
    lines: Sequence[Line], payment_id: str, cents: int, *, back_on: date | None, again_on: date
) -> Attempt:
    """The same of what came back as R11, for `cents` of it; `back_on` is when that settled.

    Raises CannotRetry.
    """
    first = first_of(lines, payment_id)
    back = return_of(lines, str(first.payment_id))
    _refuse(
        [
            (cents <= 0, "nothing"),
            (back is None, "not_returned"),
            (back is not None and back.reason != WRONG_TERMS, "not_correctable"),
            (bool(retries_of(lines, first)), "corrected_before"),
            (back_on is None or again_on > back_on + CORRECTED_WITHIN, "too_late"),
            (refunded(lines)[str(first.payment_id)] > 0, "given_back"),
            (cents > -first.amount_cents, "more_than_taken"),
            (owed(lines) < cents, "not_owed"),
        ]
    )
    return Attempt(first, 2, cents, is_corrected=True)


def _refuse(faults: Sequence[tuple[bool, str]]) -> None:
    fault = next((code for holds, code in faults if holds), None)
    if fault:
        raise CannotRetry(fault)


def retries_of(lines: Sequence[Line], first: Line) -> list[Line]:
    """The lines of its further attempts."""
    again = [line for line in lines if line.of_payment == first.payment_id]
    return [line for line in again if line.kind is LineKind.PAYMENT]


def first_of(lines: Sequence[Line], payment_id: str) -> Line:
    """The line of the payment itself, whichever attempt is named. Raises CannotRetry."""
    line = line_of(lines, payment_id)
    if line is None or line.amount_cents >= 0:
        raise CannotRetry("unknown_payment")
    return first_of(lines, line.of_payment) if line.of_payment else line
