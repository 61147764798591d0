"""The monthly payments of a member: seen as they stood at one moment, cancelled, undone (I24)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.journey import Journey
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import CannotUndo, Mandate, MandateState, NotThisMandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import effective_on, ends_on
from chalicelib.domain.paying import Standing
from chalicelib.domain.progress import state_as_shown
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.monthly.mandates import Mandating
from chalicelib.services.monthly.months import Months
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.settlement.tracking import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPayment:
    """A mandate, what comes next of it, what was taken, and what its member may do about it."""

    mandate: Mandate
    state: MandateState
    coming_on: date  # of the first withdrawal that a change counts for
    upcoming: MandateMonth | None
    ends_on: date | None
    past: Sequence[tuple[Line, str]]  # with the code of its state
    can_cancel: bool
    can_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllMonthly:
    """Of all enrollments; and whether the coverage of one has a 22nd left (rule 23)."""

    payments: Sequence[MonthlyPayment]
    has_left: bool
    asked: str | None = None  # the mandate whose cancel is asked about
    error: str | None = None  # code of what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """A cancel, whose question may be answered; an undo; or that it stays with its plan."""

    mandate_id: str
    is_cancel: bool
    is_confirmed: bool
    stays_with_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPayments:
    """What showing and changing them needs of the world."""

    finding: Finding
    mandating: Mandating
    months: Months
    tracking: Tracking
    account_validation: AccountValidation

    def of(self, journey: Journey, now: datetime) -> AllMonthly:
        """All mandates of the found enrollments, newest first."""
        return at_one_moment(lambda: self._all(journey, now))

    def change(self, journey: Journey, form: ChangeForm, now: datetime) -> AllMonthly | None:
        """Cancels or undoes; else all of them, with what is asked or wrong (rules 20, 21)."""
        name = form.mandate_id
        if form.is_cancel and not form.is_confirmed:
            found = self.of(journey, now)
            if any(each.can_cancel and each.mandate.mandate_id == name for each in found.payments):
                return replace(found, asked=name)
            return replace(found, error=NotThisMandate.code)
        try:
            standing = self._standing_of(journey, name, now)
            if form.is_cancel:
                self.mandating.cancel(standing, name, journey.draft.contact, now)
            elif form.stays_with_plan:
                self.mandating.stay_with_plan(standing, name, now)
            else:
                self.mandating.undo(standing, name, now)
        except (CannotUndo, NotThisMandate) as no:
            return replace(self.of(journey, now), error=no.code)
        return None

    def _standing_of(self, journey: Journey, mandate_id: str, now: datetime) -> Standing:
        for standing in self._standings(journey, now):
            found = self.mandating.history(standing, now)
            if any(mandate.mandate_id == mandate_id for mandate, _ in found):
                return standing
        raise NotThisMandate

    def _standings(self, journey: Journey, now: datetime) -> list[Standing]:
        return self.finding.standings(journey, now, with_ended=True)

    def _all(self, journey: Journey, now: datetime) -> AllMonthly:
        standings = self._standings(journey, now)
        return AllMonthly(
            payments=[one for standing in standings for one in self._of(standing, now)],
            has_left=any(self.months.has_a_22nd(each.enrollment, now) for each in standings),
        )

    def _of(self, standing: Standing, now: datetime) -> list[MonthlyPayment]:
        enrollment = standing.enrollment
        upcoming = self.months.next_one(standing, now)
        coming = self.months.coming(enrollment.enrollment_id, now)
        found = self.mandating.history(standing, now)
        has_left = self.months.has_a_22nd(enrollment, now)
        lasting = any(mandate.outlives(coming) for mandate, _ in found)
        past = self._past(standing) if found else []
        payments = []
        for mandate, state in reversed(found):
            its_own = (
                upcoming if upcoming and upcoming.mandate.mandate_id == mandate.mandate_id else None
            )
            goes_on = mandate.outlives(coming) and state is not MandateState.ENDED
            payments.append(
                MonthlyPayment(
                    mandate=mandate,
                    state=state,
                    coming_on=effective_on(coming, now),
                    upcoming=its_own,
                    ends_on=ends_on(enrollment, its_own.month) if its_own else None,
                    past=[each for each in past if each[0].mandate_id == mandate.mandate_id],
                    can_cancel=has_left and goes_on,
                    can_undo=has_left and not lasting and self._can_undo(mandate, coming),
                )
            )
        return payments

    def _can_undo(self, mandate: Mandate, coming: str) -> bool:
        """What was cancelled, from an account that its bank did not refuse meanwhile (rule 21)."""
        if not mandate.can_be_undone(coming):
            return False
        return mandate.held or not self.account_validation.is_refused(mandate.account)

    def _past(self, standing: Standing) -> list[tuple[Line, str]]:
        """Its withdrawals."""
        lines, progress = standing.lines, self.tracking.progress(standing.lines)
        return [
            (line, state_as_shown(line, progress.get(str(line.payment_id)), lines))
            for line in lines
            if line.kind is LineKind.WITHDRAWAL
        ]
