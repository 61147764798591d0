"""What changed facts mean for who pays monthly: mandates that end, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month_dates import coverage_limit
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import coverage_ended_mail, renewal_mail
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageChange:
    """What a row of a feed changes about an enrollment."""

    before: Enrollment | None  # None where it is new
    after: Enrollment
    lines: Sequence[Line]
    new_lines: Sequence[Line]
    at: datetime  # of the feed

    @property
    def owed_cents(self) -> int:
        """After the change."""
        return ledger.owed([*self.lines, *self.new_lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageEffect:
    """What following coverage needs of the world."""

    records: Records
    due: DueDates
    months: Months

    def writes(self, change: CoverageChange, now: datetime) -> list[Write]:
        """In the transaction of the facts; mandates end when the row is read."""
        mails = self._renewing(change)
        return [*self._ending_mandates(change, now), *self.records.outbox.adding(*mails)]

    def _ending_mandates(self, change: CoverageChange, now: datetime) -> list[Write]:
        """The last month of a mandate follows the end of coverage (rule 23).

        Who was told of a withdrawal that does not come any more is told so, at once.
        """
        before, after = change.before, change.after
        if before is None or before.coverage_end_on == after.coverage_end_on:
            return []
        mandates = self.records.mandates.of(after.enrollment_id)
        if not mandates.standing:
            return []
        coming = self.months.coming(after.enrollment_id, now)
        changed, past = mandates.with_coverage(coverage_limit(after), coming, now)
        mails = self._not_coming(mandates, changed, change, coming, now)
        return [
            *self.records.mandates.changing(changed, past, coming, "coverage end moved", now),
            *self.records.outbox.adding(*mails),
        ]

    def _not_coming(
        self, before: Mandates, after: Mandates, change: CoverageChange, coming: str, now: datetime
    ) -> list[Mail]:
        mandate = before.lasting(coming)
        month = max(coming, mandate.from_month) if mandate else coming
        announced = self.records.mandates.announced(before.enrollment_id, month)
        if mandate is None or not (announced and announced.cents) or after.active_in(month):
            return []
        due_on = self.due.next_on(local_day(now))
        owed = change.owed_cents
        return [coverage_ended_mail(mandate, announced, change.after, owed, due_on, now)]

    def _renewing(self, change: CoverageChange) -> list[Mail]:
        """Who pays the old year monthly is told that the new one is not covered (rule 23)."""
        new, at = change.after, change.at
        mandate = self._mandate_of_last_year(new, at) if change.before is None else None
        if mandate is None:
            return []
        due_on = self.due.first_on(new, local_day(at))
        return [renewal_mail(mandate, new, change.owed_cents, due_on, at)]

    def _mandate_of_last_year(self, new: Enrollment, at: datetime) -> Mandate | None:
        for old in self.records.enrollments.of_subscriber(new.subscriber_id):
            if old.plan is new.plan and old.plan_year == new.plan_year - 1:
                mandates = self.records.mandates.of(old.enrollment_id)
                found = mandates.lasting(month_of(local_day(at)))
                if found:
                    return found
        return None
