"""What a member owes, what they may choose to pay, and what is asked before it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain import billing, ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.due import is_first_payment
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line

MOST_PREMIUMS_AHEAD = 12
MOST_PAYMENTS_AT_ONCE = 8  # in one Submit (rule 11)
MOST_MONTHLY_AT_ONCE = 6  # with all their rows and letters, one transaction of a hundred writes


class Pay(StrEnum):
    """The choice for one enrollment on the billing page."""

    TOTAL = "total"
    OTHER = "other"
    NONE = "none"


class Frequency(StrEnum):
    """Once, or now and then every month on the 22nd."""

    ONCE = "once"
    MONTHLY = "monthly"


class Question(StrEnum):
    """What is asked once before it is taken (rules 7, 13, 26)."""

    FIRST_PAYMENT_LESS = "first_payment_less"
    MORE_THAN_OWED = "more_than_owed"
    PAID_TODAY = "paid_today"
    ON_ITS_WAY = "on_its_way"


class AmountRefusal(StrEnum):
    """Why an amount can't be taken."""

    TOO_FAR_AHEAD = "too_far_ahead"  # over the total and twelve premiums
    ABOVE_CEILING = "above_ceiling"
    LATER_ABOVE_CEILING = "later_above_ceiling"  # no run would take what is left
    TOTAL_ABOVE_CEILING = "total_above_ceiling"  # nor, where nothing is paid now, the whole


@dataclass(frozen=True, slots=True)
class Standing:
    """An enrollment with its books, as one strong read showed them."""

    enrollment: Enrollment
    lines: tuple[Line, ...]
    today: date

    @property
    def owed_cents(self) -> int:
        """What is owed; negative is credit."""
        return ledger.owed(self.lines)

    @property
    def is_first_payment(self) -> bool:
        """Whether the next payment completes the enrollment (rule 7); not where nothing is owed."""
        due = is_first_payment(self.enrollment, self.lines, self.today)
        return due and self.owed_cents > 0

    @property
    def is_shown(self) -> bool:
        """Ended enrollments stay visible while they owe or have credit (rules 4, 8, 35)."""
        asked = self.enrollment.asked_cents(self.owed_cents)
        return not self.enrollment.has_ended(self.today) or asked != 0

    @property
    def has_statement(self) -> bool:
        """False of a plan that never began and owes: that is told on no page (rule 35)."""
        return self.enrollment.asked_cents(self.owed_cents) == self.owed_cents

    def amount_cents(self, pay: Pay, typed_cents: int) -> int:
        """What a choice takes, in cents; a total in credit takes nothing."""
        match pay:
            case Pay.TOTAL:
                return max(self.owed_cents, 0)
            case Pay.OTHER:
                return typed_cents
            case Pay.NONE:
                return 0

    def refusal(self, amount_cents: int, ceiling_cents: int) -> AmountRefusal | None:
        """Why this amount can't be taken, if so (rule 13)."""
        premium, _ = billing.newest_premium(self.enrollment, self.lines)
        if amount_cents > max(self.owed_cents, 0) + MOST_PREMIUMS_AHEAD * premium:
            return AmountRefusal.TOO_FAR_AHEAD
        return AmountRefusal.ABOVE_CEILING if amount_cents > ceiling_cents else None

    def refusal_of_rest(self, amount_cents: int, ceiling_cents: int) -> AmountRefusal | None:
        """Why no run would take what this amount leaves for the first withdrawal (rule 13)."""
        if self.owed_cents - amount_cents <= ceiling_cents:
            return None
        later, whole = AmountRefusal.LATER_ABOVE_CEILING, AmountRefusal.TOTAL_ABOVE_CEILING
        return later if amount_cents else whole

    def question(self, pay: Pay, amount_cents: int) -> Question | None:
        """What must be asked about this amount before it is taken (rules 7, 13)."""
        if pay is Pay.NONE:
            return None
        if self.is_first_payment and amount_cents < self.owed_cents:
            return Question.FIRST_PAYMENT_LESS
        if amount_cents > max(self.owed_cents, 0):
            return Question.MORE_THAN_OWED
        return None

    def was_paid_today(self, amount_cents: int) -> bool:
        """Whether just this amount was already paid today (rule 13)."""
        return amount_cents > 0 and ledger.paid_today(self.lines, amount_cents, self.today)


def standing(enrollment: Enrollment, lines: Sequence[Line], at: datetime) -> Standing:
    """How an enrollment stands at an instant."""
    return Standing(enrollment, tuple(ledger.in_order(lines)), local_day(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the member chose for one enrollment. `typed_cents` counts only for OTHER."""

    enrollment_id: str
    pay: Pay
    typed_cents: int = 0


def amounts(choices: Sequence[Choice], standings: Mapping[str, Standing]) -> dict[str, int]:
    """Cents to take now, by enrollment, of those that pay something."""
    taken = {
        choice.enrollment_id: standings[choice.enrollment_id].amount_cents(
            choice.pay, choice.typed_cents
        )
        for choice in choices
        if choice.enrollment_id in standings
    }
    return {enrollment_id: cents for enrollment_id, cents in taken.items() if cents > 0}
