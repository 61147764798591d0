"""On which days who owes is reminded: three days before a due date, and the day after it (44)."""

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.due import DueDates

REMINDED_BEFORE, REMINDED_AFTER = (3, 2), (1, 2)  # days; the second of each is to catch up


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """The due date that a day's reminder is about; and whether it is still ahead (rule 44)."""

    due_on: date
    is_before: bool

    @property
    def first_on(self) -> date:
        """Its day; the one after is to catch up."""
        days = -REMINDED_BEFORE[0] if self.is_before else REMINDED_AFTER[0]
        return self.due_on + timedelta(days=days)


def reminding(due: DueDates, today: date) -> Reminding | None:
    """What a day's reminder is about; None on most days."""
    for month in (month_of(today), month_after(month_of(today), -1)):
        days = (today - due.of(month)).days
        if days in REMINDED_AFTER or -days in REMINDED_BEFORE:
            return Reminding(due_on=due.of(month), is_before=days < 0)
    return None
