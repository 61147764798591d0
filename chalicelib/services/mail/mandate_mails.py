"""Letters about a mandate: their facts, and to whom they go. Pure."""

from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage_letters import EndedDebtLetter
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import (
    change_letter,
    ended_debt_letter,
    month_letter,
)
from chalicelib.domain.ledger import Line
from chalicelib.domain.letter_facts import (
    Facts,
    Upcoming,
    about,
    about_in,
    in_flight,
    mail_of,
    masked,
)
from chalicelib.domain.letters import (
    KINDS,
    CancelledLetter,
    ContactChangedLetter,
    CreditLetter,
    ExcludedLetter,
    ReplacedLetter,
    RoutingLetter,
    UndoneLetter,
    WithdrawalLetter,
)
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import ends_on, is_late
from chalicelib.domain.payment import Contact
from chalicelib.domain.timetable import WITHDRAWALS
from chalicelib.domain.withdrawal import Announcement, Exclusion


def cancelled_mails(
    ended: Mandate,
    enrollment: Enrollment,
    coming: str,
    still: MandateMonth | None,
    owed_cents: int,
    due_on: date,
    other: Mandate | None,
    typed: Contact | None,
    at: datetime,
) -> list[Mail]:
    """What is taken all the same, what is owed, until when it can be undone, and which goes on."""
    tells = CancelledLetter(
        about=about(ended, ended.account),
        set_up_on=local_day(ended.created_at),
        coming=coming,
        undo_until=WITHDRAWALS.first_of(coming).date(),
        held=ended.held,
        still=in_flight(still),
        owed_cents=enrollment.asked_cents(owed_cents),
        due_on=due_on,
        ends_on=ends_on(enrollment, coming),
        other_plan_name=other.plan_name if other else None,
        other_plan_year=other.plan_year if other else None,
    )
    return _to_both(tells, ended, typed, at)


def replaced_mails(
    old: Mandate, new: Mandate, still: MandateMonth | None, at: datetime
) -> list[Mail]:
    """From when on the new ones count, and what is taken all the same."""
    tells = ReplacedLetter(
        about=about(old, old.account),
        coming=new.from_month,
        undo_until=WITHDRAWALS.first_of(new.from_month).date(),
        still=in_flight(still),
        new_last4=new.account.last4,
    )
    return _to_both(tells, old, new.contact, at)


def undone_mails(
    mandate: Mandate, enrollment: Enrollment, month: str, coming: Upcoming, at: datetime
) -> list[Mail]:
    """What is taken next."""
    tells = UndoneLetter(
        about=about(mandate, mandate.account),
        set_up_on=local_day(mandate.created_at),
        upcoming=coming,
        ends_on=ends_on(enrollment, month),
    )
    return _to_both(tells, mandate, None, at)


def contact_mails(mandate: Mandate, before: Contact, at: datetime) -> list[Mail]:
    """To the address that it has now, and to the one before; neither is told the other whole."""
    now = mandate.contact
    is_moved = now.email.casefold() != before.email.casefold()
    tells = ContactChangedLetter(
        about=about(mandate, mandate.account),
        old_email=masked(before.email),
        new_email=masked(now.email) if is_moved else None,
        new_phone=now.phone != before.phone,
    )
    return _to_both(tells, mandate, before, at)


def upcoming(
    announced: Announcement, owed_cents: int, why_not: Exclusion | None, due_on: date
) -> Upcoming:
    """What was announced, of what is owed."""
    return Upcoming(
        cents=announced.cents,
        on=announced.on,
        not_taken=why_not,
        owed_cents=owed_cents,
        due_on=due_on,
    )


def _to_both(tells: Facts, mandate: Mandate, other: Contact | None, at: datetime) -> list[Mail]:
    """One to the address kept with the mandate, and one to the other, newly typed or old (22)."""
    contacts = [mandate.contact]
    if other and other.email.casefold() != mandate.contact.email.casefold():
        contacts.append(other)
    kind, name, version = KINDS[type(tells)], mandate.mandate_id, mandate.version
    return [
        mandate_mail(tells, change_letter(kind, name, version, n), mandate, at, contact)
        for n, contact in enumerate(contacts, start=1)
    ]


def routing_mail(tells: RoutingLetter, mandate: Mandate, at: datetime) -> Mail:
    """Monthly payments are held for a routing number, or released: once for each version."""
    mail_id = change_letter(KINDS[type(tells)], mandate.mandate_id, mandate.version, 1)
    return mandate_mail(tells, mail_id, mandate, at)


def claimed_mail(mandate: Mandate, line: Line, effective_on: date) -> Mail:
    """The withdrawal is on its way; with the real date when it is late (rule 27)."""
    month = str(line.month)
    tells = WithdrawalLetter(
        about=about(mandate, mandate.account),
        month=month,
        cents=-line.amount_cents,
        on=effective_on,
        late=is_late(month, effective_on),
    )
    return _of_run(tells, mandate, line)


def credit_mail(mandate: Mandate, line: Line, cents: int) -> Mail:
    """Both the payment and the withdrawal count."""
    tells = CreditLetter(about=about(mandate, mandate.account), month=str(line.month), cents=cents)
    return _of_run(tells, mandate, line)


def ended_debt_mail(mandate: Mandate, ended_on: date, cents: int, at: datetime) -> Mail:
    """Once in all: to the last authorization that an enrollment had."""
    tells = EndedDebtLetter(about=about(mandate, mandate.account), cents=cents, ended_on=ended_on)
    return mandate_mail(tells, ended_debt_letter(mandate.enrollment_id), mandate, at)


def excluded_mail(
    whom: Mandate | Mail,
    line: Line,
    owed_cents: int | None,
    due_on: date,
    enrollment: Enrollment | None,
) -> Mail:
    """Nothing was taken; what is due, by when, and whether a 22nd is left (rules 23, 27).

    Where the mandate can't be read, the notice of the month knows whom to tell.
    """
    if isinstance(whom, Mandate):
        said, contact = about(whom, whom.account), whom.contact
    else:
        said, contact = about_in(whom.facts), Contact(email=whom.to, phone=whom.phone)
    month = str(line.month)
    tells = ExcludedLetter(
        about=said,
        month=month,
        cents=owed_cents,
        due_on=due_on,
        reason=line.reason,
        none_left=enrollment is not None and ends_on(enrollment, month) is not None,
    )
    mail_id = month_letter("excluded", month, line.enrollment_id)
    return mail_of("excluded", tells, mail_id, contact, whom.language, line.enrollment_id, line.at)


def _of_run(tells: Facts, mandate: Mandate, line: Line) -> Mail:
    mail_id = month_letter(KINDS[type(tells)], str(line.month), mandate.enrollment_id)
    return mandate_mail(tells, mail_id, mandate, line.at)


def mandate_mail(
    tells: Facts, mail_id: str, mandate: Mandate, at: datetime, contact: Contact | None = None
) -> Mail:
    """To the address kept with the mandate, or another."""
    kind, contact, name = KINDS[type(tells)], contact or mandate.contact, mandate.enrollment_id
    return mail_of(kind, tells, mail_id, contact, mandate.language, name, at)
