"""EventBridge's six-field cron, and which local minutes it names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Self

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")  # 1 to 7, as EventBridge counts
LAST = "L"


class BadExpression(ValueError):
    """Not a schedule that we know how to play."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month, months, days of the week, years."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: frozenset[int] | None
    """None: any; 0 among them: the month's last day."""
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]

    @classmethod
    def parse(cls, fields: str) -> Self:
        """Six fields, as in `0 9 22 * ? *`. Raises BadExpression."""
        parts = fields.upper().split()
        if len(parts) != 6:  # noqa: PLR2004 - minute hour day month weekday year
            raise BadExpression(f"six fields are wanted: {fields!r}")
        minute, hour, month_day, month, weekday, year = parts
        if (month_day == "?") == (weekday == "?"):
            raise BadExpression(f"one of the two day fields must be '?': {fields!r}")
        return cls(
            _field(minute, 0, 59),
            _field(hour, 0, 23),
            None if month_day == "?" else _field(month_day, 1, 31, last=0),
            _field(month, 1, 12, names=MONTHS),
            None if weekday == "?" else _field(weekday, 1, 7, names=WEEKDAYS),
            _field(year, 1970, 2199),
        )

    def more_than_daily(self) -> bool:
        """Whether a day may see it more than once."""
        return len(self.minutes) * len(self.hours) > 1

    def on(self, day: date) -> Iterator[time]:
        """The local times of that day, in order."""
        if self._names(day):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    yield time(hour, minute)

    def _names(self, day: date) -> bool:
        if day.month not in self.months or day.year not in self.years:
            return False
        if self.weekdays is not None:
            return day.isoweekday() % 7 + 1 in self.weekdays
        assert self.month_days is not None, "one of the two day fields says something"
        is_last = (day + timedelta(days=1)).day == 1
        return day.day in self.month_days or (is_last and 0 in self.month_days)


def _field(
    text: str, low: int, high: int, *, names: tuple[str, ...] = (), last: int | None = None
) -> frozenset[int]:
    def number(word: str) -> int:
        if word in names:
            return names.index(word) + low
        if word == LAST and last is not None:
            return last
        if not word.isdigit() or not low <= int(word) <= high:
            raise BadExpression(f"{word!r} is not between {low} and {high}")
        return int(word)

    return frozenset(value for part in text.split(",") for value in _part(part, low, high, number))


def _part(part: str, low: int, high: int, number: Callable[[str], int]) -> range:
    span, slash, step = part.partition("/")
    if slash and (not step.isdigit() or int(step) == 0):
        raise BadExpression(f"{part!r} has no step")
    start, dash, end = span.partition("-")
    if span in ("*", "?"):
        first, beyond = low, high
    elif dash:
        first, beyond = number(start), number(end)
    else:
        first = number(start)
        beyond = high if slash else first
    return range(first, beyond + 1, int(step or 1))
