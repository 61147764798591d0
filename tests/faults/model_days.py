"""The calendar as the model knows it: New York, banking days, months. Of the product nothing."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS = {date(2026, 11, 26), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 18)}
HOLIDAYS |= {date(2027, 2, 15)}
LAST_DAY_TO_CATCH_UP = 28
EVENING = 18


def day_of(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def month_at(at: datetime) -> str:
    return month_of(day_of(at))


def month_after(month: str, months: int = 1) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year}-{number + 1:02}"


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def open_after(day: date, days: int = 1) -> date:
    for _ in range(days):
        day += timedelta(days=1)
        while not is_open(day):
            day += timedelta(days=1)
    return day


def debit_day(month: str) -> date:
    """The first banking day from the 22nd on."""
    return open_after(date.fromisoformat(f"{month}-21"))


def collected_on(at: datetime) -> date:
    """The first evening that still takes it."""
    local = at.astimezone(NEW_YORK)
    in_time = is_open(local.date()) and local.hour < EVENING
    return local.date() if in_time else open_after(local.date())


def paid_on(settles_on: date) -> date:
    """Rule 17: two full banking days later."""
    return open_after(settles_on, 2)


def last_22nd(end: date) -> str:
    """Rule 23: the month of the last 22nd on or before the end of coverage."""
    return month_of(end) if end.day >= 22 else month_after(month_of(end), -1)
