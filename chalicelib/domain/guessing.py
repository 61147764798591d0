"""Guessing is slowed: misses are counted by subject, identifier and address (rule 9).

Arithmetic: who knows a name and a birthday and has narrowed the Social Security number to ten
thousand gets eleven tries in the first two hours and one an hour after that, so the expected search
is more than half a year; and no wait is longer than an hour, so a member is never locked out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(hours=1)
FREE_MISSES = 4
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
ADDRESS_MISSES = 100
ADDRESS_WAIT = timedelta(minutes=15)


class Counted(StrEnum):
    """Whose misses."""

    SUBJECT = "subject"  # this name and birthday
    IDENTIFIER = "identifier"  # this number
    ADDRESS = "address"  # this network address


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """The recent misses of one subject, identifier or address, and the wait they made."""

    counted: Counted
    recent_at: tuple[datetime, ...] = ()
    level: int = 0  # how often the wait has doubled, from 1
    wait_until: datetime | None = None
    version: int = 0  # of the kept row; guards each write

    def waits_until(self, now: datetime) -> datetime | None:
        """When this counter lets a try through again, or None when it does now."""
        return self.wait_until if self.wait_until and now < self.wait_until else None

    def after_miss(self, now: datetime) -> "Misses":
        """The counter with one more miss."""
        recent = (*(at for at in self.recent_at if at > now - WINDOW), now)
        if self.counted is Counted.ADDRESS:
            return self._of_address(recent, now)
        grows = self.level and self.wait_until and now <= self.wait_until + WINDOW
        level = self.level + 1 if grows else int(len(recent) > FREE_MISSES)
        wait = min(FIRST_WAIT * 2 ** min(level - 1, 10), LONGEST_WAIT) if level else None
        return replace(
            self,
            recent_at=recent[-FREE_MISSES - 1 :],
            level=level,
            wait_until=now + wait if wait else None,
        )

    def _of_address(self, recent: tuple[datetime, ...], now: datetime) -> "Misses":
        waits = len(recent) >= ADDRESS_MISSES
        return replace(
            self,
            # After a wait the address starts again: many members may share it.
            recent_at=() if waits else recent,
            wait_until=now + ADDRESS_WAIT if waits else self.wait_until,
        )
