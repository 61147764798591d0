"""One month of a mandate: what state it is in, and what that state allows.

Run, rehearsal, pages, letters, retries, feed and returns ask here and nowhere else; who asks from a
service has the facts read by `services/monthly/months.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import Mandate, MandateState
from chalicelib.domain.month_dates import effective_on, is_late, last_withdrawal_month
from chalicelib.domain.payment import BankAccount
from chalicelib.domain.timetable import LAST_CATCH_UP_DAY, LAST_NOTICE_DAY
from chalicelib.domain.withdrawal import Announcement, Exclusion, Verdict, expected_amount


class MonthState(StrEnum):
    """How far one month of one mandate is."""

    NOT_ANNOUNCED = "not_announced"
    ANNOUNCED = "announced"  # by notice or authorization
    STARTED = "started"  # the slot is frozen, and nobody has decided yet
    MISSED = "missed"  # its 28th is over, and nobody has decided: nothing is taken (rule 27)
    CLAIMED = "claimed"
    IN_FILE = "in_file"
    PAID = "paid"
    RETURNED = "returned"
    SKIPPED = "skipped"
    EXCLUDED = "excluded"


class Amount(StrEnum):
    """What a page or a letter may say that is taken."""

    EXPECTED = "expected"  # what a run would take as things stand, on the first day it can meet
    DECIDED = "decided"  # what was claimed, on the date of its entry or file
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a state allows."""

    cancel: bool  # one made now keeps this month from being taken (rules 20, 21)
    retry: bool  # staff may try a returned payment again meanwhile (rule 31)
    amount: Amount


ALLOWED: Mapping[MonthState, Allowed] = {
    MonthState.NOT_ANNOUNCED: Allowed(cancel=True, retry=True, amount=Amount.EXPECTED),
    MonthState.ANNOUNCED: Allowed(cancel=True, retry=False, amount=Amount.EXPECTED),
    MonthState.STARTED: Allowed(cancel=False, retry=False, amount=Amount.EXPECTED),
    # A worker that began before midnight may still be at it.
    MonthState.MISSED: Allowed(cancel=False, retry=False, amount=Amount.NOTHING),
    MonthState.CLAIMED: Allowed(cancel=False, retry=False, amount=Amount.DECIDED),
    MonthState.IN_FILE: Allowed(cancel=False, retry=False, amount=Amount.DECIDED),
    MonthState.PAID: Allowed(cancel=False, retry=True, amount=Amount.NOTHING),
    MonthState.RETURNED: Allowed(cancel=False, retry=True, amount=Amount.NOTHING),
    MonthState.SKIPPED: Allowed(cancel=False, retry=True, amount=Amount.NOTHING),
    MonthState.EXCLUDED: Allowed(cancel=False, retry=True, amount=Amount.NOTHING),
}

_BEGINS = frozenset({MonthState.STARTED, MonthState.MISSED})
_DECISIONS = frozenset({MonthState.CLAIMED, MonthState.SKIPPED, MonthState.EXCLUDED})

TRANSITIONS: Mapping[MonthState, frozenset[MonthState]] = {
    MonthState.NOT_ANNOUNCED: _BEGINS | {MonthState.ANNOUNCED},
    MonthState.ANNOUNCED: _BEGINS | {MonthState.NOT_ANNOUNCED},  # its letter failed for good (24)
    MonthState.STARTED: _DECISIONS | {MonthState.MISSED},
    MonthState.MISSED: _DECISIONS,
    MonthState.CLAIMED: frozenset({MonthState.IN_FILE, MonthState.RETURNED}),  # left out, stopped
    MonthState.IN_FILE: frozenset({MonthState.PAID, MonthState.RETURNED}),
    MonthState.PAID: frozenset({MonthState.RETURNED}),  # R10 comes up to 60 days later
    MonthState.RETURNED: frozenset(),
    MonthState.SKIPPED: frozenset(),
    MonthState.EXCLUDED: frozenset(),
}
"""What may follow directly; a step that nobody looked at in between may skip some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateMonth:
    """What is known of one month of a mandate at an instant; the rest follows from it."""

    mandate: Mandate
    month: str
    now: datetime
    owed_cents: int  # negative is credit
    ceiling_cents: int  # the most that one debit takes (rule 13)
    announced: Announcement | None = None
    is_frozen: bool = False
    decision: Line | None = None  # with its claim's own facts:
    entry_on: date | None = None  # the date its entry was made with
    settles_on: date | None = None  # of the transmission that has it
    paid_on: date | None = None  # of the same, if nothing comes back
    came_back: bool = False

    @property
    def state(self) -> MonthState:
        """How far it is."""
        decided = self.decision.verdict if self.decision else None
        is_over = local_day(self.now) > self._day(LAST_CATCH_UP_DAY)
        facts = [
            (decided is None and is_over, MonthState.MISSED),
            (decided is None and self.is_frozen, MonthState.STARTED),
            (decided is None and self.announced is not None, MonthState.ANNOUNCED),
            (decided is None, MonthState.NOT_ANNOUNCED),
            (decided == Verdict.SKIPPED, MonthState.SKIPPED),
            (decided == Verdict.EXCLUDED, MonthState.EXCLUDED),
            (self.came_back, MonthState.RETURNED),
            (self._is_paid, MonthState.PAID),
            (self.settles_on is not None, MonthState.IN_FILE),
        ]
        return next((state for holds, state in facts if holds), MonthState.CLAIMED)

    @property
    def allowed(self) -> Allowed:
        """What its state allows."""
        return ALLOWED[self.state]

    @property
    def is_on_its_way(self) -> bool:
        """Whether something is taken, or has been and is not paid yet, whatever is done now."""
        return not self.allowed.cancel and self.cents > 0

    @property
    def is_decided(self) -> bool:
        """Whether what is taken stands."""
        return self.decision is not None

    @property
    def bars_retry(self) -> bool:
        """Whether a payment that came back must wait, lest more is taken than is owed (rule 31)."""
        announced = self.announced.cents if self.announced else 0
        takes_nothing = self.mandate.held or (self.state is MonthState.ANNOUNCED and not announced)
        return not (self.allowed.retry or takes_nothing)

    @property
    def cents(self) -> int:
        """What may be said that it takes; 0 is nothing."""
        if self.allowed.amount is Amount.DECIDED and self.decision:
            return -self.decision.amount_cents
        return self._expected[0] if self.allowed.amount is Amount.EXPECTED else 0

    @property
    def why_not(self) -> Exclusion | None:
        """Why nothing is taken, where a run would exclude it as things stand."""
        return self._expected[1] if self.allowed.amount is Amount.EXPECTED else None

    @property
    def left_of_announced_cents(self) -> int:
        """What is taken of what was announced, as things stand (rule 30)."""
        if self.announced is None:
            return 0
        most = self.announced.cents
        return expected_amount(self.mandate, self.owed_cents, most, self.ceiling_cents)[0]

    @property
    def account(self) -> BankAccount:
        """The one that it is taken from, of a claim whatever the bank corrected since."""
        return (self.decision and self.decision.account) or self.mandate.account

    @property
    def on(self) -> date:
        """When it is taken: by the file that has it; until then by its entry (rule 27).

        What still waits when its date is past goes with a later file, whose members are told.
        """
        if self.settles_on:
            return self.settles_on
        if self.decision is None:
            return effective_on(self.month, self.now)
        planned = self.entry_on or effective_on(self.month, self.decision.at)
        is_past = local_day(self.now) > planned
        return effective_on(self.month, self.now) if is_past else planned

    @property
    def is_late(self) -> bool:
        """Whether `on` is only the first day that can still be met: it may be later."""
        if self.settles_on:
            return False
        if self.decision is None:
            return is_late(self.month, self.on)
        return self.on != (self.entry_on or effective_on(self.month, self.decision.at))

    @property
    def notice_by(self) -> date | None:
        """Until when a notice may still say what is taken; None when it has, or is late."""
        return self._day(LAST_NOTICE_DAY) if self._most_cents is None else None

    def after_paying(self, cents: int) -> "MandateMonth | None":
        """What is left of it when so much is paid meanwhile (rule 26); a claim stays as it is."""
        if self.is_decided:
            return self
        left = replace(self, owed_cents=self.owed_cents - cents)
        return left if left.cents else None

    @property
    def _is_paid(self) -> bool:
        return self.paid_on is not None and local_day(self.now) > self.paid_on

    @property
    def _most_cents(self) -> int | None:
        """The most that its run may take as things stand (rule 25).

        None while its notice is still to come: it names what is owed then, whatever an earlier
        authorization said. Who is not told by the 12th is not debited.
        """
        is_to_come = local_day(self.now) <= self._day(LAST_NOTICE_DAY)
        if is_to_come and not (self.announced and self.announced.counts):
            return None
        return self.announced.cents if self.announced else 0

    @property
    def _expected(self) -> tuple[int, Exclusion | None]:
        most = self._most_cents
        return expected_amount(self.mandate, self.owed_cents, most, self.ceiling_cents)

    def _day(self, number: int) -> date:
        return date.fromisoformat(f"{self.month}-{number}")


def mandate_state(
    mandate: Mandate, enrollment: Enrollment, lines: Sequence[Line], now: datetime
) -> MandateState:
    """Of the mandate as a whole; one whose coverage has no 22nd left has ended (rules 19, 23)."""
    this_month = month_of(local_day(now))
    decided = {str(line.month) for line in lines if line.kind is LineKind.WITHDRAWAL}
    last = last_withdrawal_month(enrollment)
    if mandate.through_month is None and (last < this_month or last in decided):
        return MandateState.ENDED
    return mandate.state(decided, this_month)
