"""What a member with a mandate can expect next, and how a mandate stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day, paid_on
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind, came_back
from chalicelib.domain.mandate import Mandate, MandateState, last_withdrawal_month
from chalicelib.domain.payment import BankAccount
from chalicelib.domain.timetable import LAST_CATCH_UP_DAY
from chalicelib.domain.withdrawal import Exclusion, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingWithdrawal:
    """What the next withdrawal of an enrollment will be, as far as it is known."""

    mandate: Mandate
    state: MandateState
    month: str
    on: date
    cents: int
    owed_cents: int  # negative is credit
    why_not: Exclusion | None  # why nothing is taken, where the run will exclude it
    is_frozen: bool  # it is being made: it can't be stopped here any more
    is_decided: bool
    account: BankAccount  # that it is drawn from
    is_late: bool = False  # `on` is the first day that can still be met: it may be later

    def after_paying(self, cents: int) -> "UpcomingWithdrawal | None":
        """What is left of it when so much is paid meanwhile (rule 26); a claim stays as it is."""
        if self.is_decided:
            return self
        owed = self.owed_cents - cents
        left = min(self.cents, max(owed, 0))
        return replace(self, cents=left, owed_cents=owed) if left else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWithdrawal:
    """A withdrawal that the run took, and that does not count as paid yet."""

    mandate: Mandate
    line: Line
    on: date
    is_late: bool  # `on` is the first day that can still be met

    @property
    def cents(self) -> int:
        """What it takes."""
        return -self.line.amount_cents

    @property
    def account(self) -> BankAccount:
        """The one it is drawn from, whatever the bank corrected since."""
        return self.line.account or self.mandate.account


def state_of(
    mandate: Mandate,
    enrollment: Enrollment,
    lines: Sequence[Line],
    now: datetime | None,
    month: str = "",
) -> MandateState:
    """The state of a mandate; one whose coverage has no 22nd left has ended (rule 23)."""
    this_month = month_of(local_day(now)) if now else month
    decided = {str(line.month) for line in lines if line.kind is LineKind.WITHDRAWAL}
    last = last_withdrawal_month(enrollment)
    if mandate.through_month is None and (last < this_month or last in decided):
        return MandateState.ENDED
    return mandate.state(decided, this_month)


def may_still_be_decided(month: str, now: datetime) -> bool:
    """Whether the run of a frozen month may take something yet: it catches up until the 28th."""
    return local_day(now) <= date.fromisoformat(f"{month}-{LAST_CATCH_UP_DAY}")


def is_on_its_way(decision: Line, lines: Sequence[Line], on: date, now: datetime) -> bool:
    """A claim, from then until it counts as paid (rule 17); not when it came back."""
    claimed = decision.verdict == Verdict.CLAIMED and decision.payment_id not in came_back(lines)
    return claimed and local_day(now) <= paid_on(on)
