"""What a member with a mandate can expect next, and how a mandate stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.banking_days import banking_day_after, debit_day, local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind, came_back
from chalicelib.domain.mandate import Mandate, MandateState, last_withdrawal_month
from chalicelib.domain.withdrawal import Exclusion, Verdict

ON_ITS_WAY_DAYS = 2  # banking days after the debit day in which a withdrawal still shows as coming


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
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


def decision_of(lines: Sequence[Line], month: str) -> Line | None:
    """The withdrawal line of a month, once the run has decided."""
    return next((line for line in lines if line.line == f"withdrawal#{month}"), None)


def is_on_its_way(decision: Line | None, lines: Sequence[Line], month: str, now: datetime) -> bool:
    """From the freeze until the bank has surely taken it; not when nothing is taken, or no more."""
    until = banking_day_after(debit_day(month), ON_ITS_WAY_DAYS)
    if local_day(now) > until:
        return False
    if decision is None:
        return True
    return decision.verdict == Verdict.CLAIMED and decision.payment_id not in came_back(lines)
