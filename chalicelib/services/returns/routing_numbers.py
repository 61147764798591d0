"""A routing number takes no payments any more: whoever pays from there is held, and told (rule 49).

One row says so, and one by one each enrollment there follows it, in a transaction that checks that
row; so whatever comes late, twice, or in another order ends as the row says.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.ach.returns import BAD_ROUTING
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.debited_account import RoutingNumber, after_release, after_return
from chalicelib.domain.identities import audit_subject, case_id
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import RoutingLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.signature import Signature
from chalicelib.ports import Queue
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import routing_mail
from chalicelib.services.monthly.months import Months
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.store import Write

AT_ONCE = 200  # enrollments of one message: some ten calls each


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingNumbers:
    """What holding and releasing them needs of the world."""

    records: Records
    mandate_effect: MandateEffect
    months: Months
    bank_queue: Queue

    def returned(self, routing: str, at: datetime) -> None:
        """R13 named it: one case a month; where no directory has it, all who pay there are held.

        One bank's error holds nobody else while a directory lists the number, or none is loaded.
        The case comes last: where it is, the others of a file have nothing to do.
        """
        name = case_id("routing", routing, month_of(local_day(at)))
        if self.records.cases.find(name):
            return
        is_listed = self.records.routing.is_listed(routing)
        if is_listed is False:
            self._bury(routing, at)
        said = {True: "lists it", False: "does not list it: all are held", None: "is not loaded"}
        number = len(self.records.routing.who_pays_at(routing))
        reason = (
            f"{BAD_ROUTING}: routing number {routing} takes no payments; {number} enrollments have "
            f"or had monthly payments there; the directory {said[is_listed]}"
        )
        self.records.cases.open_case(_case(name, reason, at))

    def corrected(self, routing: str, code: str, at: datetime) -> None:
        """A bank named another instead, for one account; a case a month says who else has it."""
        name = case_id("routing_changed", routing, month_of(local_day(at)))
        if self.records.cases.find(name):
            return
        others = len(self.records.routing.who_pays_at(routing)) - 1
        if others > 0:
            reason = (
                f"{code}: a bank corrected the routing number {routing} of one account; {others} "
                "other enrollments have or had monthly payments there, and nobody is held"
            )
            self.records.cases.open_case(_case(name, reason, at))

    def hold(self, routing: str, signature: Signature) -> bool:
        """As two people say. False: a second one must say the same."""
        subject = audit_subject("routing", routing)
        if not self.records.is_second(subject, "held", signature):
            return False
        self._bury(routing, signature.at, *self.records.audit.signing(subject, "held", signature))
        return True

    def release(self, routing: str, signature: Signature) -> bool:
        """What it held is active again, as two say. False: a second one must say the same."""
        subject = audit_subject("routing", routing)
        if not self.records.is_second(subject, "released", signature):
            return False
        signs = self.records.audit.signing(subject, "released", signature)
        self.records.commit(self.records.routing.reviving(routing), *signs)
        self._go_through(routing, None, signature.at)
        return True

    def go_on(self, routing: str, after: str | None, at: datetime) -> None:
        """Some of those who pay from there become as the number is now; then hands over."""
        found = self.records.routing.who_pays_at(routing, after, AT_ONCE)
        for enrollment_id in found:
            self.records.commit_or_retry(partial(self._follow, enrollment_id, routing, at))
        if len(found) == AT_ONCE:
            self._go_through(routing, found[-1], at)

    def _bury(self, routing: str, at: datetime, *also: Write) -> None:
        self.records.commit(self.records.routing.burying(routing, at), *also)
        self._go_through(routing, None, at)

    def _go_through(self, routing: str, after: str | None, at: datetime) -> None:
        where = {"routing": routing, "after": after}
        self.bank_queue.send({"kind": "routing", **where, "at": at.isoformat()})

    def _follow(self, enrollment_id: str, routing: str, at: datetime) -> None:
        is_dead, number = self.records.routing.is_dead(routing), RoutingNumber(routing)
        wanted = OnMandate.HOLD if is_dead else OnMandate.KEEP
        self.mandate_effect.pre_empt(enrollment_id, number, wanted, at)
        before = self.records.mandates.of(enrollment_id)
        past = self.records.mandates.past(enrollment_id)
        coming = self.months.coming(enrollment_id, at)
        if is_dead:
            after = after_return(before, past, number, wanted, coming, at, routing)
        else:
            after = after_release(before, past, routing, at)
        if after is None:
            return
        lines, what = self.records.books.lines(enrollment_id), "held for" if is_dead else "released"
        mandate, mails = after[0].lasting(coming), list[Mail]()
        if mandate and mandate != before.lasting(coming):  # who cancelled them is not written to
            outcome = self.mandate_effect.outcome(after[0], lines, number, wanted, at)
            plan = about(mandate, mandate.account)
            tells = RoutingLetter(
                about=plan, routing_last4=routing[-4:], held=is_dead, outcome=outcome
            )
            mails = [routing_mail(tells, mandate, at)]
        self.records.commit(
            *self.records.mandates.changing(*after, coming, f"{what} {routing}", at),
            self.records.routing.while_dead(routing, is_dead=is_dead),
            *self.mandate_effect.undecided_still(enrollment_id, lines, at),
            mails=mails,
        )


def _case(name: str, reason: str, at: datetime) -> Case:
    return Case(case_id=name, kind=CaseKind.BANK, reason=reason, opened_at=at)
