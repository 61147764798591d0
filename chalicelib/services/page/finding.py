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
    bare_enrollment_id,
    matches,
    same_name,
    without_separators,
)
from chalicelib.domain.identities import joined
from chalicelib.domain.journey import Journey, To
from chalicelib.domain.paying import Standing, standing
from chalicelib.domain.purposes import MISSES
from chalicelib.ports import Metrics, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.page.tickets import MustWait, TicketCounters, Tickets
from chalicelib.store import Write

NO_NUMBER = ""  # leads to nobody


class NoMatch(DomainError):
    """Nobody is found by this; the cause is not said."""

    code = "no_match"


@dataclass(frozen=True, slots=True)
class TypedIdentity:
    """What was typed, brought to the form it is counted by, whether or not it is well formed."""

    subject: str
    identifier: str


def said(
    id_type: str, number: str, first_name: str, last_name: str, birth: Sequence[str]
) -> TypedIdentity:
    """From the fields as typed: what doesn't count in a match doesn't count here either."""
    day = "-".join(without_separators(part).lstrip("0") for part in birth)
    return TypedIdentity(
        subject=f"{same_name(first_name)}|{same_name(last_name)}|{day}",
        identifier=f"{id_type}|{bare_enrollment_id(number)}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A form without errors: who is claimed, and the journey that it begins."""

    claim: Claim
    to: To
    ticket: Ticket  # the try has the name of the journey that it may begin
    language: str
    before: Journey | None  # of this browser; what was typed there may fill the new one's forms
    earlier: tuple[str, ...] = ()  # visits of this browser

    def journey(self, subscriber_id: str, *, suspicious: bool) -> Journey:
        """Of the subscriber who is found; the same person goes on with the visit (rule 55)."""
        claim, now, before = self.claim, self.ticket.taken_at, self.before
        if before and before.is_live(now) and before.subscriber_id == subscriber_id:
            began = before.opened(claim.plan, (), now)
        else:
            began = self._first(subscriber_id, now)
        typed = before.draft_for(subscriber_id, claim.plan).typed if before else {}
        draft = replace(
            began.draft,
            typed={**typed, **began.draft.typed},
            member_name=f"{claim.first_name} {claim.last_name}".strip(),
            birth_on=claim.birth_on,
        )
        suspicious = suspicious or began.suspicious
        return replace(
            began, to=self.to, language=self.language, suspicious=suspicious, draft=draft
        )

    def _first(self, subscriber_id: str, now: datetime) -> Journey:
        return Journey(
            journey_id=self.ticket.ticket,
            plan=self.claim.plan,
            subscriber_id=subscriber_id,
            started_at=now,
            seen_at=now,
            earlier=self.earlier,
        )


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
        return self.find(wanted.claim, wanted.to, counters, start, wanted.ticket)

    def find(
        self,
        claim: Claim,
        to: To,
        counters: TicketCounters,
        start: Callable[[str], Journey],
        ticket: Ticket,
    ) -> Journey:
        """The new journey of the subscriber who is claimed. Raises NoMatch, MustWait.

        A hit, a miss and a wait make the same calls in the same order, so that their times don't
        tell.
        """
        try:
            taken = self.tickets.take(counters, ticket)
        except MustWait:
            self._look_up(claim, start, for_nobody=True)
            self.tickets.end_without(counters)
            raise
        found, journey, starting = self._look_up(claim, start)
        if len({each.subscriber_id for each in found}) > 1:
            # A mistake of the exchange, and a case: it is no guess of the member's (rule 39).
            self.tickets.give_back(taken, ticket, starting)
            raise NoMatch
        if not found or not self._any_shown(found, claim, to, ticket.taken_at):
            self.metrics.count("Misses")
            self.tickets.miss(taken, ticket)
            raise NoMatch
        self.tickets.give_back(taken, ticket, starting)
        return journey

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
