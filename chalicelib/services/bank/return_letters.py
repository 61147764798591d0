"""Letters about money that came back, or is surely ours. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.ach.decisions import Letter, OnMandate
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Mail
from chalicelib.domain.payment import Contact


def not_paid_mail(
    entry: Entry,
    line: Line,
    enrollment: Enrollment,
    confirmation: str | None,
    contact: Contact,
    language: str,
    why: Letter,
    effect: OnMandate,
    outcome: Mapping[str, Any],
    at: datetime,
) -> Mail:
    """What happened, what is owed, by when, and what to do (rules 17, 29, 30)."""
    facts = {
        **_about(entry, line, enrollment, confirmation),
        **outcome,
        "why": str(why),
        "mandate_ended": effect is OnMandate.END,
        "mandate_held": effect is OnMandate.HOLD,
    }
    return _mail("not_paid", entry, contact, language, facts, at)


def paid_mail(
    entry: Entry,
    line: Line,
    enrollment: Enrollment,
    confirmation: str | None,
    contact: Contact,
    language: str,
    at: datetime,
) -> Mail:
    """Two full banking days have passed without a return (rule 17)."""
    return _mail(
        "paid", entry, contact, language, _about(entry, line, enrollment, confirmation), at
    )


def _about(
    entry: Entry, line: Line, enrollment: Enrollment, confirmation: str | None
) -> dict[str, Any]:
    withdrawal = line.kind is LineKind.WITHDRAWAL
    return {
        "plan": str(entry.plan),
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "billing_last4": enrollment.billing_account[-4:],
        "confirmation": confirmation,
        "account": {"type": str(entry.account.account_type), "last4": entry.account.last4},
        "cents": entry.amount_cents,
        "kind": "withdrawal" if withdrawal else "payment",
        "on": local_day(line.at).isoformat(),
    }


def _mail(
    kind: str,
    entry: Entry,
    contact: Contact,
    language: str,
    facts: Mapping[str, Any],
    at: datetime,
) -> Mail:
    return Mail(
        mail_id=f"{kind}.{entry.payment_id}",
        kind=kind,
        to=contact.email,
        phone=contact.phone,
        language=language,
        enrollment_id=entry.enrollment_id,
        facts=facts,
        created_at=at,
    )
