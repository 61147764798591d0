"""Letters about debits: later than was told, back, refused, or surely ours. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import entry_letter, later_letter
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Mail
from chalicelib.domain.timetable import WITHDRAWAL_DAY
from chalicelib.services.mail.payers import Payer


def paid_mail(entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, at: datetime) -> Mail:
    """Two full banking days have passed without a return (rule 17)."""
    return mail_of("paid", entry, payer, about(entry, line, enrollment, payer), at)


def later_mail(
    entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, on: date, at: datetime
) -> Mail:
    """The real date, where the file goes later than the member was told (rule 27)."""
    of_the_22nd = line.kind is LineKind.WITHDRAWAL  # it counts as of then (rule 6)
    counts_on = f"{line.month}-{WITHDRAWAL_DAY}" if of_the_22nd else local_day(line.at).isoformat()
    facts = {
        **about(entry, line, enrollment, payer),
        "announced_on": entry.effective_on.isoformat(),
        "now_on": on.isoformat(),
        "counts_on": counts_on,
    }
    mail = mail_of("later", entry, payer, facts, at)
    return replace(mail, mail_id=later_letter(entry.payment_id, on))


def not_paid_mail(
    entry: Entry,
    line: Line,
    enrollment: Enrollment,
    payer: Payer,
    outcome: Mapping[str, Any],
    at: datetime,
) -> Mail:
    """What happened, what is owed, by when, and what to do (rules 17, 29, 30)."""
    facts = {**about(entry, line, enrollment, payer), **outcome}
    return mail_of("not_paid", entry, payer, facts, at)


def account_refused_mail(
    entry: Entry, enrollment: Enrollment, payer: Payer, outcome: Mapping[str, Any], at: datetime
) -> Mail:
    """A prenote came back, or reached no bank: nothing was taken; what is owed all the same."""
    facts = {
        **plan_and_account(entry, enrollment),
        **outcome,
        "refund_cents": entry.amount_cents if entry.batch.is_credit else None,
    }
    return mail_of("account_refused", entry, payer, facts, at)


def about(entry: Entry, line: Line, enrollment: Enrollment, payer: Payer) -> dict[str, Any]:
    """What every letter about moved money names."""
    withdrawal = line.kind is LineKind.WITHDRAWAL
    return {
        **plan_and_account(entry, enrollment),
        "confirmation": payer.confirmation,
        "cents": entry.amount_cents,
        "kind": "withdrawal" if withdrawal else "payment",
        "on": local_day(line.at).isoformat(),
    }


def mail_of(kind: str, entry: Entry, payer: Payer, facts: Mapping[str, Any], at: datetime) -> Mail:
    """To whom the money belongs."""
    assert payer.contact, "somebody is told"
    return Mail(
        mail_id=entry_letter(kind, entry.payment_id),
        kind=kind,
        to=payer.contact.email,
        phone=payer.contact.phone,
        language=payer.language,
        enrollment_id=entry.enrollment_id,
        facts=facts,
        created_at=at,
    )


def plan_and_account(entry: Entry, enrollment: Enrollment) -> dict[str, Any]:
    """What every letter about an entry names."""
    return {
        "plan": str(entry.plan),
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "billing_last4": enrollment.billing_account[-4:],
        "account": {"type": str(entry.account.account_type), "last4": entry.account.last4},
    }
