"""Months of coverage: text like "2027-01", which sorts as time does."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.timetable import CHARGES, LAST_CATCH_UP_DAY, MESSAGE_LIVES

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)


def month_of(day: date) -> str:
    """The month a day is in."""
    return f"{day:%Y-%m}"


def is_month(text: str) -> bool:
    """Whether a text is a month of this century."""
    return bool(_MONTH.fullmatch(text))


def month_after(month: str, months: int = 1) -> str:
    """The month that many months later (or earlier, when negative)."""
    year, number = (int(part) for part in month.split("-"))
    years, index = divmod(number - 1 + months, 12)
    return f"{year + years:04}-{index + 1:02}"


def months(first: str, last: str) -> Iterator[str]:
    """From the first month to the last, both included; none when they are the wrong way round."""
    month = first
    while month <= last:
        yield month
        month = month_after(month)


def billing_horizon(at: datetime) -> str:
    """The last month that is billed at this instant: next month, from 6:00 on the 1st (rule 3)."""
    this_month = month_of(local_day(at))
    return this_month if at < CHARGES.first_of(this_month) else month_after(this_month)


def oldest_month_worked(today: date) -> str:
    """The oldest month whose run may still be worked: a message of the 28th lives four days."""
    this_month = month_of(today)
    before = month_after(this_month, -1)
    last_on = date.fromisoformat(f"{before}-{LAST_CATCH_UP_DAY}") + MESSAGE_LIVES
    return before if today <= last_on else this_month
