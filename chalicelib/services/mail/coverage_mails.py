"""Letters about what a feed changes: their facts, and to whom they go. Pure (23, 35, 41, 45)."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.coverage_letters import (
    CarriedLetter,
    CoverageBackLetter,
    CoverageEndedLetter,
    Monthly,
    RenewalLetter,
    SmallerLetter,
)
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import facts_letter, renewal_letter
from chalicelib.domain.letter_facts import Facts, about, in_flight, mail_of
from chalicelib.domain.letters import KINDS
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.statement import Statement
from chalicelib.domain.withdrawal import Announcement
from chalicelib.services.mail.addressees import Addressee, of_mandate
from chalicelib.services.mail.mandate_mails import mandate_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What all letters about one change of facts have in common."""

    enrollment: Enrollment  # as it is now
    version: int | str  # of its facts, or what else makes these news one
    owed_cents: int
    due_on: date
    at: datetime

    def mail(self, tells: Facts, addressee: Addressee, *of: str) -> Mail:
        """Once for each version of the facts, and for what it is of."""
        kind, name = KINDS[type(tells)], self.enrollment.enrollment_id
        mail_id, contact = facts_letter(kind, name, self.version, *of), addressee.contact
        return mail_of(kind, tells, mail_id, contact, addressee.language, name, self.at)


def smaller_mail(
    news: News, month: MandateMonth, was_cents: int, cents: int, why: Statement
) -> Mail:
    """Of a month that is announced, or on its way (rule 45)."""
    tells = SmallerLetter(
        about=about(month.mandate, month.account),
        was_cents=was_cents,
        cents=cents,
        on=month.on,
        on_its_way=month.is_decided,
        owed_cents=news.owed_cents,
        carried_cents=why.carried_cents,
        since=why.items,
    )
    return news.mail(tells, of_mandate(month.mandate), month.month)


def coverage_ended_mail(
    news: News,
    addressee: Addressee,
    *,
    had_monthly: bool,
    monthly_until: date | None,
    carries_on: bool,
    not_taken: Announcement | None,
    still: MandateMonth | None,
) -> Mail:
    """The last day; what is not taken as announced, and what is taken all the same."""
    enrollment = news.enrollment
    tells = CoverageEndedLetter(
        about=about(enrollment, addressee.account),
        never_began=enrollment.never_began,
        ends_on=enrollment.covered_through_on,
        had_monthly=had_monthly,
        monthly_until=monthly_until,
        carries_on=carries_on,
        cents=not_taken.cents if not_taken else None,
        on=not_taken.on if not_taken else None,
        still=in_flight(still),
        owed_cents=enrollment.asked_cents(news.owed_cents),
        due_on=news.due_on,
    )
    return news.mail(tells, addressee)


def coverage_back_mail(
    news: News, addressee: Addressee, was_to_end_on: date, monthly: Monthly | None
) -> Mail:
    """Until when it goes on, and whether monthly payments do."""
    tells = CoverageBackLetter(
        about=about(news.enrollment, addressee.account),
        was_to_end_on=was_to_end_on,
        ends_on=news.enrollment.ends_early_on,
        monthly=monthly,
        owed_cents=news.owed_cents,
        due_on=news.due_on,
    )
    return news.mail(tells, addressee)


def carried_mail(
    mandate: Mandate,
    old: Enrollment,
    news: News,
    announced: Announcement,
    pay_by: date | None,
    credit_cents: int | None,
) -> Mail:
    """To who agreed that monthly payments go on (rule 42)."""
    tells = CarriedLetter(
        about=about(mandate, mandate.account),
        old_plan_name=old.plan_name,
        old_plan_year=old.plan_year,
        month=announced.month,
        cents=announced.cents,
        on=announced.on,
        pay_by=pay_by,
        owed_cents=news.owed_cents,
        credit_cents=credit_cents,
    )
    return mandate_mail(tells, str(announced.mail_id), mandate, news.at)


def renewal_mail(mandate: Mandate, news: News, *, carries_on: bool) -> Mail:
    """To who pays the plan before monthly (rules 23, 41)."""
    new = news.enrollment
    tells = RenewalLetter(
        about=about(mandate, mandate.account),
        carries_on=carries_on,
        new_plan_year=new.plan_year,
        new_plan_name=new.plan_name,
        cents=news.owed_cents,
        due_on=news.due_on,
    )
    return mandate_mail(tells, renewal_letter(new.enrollment_id), mandate, news.at)
