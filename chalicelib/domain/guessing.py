"""Guessing is slowed: misses are counted by subject, identifier and address (rule 9).

Count first, look then: a try takes a ticket, and a ticket counts as a miss until a hit gives it
back. So a thousand tries at the same moment are worth no more than as many as one by one.

Arithmetic: who knows a name and a birthday and has narrowed the Social Security number to ten
thousand gets eleven tries in the first two hours and one an hour after that, so the expected search
is more than half a year; and no wait is longer than an hour, so a member is never locked out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(hours=1)
FREE_MISSES = 4
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
ADDRESS_MISSES = 100
ADDRESS_WAIT = timedelta(minutes=15)
TICKET_LASTS = timedelta(seconds=10)  # a look-up takes a fraction of one
A_FEW_SECONDS = timedelta(seconds=5)


class Counted(StrEnum):
    """Whose misses."""

    SUBJECT = "subject"  # this name and birthday
    IDENTIFIER = "identifier"  # this number
    ADDRESS = "address"  # this network address


@dataclass(frozen=True, slots=True)
class Ticket:
    """A try that is being looked at."""

    ticket: str
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """The recent misses of one subject, identifier or address, and the wait they made."""

    counted: Counted
    recent_at: tuple[datetime, ...] = ()
    level: int = 0  # how often the wait has doubled, from 1
    wait_until: datetime | None = None
    tickets: tuple[Ticket, ...] = ()
    version: int = 0  # of the kept row; guards each write

    def waits_until(self, now: datetime) -> datetime | None:
        """When this counter lets a try through again, or None when it does now."""
        return self.wait_until if self.wait_until and now < self.wait_until else None

    def is_taken_up(self, now: datetime) -> bool:
        """Whether a wait would begin if all tries that are being looked at missed."""
        return self._missed(self.tickets).waits_until(now) is not None

    def settled(self, now: datetime) -> "Misses":
        """Tickets that were never given back are misses of the time they were taken."""
        return self._missed(t for t in self.tickets if t.taken_at + TICKET_LASTS <= now)

    def with_ticket(self, ticket: Ticket) -> "Misses":
        """One more try is being looked at."""
        return replace(self, tickets=(*self.given_back(ticket).tickets, ticket))

    def given_back(self, ticket: Ticket) -> "Misses":
        """The try was a hit; a ticket that has become a miss meanwhile stays one."""
        return replace(self, tickets=tuple(t for t in self.tickets if t != ticket))

    def missed(self, ticket: Ticket) -> "Misses":
        """The try was a miss; it is counted once."""
        return self._missed(t for t in self.tickets if t == ticket)

    def _missed(self, tickets: Iterable[Ticket]) -> "Misses":
        misses = self
        for ticket in tickets:
            misses = misses.given_back(ticket).after_miss(ticket.taken_at)
        return misses

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
