"""The unit of work: all that is kept, in one bundle; a story loads, decides, and commits."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from chalicelib.domain.mail import Mail
from chalicelib.domain.signature import Signature, is_one_person
from chalicelib.ports import Metrics, Queue, Vault
from chalicelib.repositories.accounts import Accounts
from chalicelib.repositories.adjustments import Adjustments
from chalicelib.repositories.audit import Audit
from chalicelib.repositories.books import Books
from chalicelib.repositories.cases import Cases
from chalicelib.repositories.counters import Counters
from chalicelib.repositories.enrollments import Enrollments
from chalicelib.repositories.feeds import Feeds
from chalicelib.repositories.held_feeds import HeldFeeds
from chalicelib.repositories.journeys import Journeys
from chalicelib.repositories.mandates import MandateBook
from chalicelib.repositories.outbox import Outbox
from chalicelib.repositories.routing_numbers import RoutingBook
from chalicelib.repositories.runs import Runs
from chalicelib.repositories.settlements import SettlementBook
from chalicelib.repositories.transmissions import TransmissionBook
from chalicelib.store import ConditionFailed, Contended, Store, Write

T = TypeVar("T")
TRIES = 6
PROPOSED, NOTED = "proposed: ", "noted"
LONGEST_PAUSE_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Records:
    """What is kept, and the one way to change it.

    A letter is promised in the transaction of what it tells. Waking its sender is a hint after the
    commit and never fails it: what nobody woke for, the sweeper sends (I20).
    """

    store: Store
    vault: Vault
    mail_queue: Queue
    metrics: Metrics
    pause: Callable[[float], None] = time.sleep

    @cached_property
    def accounts(self) -> Accounts:
        """What is known of bank accounts."""
        return Accounts(self.store)

    @cached_property
    def adjustments(self) -> Adjustments:
        """What is to be owed otherwise, by reference."""
        return Adjustments(self.store)

    @cached_property
    def audit(self) -> Audit:
        """What people on the staff did."""
        return Audit(self.store)

    @cached_property
    def books(self) -> Books:
        """What is owed and paid."""
        return Books(self.store)

    @cached_property
    def cases(self) -> Cases:
        """What staff must look at."""
        return Cases(self.store)

    @cached_property
    def counters(self) -> Counters:
        """Misses."""
        return Counters(self.store)

    @cached_property
    def enrollments(self) -> Enrollments:
        """Who is enrolled in what."""
        return Enrollments(self.store)

    @cached_property
    def feeds(self) -> Feeds:
        """Feeds that were read."""
        return Feeds(self.store)

    @cached_property
    def held_feeds(self) -> HeldFeeds:
        """Feeds that wait for staff."""
        return HeldFeeds(self.store)

    @cached_property
    def journeys(self) -> Journeys:
        """Visits of members."""
        return Journeys(self.store, self.vault)

    @cached_property
    def mandates(self) -> MandateBook:
        """Monthly payments."""
        return MandateBook(self.store)

    @cached_property
    def outbox(self) -> Outbox:
        """Promised messages."""
        return Outbox(self.store)

    @cached_property
    def routing(self) -> RoutingBook:
        """Routing numbers."""
        return RoutingBook(self.store)

    @cached_property
    def runs(self) -> Runs:
        """Runs and their checkpoints."""
        return Runs(self.store)

    @cached_property
    def settlements(self) -> SettlementBook:
        """What bank statements say."""
        return SettlementBook(self.store)

    @cached_property
    def transmissions(self) -> TransmissionBook:
        """What went to the bank together."""
        return TransmissionBook(self.store)

    def commit(self, *writes: Write, mails: Sequence[Mail] = ()) -> None:
        """All of it with the promise of these letters, or nothing. Raises ConditionFailed."""
        self.store.write(*writes, *self.outbox.adding(*mails))
        self.wake(*mails)

    def commit_or_retry(self, attempt: Callable[[], T]) -> T:
        """The answer of `attempt`, which loads, decides and commits: again while others came first.

        Raises Contended.
        """
        for tried in range(1, TRIES + 1):
            try:
                return attempt()
            except ConditionFailed as failed:
                if tried == TRIES:
                    raise Contended("others change the same all the time") from failed
                longest = min(LONGEST_PAUSE_S, 0.01 * 2**tried)
                self.pause(secrets.SystemRandom().uniform(0, longest))
        raise AssertionError("a try answers or fails")

    def is_second(self, subject: str, what: str, signature: Signature) -> bool:
        """Whether another person proposed just this last; if not, this one now does (rule 52).

        What was proposed before that, or before anything was done, is not meant any more.
        """
        wanted, last = f"{PROPOSED}{what}", None
        for line in self.audit.lines(subject):
            if line.what.startswith(PROPOSED):
                last = line
            elif line.what != NOTED:
                last = None
        is_said = last is not None and last.what == wanted
        if is_said and last and not is_one_person(last, signature):
            return True
        if not is_said:
            self.commit(*self.audit.signing(subject, wanted, signature))
        return False

    def promise(self, mail: Mail) -> bool:
        """A letter by itself; False when it was already promised that day."""
        return self._woken(mail, self.outbox.add(mail))

    def promise_once(self, mail: Mail) -> bool:
        """The same, whatever day it is: a letter that a member gets once in all."""
        return self._woken(mail, self.outbox.add_once(mail))

    def wake(self, *mails: Mail) -> None:
        """Tells the sender of letters that are promised. Never raises."""
        if not mails:
            return
        try:
            self.mail_queue.send(*({"day": _day(mail), "mail_id": mail.mail_id} for mail in mails))
        except Exception:  # noqa: BLE001 - whatever the queue says
            self.metrics.count("MailsNotWoken", len(mails))

    def _woken(self, mail: Mail, is_new: bool) -> bool:
        if is_new:
            self.wake(mail)
        return is_new


def _day(mail: Mail) -> str:
    return mail.created_at.date().isoformat()
