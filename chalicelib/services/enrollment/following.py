"""A plan that follows another: who pays the one before monthly is told (rules 23, 41)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.mail.coverage_mails import News, renewal_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What finding the plan before needs of the world."""

    records: Records
    due: DueDates
    addressees: Addressees

    def mails(self, change: CoverageChange) -> list[Mail]:
        """Of an enrollment that is new: monthly payments do not cover it."""
        new, at = change.after, change.at
        mandate = None if new.never_began else self._mandate_before(new, at)
        if mandate is None:
            return []
        news = News(
            enrollment=new,
            version=change.version,
            owed_cents=change.owed_cents,
            due_on=self.due.first_on(new, local_day(at)),
            at=at,
        )
        return [renewal_mail(mandate, news)]

    def _mandate_before(self, new: Enrollment, at: datetime) -> Mandate | None:
        """Of last year's plan, or of one that is left in the year, in whichever order they come."""
        for old in self.records.enrollments.of_subscriber(new.subscriber_id):
            if old.is_before(new):
                found = self.records.mandates.of(old.enrollment_id).lasting(month_of(local_day(at)))
                if found is None and old.is_followed_by(new):
                    found = self.addressees.ended_with_coverage(old.enrollment_id)
                if found:
                    return found
        return None
