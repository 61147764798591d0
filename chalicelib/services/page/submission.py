"""What a Submit is made of: payments, mandates, the evidence, the letter. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import confirmation_letter
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.letter_facts import mail_of
from chalicelib.domain.letters import ConfirmationLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import coverage_limit, following_on
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import EntryKind, Evidence, MonthlyPlan, Payment, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientInfo:
    """Where a request came from, kept as evidence."""

    source_address: str
    user_agent: str


def submission_of(
    journey: Journey, standings: Sequence[Standing], shown: Shown, client: ClientInfo, now: datetime
) -> Submission:
    """All that one Submit asks for, under the numbers that were made when review was shown."""
    assert journey.draft.contact, "contact comes before review"
    assert journey.confirmation, "the number is made when review is shown"
    return Submission(
        confirmation=journey.confirmation,
        journey_id=journey.journey_id,
        member_name=journey.draft.member_name,
        contact=journey.draft.contact,
        evidence=evidence_of(shown.authorization, journey.language, client, now),
        submitted_at=now,
        collected_on=shown.collected_on,
        effective_on=shown.effective_on,
        account=_account(journey),
        payments=tuple(
            _payment(journey, each.enrollment, shown, now)
            for each in standings
            if each.enrollment.enrollment_id in shown.amounts_cents
        ),
        monthly=shown.monthly,
    )


def monthly_plan(
    standing: Standing,
    coming: str,
    next_on: date,
    now_cents: int,
    replaced: Mandate | None,
    still: MandateMonth | None,
) -> MonthlyPlan:
    """What monthly payments begin with: this month's withdrawal with its amount, or the next."""
    left = standing.owed_cents - now_cents
    return MonthlyPlan(
        plan=standing.enrollment.plan,
        plan_name=standing.enrollment.plan_name,
        plan_year=standing.enrollment.plan_year,
        from_month=coming,
        first_now_cents=now_cents,
        next_on=next_on,
        next_cents=max(left, 0),
        following_on=following_on(standing.enrollment, coming),
        credit_cents=max(-left, 0),
        is_this_month=coming == month_of(standing.today),
        replaces_last4=replaced.account.last4 if replaced else None,
        still_cents=still.cents if still else 0,
        still_on=still.on if still else None,
        still_late=still is not None and still.is_late,
        still_last4=still.account.last4 if still else None,
    )


def mandate_of(
    submission: Submission,
    enrollment: Enrollment,
    mandate_id: str,
    from_month: str,
    journey: Journey,
) -> Mandate:
    """The authorization of monthly debits for one enrollment."""
    return Mandate(
        mandate_id=mandate_id,
        enrollment_id=enrollment.enrollment_id,
        subscriber_id=enrollment.subscriber_id,
        plan=enrollment.plan,
        plan_name=enrollment.plan_name,
        plan_year=enrollment.plan_year,
        billing_account=enrollment.billing_account,
        account=submission.account,
        contact=submission.contact,
        language=journey.language,
        evidence=submission.evidence,
        confirmation=submission.confirmation,
        created_at=submission.submitted_at,
        from_month=from_month,
        through_month=coverage_limit(enrollment),
        carry_over=journey.draft.carries_over,
    )


def confirmation_mail(
    submission: Submission, journey: Journey, tells: ConfirmationLetter, enrollment_id: str
) -> Mail:
    """The letter that confirms a Submit, and is the member's copy of the authorization."""
    return mail_of(
        "confirmation",
        tells,
        confirmation_letter(submission.confirmation),
        submission.contact,
        journey.language,
        enrollment_id,
        submission.submitted_at,
    )


def _payment(journey: Journey, enrollment: Enrollment, shown: Shown, now: datetime) -> Payment:
    enrollment_id = enrollment.enrollment_id
    first = enrollment_id in shown.monthly
    return Payment(
        payment_id=journey.payment_ids[enrollment_id],
        confirmation=journey.confirmation or "",
        kind=EntryKind.FIRST if first else EntryKind.ONE_TIME,
        enrollment_id=enrollment_id,
        subscriber_id=enrollment.subscriber_id,
        plan=enrollment.plan,
        plan_name=enrollment.plan_name,
        plan_year=enrollment.plan_year,
        billing_account=enrollment.billing_account,
        amount_cents=shown.amounts_cents[enrollment_id],
        account=_account(journey),
        submitted_at=now,
        collected_on=shown.collected_on,
        effective_on=shown.effective_on,
        mandate_id=journey.mandate_ids[enrollment_id] if first else None,
        is_recurring=first,
    )


def _account(journey: Journey) -> Any:
    assert journey.draft.account, "billing comes before review"
    return journey.draft.account


def evidence_of(
    text: tuple[str, ...], language: str, client: ClientInfo, now: datetime
) -> Evidence:
    """What a member agrees to now; its version follows from the words."""
    return Evidence(
        text=text,
        text_version=hashlib.sha256("\n".join(text).encode()).hexdigest()[:16],
        language=language,
        agreed_at=now,
        source_address=client.source_address,
        user_agent=client.user_agent,
    )
