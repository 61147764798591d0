"""Letters about money that came back, and accounts that were refused. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.ach.decisions import OnMandate, ReturnLetter
from chalicelib.domain.mail import Mail
from chalicelib.services.mail.payment_mails import about, mail_of, plan_and_account
from chalicelib.services.returns.original_entries import OriginalEntry


def not_paid_mail(
    origin: OriginalEntry,
    why: ReturnLetter,
    effect: OnMandate,
    outcome: Mapping[str, Any],
    at: datetime,
) -> Mail:
    """What happened, what is owed, by when, and what to do (rules 17, 29, 30)."""
    assert origin.line, "only money comes back"
    facts = {
        **about(origin.entry, origin.line, origin.enrollment, origin.payer),
        **outcome,
        "why": str(why),
        "mandate_ended": effect is OnMandate.END,
        "mandate_held": effect is OnMandate.HOLD,
    }
    return mail_of("not_paid", origin.entry, origin.payer, facts, at)


def account_refused_mail(
    origin: OriginalEntry,
    why: ReturnLetter,
    effect: OnMandate,
    outcome: Mapping[str, Any],
    at: datetime,
) -> Mail:
    """A prenote came back, or reached no bank: nothing was taken; what is owed all the same."""
    facts = {
        **plan_and_account(origin.entry, origin.enrollment),
        **outcome,
        "refund_cents": origin.entry.amount_cents if origin.entry.batch.is_credit else None,
        "why": str(why),
        "mandate_ended": effect is OnMandate.END,
        "mandate_held": effect is OnMandate.HOLD,
    }
    return mail_of("account_refused", origin.entry, origin.payer, facts, at)
