"""The monthly payments of a member: seen as they stood at one moment, and changed (I24)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.journey import Journey
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mandate import CannotUndo, Mandate, MandateState, NotThisMandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import effective_on, ends_on, later_on
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import Contact, Evidence
from chalicelib.domain.progress import state_as_shown
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.monthly.contacting import Contacting
from chalicelib.services.monthly.going_on import GoingOn
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
    later_on: Sequence[date]  # of the withdrawals after that
    ends_on: date | None
    past: Sequence[tuple[Line, str]]  # with the code of its state
    can_cancel: bool
    can_undo: bool
    can_go_on: bool  # its member may agree to that (rule 42)
    can_move: bool  # its member may be reached otherwise (rule 22)
    can_pay: bool  # its plan is among those that can be paid; said once for each plan
    has_left: bool  # its coverage has a 22nd left (rule 23)
    beside: Mandate | None = None  # of the plan before or after it, which goes on without it

    def may_be_asked(self, act: "Act") -> bool:
        """Whether the question before this act can be put."""
        can = {Act.CANCEL: self.can_cancel, Act.GO_ON: self.can_go_on, Act.CONTACT: self.can_move}
        return can[act]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllMonthly:
    """Of all enrollments; and whether the coverage of one has a 22nd left (rule 23)."""

    payments: Sequence[MonthlyPayment]
    has_left: bool
    asked: "ChangeForm | None" = None  # what is asked about
    error: str | None = None  # code of what is wrong


class Act(StrEnum):
    """What a member does to a mandate; the name of its button."""

    CANCEL = "cancel"
    UNDO = "undo"
    STAY = "carry_off"  # it does not go on with the plan that follows (rule 42)
    GO_ON = "carry_on"  # it does
    CONTACT = "contact"  # its member is reached otherwise (rule 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """A change; without `answer` or `contact` until its question is answered, if it has one."""

    act: Act
    mandate_id: str
    answer: str = ""
    contact: Contact | None = None


Agreement = Callable[[Mandate], Evidence]
"""The words that its member would agree to now, and from where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPayments:
    """What showing and changing them needs of the world."""

    finding: Finding
    mandating: Mandating
    contacting: Contacting
    going_on: GoingOn
    months: Months
    tracking: Tracking
    account_validation: AccountValidation

    def of(self, journey: Journey, now: datetime) -> AllMonthly:
        """All mandates of the found enrollments, newest first."""
        return at_one_moment(lambda: self._all(journey, now))

    def change(
        self, journey: Journey, form: ChangeForm, agreement: Agreement, now: datetime
    ) -> AllMonthly | None:
        """Makes a change; else all of them, with what is asked or wrong (rules 20 to 22, 42)."""
        name = form.mandate_id
        try:
            standing, mandate = self._named(journey, name, now)
            if form.act is Act.CANCEL:
                if form.answer != "yes":
                    return self._asking(journey, form, now)
                self.mandating.cancel(standing, name, journey.draft.contact, now)
            elif form.act is Act.UNDO:
                self.mandating.undo(standing, name, now)
            elif form.act is Act.STAY:
                self.going_on.stay(standing.enrollment, name, now)
            elif form.act is Act.CONTACT:
                if form.contact is None:
                    return self._asking(journey, form, now)
                self.contacting.change(standing, name, form.contact, now)
            else:
                agreed = agreement(mandate)
                if form.answer != agreed.text_version:  # not shown yet, or other words
                    return self._asking(journey, form, now)
                self.going_on.agree(standing.enrollment, name, agreed, now)
        except (CannotUndo, NotThisMandate) as no:
            return replace(self.of(journey, now), error=no.code)
        return None

    def _asking(self, journey: Journey, form: ChangeForm, now: datetime) -> AllMonthly:
        """The question. Raises NotThisMandate where there is nothing to ask."""
        found = self.of(journey, now)
        named = (each for each in found.payments if each.mandate.mandate_id == form.mandate_id)
        if not any(each.may_be_asked(form.act) for each in named):
            raise NotThisMandate
        return replace(found, asked=form)

    def _named(self, journey: Journey, mandate_id: str, now: datetime) -> tuple[Standing, Mandate]:
        for standing in self._standings(journey, now):
            for mandate, _ in self.mandating.history(standing, now):
                if mandate.mandate_id == mandate_id:
                    return standing, mandate
        raise NotThisMandate

    def _standings(self, journey: Journey, now: datetime) -> list[Standing]:
        return self.finding.all_standings(journey, now)

    def _all(self, journey: Journey, now: datetime) -> AllMonthly:
        standings = self._standings(journey, now)
        found = {each.enrollment: self._of(each, now) for each in standings}
        payments = [
            replace(payment, beside=_beside(enrollment, found))
            if payment.can_cancel or payment.can_undo
            else payment
            for enrollment, its in found.items()
            for payment in its
        ]
        has_left = any(self.months.has_a_22nd(each.enrollment, now) for each in standings)
        return AllMonthly(payments=payments, has_left=has_left)

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
                    later_on=later_on(mandate, enrollment, its_own.month) if its_own else (),
                    ends_on=ends_on(enrollment, its_own.month) if its_own else None,
                    past=[each for each in past if each[0].mandate_id == mandate.mandate_id],
                    can_cancel=has_left and goes_on,
                    can_undo=has_left and not lasting and self._can_undo(mandate, coming),
                    can_go_on=mandate == found[-1][0]
                    and self.going_on.is_offered(mandate, enrollment, now),
                    can_move=state is not MandateState.ENDED,
                    can_pay=mandate == found[-1][0] and standing.is_shown,
                    has_left=has_left,
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


def _beside(
    enrollment: Enrollment, found: Mapping[Enrollment, Sequence[MonthlyPayment]]
) -> Mandate | None:
    near = (payment for each, its in found.items() if each.is_beside(enrollment) for payment in its)
    return next((payment.mandate for payment in near if payment.can_cancel), None)
