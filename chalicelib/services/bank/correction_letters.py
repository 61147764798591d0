"""Letters about a correction: of what goes on by itself, or for the next time. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.ach.changes import Change, Heard
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.services.bank.origins import Origin
from chalicelib.services.bank.return_letters import mail_of, plan_and_account
from chalicelib.services.mandate_letters import about

KIND = "account_corrected"


def corrected_mail(change: Change, before: Mandate, after: Mandate, at: datetime) -> Mail:
    """Monthly payments go on, or wait on hold, with the account as it was corrected."""
    return Mail(
        mail_id=f"{KIND}.{after.mandate_id}.{after.version}",
        kind=KIND,
        to=after.contact.email,
        phone=after.contact.phone,
        language=after.language,
        enrollment_id=after.enrollment_id,
        facts={
            **about(after),
            **_said(change),
            "old_last4": before.account.last4,
            "new_last4": after.account.last4,
            "next_time": False,
            "held": after.held,
        },
        created_at=at,
    )


def next_time_mails(change: Change, heard: Heard, origin: Origin) -> list[Mail]:
    """Nothing goes on from this account: the payer must know when paying from it again."""
    if origin.payer.contact is None:
        return []
    account = change.correction.account
    facts = {
        **plan_and_account(origin.entry, origin.enrollment),
        **_said(change),
        "old_last4": origin.entry.account.last4,
        "new_last4": account.last4 if account else None,
        "next_time": True,
    }
    mail = mail_of(KIND, origin.entry, origin.payer, facts, heard.heard_at)
    return [replace(mail, mail_id=f"{KIND}.{heard.name}")]


def _said(change: Change) -> dict[str, Any]:
    account_type = change.correction.account_type
    return {"what": change.code, "account_type": str(account_type) if account_type else None}
