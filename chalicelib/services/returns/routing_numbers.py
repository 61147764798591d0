"""A routing number takes no payments any more: whoever pays from there is held, and told (rule 49).

One row says so, and one by one each enrollment there follows it, in a transaction that checks that
row. A message says whether it holds or releases, and of when: what comes late, or twice, changes
nothing that came after it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.ach.returns import BAD_ROUTING
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.debited_account import RoutingNumber, after_hold, after_release
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import audit_subject, case_id
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import RoutingLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandates, Past, RoutingHold
from chalicelib.domain.signature import Signature, is_one_person
from chalicelib.ports import Queue
from chalicelib.repositories.codec import UNREADABLE
from chalicelib.repositories.records import Records
from chalicelib.repositories.routing_numbers import RoutingBook
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.mandate_mails import routing_mail
from chalicelib.services.monthly.months import Months
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.store import ConditionFailed, Write

HELD, RELEASED = "held", "released"
BANK = "a bank"  # who says R13, where nobody of the staff did
AT_ONCE = 200  # enrollments of one message: some ten calls each


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingNumbers:
    """What holding and releasing them needs of the world."""

    records: Records
    mandate_effect: MandateEffect
    months: Months
    account_validation: AccountValidation
    bank_queue: Queue

    def returned(self, entry: Entry, at: datetime) -> None:
        """R13 of an entry: all of that account are held; where no directory has it, all there.

        One bank's error holds nobody else while a directory lists the number, or none is loaded;
        nor does it where two people have released it. One case a month. Again changes nothing.
        """
        routing, hold = entry.account.routing, RoutingHold(routing=entry.account.routing, since=at)
        name = case_id("routing", routing, month_of(local_day(at)))
        is_known = self.records.cases.find(name) is not None
        is_listed = self._book.is_listed(routing)
        is_done = self._book.was_released(routing) or (is_known and self._book.is_dead(routing))
        if is_listed is False and not is_done:
            why = f"{BAD_ROUTING}, and no directory lists it"
            self._bury(routing, Signature(who=BANK, why=why, at=at))
        for each in self.records.enrollments.of_subscriber(entry.subscriber_id):
            if each.enrollment_id != entry.enrollment_id:  # of that its own posting tells
                number = RoutingNumber(routing, entry.account)
                self._trying(self._hold, each.enrollment_id, number, hold)
        if not is_known:
            self._open_case(name, routing, is_listed, at)

    def corrected(self, entry: Entry, code: str, at: datetime) -> None:
        """A bank named another instead, for one account; a case a month says who else has it."""
        routing = entry.account.routing
        name = case_id("routing_changed", routing, month_of(local_day(at)))
        if self.records.cases.find(name):
            return
        others = {*self._book.who_pays_at(routing)} - {entry.enrollment_id}
        if others:
            reason = (
                f"{code}: a bank corrected the routing number {routing} of one account; "
                f"{len(others)} other enrollments have or had monthly payments there, and nobody "
                "is held"
            )
            self.records.cases.open_case(_case(name, reason, at))

    def hold(self, routing: str, signature: Signature) -> bool:
        """As two people say. False: a second one must say the same. Held already: gone on with."""
        if self._book.is_dead(routing):
            self._go_through(routing, None, signature.at, held=True)
            return True
        if not self.records.is_second(_subject(routing), HELD, signature):
            return False
        self._bury(routing, signature)
        return True

    def release(self, routing: str, signature: Signature) -> bool:
        """What it held is active again, as two say. False: a second one must say the same.

        Who has released it goes on with that: the answer may have been lost.
        """
        last = next(reversed(self.records.audit.lines(_subject(routing))), None)
        if last and last.what == RELEASED and is_one_person(last, signature):
            self._go_through(routing, None, last.at, held=False)
            return True
        if not self.records.is_second(_subject(routing), RELEASED, signature):
            return False
        signs = self.records.audit.signing(_subject(routing), RELEASED, signature)
        self.records.commit(self._book.reviving(routing, signature.at), *signs)
        self._go_through(routing, None, signature.at, held=False)
        return True

    def go_on(self, routing: str, after: str | None, at: datetime, *, held: bool) -> None:
        """Some of those who pay from there are held, or released of a hold by then; hands over."""
        found = self._book.who_pays_at(routing, after, AT_ONCE)
        for enrollment_id in found:
            if held:
                hold = RoutingHold(routing=routing, since=at)
                self._trying(self._follow, enrollment_id, RoutingNumber(routing), hold)
            else:
                self._trying(self._release, enrollment_id, routing, at)
        if len(found) == AT_ONCE:
            self._go_through(routing, found[-1], at, held=held)

    @property
    def _book(self) -> RoutingBook:
        return self.records.routing

    def _bury(self, routing: str, by: Signature) -> None:
        signs = self.records.audit.signing(_subject(routing), HELD, by)
        with suppress(ConditionFailed):  # signed just so before, and then it died
            self.records.commit(self._book.burying(routing, by.at), *signs)
        self._go_through(routing, None, by.at, held=True)

    def _go_through(self, routing: str, after: str | None, at: datetime, *, held: bool) -> None:
        where = {"routing": routing, "held": held, "after": after}
        self.bank_queue.send({"kind": "routing", **where, "at": at.isoformat()})

    def _trying(self, act: Callable[..., None], *given: Any) -> None:
        """What can't be read keeps nobody else from it: on the 22nd it is excluded, and a case."""
        with suppress(*UNREADABLE):
            self.records.commit_or_retry(partial(act, *given))

    def _follow(self, enrollment_id: str, number: RoutingNumber, hold: RoutingHold) -> None:
        """While it is dead; a message that comes late holds nobody."""
        if self._book.is_dead(number.routing):
            still = self._book.while_dead(number.routing, is_dead=True)
            self._hold(enrollment_id, number, hold, still)

    def _hold(
        self, enrollment_id: str, number: RoutingNumber, hold: RoutingHold, *checks: Write
    ) -> None:
        at = hold.since
        self.mandate_effect.pre_empt(enrollment_id, number, OnMandate.HOLD, at)
        before = self.records.mandates.of(enrollment_id)
        past = self.records.mandates.past(enrollment_id)
        coming = self.months.coming(enrollment_id, at)
        after = after_hold(before, past, number, hold, coming)
        if after:
            self._change(before, after, number, at, *checks, held=True)

    def _release(self, enrollment_id: str, routing: str, at: datetime) -> None:
        if self._book.is_dead(routing):
            return  # held again since
        before = self.records.mandates.of(enrollment_id)
        past = self.records.mandates.past(enrollment_id)
        is_refused = self.account_validation.is_refused
        after = after_release(before, past, routing, is_refused, at)
        if after:
            still = self._book.while_dead(routing, is_dead=False)
            self._change(before, after, RoutingNumber(routing), at, still, held=False)

    def _change(
        self,
        before: Mandates,
        after: tuple[Mandates, Past],
        number: RoutingNumber,
        at: datetime,
        *checks: Write,
        held: bool,
    ) -> None:
        enrollment_id, (changed, _) = before.enrollment_id, after
        coming = self.months.coming(enrollment_id, at)
        lines = self.records.books.lines(enrollment_id)
        mandate, mails = changed.lasting(coming), list[Mail]()
        # Who cancelled them is not written to, nor of whom nothing changes that they know.
        if mandate and mandate != before.lasting(coming) and mandate.held is held:
            wanted = OnMandate.HOLD if held else OnMandate.KEEP
            tells = RoutingLetter(
                about=about(mandate, mandate.account),
                routing_last4=number.routing[-4:],
                held=held,
                outcome=self.mandate_effect.outcome(changed, lines, number, wanted, at),
            )
            mails = [routing_mail(tells, mandate, at)]
        what = f"{HELD if held else RELEASED}: routing number {number.routing}"
        self.records.commit(
            *self.records.mandates.changing(*after, coming, what, at),
            *checks,
            *self.mandate_effect.undecided_still(enrollment_id, lines, at),
            mails=mails,
        )

    def _open_case(self, name: str, routing: str, is_listed: bool | None, at: datetime) -> None:
        said = {True: "lists it", False: "does not list it", None: "is not loaded"}
        held = "all are held" if self._book.is_dead(routing) else "only this account is held"
        number = len(self._book.who_pays_at(routing))
        reason = (
            f"{BAD_ROUTING}: routing number {routing} takes no payments; {number} enrollments have "
            f"or had monthly payments there; the directory {said[is_listed]}: {held}"
        )
        self.records.cases.open_case(_case(name, reason, at))


def _subject(routing: str) -> str:
    return audit_subject("routing", routing)


def _case(name: str, reason: str, at: datetime) -> Case:
    return Case(case_id=name, kind=CaseKind.BANK, reason=reason, opened_at=at)
