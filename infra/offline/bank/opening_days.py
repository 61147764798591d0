"""When the Federal Reserve is open: told day by day, not computed year by year."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")

_DATES = {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
# Month, weekday, and the days of the month it can fall on.
_FLOATING = (
    (1, _MONDAY, range(15, 22)),
    (2, _MONDAY, range(15, 22)),
    (5, _MONDAY, range(25, 32)),
    (9, _MONDAY, range(1, 8)),
    (10, _MONDAY, range(8, 15)),
    (11, _THURSDAY, range(22, 29)),
)


def is_open(day: date) -> bool:
    """Whether money moves on this day."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in _DATES:
        return False
    eve = day - timedelta(days=1)
    if eve.weekday() == _SUNDAY and (eve.month, eve.day) in _DATES:
        return False
    return not any(
        (day.month, day.weekday()) == (month, weekday) and day.day in days
        for month, weekday, days in _FLOATING
    )


def open_from(day: date) -> date:
    """This day, or the next on which money moves."""
    while not is_open(day):
        day += timedelta(days=1)
    return day


def open_after(day: date, count: int = 1) -> date:
    """The count-th open day after this one."""
    for _ in range(count):
        day = open_from(day + timedelta(days=1))
    return day
