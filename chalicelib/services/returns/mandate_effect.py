"""What a return does to monthly payments, and what is still taken after it (rules 29, 30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain import ledger
from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.debited_account import SpokenOf, after_return
from chalicelib.domain.due import DueDates
from chalicelib.domain.identities import withdrawal_line
from chalicelib.domain.ledger import Line
from chalicelib.domain.letter_facts import Outcome, in_flight
from chalicelib.domain.mandate import Mandates, RoutingHold
from chalicelib.domain.month import MandateMonth, MonthState
from chalicelib.domain.withdrawal import (
    Decision,
    Exclusion,
    Verdict,
    decision_line,
    decision_of,
)
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateEffect:
    """What deciding it needs of the world."""

    records: Records
    months: Months
    due: DueDates

    def effect(
        self, mandates: Mandates, debited: SpokenOf, wanted: OnMandate, at: datetime
    ) -> OnMandate:
        """What becomes of the monthly payments that go on, as the member is told."""
        lasting = mandates.lasting(self.months.coming(mandates.enrollment_id, at))
        return wanted if lasting and debited.concerns(lasting) else OnMandate.KEEP

    def writes(
        self,
        mandates: Mandates,
        debited: SpokenOf,
        wanted: OnMandate,
        code: str,
        at: datetime,
        hold: RoutingHold | None = None,
    ) -> list[Write]:
        """Ends or holds what goes on, and what an undo could bring back (rules 21, 29).

        `hold`: for that only is it held (rule 49).
        """
        if wanted is OnMandate.KEEP:
            return []
        coming = self.months.coming(mandates.enrollment_id, at)
        before = self.records.mandates.past(mandates.enrollment_id)
        after = after_return(mandates, before, debited, wanted, coming, at, hold)
        if after is None:  # and nobody cancels or undoes between our reading and this
            return [self.records.mandates.standing_so(mandates)]
        what = "returned" if wanted is OnMandate.END else "held"
        return self.records.mandates.changing(*after, coming, f"{what} {code}", at)

    def pre_empt(
        self,
        enrollment_id: str,
        debited: SpokenOf,
        wanted: OnMandate,
        at: datetime,
        reason: Exclusion = Exclusion.RETURNED,
    ) -> None:
        """After the freeze and before the claim: this month is decided here, so never debited.

        The run takes the first decision as it stands; when it has claimed already, that one is the
        first (rule 29). Nothing has to be seen in time.
        """
        month = month_of(local_day(at))
        if wanted is OnMandate.KEEP:
            return
        here = self.months.frozen_one(self.records.mandates.of(enrollment_id), at)
        if here and debited.concerns(here):
            excluded = Decision(verdict=Verdict.EXCLUDED, reason=reason)
            self.records.books.decide(decision_line(here, month, excluded, at))

    def outcome(
        self,
        mandates: Mandates,
        lines: Sequence[Line],
        debited: SpokenOf | None,
        wanted: OnMandate,
        at: datetime,
    ) -> Outcome:
        """Both parts of rule 30: what is taken all the same, and what must be paid on the page."""
        owed = max(ledger.owed(lines), 0)
        goes_on = [
            month
            for month in self.months.ahead(mandates, lines, at)
            if month.state is not MonthState.MISSED
        ]
        coming = next(iter(goes_on), None)
        touches = debited is not None and wanted is not OnMandate.KEEP
        if coming and touches and debited and debited.concerns(coming.mandate):
            coming = None  # it is stopped by this
        decision = decision_of(lines, month_of(local_day(at)))
        claim = self.months.claim_under_way(mandates, lines, decision, at)
        taken = coming.left_of_announced_cents if coming else 0
        announced = coming.announced if coming else None
        return Outcome(
            owed_cents=owed,
            due_on=self.due.next_on(local_day(at)),
            will_take_cents=taken or None,
            will_take_on=announced.on if announced and taken else None,
            not_taken_cents=owed - taken if taken and owed > taken else None,
            notice_by=_notice_by(coming),
            still=in_flight(claim),
            undo_gone=self._ends_undo(mandates, debited, wanted, at),
        )

    def owing(self, enrollment_id: str, lines: Sequence[Line], at: datetime) -> Outcome:
        """The same where nothing becomes of monthly payments."""
        mandates = self.records.mandates.of(enrollment_id)
        return self.outcome(mandates, lines, None, OnMandate.KEEP, at)

    def undecided_still(
        self, enrollment_id: str, lines: Sequence[Line], at: datetime
    ) -> list[Write]:
        """The run claims nothing between our reading and this: the letter would be wrong."""
        month = month_of(local_day(at))
        if decision_of(lines, month) is not None:
            return []
        return [self.records.books.lacking(enrollment_id, withdrawal_line(month))]

    def _ends_undo(
        self, mandates: Mandates, debited: SpokenOf | None, wanted: OnMandate, at: datetime
    ) -> bool:
        """Whether a cancel that could be undone until now can't be any more."""
        if wanted is not OnMandate.END or debited is None:
            return False
        coming = self.months.coming(mandates.enrollment_id, at)
        known = (*mandates.standing, *self.records.mandates.past(mandates.enrollment_id))
        undoable = [each for each in known if each.can_be_undone(coming)]
        return any(debited.concerns(each) and not each.outlives(coming) for each in undoable)


def _notice_by(month: MandateMonth | None) -> date | None:
    """Until when the member is told what the coming withdrawal takes, whatever was said."""
    return month.notice_by if month and not month.mandate.held else None
