"""A member is found by one number, name and birthday; guessing is slowed (rules 8, 9)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from ipaddress import IPv6Address, IPv6Network, ip_address

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import DomainError
from chalicelib.domain.guessing import Counted, Ticket
from chalicelib.domain.identification import (
    Claim,
    Ssn,
    matches,
)
from chalicelib.domain.identities import joined
from chalicelib.domain.journey import Journey, To
from chalicelib.domain.paying import Standing, standing
from chalicelib.domain.purposes import MISSES
from chalicelib.ports import Metrics, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.page.claims import TypedIdentity, Wanted
from chalicelib.services.page.tickets import BESIDE, MustWait, TicketCounters, Tickets
from chalicelib.store import Write

NO_NUMBER = ""  # leads to nobody


class NoMatch(DomainError):
    """Nobody is found by this; the cause is not said."""

    code = "no_match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What finding needs of the world."""

    records: Records
    tickets: Tickets
    vault: Vault
    metrics: Metrics

    def keys(self, said: TypedIdentity, source_address: str) -> dict[Counted, str]:
        """The counters of one try, keyed so that the table tells nobody what was typed."""
        texts = {
            Counted.SUBJECT: said.subject,
            Counted.IDENTIFIER: said.identifier,
            Counted.ADDRESS: _network(source_address),
        }
        return {c: joined(c, self.vault.mac(MISSES, text).hex()) for c, text in texts.items()}

    def counters(self, said: TypedIdentity, source_address: str, now: datetime) -> TicketCounters:
        """The counters, before a try."""
        return self.tickets.read(self.keys(said, source_address), now)

    def search(
        self,
        said: TypedIdentity,
        source_address: str,
        wanted: Wanted | None,
        now: datetime,
    ) -> Journey | None:
        """The new journey; None where the form has errors. Raises NoMatch, MustWait.

        In a wait even a form with errors is answered by it.
        """
        counters = self.counters(said, source_address, now)
        if wanted is None:
            counters.check_wait(now)
            return None
        start = partial(wanted.journey, suspicious=counters.has_misses)
        journey = self.find(
            wanted.claim, wanted.to, counters, start, wanted.ticket, visit=wanted.visit
        )
        goes_on = wanted.visit and journey.journey_id == wanted.visit.journey_id
        return self._going_on(wanted, journey) if goes_on else journey

    def find(
        self,
        claim: Claim,
        to: To,
        counters: TicketCounters,
        start: Callable[[str], Journey],
        ticket: Ticket,
        visit: Journey | None = None,
    ) -> Journey:
        """The new journey of the subscriber who is claimed; the `visit` of another is over with it.

        A hit, a miss and a wait make the same calls in the same order, so that their times don't
        tell. Raises NoMatch, MustWait.
        """
        try:
            taken = self.tickets.take(counters, ticket)
        except MustWait:
            self._look_up(claim, start, for_nobody=True)
            self.tickets.end_without(counters)
            raise
        found, journey, starting = self._look_up(claim, start)
        beside = self._beside(journey, starting, visit, ticket.taken_at)
        if len({each.subscriber_id for each in found}) > 1:
            # A mistake of the exchange, and a case: it is no guess of the member's (rule 39).
            self.tickets.give_back(taken, ticket, *beside)
            raise NoMatch
        if not found or not self._any_shown(found, claim, to, ticket.taken_at):
            self.metrics.count("Misses")
            self.tickets.miss(taken, ticket)
            raise NoMatch
        self.tickets.give_back(taken, ticket, *beside)
        return journey

    def _beside(
        self, journey: Journey, starting: Write, visit: Journey | None, now: datetime
    ) -> list[Write]:
        """What a hit writes with its tickets: always two rows, as a miss does."""
        nothing = self.records.counters.nothing(BESIDE)
        if visit is None:
            return [starting, nothing[0]]
        if journey.journey_id == visit.journey_id:  # it goes on, and is changed by itself
            return nothing
        return [starting, self.records.journeys.ending(visit, now)]

    def _going_on(self, wanted: Wanted, found: Journey) -> Journey:
        """The visit as it stands by now, with what was asked for."""

        def attempt() -> Journey:
            before = self.records.journeys.get(found.journey_id)
            after = replace(wanted, before=before).journey(
                found.subscriber_id, suspicious=found.suspicious
            )
            goes_on = before and after.journey_id == before.journey_id
            self.records.commit(
                self.records.journeys.following(before, after)
                if before and goes_on
                else self.records.journeys.starting(after)
            )
            return after

        return self.records.commit_or_retry(attempt)

    def _look_up(
        self, claim: Claim, start: Callable[[str], Journey], *, for_nobody: bool = False
    ) -> tuple[list[Enrollment], Journey, Write]:
        number = claim.number
        index = self.vault.ssn_index(number) if isinstance(number, Ssn) else number
        having = self.records.enrollments.found_by(
            claim.id_type, NO_NUMBER if for_nobody else index
        )
        meant = {each.subscriber_id for each in having if matches(each, claim)}
        # A miss seals a draft too, and drops it: the key it needs may have to be fetched.
        journey = start(next(iter(meant)) if len(meant) == 1 else "")
        found = [each for each in having if each.subscriber_id in meant]
        return found, journey, self.records.journeys.starting(journey)

    def standings(self, journey: Journey, now: datetime) -> list[Standing]:
        """The enrollments that every step of this journey shows, with their books (rule 8)."""
        return [each for each in self._of_person(journey, now, journey.shows) if each.is_shown]

    def all_standings(self, journey: Journey, now: datetime) -> list[Standing]:
        """All of the visit's person, of either kind, ended ones too (rule 55)."""
        return self._of_person(journey, now, lambda _: True)

    def _of_person(
        self, journey: Journey, now: datetime, wanted: Callable[[Enrollment], bool]
    ) -> list[Standing]:
        found = self.records.enrollments.of_subscriber(journey.subscriber_id)
        usable = [each for each in found if wanted(each) and each.can_be_paid(now)]
        return [
            standing(each, self.records.books.lines(each.enrollment_id), now) for each in usable
        ]

    def _any_shown(self, found: Sequence[Enrollment], claim: Claim, to: To, now: datetime) -> bool:
        """Whether a page would show anything; the books are opened only for the wholly ended."""
        usable = [each for each in found if each.plan is claim.plan and each.can_be_paid(now)]
        today = local_day(now)
        if to is To.HISTORY or any(not each.has_ended(today) for each in usable):
            return bool(usable)
        return any(
            standing(each, self.records.books.lines(each.enrollment_id), now).is_shown
            for each in usable
        )


def _network(address: str) -> str:
    """An IPv6 household has a whole /64, however it is written; an IPv4 address is its own."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return str(IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)
