"""Letters about a mandate: their facts, and to whom they go. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import (
    change_letter,
    coverage_ended_letter,
    ended_debt_letter,
    month_letter,
    renewal_letter,
)
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail, MailState
from chalicelib.domain.mandate import Announcement, Mandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import ends_on, is_late
from chalicelib.domain.payment import Contact
from chalicelib.domain.timetable import WITHDRAWAL_DAY
from chalicelib.domain.withdrawal import Exclusion


def about(mandate: Mandate) -> dict[str, Any]:
    """What every letter about a mandate names."""
    return {
        "plan": str(mandate.plan),
        "plan_name": mandate.plan_name,
        "plan_year": mandate.plan_year,
        "billing_last4": mandate.billing_account[-4:],
        "account": {"type": str(mandate.account.account_type), "last4": mandate.account.last4},
        "set_up_on": local_day(mandate.created_at).isoformat(),
    }


def ends(enrollment: Enrollment, month: str) -> str | None:
    """When coverage ends, where no withdrawal follows that of this month (rule 23)."""
    day = ends_on(enrollment, month)
    return day.isoformat() if day else None


def change_facts(
    mandate: Mandate, enrollment: Enrollment, coming: str, still: MandateMonth | None
) -> dict[str, Any]:
    """What changed, from when on, what is taken all the same, and until when it can be undone."""
    return {
        **about(mandate),
        "coming": coming,
        "undo_until": f"{coming}-{WITHDRAWAL_DAY}",
        "held": mandate.held,
        **still_facts(still),
        "previous": month_after(coming, -1),
        "ends_on": ends(enrollment, coming),
    }


def still_facts(still: MandateMonth | None) -> dict[str, Any]:
    """A withdrawal that is taken whatever became of monthly payments since (rule 20)."""
    if still is None:
        return {"still_cents": None, "still_on": None, "still_late": False, "still_account": None}
    account = still.account
    return {
        "still_cents": still.cents,
        "still_on": still.on.isoformat(),
        "still_late": still.is_late,
        "still_account": {"type": str(account.account_type), "last4": account.last4},
    }


def announcement_facts(
    announced: Announcement, owed_cents: int, why_not: Exclusion | None, due_on: date
) -> dict[str, Any]:
    """What is taken and when; where nothing is: why, and what the member owes by when (27, 29)."""
    return {
        "cents": announced.cents,
        "on": announced.on.isoformat(),
        "not_taken": why_not,
        "owed_cents": owed_cents,
        "due_on": due_on.isoformat(),
    }


def change_mails(
    kind: str, mandate: Mandate, typed: Contact | None, facts: Mapping[str, Any], now: datetime
) -> list[Mail]:
    """One to the address kept with the mandate, and one to a newly typed other one (rule 22)."""
    contacts = [mandate.contact]
    if typed and typed.email.casefold() != mandate.contact.email.casefold():
        contacts.append(typed)
    return [
        _mail(
            kind,
            change_letter(kind, mandate.mandate_id, mandate.version, n),
            mandate,
            contact,
            facts,
            now,
        )
        for n, contact in enumerate(contacts, start=1)
    ]


def renewal_mail(
    mandate: Mandate, new: Enrollment, owed_cents: int, due_on: date, at: datetime
) -> Mail:
    """Monthly payments do not cover the new year's plan (rule 23)."""
    facts = {
        **about(mandate),
        "new_plan_year": new.plan_year,
        "cents": owed_cents,
        "due_on": due_on.isoformat(),
    }
    return _mail("renewal", renewal_letter(new.enrollment_id), mandate, mandate.contact, facts, at)


def claimed_mail(mandate: Mandate, line: Line, effective_on: date) -> Mail:
    """The withdrawal is on its way; with the real date when it is late (rule 27)."""
    facts = {
        "month": line.month,
        "cents": -line.amount_cents,
        "on": effective_on.isoformat(),
        "late": is_late(str(line.month), effective_on),
    }
    return _of_run("withdrawal", mandate, line, facts)


def credit_mail(mandate: Mandate, line: Line, cents: int) -> Mail:
    """A payment came between the reading and the claim; it stays as credit (rule 26)."""
    return _of_run("credit", mandate, line, {"month": line.month, "cents": cents})


def ended_debt_mail(mandate: Mandate, ended_on: date, cents: int, at: datetime) -> Mail:
    """Coverage ended with debt, which no withdrawal takes: a one-time payment (rule 4)."""
    facts = {**about(mandate), "cents": cents, "ended_on": ended_on.isoformat()}
    mail_id = ended_debt_letter(mandate.enrollment_id)
    return _mail("ended_debt", mail_id, mandate, mandate.contact, facts, at)


def coverage_ended_mail(
    mandate: Mandate,
    announced: Announcement,
    enrollment: Enrollment,
    owed_cents: int,
    due_on: date,
    at: datetime,
) -> Mail:
    """Coverage ends before the withdrawal that was announced: nothing is taken then (rule 23)."""
    facts = {
        **about(mandate),
        "cents": announced.cents,
        "on": announced.on.isoformat(),
        "ends_on": enrollment.covered_through_on.isoformat(),
        "owed_cents": owed_cents,
        "due_on": due_on.isoformat(),
    }
    mail_id = coverage_ended_letter(mandate.mandate_id, announced.month)
    return _mail("coverage_ended", mail_id, mandate, mandate.contact, facts, at)


def excluded_mail(
    mandate: Mandate,
    line: Line,
    owed_cents: int | None,
    due_on: date,
    enrollment: Enrollment | None,
) -> Mail:
    """Nothing was taken; what is due, by when, and whether a 22nd is left (rules 23, 27)."""
    return _of_run("excluded", mandate, line, _excluded(line, owed_cents, due_on, enrollment))


def excluded_as_announced(
    notice: Mail, line: Line, owed_cents: int | None, due_on: date, enrollment: Enrollment | None
) -> Mail:
    """The same, when all that can still be read of a mandate is the notice of the month."""
    return replace(
        notice,
        mail_id=month_letter("excluded", str(line.month), line.enrollment_id),
        kind="excluded",
        facts={**notice.facts, **_excluded(line, owed_cents, due_on, enrollment)},
        created_at=line.at,
        state=MailState.PENDING,
        attempts=0,
    )


def _excluded(
    line: Line, owed_cents: int | None, due_on: date, enrollment: Enrollment | None
) -> dict[str, Any]:
    return {
        "month": line.month,
        "cents": owed_cents,
        "due_on": due_on.isoformat(),
        "reason": line.reason,
        "none_left": enrollment is not None and ends_on(enrollment, str(line.month)) is not None,
    }


def _of_run(kind: str, mandate: Mandate, line: Line, facts: Mapping[str, Any]) -> Mail:
    mail_id = month_letter(kind, str(line.month), mandate.enrollment_id)
    return _mail(kind, mail_id, mandate, mandate.contact, {**about(mandate), **facts}, line.at)


def _mail(
    kind: str,
    mail_id: str,
    mandate: Mandate,
    contact: Contact,
    facts: Mapping[str, Any],
    at: datetime,
) -> Mail:
    return Mail(
        mail_id=mail_id,
        kind=kind,
        to=contact.email,
        phone=contact.phone,
        language=mandate.language,
        enrollment_id=mandate.enrollment_id,
        facts=facts,
        created_at=at,
    )
