"""Who is told of a change of coverage, and what (rules 23, 35, 41, 45)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage_letters import Monthly
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.statement import statement
from chalicelib.domain.withdrawal import Announcement
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange, MonthlyChange
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.mail.coverage_mails import (
    News,
    coverage_back_mail,
    coverage_ended_mail,
    smaller_mail,
)
from chalicelib.services.monthly.carrying import Carrying
from chalicelib.services.monthly.months import Months


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageNews:
    """What telling needs of the world."""

    records: Records
    due: DueDates
    months: Months
    addressees: Addressees
    carrying: Carrying

    def of_smaller(
        self, change: CoverageChange, month: MandateMonth, cents: int, now: datetime
    ) -> Mail:
        """So much of a month is taken now; of one on its way, as before."""
        announced = month.announced
        was = announced.cents if announced and not month.is_decided else month.cents
        why = statement(change.after, change.all_lines, len(change.lines)).latest()
        return smaller_mail(self._news(change, now), month, was, cents, why)

    def of_end(
        self, change: CoverageChange, monthly: MonthlyChange, pre_empted: Line | None, now: datetime
    ) -> list[Mail]:
        """Coverage ends, or comes back: to who has monthly payments, or paid in the last year."""
        ended = self.addressees.ended_with_coverage(change.after.enrollment_id)
        mandate = monthly.going or ended
        addressee = self.addressees.of(mandate, change.lines, change.at)
        if addressee is None:
            return []
        news = self._news(change, now)
        if was_to_end_on := change.brings_back:
            goes_on = monthly.after.lasting(monthly.coming)
            how: Monthly | None = "on" if goes_on else "again" if ended else None
            return [coverage_back_mail(news, addressee, was_to_end_on, how)]
        not_taken = self._not_taken(monthly, pre_empted)
        is_news = change.ends_coverage and not self._is_followed(change.after)
        if not (is_news or not_taken):
            return []
        still = None
        if not pre_empted:
            lines, coming = change.all_lines, monthly.coming
            still = self.months.in_flight(monthly.after, lines, coming, now)
        waits = is_news and mandate and self.carrying.waits(mandate, change.after, now)
        mail = coverage_ended_mail(
            news,
            addressee,
            had_monthly=monthly.going is not None,
            monthly_until=monthly.until,
            carries_on=bool(waits),
            not_taken=not_taken,
            still=still,
        )
        return [mail]

    def _news(self, change: CoverageChange, now: datetime) -> News:
        return News(
            enrollment=change.after,
            version=change.version,
            owed_cents=change.owed_cents,
            due_on=self.due.next_on(local_day(now)),
            at=now,
        )

    def _not_taken(self, monthly: MonthlyChange, pre_empted: Line | None) -> Announcement | None:
        """What was announced, and does not come."""
        going = monthly.going
        name = monthly.before.enrollment_id
        if pre_empted:
            month = str(pre_empted.month)
        elif going and not monthly.after.active_in(max(monthly.coming, going.from_month)):
            month = max(monthly.coming, going.from_month)
        else:
            return None
        announced = self.records.mandates.announced(name, month)
        return announced if announced and announced.cents else None

    def _is_followed(self, ended: Enrollment) -> bool:
        """Whether another enrollment follows, which then says what is due (rule 41)."""
        others = self.records.enrollments.of_subscriber(ended.subscriber_id)
        return any(ended.is_followed_by(other) for other in others)
