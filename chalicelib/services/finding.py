"""A member is found by one number, name and birthday; guessing is slowed (rules 8, 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.errors import DomainError
from chalicelib.domain.guessing import Counted, Misses
from chalicelib.domain.identification import Claim, Ssn, any_match, same_name, without_separators
from chalicelib.domain.journey import Journey, To
from chalicelib.domain.paying import Standing, standing
from chalicelib.domain.purposes import MISSES
from chalicelib.ports import Books, Counters, Enrollments, Journeys, Keep, Refused, Signals, Vault

TRIES = 6


class NoMatch(DomainError):
    """Nobody is found by this; the cause is not said."""

    code = "no_match"


class MustWait(DomainError):
    """Too many misses; no try is taken before `until`."""

    code = "must_wait"

    def __init__(self, until: datetime) -> None:
        super().__init__("wait")
        self.until = until


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed, brought to the form it is counted by, whether or not it is well formed."""

    subject: str
    identifier: str


def said(id_type: str, number: str, first_name: str, last_name: str, birth: Sequence[str]) -> Said:
    """From the fields as typed: what doesn't count in a match doesn't count here either."""
    day = "-".join(part.strip().lstrip("0") for part in birth)
    return Said(
        subject=f"{same_name(first_name)}|{same_name(last_name)}|{day}",
        identifier=f"{id_type}|{without_separators(number).upper()}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What finding needs of the world."""

    keep: Keep
    enrollments: Enrollments
    books: Books
    journeys: Journeys
    counters: Counters
    vault: Vault
    signals: Signals

    def keys(self, said: Said, source_address: str) -> dict[Counted, str]:
        """The counters of one try, keyed so that the table tells nobody what was typed."""
        texts = {
            Counted.SUBJECT: said.subject,
            Counted.IDENTIFIER: said.identifier,
            Counted.ADDRESS: _network(source_address),
        }
        return {c: f"{c}#{self.vault.mac(MISSES, text).hex()}" for c, text in texts.items()}

    def check_wait(self, keys: Mapping[Counted, str], now: datetime) -> bool:
        """Raises MustWait during a wait; answers whether there were misses lately."""
        return any(each.recent_at for each in self._free(keys, now).values())

    def _free(self, keys: Mapping[Counted, str], now: datetime) -> dict[Counted, Misses]:
        misses = self.counters.read(keys)
        waits = [until for each in misses.values() if (until := each.waits_until(now))]
        if waits:
            raise MustWait(max(waits))
        return misses

    def find(
        self,
        claim: Claim,
        to: To,
        keys: Mapping[Counted, str],
        start: Callable[[str], Journey],
        now: datetime,
    ) -> Journey:
        """The new journey of the subscriber who is claimed. Raises NoMatch.

        A hit and a miss make the same calls in the same order, so that their times don't tell.
        """
        number = claim.number
        index = self.vault.ssn_index(number) if isinstance(number, Ssn) else number
        found = self.enrollments.found_by(claim.id_type, index)
        # A miss seals a draft too, and drops it: the key it needs may have to be fetched.
        journey = start(found[0].subscriber_id if found else "")
        starting = self.journeys.starting(journey)
        if not any_match(found, claim) or not self._any_shown(found, claim, to, now):
            self._count_miss(keys, now)
            raise NoMatch
        self._free(keys, now)  # the read that a miss makes before it counts
        self.keep(starting, self.counters.finding(now))
        return journey

    def standings(
        self, journey: Journey, now: datetime, *, with_ended: bool = False
    ) -> list[Standing]:
        """The enrollments that every page of this journey shows, with their books (rule 8)."""
        found = self.enrollments.of_subscriber(journey.subscriber_id)
        usable = [each for each in found if each.plan is journey.plan and each.can_be_paid(now)]
        all_of_them = [standing(each, self.books.lines(each.enrollment_id), now) for each in usable]
        if with_ended:
            return all_of_them
        return [each for each in all_of_them if each.is_shown]

    def _any_shown(self, found: Sequence[Enrollment], claim: Claim, to: To, now: datetime) -> bool:
        """Whether a page would show anything; the books are opened only for the wholly ended."""
        usable = [each for each in found if each.plan is claim.plan and each.can_be_paid(now)]
        today = local_day(now)
        if to is To.HISTORY or any(not each.has_ended(today) for each in usable):
            return bool(usable)
        return any(
            standing(each, self.books.lines(each.enrollment_id), now).is_shown for each in usable
        )

    def _count_miss(self, keys: Mapping[Counted, str], now: datetime) -> None:
        self.signals.count("Misses")
        for attempt in range(1, TRIES + 1):
            try:
                self.keep(*self.counters.missing(keys, self._free(keys, now), now))
            except Refused:
                if attempt == TRIES:
                    raise MustWait(now + timedelta(minutes=1)) from None
            else:
                return


def _network(address: str) -> str:
    """An IPv6 household has a whole /64; an IPv4 address stands for itself."""
    return ":".join(address.split(":")[:4]) if ":" in address else address
