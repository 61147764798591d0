"""A member pays: the choice is checked, shown for review, and submitted in one transaction."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import banking_days
from chalicelib.domain.errors import DomainError
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.mail import Mail
from chalicelib.domain.paying import Standing, amounts
from chalicelib.domain.payment import (
    CODE_SIGNS,
    CONFIRMATION_SIGNS,
    PAYMENT_ID_SIGNS,
    Evidence,
    Payment,
    PaymentKind,
    Submission,
    spoken_confirmation,
)
from chalicelib.ports import (
    Books,
    Chance,
    Journeys,
    Keep,
    Outbox,
    Queue,
    Refused,
    Signals,
)


class NotAsShown(DomainError):
    """What would be taken, or when, is no longer what the member saw; nothing was written."""

    code = "not_as_shown"


class NothingToPay(DomainError):
    """No enrollment has an amount above zero."""

    code = "nothing_to_pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from, kept as evidence."""

    source_address: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What paying needs of the world."""

    keep: Keep
    books: Books
    journeys: Journeys
    outbox: Outbox
    chance: Chance
    mail_queue: Queue
    signals: Signals

    def show_review(
        self,
        journey: Journey,
        standings: Sequence[Standing],
        word: Callable[[Shown], tuple[str, ...]],
        now: datetime,
    ) -> Journey:
        """Fixes what Submit will take: amounts, dates and the words of the authorization.

        The confirmation number and payment ids are made here, before Submit, so that whatever
        happens on the way one intent is one debit.
        """
        collected_on = banking_days.collection_day(now)
        shown = Shown(
            amounts_cents=_amounts(journey, standings),
            collected_on=collected_on,
            effective_on=banking_days.effective_entry_date(collected_on),
            authorization=(),
        )
        shown = replace(shown, authorization=word(shown))
        code = self.chance.code(CODE_SIGNS, CONFIRMATION_SIGNS)
        ids = {
            each: journey.payment_ids.get(each) or self.chance.code(CODE_SIGNS, PAYMENT_ID_SIGNS)
            for each in shown.amounts_cents
        }
        changed = replace(
            journey,
            confirmation=journey.confirmation or spoken_confirmation(code),
            payment_ids=ids,
            shown=shown,
            seen_at=now,
        )
        if replace(changed, seen_at=journey.seen_at) == journey:
            return journey
        self.keep(self.journeys.changing(changed))
        return replace(changed, version=changed.version + 1)

    def check_as_shown(
        self, journey: Journey, standings: Sequence[Standing], now: datetime
    ) -> Shown:
        """What the member saw, if it would still be so. Raises NotAsShown."""
        shown = journey.shown
        if shown is None or shown.collected_on != banking_days.collection_day(now):
            raise NotAsShown
        if dict(shown.amounts_cents) != _amounts(journey, standings):
            raise NotAsShown
        return shown

    def submit(
        self,
        journey: Journey,
        standings: Sequence[Standing],
        origin: Origin,
        letter_facts: Callable[[Submission], Mapping[str, Any]],
        now: datetime,
    ) -> str:
        """One Submit: all payments with lines, entries and letter, or nothing (rule 11).

        Returns the confirmation number; the same journey again returns the same one. Raises
        NotAsShown when amounts or date changed, or the collection closed meanwhile.
        """
        try:
            shown = self.check_as_shown(journey, standings, now)
        except NotAsShown:
            return self._answer_of_another(journey)
        submission = _submission(journey, standings, shown, origin, now)
        mail = _confirmation_mail(submission, journey, letter_facts(submission), now)
        ended = replace(journey, submitted_at=now, seen_at=now)
        try:
            self.keep(
                self.journeys.changing(ended),
                *self.books.adding_submission(submission, now),
                self.outbox.adding(mail),
            )
        except Refused:
            return self._answer_of_another(journey)
        self.signals.count("PaymentsSubmitted", len(submission.payments))
        self.mail_queue.send({"day": mail.created_at.date().isoformat(), "mail_id": mail.mail_id})
        return submission.confirmation

    def _answer_of_another(self, journey: Journey) -> str:
        """Who loses a race reads what won, and answers with it.

        Otherwise the collection closed or another tab changed the journey: raises NotAsShown.
        """
        won = self.journeys.get(journey.journey_id)
        if won and won.submitted_at and won.confirmation:
            return won.confirmation
        raise NotAsShown


def _amounts(journey: Journey, standings: Sequence[Standing]) -> dict[str, int]:
    by_id = {each.enrollment.enrollment_id: each for each in standings}
    return amounts(journey.draft.choices, by_id)


def _submission(
    journey: Journey,
    standings: Sequence[Standing],
    shown: Shown,
    origin: Origin,
    now: datetime,
) -> Submission:
    draft, confirmation = journey.draft, journey.confirmation
    assert draft.contact, "contact comes before review"
    assert draft.account, "billing comes before review"
    assert confirmation, "the number is made when review is shown"
    account = draft.account
    payments = tuple(
        Payment(
            payment_id=journey.payment_ids[enrollment.enrollment_id],
            confirmation=confirmation,
            kind=PaymentKind.ONE_TIME,
            enrollment_id=enrollment.enrollment_id,
            subscriber_id=enrollment.subscriber_id,
            plan=enrollment.plan,
            plan_name=enrollment.plan_name,
            plan_year=enrollment.plan_year,
            billing_account=enrollment.billing_account,
            amount_cents=shown.amounts_cents[enrollment.enrollment_id],
            account=account,
            submitted_at=now,
            collected_on=shown.collected_on,
            effective_on=shown.effective_on,
        )
        for each in standings
        if (enrollment := each.enrollment).enrollment_id in shown.amounts_cents
    )
    if not payments:
        raise NothingToPay
    return Submission(
        confirmation=confirmation,
        journey_id=journey.journey_id,
        member_name=draft.member_name,
        contact=draft.contact,
        evidence=Evidence(
            text=shown.authorization,
            text_version=hashlib.sha256("\n".join(shown.authorization).encode()).hexdigest()[:16],
            language=journey.language,
            agreed_at=now,
            source_address=origin.source_address,
            user_agent=origin.user_agent,
        ),
        payments=payments,
    )


def _confirmation_mail(
    submission: Submission, journey: Journey, facts: Mapping[str, Any], now: datetime
) -> Mail:
    return Mail(
        mail_id=f"confirmation.{submission.confirmation}",
        kind="confirmation",
        to=submission.contact.email,
        phone=submission.contact.phone,
        language=journey.language,
        enrollment_id=submission.payments[0].enrollment_id,
        facts=facts,
        created_at=now,
    )
