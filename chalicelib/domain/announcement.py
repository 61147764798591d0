"""What was announced to a member: the amount that a withdrawal may take at most (rules 24, 25)."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.timetable import NOTICES


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What was announced to a member for a month: the most that may be taken (rule 25)."""

    enrollment_id: str
    month: str
    cents: int
    on: date
    announced_at: datetime
    how: str  # notice or authorization
    mandate_id: str
    mail_id: str | None = None
    lowered_from: int | None = None  # cents that its run announced, before a feed made it smaller

    @property
    def counts(self) -> bool:
        """A notice does; an authorization only where it was shown after the notices began (24)."""
        return self.how == "notice" or self.announced_at >= NOTICES.first_of(self.month)
