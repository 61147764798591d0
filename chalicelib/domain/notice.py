"""When members are told what will be taken, and what counts as announced (rules 24, 25)."""

from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.mandate import Announcement
from chalicelib.domain.timetable import LAST_NOTICE_DAY, NOTICES


def counts_as_announced(announced: Announcement) -> bool:
    """A notice counts; an authorization only when it was shown after the notices began (24)."""
    return announced.how == "notice" or announced.announced_at >= NOTICES.first_of(announced.month)


def most_announced(announced: Announcement | None, month: str, now: datetime) -> int | None:
    """The most that the run of a month may take as things stand (rule 25).

    None while this month's notice is still to come: it names what is owed then, whatever an
    earlier authorization said. Who is not told by the 12th is not debited.
    """
    is_to_come = local_day(now) <= _day(month, LAST_NOTICE_DAY)
    if is_to_come and not (announced and counts_as_announced(announced)):
        return None
    return announced.cents if announced else 0


def notice_by(announced: Announcement | None, month: str, now: datetime) -> date | None:
    """Until when this month's notice may still say what is taken; None when it has, or is late."""
    return _day(month, LAST_NOTICE_DAY) if most_announced(announced, month, now) is None else None


def _day(month: str, day: int) -> date:
    return date.fromisoformat(f"{month}-{day}")
