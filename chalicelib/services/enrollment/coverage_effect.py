"""What changed facts mean for monthly payments: they end, or less is taken (rules 23, 35, 45).

All of it is written with the facts, so that nothing is told of what was not taken over (I19).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.identities import case_id, withdrawal_line
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import EndReason
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth, MonthState
from chalicelib.domain.month_dates import coverage_limit
from chalicelib.domain.withdrawal import Decision, Exclusion, Verdict, decision_line, decision_of
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange, MonthlyChange
from chalicelib.services.enrollment.coverage_news import CoverageNews
from chalicelib.services.enrollment.following import Following
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageEffect:
    """What following coverage needs of the world."""

    records: Records
    months: Months
    coverage_news: CoverageNews
    following: Following

    def writes(self, change: CoverageChange, now: datetime) -> list[Write]:
        """In the transaction of the facts; mandates end when the row is read."""
        cases = self._cases(change)
        if change.after.died:
            return self._after_death(change, now) if change.tells_death else []
        if change.before is None:
            return [*cases, *self.following.writes(change, None, now)]
        if not (change.moves_end or change.makes_less_owed):
            return cases
        monthly, writes = self._moving_end(change, now)
        if pre_empted := self._pre_empted(change, monthly, now):
            writes = [*writes, self.records.books.adding_line(pre_empted)]
        mails = list[Mail]()
        for month in self._becoming_smaller(change, monthly, now):
            cents = replace(month, owed_cents=change.owed_cents).left_of_announced_cents
            writes = [*writes, *self._lowering(month, cents)]
            mails.append(self.coverage_news.of_smaller(change, month, cents, now))
        if too_much := self._too_much_on_its_way(change, monthly, now):
            mails.append(self.coverage_news.of_smaller(change, too_much, too_much.cents, now))
        if change.moves_end:
            mails += self.coverage_news.of_end(change, monthly, pre_empted, now)
            writes = [*writes, *self.following.writes(change, monthly, now)]
        writes = [*cases, *writes, *self.records.outbox.adding_once(*mails)]
        return [write for n, write in enumerate(writes) if write not in writes[:n]]

    def _after_death(self, change: CoverageChange, now: datetime) -> list[Write]:
        """Nothing more is taken; a frozen month that nobody has decided is decided here (46)."""
        name, month = change.after.enrollment_id, month_of(local_day(now))
        mandates, coming = self.records.mandates.of(name), self.months.coming(name, now)
        case = Case(
            case_id=case_id("death", name, str(change.version)),
            kind=CaseKind.DEATH,
            enrollment_id=name,
            reason=f"the member has died; owed (below zero: credit): {dollars(change.owed_cents)}",
            opened_at=change.at,
        )
        writes = [self.records.cases.opening(case)]
        frozen = self.months.frozen_one(mandates, now)
        if frozen and decision_of(change.lines, month) is None:
            died = Decision(verdict=Verdict.EXCLUDED, reason=Exclusion.DIED)
            writes.append(self.records.books.adding_line(decision_line(frozen, month, died, now)))
        if mandates.standing:
            ended = mandates.ended_by(EndReason.DIED, coming, now)
            writes += self.records.mandates.changing(*ended, coming, "the member has died", now)
        return writes

    def _moving_end(
        self, change: CoverageChange, now: datetime
    ) -> tuple[MonthlyChange, list[Write]]:
        """The last month of a mandate follows the end of coverage (rule 23)."""
        name = change.after.enrollment_id
        mandates, coming = self.records.mandates.of(name), self.months.coming(name, now)
        same = MonthlyChange(before=mandates, after=mandates, coming=coming)
        if not (change.moves_end and mandates.standing):
            # And nobody cancels, sets up or carries over between our reading and this.
            return same, [self.records.mandates.standing_so(mandates)]
        after, past = mandates.with_coverage(coverage_limit(change.after), coming, now)
        writes = self.records.mandates.changing(after, past, coming, "coverage end moved", now)
        return replace(same, after=after), writes

    def _pre_empted(
        self, change: CoverageChange, monthly: MonthlyChange, now: datetime
    ) -> Line | None:
        """Of a plan that never began a frozen month is decided here, so never debited (rule 35).

        The run takes the first decision as it stands; where it came first, this is tried again.
        """
        month = month_of(local_day(now))
        frozen = self.months.frozen_one(monthly.before, now)
        if not (frozen and change.after.never_began) or decision_of(change.lines, month):
            return None
        excluded = Decision(verdict=Verdict.EXCLUDED, reason=Exclusion.CANCELLED)
        return decision_line(frozen, month, excluded, now)

    def _becoming_smaller(
        self, change: CoverageChange, monthly: MonthlyChange, now: datetime
    ) -> list[MandateMonth]:
        """The months of which less is taken now than was announced (rule 45)."""
        if change.after.never_began or not change.makes_less_owed:
            return []
        return [
            month
            for month in self.months.ahead(monthly.after, change.lines, now)
            if month.state is not MonthState.MISSED
            and replace(month, owed_cents=change.owed_cents).left_of_announced_cents
            < month.left_of_announced_cents
        ]

    def _lowering(self, month: MandateMonth, cents: int) -> list[Write]:
        """It can't rise again before the next notice; refused once the month is claimed."""
        assert month.announced, "what was not announced does not become smaller"
        undecided = withdrawal_line(month.month)
        return [
            self.records.mandates.lowering(month.announced, cents),
            self.records.books.lacking(month.mandate.enrollment_id, undecided),
        ]

    def _too_much_on_its_way(
        self, change: CoverageChange, monthly: MonthlyChange, now: datetime
    ) -> MandateMonth | None:
        """After the claim the difference is credit; what ends coverage tells of it itself."""
        if change.moves_end or change.owed_cents >= 0:
            return None
        decision = decision_of(change.lines, month_of(local_day(now)))
        return self.months.claim_under_way(monthly.after, change.lines, decision, now)

    def _cases(self, change: CoverageChange) -> list[Write]:
        """What a plan that never began leaves for staff, and what they do when it does (35)."""
        before, after = change.before, change.after
        if after.never_began and before is None and change.owed_cents:
            why = "first seen cancelled from the start, with a balance"
        elif after.never_began and before and not before.never_began and change.owed_cents > 0:
            why = "cancelled from the start, and owes; the member is told of no debt"
        elif before and before.never_began and not after.never_began and not after.first_wanted:
            why = f"goes on, but was first seen cancelled: see the months to {after.billed_through}"
        else:
            return []
        case = Case(
            case_id=case_id("never_began", after.enrollment_id, str(change.version)),
            kind=CaseKind.NEVER_BEGAN,
            enrollment_id=after.enrollment_id,
            reason=f"{why}: {dollars(change.owed_cents)}",
            opened_at=change.at,
        )
        return [self.records.cases.opening(case)]
