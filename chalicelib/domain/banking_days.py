"""The bank's calendar and the exchange's: New York time, the Federal Reserve's banking days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from chalicelib.domain.timetable import COLLECTION, LAST_SAME_DAY_WINDOW, NEW_YORK

RETURN_WINDOW_DAYS = 2  # Nacha: banking days in which most returns come

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


def local_day(at: datetime) -> date:
    """The New York calendar day of an instant."""
    return at.astimezone(NEW_YORK).date()


def is_banking_day(day: date) -> bool:
    """Whether the Federal Reserve's banks are open."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def on_or_after(day: date) -> date:
    """The first banking day on or after this day."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def banking_day_after(day: date, days: int = 1) -> date:
    """The n-th banking day after this day."""
    for _ in range(days):
        day = on_or_after(day + timedelta(days=1))
    return day


def collection_day(at: datetime) -> date:
    """The first banking day whose cut-off is still ahead (rule 28): at 18:00:00 it is too late."""
    local = at.astimezone(NEW_YORK)
    day = local.date()
    if is_banking_day(day) and local.time() < COLLECTION.at:
        return day
    return banking_day_after(day)


def effective_entry_date(collected_on: date) -> date:
    """The banking day after the collection day: the first that the bank network can still reach."""
    return banking_day_after(collected_on)


def settles_when_sent(effective_on: date, sent_at: datetime) -> date:
    """When entries dated so settle: the operator moves a date that has passed to the day after."""
    local = sent_at.astimezone(NEW_YORK)
    works_on = on_or_after(local.date())
    is_in_time = local.date() < works_on or local.time() <= LAST_SAME_DAY_WINDOW
    if effective_on > works_on or (effective_on == works_on and is_in_time):
        return effective_on
    return banking_day_after(works_on)


@dataclass(frozen=True, slots=True)
class ReturnWindow:
    """How long what was debited may still come back as most of it does (rules 17, 50)."""

    bank_days: int  # banking days that our bank takes to hand a return on

    def paid_on(self, effective_on: date) -> date:
        """When a payment is paid if nothing came back: two full banking days later, or more."""
        return banking_day_after(effective_on, RETURN_WINDOW_DAYS + self.bank_days)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """Days the Federal Reserve is closed; a Sunday's moves to Monday, a Saturday's does not."""
    fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
    days = {_moved(date(year, month, day)) for month, day in fixed}
    days |= {
        _nth(year, 1, _MONDAY, 3),  # Martin Luther King
        _nth(year, 2, _MONDAY, 3),  # Washington
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),  # Memorial: the last Monday of May
        _nth(year, 9, _MONDAY, 1),  # Labor
        _nth(year, 10, _MONDAY, 2),  # Columbus
        _nth(year, 11, _THURSDAY, 4),  # Thanksgiving
    }
    return frozenset(days)


def _moved(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
