"""A member pays: what was chosen is shown for review, and submitted in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import banking_days
from chalicelib.domain.coverage import month_of
from chalicelib.domain.entry import Entry, prenote_of
from chalicelib.domain.errors import DomainError
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.letters import ConfirmationLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month_dates import effective_on
from chalicelib.domain.paying import Frequency, Pay, Standing, amounts
from chalicelib.domain.payment import (
    CODE_SIGNS,
    CONFIRMATION_SIGNS,
    PAYMENT_ID_SIGNS,
    MonthlyPlan,
    Submission,
    spoken_confirmation,
)
from chalicelib.ports import Metrics, Randomness
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import UNTIL_TYPED, AccountValidation
from chalicelib.services.monthly.mandates import Mandating, authorized
from chalicelib.services.monthly.months import Months
from chalicelib.services.page.submission import (
    ClientInfo,
    confirmation_mail,
    mandate_of,
    monthly_plan,
    submission_of,
)
from chalicelib.store import ConditionFailed, Write

LetterFacts = Callable[[Submission], ConfirmationLetter]


class NotAsShown(DomainError):
    """What would be taken, or when, is no longer what the member saw; nothing was written."""

    code = "not_as_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What paying needs of the world."""

    records: Records
    mandating: Mandating
    months: Months
    account_validation: AccountValidation
    randomness: Randomness
    metrics: Metrics

    def show_review(
        self,
        journey: Journey,
        shown: Shown,
        text: Callable[[Shown], tuple[str, ...]],
        now: datetime,
    ) -> Journey:
        """Fixes what Submit will take: amounts, dates and the text of the authorization.

        The confirmation number and the ids are made here, before Submit, so that whatever happens
        on the way one intent is one debit.
        """
        shown = replace(shown, authorization=text(shown))
        code = self.randomness.code(CODE_SIGNS, CONFIRMATION_SIGNS)
        changed = replace(
            journey,
            confirmation=journey.confirmation or spoken_confirmation(code),
            payment_ids=self._ids(journey.payment_ids, shown.amounts_cents),
            mandate_ids=self._ids(journey.mandate_ids, shown.monthly),
            shown=shown,
            seen_at=now,
        )
        if replace(changed, seen_at=journey.seen_at) == journey:
            return journey
        try:
            self.records.commit(self.records.journeys.changing(changed))
        except ConditionFailed:  # the same page in another tab came first: what it shows is as good
            return self.records.journeys.get(journey.journey_id) or journey
        return replace(changed, version=changed.version + 1)

    def submit(
        self,
        journey: Journey,
        standings: Sequence[Standing],
        client: ClientInfo,
        letter_facts: LetterFacts,
        now: datetime,
    ) -> str:
        """One Submit: all payments and mandates with their letters, or nothing (rule 11).

        Returns the confirmation number; the same journey again returns the same one. Raises
        NotAsShown when amounts or dates changed, a collection or a month closed, or the account was
        refused meanwhile.
        """
        shown = journey.shown
        # Read before they are looked at: a change after that refuses what follows from them.
        before = {each: self.records.mandates.of(each) for each in (shown.monthly if shown else ())}
        fresh = self.would_take(journey, standings, now)
        can_be = fresh.can_be_taken(self.mandating.debit_ceiling_cents) and not self.fault(journey)
        if shown is None or not can_be or replace(shown, authorization=()) != fresh:
            return self._answer_of_another(journey)
        submission = submission_of(journey, standings, shown, client, now)
        first = next(iter([*shown.amounts_cents, *shown.monthly]))
        mail = confirmation_mail(submission, journey, letter_facts(submission), first)
        mandates = _mandates(journey, standings, submission)
        set_up, mails = self._setting_up(standings, submission, mandates, before)
        prenotes = self._prenotes(submission, mandates)
        ended = replace(journey, submitted_at=now, seen_at=now)
        try:
            self.records.commit(
                self.records.journeys.changing(ended),
                *self.account_validation.unless_refused(submission.account, but=UNTIL_TYPED),
                *self.records.books.adding_submission(submission, now, *prenotes),
                *set_up,
                mails=[mail, *mails],
            )
        except ConditionFailed:
            return self._answer_of_another(journey)
        self.metrics.count("PaymentsSubmitted", len(submission.payments))
        return submission.confirmation

    def fault(self, journey: Journey) -> str | None:
        """What is wrong with the account by now; step 4 had found nothing (rule 12)."""
        account = journey.draft.account
        return (
            self.account_validation.fault(account.fingerprint, account.routing) if account else None
        )

    def _setting_up(
        self,
        standings: Sequence[Standing],
        submission: Submission,
        mandates: Mapping[str, Mandate],
        standing_before: Mapping[str, Mandates],
    ) -> tuple[list[Write], list[Mail]]:
        """New mandates, what their authorization announced, and letters about those replaced."""
        writes: list[Write] = []
        mails: list[Mail] = []
        now = submission.submitted_at
        for standing in standings:
            mandate = mandates.get(standing.enrollment.enrollment_id)
            if mandate is None:
                continue
            before = standing_before[mandate.enrollment_id]
            set_up = self.mandating.setting_up(before, mandate, now)
            # Two enrollments of one slot check the same freeze; a transaction names a row once.
            writes += [each for each in set_up if each not in writes]
            plan = submission.monthly[mandate.enrollment_id]
            announced = authorized(mandate, plan.next_cents, now)
            writes += [self.records.mandates.announcing(announced)] if announced else []
            paid = plan.first_now_cents
            mails += self.mandating.replaced_mails(standing, before, mandate, paid, now)
        return writes, mails

    def _prenotes(self, submission: Submission, mandates: Mapping[str, Mandate]) -> list[Entry]:
        """For mandates with nothing paid now, from an account that is not known good (rule 12)."""
        paid = {payment.enrollment_id for payment in submission.payments}
        unpaid = [each for each in mandates.values() if each.enrollment_id not in paid]
        if not unpaid or self.account_validation.is_good(submission.account):
            return []
        made = [prenote_of(each, submission.collected_on) for each in unpaid]
        return [each for each in made if each]

    def would_take(self, journey: Journey, standings: Sequence[Standing], now: datetime) -> Shown:
        """What Submit would take now; without the text that says so."""
        by_id = {each.enrollment.enrollment_id: each for each in standings}
        taken = amounts(journey.draft.choices, by_id)
        collected_on = banking_days.collection_day(now)
        wanted = {c.enrollment_id for c in journey.draft.choices if c.pay is not Pay.NONE}
        monthly = {}
        if journey.draft.frequency is Frequency.MONTHLY:
            monthly = {
                each: self._monthly(by_id[each], taken.get(each, 0), now)
                for each in sorted(wanted & by_id.keys())
            }
        return Shown(
            amounts_cents=taken,
            collected_on=collected_on,
            effective_on=banking_days.effective_entry_date(collected_on),
            monthly=monthly,
            carries_over=journey.draft.carries_over and bool(monthly),
        )

    def _monthly(self, standing: Standing, now_cents: int, now: datetime) -> MonthlyPlan:
        """From which month on, whom it replaces, and what had started before it (18, 20, 24)."""
        enrollment_id = standing.enrollment.enrollment_id
        coming = self.months.coming(enrollment_id, now)
        mandates, still = self.records.mandates.of(enrollment_id), None
        if coming != month_of(banking_days.local_day(now)):
            still = self.months.in_flight(mandates, standing.lines, coming, now)
            still = still.after_paying(now_cents) if still else None
        # Where no run came on the 22nd, the one that catches up takes it on a later day (rule 27).
        next_on = effective_on(coming, now)
        return monthly_plan(standing, coming, next_on, now_cents, mandates.lasting(coming), still)

    def _ids(self, before: Mapping[str, str], wanted: Mapping[str, Any]) -> dict[str, str]:
        return {
            each: before.get(each) or self.randomness.code(CODE_SIGNS, PAYMENT_ID_SIGNS)
            for each in wanted
        }

    def _answer_of_another(self, journey: Journey) -> str:
        """Who loses a race reads what won, and answers with it.

        Otherwise a collection or month closed, or another tab changed the journey: NotAsShown.
        """
        won = self.records.journeys.get(journey.journey_id)
        if won and journey.number in won.all_receipts:
            return won.all_receipts[journey.number]
        raise NotAsShown


def _mandates(
    journey: Journey, standings: Sequence[Standing], submission: Submission
) -> dict[str, Mandate]:
    """By enrollment, the mandates that a Submit sets up."""
    return {
        enrollment.enrollment_id: mandate_of(
            submission,
            enrollment,
            journey.mandate_ids[enrollment.enrollment_id],
            submission.monthly[enrollment.enrollment_id].from_month,
            journey,
        )
        for enrollment in (each.enrollment for each in standings)
        if enrollment.enrollment_id in submission.monthly
    }
