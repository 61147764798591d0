"""Money goes back to a member: proposed by one, released by two different people.

Every check is made when it is proposed and once more when the second person releases it, by the
books as they stand then. The ledger's lines `refund#1`, `refund#2` are numbered by enrollment, so
that two credits of one can't be released past each other: the later one is checked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import banking_days, credit
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.credit import Asked, Credit, CreditState, WhyBack
from chalicelib.domain.entry import entry_of_credit
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, case_id, kind_of, rest_of, return_line
from chalicelib.domain.ledger import Line, LineKind, line_of, next_refund
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import RefundLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.money import dollars
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import Payers, moved, payment_mail
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.services.settlement.tracking import Tracking
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Crediting:
    """What giving back needs of the world."""

    records: Records
    payers: Payers
    tracking: Tracking
    mandate_effect: MandateEffect

    def propose(
        self,
        kind: EntryKind,
        why: WhyBack,
        enrollment_id: str,
        payment_id: str,
        cents: int | None,
        signature: Signature,
    ) -> Credit:
        """A credit that waits for two releases, and a case; all of the payment without `cents`.

        One that waits already, of the same payment, kind, reason and amount, is the answer.
        Raises CannotGiveBack, NotFound.
        """
        enrollment = self.records.enrollments.get(enrollment_id)
        if enrollment is None:
            raise NotFound

        def attempt() -> Credit:
            lines = self.records.books.lines(enrollment_id)
            paid = line_of(lines, payment_id)
            amount = cents if cents is not None else -paid.amount_cents if paid else 0
            self._check(lines, kind, why, amount, paid, signature.at)
            assert paid, "what is unknown was refused"
            wanted = Credit(
                credit_id="",
                kind=kind,
                why=why,
                enrollment_id=enrollment_id,
                subscriber_id=enrollment.subscriber_id,
                plan=enrollment.plan,
                of_payment=payment_id,
                amount_cents=amount,
                account=self.payers.account_of(paid),
                proposed=signature,
            )
            return self._proposed(wanted)

        return self.records.commit_or_retry(attempt)

    def release(self, credit_id: str, signature: Signature) -> Credit:
        """One person's release; with the second one the money goes. Raises as propose."""

        def attempt() -> Credit:
            before = self._credit(credit_id)
            if before.was_released_by(signature):
                return before  # the answer was lost, and the person asks again
            after = before.released_by(signature)
            lines = self.records.books.lines(before.enrollment_id)
            if self._credit(credit_id) != before:
                # What another released meanwhile is in the lines already. Again, a few times at
                # most: a credit moves on three times in its life.
                return attempt()
            paid = line_of(lines, before.of_payment)
            self._check(lines, before.kind, before.why, before.amount_cents, paid, signature.at)
            if after.state is CreditState.RELEASED:
                return self._give(before, _dated(after, signature.at), lines, signature)
            signed = self._signing(before, "released", signature)
            self.records.commit(self.records.books.changing_credit(after, before), *signed)
            return after

        return self.records.commit_or_retry(attempt)

    def drop(self, credit_id: str, signature: Signature) -> Credit:
        """Takes a proposal back. Raises CannotGiveBack, NotFound."""

        def attempt() -> Credit:
            before = self._credit(credit_id)
            if (after := before.dropped()) is not before:
                self.records.commit(
                    self.records.books.changing_credit(after, before),
                    *self.records.cases.closing(_case(before).case_id, signature),
                    *self._signing(before, "dropped", signature),
                )
            return after

        return self.records.commit_or_retry(attempt)

    def waiting(self) -> list[Credit]:
        """Those that wait for a release, oldest first; their cases are open."""
        names = [
            case.case_id for case in self.records.cases.open() if kind_of(case.case_id) == CASE
        ]
        found = [self.records.books.credit(rest_of(name)) for name in names]
        return [each for each in found if each and each.state is CreditState.PROPOSED]

    def _give(
        self, before: Credit, after: Credit, lines: Sequence[Line], signature: Signature
    ) -> Credit:
        """Ledger line, entry, letter and signature in one transaction. Raises ConditionFailed."""
        entry, line = entry_of_credit(after), _line(after, lines, signature.at)
        self.records.commit(
            self.records.books.changing_credit(after, before),
            self.records.books.adding_line(line),
            self.records.books.lacking(after.enrollment_id, return_line(after.of_payment)),
            *self.records.books.joining(entry),
            *self.records.cases.closing(_case(before).case_id, signature),
            *self._signing(after, "released", signature),
            mails=self._letter(after, line, lines),
        )
        return after

    def _letter(self, given: Credit, line: Line, lines: Sequence[Line]) -> list[Mail]:
        """The member is told before the money arrives (Nacha: of a reversal, by settlement)."""
        entry = entry_of_credit(given)
        enrollment = self.records.enrollments.get(given.enrollment_id)
        payer = self.payers.of(line, [*lines, line])
        paid = line_of(lines, given.of_payment)
        if not (payer.contact and enrollment and paid):
            return []
        tells = RefundLetter(
            about=about(enrollment, entry.account),
            money=moved(entry, paid, payer),
            why=given.why,
            arrives_on=entry.effective_on,
            payment_cents=-paid.amount_cents,
            outcome=self.mandate_effect.owing(given.enrollment_id, [*lines, line], line.at),
        )
        return [payment_mail(tells, entry, payer, line.at)]

    def _proposed(self, wanted: Credit, number: int = 1) -> Credit:
        """Kept under the first id that none has, or the one that waits. Raises ConditionFailed."""
        if found := self.records.books.credit(credit_id := wanted.identity(number)):
            waits = found.state is CreditState.PROPOSED
            return found if waits else self._proposed(wanted, number + 1)
        proposed = replace(wanted, credit_id=credit_id)
        self.records.commit(
            self.records.books.changing_credit(proposed, None),
            self.records.cases.opening(_case(proposed)),
            *self._signing(proposed, "proposed", wanted.proposed),
        )
        return proposed

    def _check(
        self,
        lines: Sequence[Line],
        kind: EntryKind,
        why: WhyBack,
        cents: int,
        paid: Line | None,
        at: datetime,
    ) -> None:
        transmission = self.tracking.transmission_of(paid) if paid else None
        states = self.tracking.states([*lines])
        asked = Asked(
            kind=kind,
            why=why,
            amount_cents=cents,
            paid=paid,
            state=states.get(str(paid.payment_id)) if paid else None,
            settled_on=transmission.settles_on if transmission else None,
            effective_on=banking_days.effective_entry_date(banking_days.collection_day(at)),
        )
        credit.check(lines, asked)

    def _signing(self, of: Credit, what: str, signature: Signature) -> Sequence[Write]:
        subject = audit_subject("credit", of.credit_id)
        return self.records.audit.signing(subject, what, signature, of.enrollment_id)

    def _credit(self, credit_id: str) -> Credit:
        found = self.records.books.credit(credit_id)
        if found is None:
            raise NotFound
        return found


CASE = "credit"


def _case(proposed: Credit) -> Case:
    what = f"{proposed.kind} of {dollars(proposed.amount_cents)}, {proposed.why}"
    return Case(
        case_id=case_id(CASE, proposed.credit_id),
        kind=CaseKind.REFUND,
        enrollment_id=proposed.enrollment_id,
        reason=f"{what}: two people must release it",
        opened_at=proposed.proposed.at,
    )


def _dated(released: Credit, at: datetime) -> Credit:
    collected_on = banking_days.collection_day(at)
    effective_on = banking_days.effective_entry_date(collected_on)
    return replace(released, collected_on=collected_on, effective_on=effective_on)


def _line(given: Credit, lines: Sequence[Line], at: datetime) -> Line:
    return Line(
        enrollment_id=given.enrollment_id,
        line=next_refund(lines),
        kind=LineKind.REFUND,
        amount_cents=given.amount_cents,
        at=at,
        payment_id=given.credit_id,
        of_payment=given.of_payment,
        reason=f"{given.kind}: {given.why}",
        collection=entry_of_credit(given).collection,
    )
