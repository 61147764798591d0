"""Every try to find a member takes a ticket before it looks (rule 9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.errors import DomainError
from chalicelib.domain.guessing import A_FEW_SECONDS, Counted, Misses, Ticket
from chalicelib.repositories.records import Records
from chalicelib.store import ConditionFailed, Write

# Of six at the same moment the others write ten times on a row: nobody loses more often.
TRIES = 12
# What has a ticket is not let go without its answer; an address may have a hundred out.
TRIES_TO_END = 100
BESIDE = 2  # what ends a try writes: the visit that begins, and the one that is over


class MustWait(DomainError):
    """Too many misses; no try is taken before `until`."""

    code = "must_wait"

    def __init__(self, until: datetime) -> None:
        super().__init__("wait")
        self.until = until


class Busy(MustWait):
    """As many tries as are free are being looked at; nothing is counted against anybody."""

    code = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounters:
    """The counters of one try, as they were last read or written."""

    keys: Mapping[Counted, str]
    misses: Mapping[Counted, Misses]

    @property
    def has_misses(self) -> bool:
        """Whether there were misses lately."""
        return any(each.recent_at for each in self.misses.values())

    def check_wait(self, now: datetime) -> None:
        """Raises MustWait during a wait."""
        waits = [until for each in self.misses.values() if (until := each.waits_until(now))]
        if waits:
            raise MustWait(max(waits))

    def changed(self, change: Callable[[Misses], Misses]) -> "TicketCounters":
        """Every counter changed in the same way."""
        return replace(self, misses={c: change(each) for c, each in self.misses.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """Tickets are taken on all counters of a try in one write, and ended in one."""

    records: Records

    def read(self, keys: Mapping[Counted, str], now: datetime) -> TicketCounters:
        """The counters; one call."""
        counters = TicketCounters(keys=keys, misses=self.records.counters.read(keys))
        return counters.changed(lambda each: each.settled(now))

    def take(self, counters: TicketCounters, ticket: Ticket) -> TicketCounters:
        """The counters with the ticket on each. Raises MustWait, or Busy.

        One write, whatever comes of it, unless others write the same counters at this moment.
        """
        try:
            return self._taken(counters, ticket)
        except MustWait:
            self.records.commit(*self.records.counters.nothing(len(counters.keys)))
            raise

    def _taken(self, counters: TicketCounters, ticket: Ticket) -> TicketCounters:
        now = ticket.taken_at
        for _ in range(TRIES):
            counters.check_wait(now)
            if any(each.is_taken_up(now) for each in counters.misses.values()):
                break
            try:
                return self._committed(counters.changed(lambda each: each.with_ticket(ticket)), now)
            except ConditionFailed:
                counters = self.read(counters.keys, now)
        raise Busy(now + A_FEW_SECONDS)

    def give_back(self, taken: TicketCounters, ticket: Ticket, *beside: Write) -> None:
        """The try was a hit; `beside`, always as many, are written with it. Raises Busy."""
        assert len(beside) == BESIDE, "a longer transaction could be told from a shorter"
        self._end(taken, ticket.taken_at, lambda each: each.given_back(ticket), *beside)

    def miss(self, taken: TicketCounters, ticket: Ticket) -> None:
        """The try was a miss. Raises Busy; the ticket is then a miss when its time is over."""
        nothing = self.records.counters.nothing(BESIDE)
        self._end(taken, ticket.taken_at, lambda each: each.missed(ticket), *nothing)

    def end_without(self, counters: TicketCounters) -> None:
        """What a try that got no ticket does where others end theirs."""
        self.records.commit(*self.records.counters.nothing(len(counters.keys) + BESIDE))

    def _end(
        self, taken: TicketCounters, now: datetime, end: Callable[[Misses], Misses], *beside: Write
    ) -> None:
        for _ in range(TRIES_TO_END):
            try:
                self._committed(taken.changed(end), now, *beside)
            except ConditionFailed as refused:
                # The ticket's own visit stands already, and the answer to that was lost.
                if all(each in beside for each in refused.writes):
                    return
                taken = self.read(taken.keys, now)
            else:
                return
        raise Busy(now + A_FEW_SECONDS)

    def _committed(self, counters: TicketCounters, now: datetime, *beside: Write) -> TicketCounters:
        self.records.commit(
            *self.records.counters.changing(counters.keys, counters.misses, now), *beside
        )
        return counters.changed(lambda each: replace(each, version=each.version + 1))
