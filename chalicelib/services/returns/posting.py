"""A return is applied: once, in one transaction, whatever the bank's file or staff say again (I18).

One row a return, beside the manifest of its entry's transmission, is its identity. The transaction
that puts it also posts the ledger's line, changes the mandate, promises the letter and opens the
case, so a file that comes three times ends as if it had come once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.ach.decisions import OnLedger, OnMandate, ReturnDecision, ReturnLetter
from chalicelib.domain.ach.decisions import ReturnCase as Wanted
from chalicelib.domain.ach.returns import BAD_ROUTING
from chalicelib.domain.answer import Answer
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.debited_account import DebitedAccount
from chalicelib.domain.due import DueDates, FirstPayment, first_payment
from chalicelib.domain.identities import adjustment_line, case_id, return_line
from chalicelib.domain.ledger import Line, LineKind, next_refund
from chalicelib.domain.letter_facts import AfterReturn, Outcome, about
from chalicelib.domain.letters import AccountRefusedLetter, NotPaidLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import RoutingHold
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.payers import moved, payment_mail
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.services.returns.original_entries import OriginalEntry
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPosting:
    """What applying a return needs of the world."""

    records: Records
    mandate_effect: MandateEffect
    account_validation: AccountValidation
    due: DueDates

    def apply(
        self,
        original: OriginalEntry,
        decision: ReturnDecision,
        at: datetime,
        *also: Write,
        item: str | None = None,
    ) -> bool:
        """Once; again changes nothing. False: this entry was answered already, otherwise.

        `also` is written in the same transaction.

        The bank can't send one entry back for two reasons (R67); what it argues about may follow.
        """
        entry = original.entry

        def attempt() -> bool:
            before = self.records.transmissions.answers_of(original.transmission, entry.payment_id)
            if any(each.code == decision.code for each in before):
                return True
            if decision.is_final and any(each.is_final for each in before):
                return False
            # Before the books are read, so that the letter knows the month as it was decided here;
            # and before the answer is kept: who finds it kept has nothing left to do.
            is_silent = decision.case is Wanted.SANCTIONS
            reason = Exclusion.SANCTIONS if is_silent else Exclusion.RETURNED
            debited = _debited(original, decision)
            self.mandate_effect.pre_empt(entry.enrollment_id, debited, decision.mandate, at, reason)
            writes, mails = self._writes(original, decision, at, item)
            writes += self.account_validation.refusing(
                entry.account, decision.code, at, is_fraud=decision.is_fraud
            )
            self.records.commit(*writes, *also, mails=mails)
            return True

        return self.records.commit_or_retry(attempt)

    def _writes(
        self, original: OriginalEntry, decision: ReturnDecision, at: datetime, item: str | None
    ) -> tuple[list[Write], list[Mail]]:
        entry, posted = original.entry, _line(original, decision, at)
        lines = self.records.books.lines(entry.enrollment_id)
        mandates = self.records.mandates.of(entry.enrollment_id)
        answer = _answer(original, decision, posted, at, item)
        writes = self.records.transmissions.answering(original.transmission, answer)
        if posted:
            # No money goes back between our reading and this: both could not stand unseen.
            writes.append(self.records.books.lacking(entry.enrollment_id, next_refund(lines)))
            writes.append(self.records.books.adding_line(posted))
        debited, wanted = _debited(original, decision), decision.mandate
        effect = self.mandate_effect.effect(mandates, debited, wanted, at)
        hold = RoutingHold(routing=debited.only_at, since=at) if debited.only_at else None
        writes += self.mandate_effect.writes(mandates, debited, wanted, decision.code, at, hold)
        mails, after = [], [*lines, *([posted] if posted else [])]
        first = None
        if posted and posted.kind is LineKind.RETURN:
            first = first_payment(original.enrollment, after, self.due, local_day(at))
        if decision.letter is not ReturnLetter.NONE and original.payer.contact:
            outcome = self.mandate_effect.outcome(mandates, after, debited, wanted, at)
            if first:
                outcome = replace(outcome, due_on=first.pay_by)
            mails.append(_letter(original, decision.letter, effect, outcome, first, at))
            writes += self.mandate_effect.undecided_still(entry.enrollment_id, lines, at)
        writes += self._answering_recall(entry.payment_id, decision, at)
        cases = [_case(original, lines, decision, at), _binder_case(original, first, decision, at)]
        return [*writes, *(self.records.cases.opening(case) for case in cases if case)], mails

    def _answering_recall(
        self, payment_id: str, decision: ReturnDecision, at: datetime
    ) -> list[Write]:
        """We may have had our bank ask for it: nobody waits for it any more (51)."""
        name = case_id(Wanted.RECALL, payment_id)
        # Not where banks argue, or it never went.
        if decision.settled_on is None or not self.records.cases.is_open(name):
            return []
        answered = Signature(who="returns", why="it came back", at=at)
        return self.records.cases.closing(name, answered)


def _letter(
    original: OriginalEntry,
    why: ReturnLetter,
    effect: OnMandate,
    outcome: Outcome,
    first: FirstPayment | None,
    at: datetime,
) -> Mail:
    entry, enrollment, payer = original.entry, original.enrollment, original.payer
    back = AfterReturn(
        why=why,
        mandate_ended=effect is OnMandate.END,
        mandate_held=effect is OnMandate.HOLD,
        outcome=outcome,
    )
    plan = about(enrollment, entry.account)
    if entry.kind is EntryKind.PRENOTE or entry.batch.is_credit:
        refund_cents = entry.amount_cents if entry.batch.is_credit else None
        refused = AccountRefusedLetter(about=plan, back=back, refund_cents=refund_cents)
        return payment_mail(refused, entry, payer, at)
    assert original.line, "only money comes back"
    money = moved(entry, original.line, payer)
    not_paid = NotPaidLetter(about=plan, money=money, back=back, first_payment=first)
    return payment_mail(not_paid, entry, payer, at)


def _debited(original: OriginalEntry, decision: ReturnDecision) -> DebitedAccount:
    """R13 says nothing of who has another routing number by now (rule 49)."""
    only_at = original.entry.account.routing if decision.code == BAD_ROUTING else None
    return replace(original.debited_account, only_at=only_at)


def _line_id(original: OriginalEntry, decision: ReturnDecision) -> str:
    line = adjustment_line if decision.ledger is OnLedger.REFUND_BACK else return_line
    return line(original.entry.payment_id)


def _line(original: OriginalEntry, decision: ReturnDecision, at: datetime) -> Line | None:
    """What the ledger gets: what was paid is owed again, or what was given back is credit again."""
    if decision.ledger is OnLedger.NOTHING or original.line is None:
        return None
    entry, back = original.entry, decision.ledger is OnLedger.REFUND_BACK
    return Line(
        enrollment_id=entry.enrollment_id,
        line=_line_id(original, decision),
        kind=LineKind.ADJUSTMENT if back else LineKind.RETURN,
        amount_cents=-entry.amount_cents if back else entry.amount_cents,
        at=at,
        month=original.line.month,
        payment_id=None if back else entry.payment_id,
        of_payment=entry.payment_id if back else None,
        reason=decision.code,
    )


def _answer(
    original: OriginalEntry,
    decision: ReturnDecision,
    posted: Line | None,
    at: datetime,
    item: str | None,
) -> Answer:
    entry = original.entry
    return Answer(
        payment_id=entry.payment_id,
        code=decision.code,
        enrollment_id=entry.enrollment_id,
        cents=entry.amount_cents,
        rate=decision.rate,
        is_posted=posted is not None,
        answered_at=at,
        is_final=decision.is_final,
        item=item,
        settled_on=decision.settled_on,
        left_cents=-entry.amount_cents if entry.batch.is_credit else entry.amount_cents,
    )


def _case(
    original: OriginalEntry, lines: Sequence[Line], decision: ReturnDecision, at: datetime
) -> Case | None:
    """What staff must decide; a return that came too late the bank can still dishonor (R68)."""
    entry, contact = original.entry, original.payer.contact
    reasons = [] if decision.case is Wanted.NONE else [str(decision.case)]
    if decision.is_late:
        reasons.append("it came too late: ask the bank to dishonor it within five banking days")
    if any(line.of_payment == entry.payment_id for line in lines if line.amount_cents > 0):
        reasons.append("this payment was given back before: both can't stand")
    if not reasons:
        return None
    return Case(
        case_id=case_id("return", entry.payment_id, decision.code),
        kind=CaseKind.RETURN,
        enrollment_id=entry.enrollment_id,
        reason=f"{decision.code}, {decision.meaning}: {'; '.join(reasons)}",
        opened_at=at,
        phone=contact.phone if contact else None,
    )


def _binder_case(
    original: OriginalEntry, first: FirstPayment | None, decision: ReturnDecision, at: datetime
) -> Case | None:
    """Staff call at once, and before any retry: coverage hangs on it (rule 43)."""
    if first is None:
        return None
    contact, entry = original.payer.contact, original.entry
    said = f"{decision.code}: no payment counts; coverage from {first.starts_on}: {first.start}"
    return Case(
        case_id=case_id("binder_returned", entry.payment_id, decision.code),
        kind=CaseKind.BINDER_RETURNED,
        enrollment_id=entry.enrollment_id,
        reason=f"{said}; {entry.amount_cents} cents came back, to be paid by {first.pay_by}",
        opened_at=at,
        phone=contact.phone if contact else None,
    )
