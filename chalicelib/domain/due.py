"""By when a member has to pay: one answer for pages and mails (rules 6, 13)."""

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.timetable import DUE_DAY


@dataclass(frozen=True, slots=True)
class DueDates:
    """The 23rd of each month, put off by as many days as are set."""

    extension_days: int

    def of(self, month: str) -> date:
        """The due date of a month, past or not."""
        return date.fromisoformat(f"{month}-{DUE_DAY}") + timedelta(days=self.extension_days)

    def next_on(self, today: date) -> date:
        """The next one, today included."""
        month = month_of(today - timedelta(days=self.extension_days))
        return self.of(month) if today <= self.of(month) else self.of(month_after(month))

    def before_coverage(self, enrollment: Enrollment) -> date:
        """The one by which the first payment starts coverage in time (rule 7)."""
        return self.of(month_after(month_of(enrollment.coverage_start_on), -1))

    def first_on(self, enrollment: Enrollment, today: date) -> date:
        """Of a first payment: before coverage begins, or the next one when that is past."""
        return max(self.before_coverage(enrollment), self.next_on(today))
