"""Money goes back to a member: proposed by one, released by two different people.

Every check is made when it is proposed and once more when the second person releases it, by the
books as they stand then. The ledger's lines `refund#1`, `refund#2` are numbered by enrollment, so
that two credits of one can't be released past each other: the later one is checked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.credit import Credit, CreditState, WhyBack
from chalicelib.domain.entry import entry_of_credit
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, case_id, kind_of, rest_of, return_line
from chalicelib.domain.ledger import Line, line_of, owed, taken_back_by
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import RefundLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.repositories.records import Records
from chalicelib.services.credits.credit_checks import CreditChecks
from chalicelib.services.credits.credit_lines import (
    CASE,
    case_of,
    dated,
    line_of_credit,
    same_reference,
)
from chalicelib.services.mail.payers import Payers, moved, payment_mail
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Crediting:
    """What giving back needs of the world."""

    records: Records
    payers: Payers
    credit_checks: CreditChecks
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
            wanted = Credit(
                credit_id="",
                kind=kind,
                why=why,
                enrollment_id=enrollment_id,
                subscriber_id=enrollment.subscriber_id,
                plan=enrollment.plan,
                of_payment=payment_id,
                amount_cents=amount,
                account=self.payers.account_of(paid) if paid else None,
                proposed=signature,
            )
            self.credit_checks.check(lines, wanted, signature.at)
            return self._proposed(wanted)

        return self.records.commit_or_retry(attempt)

    def propose_elsewhere(
        self,
        enrollment_id: str,
        cents: int,
        reference: str,
        signature: Signature,
        *,
        account_is_gone: bool = False,
    ) -> Credit:
        """Credit that no account can be given: the exchange pays it, once by its reference (37).

        Raises CannotGiveBack, NotFound.
        """
        enrollment = self.records.enrollments.get(enrollment_id)
        if enrollment is None:
            raise NotFound
        wanted = Credit(
            credit_id="",
            kind=EntryKind.REFUND,
            why=WhyBack.CREDIT,
            enrollment_id=enrollment_id,
            subscriber_id=enrollment.subscriber_id,
            plan=enrollment.plan,
            of_payment=None,
            amount_cents=cents,
            account=None,
            proposed=signature,
            elsewhere=reference,
            account_is_gone=account_is_gone,
        )

        def attempt() -> Credit:
            lines = self.records.books.lines(enrollment_id)
            self.credit_checks.check(lines, wanted, signature.at)
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
            self.credit_checks.check(lines, before, signature.at)
            if after.state is CreditState.RELEASED:
                return self._give(before, dated(after, signature.at), lines, signature)
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
                    *self.records.cases.closing(case_of(before).case_id, signature),
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
        line = line_of_credit(after, lines, signature.at)
        paid = self.credit_checks.newest_paid(lines) if after.elsewhere else None
        of_payment = paid.payment_id if paid else after.of_payment
        self.records.commit(
            self.records.books.changing_credit(after, before),
            self.records.books.adding_line(line),
            *self._unless_returned(after.enrollment_id, of_payment, lines),
            *([] if after.elsewhere else self.records.books.joining(entry_of_credit(after))),
            *self.records.cases.closing(case_of(before).case_id, signature),
            *self._closing_when_gone(after, owed([*lines, line]), signature),
            *self._signing(after, "released", signature),
            mails=[] if after.elsewhere else self._letter(after, line, lines),
        )
        return after

    def _unless_returned(
        self, enrollment_id: str, payment_id: str | None, lines: Sequence[Line]
    ) -> list[Write]:
        """What came back and counts again (rule 51) comes back no second time."""
        if payment_id is None or taken_back_by(lines, payment_id):
            return []
        return [self.records.books.lacking(enrollment_id, return_line(payment_id))]

    def _closing_when_gone(
        self, given: Credit, owed_cents: int, signature: Signature
    ) -> Sequence[Write]:
        """The case of what was left at the end of coverage."""
        if owed_cents < 0:
            return []
        return self.records.cases.closing(case_id("refund", given.enrollment_id), signature)

    def _letter(self, given: Credit, line: Line, lines: Sequence[Line]) -> list[Mail]:
        """The member is told before the money arrives (Nacha: of a reversal, by settlement)."""
        entry = entry_of_credit(given)
        enrollment = self.records.enrollments.get(given.enrollment_id)
        payer = self.payers.of(line, [*lines, line])
        paid = line_of(lines, str(given.of_payment))
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
            if wanted.elsewhere and (waits or found.state is CreditState.RELEASED):
                return same_reference(found, wanted)
            return found if waits else self._proposed(wanted, number + 1)
        proposed = replace(wanted, credit_id=credit_id)
        self.records.commit(
            self.records.books.changing_credit(proposed, None),
            self.records.cases.opening(case_of(proposed)),
            *self._signing(proposed, "proposed", wanted.proposed),
        )
        return proposed

    def _signing(self, of: Credit, what: str, signature: Signature) -> Sequence[Write]:
        subject = audit_subject("credit", of.credit_id)
        return self.records.audit.signing(subject, what, signature, of.enrollment_id)

    def _credit(self, credit_id: str) -> Credit:
        found = self.records.books.credit(credit_id)
        if found is None:
            raise NotFound
        return found
