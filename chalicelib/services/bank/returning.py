"""What the bank sends back: each return and correction applied once, or kept for staff (I18).

The ledger line `return#<payment>` is the identity of a return: the transaction that posts it also
changes the mandate, promises the letter and opens the case, so a file that comes three times
ends as if it had come once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import ledger
from chalicelib.domain.ach import returns
from chalicelib.domain.ach.decisions import Case as Wanted
from chalicelib.domain.ach.decisions import Decision, Letter, OnLedger, OnMandate
from chalicelib.domain.ach.findings import ChangeEntry, ReturnEntry
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.banking_days import local_day, next_due_on
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.entry import Entry
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import EndReason, Mandate, Mandates, coming_month
from chalicelib.ports import (
    Books,
    Cases,
    Files,
    Gone,
    Keep,
    MandateBook,
    Outbox,
    Queue,
    Refused,
    Runs,
    Signals,
    Write,
)
from chalicelib.services.bank.correcting import Correcting
from chalicelib.services.bank.origins import Origin, Origins
from chalicelib.services.bank.quarantine import Quarantine
from chalicelib.services.bank.return_letters import not_paid_mail
from chalicelib.services.bank.validating import Validating
from chalicelib.services.mandate_letters import wake

TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """What reading the bank's files needs of the world."""

    keep: Keep
    origins: Origins
    books: Books
    mandates: MandateBook
    runs: Runs
    validating: Validating
    correcting: Correcting
    quarantine: Quarantine
    files: Files
    outbox: Outbox
    mail_queue: Queue
    cases: Cases
    signals: Signals

    def receive(self, key: str, version: str, arrived_at: datetime) -> None:
        """Reads a whole file, then judges; what is not understood goes to quarantine."""
        try:
            reading = read_whole(self.files.lines(key, version))
        except Gone:  # the news came twice: the file was read and erased
            return
        for item in reading.returns:
            self._return(item, arrived_at)
        for change in reading.changes:
            self._change(change, arrived_at)
        if reading.needs_a_look:
            self.quarantine.keep(key, version, reading, arrived_at)
        self.files.erase(key, version)  # rule 33: bank files lie in clear no longer than needed

    def _return(self, item: ReturnEntry, at: datetime) -> None:
        self.signals.count("Returns")
        origin = self.origins.of(item.original_trace, item.entry_id)
        if origin is None or not self.origins.is_same(origin.entry, item):
            self.quarantine.suspend("return", item.original_trace, item.code, at)
            return
        decision = returns.decide(item.code)
        if decision.is_alarming:
            self.signals.count("ReturnsAlarming")
        for _ in range(TRIES):
            writes, mails = self._writes(origin, decision, at)
            writes += self.validating.refusing(
                origin.entry.subscriber_id,
                origin.entry.account.routing,
                item.account,
                decision.code,
                at,
            )
            try:
                self.keep(*writes)
            except Refused:
                if not self._is_applied(origin, decision):
                    continue
                mails = []  # it was applied before, perhaps by a worker that died here
            self.mail_queue.send(*(wake(mail) for mail in mails))
            self._stop_claim(origin, decision, at)
            return
        raise TimeoutError("others change this mandate all the time")

    def _change(self, item: ChangeEntry, at: datetime) -> None:
        self.signals.count("Changes")
        origin = self.origins.of(item.original_trace, item.entry_id)
        if origin is None:
            self.quarantine.suspend("change", item.original_trace, item.code, at)
            return
        self.correcting.apply(item, origin.entry, origin.mandate, at)

    def _writes(
        self, origin: Origin, decision: Decision, at: datetime
    ) -> tuple[list[Write], list[Mail]]:
        entry, writes, mails = origin.entry, list[Write](), list[Mail]()
        mandates = self.mandates.of(entry.enrollment_id)
        lines = self.books.lines(entry.enrollment_id)
        if decision.ledger is OnLedger.RETURN:
            back = _return_line(origin, decision, at)
            writes.append(self.books.adding_line(back))
            lines = [*lines, back]
        effect = self._effect(mandates, origin.mandate, decision, at)
        writes += self._on_mandate(mandates, effect, decision.code, at)
        if decision.letter is not Letter.NONE and origin.contact:
            outcome = self._outcome(entry, mandates, lines, effect, at)
            mail = not_paid_mail(
                entry,
                origin.line,
                origin.enrollment,
                origin.confirmation,
                origin.contact,
                origin.language,
                decision.letter,
                effect,
                outcome,
                at,
            )
            mails.append(mail)
            writes.append(self.outbox.adding(mail))
        if decision.case is not Wanted.NONE:
            writes.append(self.cases.opening(_case(origin, decision, at)))
        if not writes:
            writes.append(self.cases.opening(_case(origin, decision, at)))
        return writes, mails

    def _effect(
        self, mandates: Mandates, mandate: Mandate | None, decision: Decision, at: datetime
    ) -> OnMandate:
        """What becomes of monthly payments: only the mandate whose debit came back is touched."""
        lasting = mandates.lasting(self._coming(mandates.enrollment_id, at))
        if mandate is None or lasting is None or lasting.mandate_id != mandate.mandate_id:
            return OnMandate.KEEP
        return decision.mandate

    def _on_mandate(
        self, mandates: Mandates, effect: OnMandate, code: str, at: datetime
    ) -> list[Write]:
        """Ends or holds the mandate that goes on (rule 29)."""
        coming = self._coming(mandates.enrollment_id, at)
        lasting = mandates.lasting(coming)
        if effect is OnMandate.END:
            changed, past = mandates.ended_by(EndReason.RETURNED, coming, at)
            return self.mandates.keeping(changed, past, coming, f"returned {code}")
        if effect is OnMandate.HOLD and lasting and not lasting.held:
            held = replace(lasting, held=True, version=lasting.version + 1)
            standing = tuple(
                held if each.mandate_id == held.mandate_id else each for each in mandates.standing
            )
            changed = replace(mandates, standing=standing)
            return self.mandates.keeping(changed, (), coming, f"held {code}")
        return []

    def _stop_claim(self, origin: Origin, decision: Decision, at: datetime) -> None:
        """After the freeze and before the claim: the run must not debit it (rule 29)."""
        month = month_of(local_day(at))
        stops = decision.mandate in (OnMandate.END, OnMandate.HOLD)
        if origin.mandate and stops and self.mandates.is_frozen(month, origin.entry.enrollment_id):
            self.runs.stop(f"withdrawal#{month}", origin.mandate.mandate_id, "returned")

    def _outcome(
        self,
        entry: Entry,
        mandates: Mandates,
        lines: list[Line],
        effect: OnMandate,
        at: datetime,
    ) -> dict[str, Any]:
        """Both parts of rule 30: what is taken all the same, and what must be paid on the page."""
        owed = max(ledger.owed(lines), 0)
        month = self._coming(entry.enrollment_id, at)
        told = self.mandates.told(entry.enrollment_id, month)
        active = mandates.active_in(month)
        goes_on = effect is OnMandate.KEEP and active is not None and not active.held
        taken = min(owed, told.cents) if told and goes_on else 0
        return {
            "owed_cents": owed,
            "due_on": next_due_on(local_day(at)).isoformat(),
            "will_take_cents": taken or None,
            "will_take_on": told.on.isoformat() if told and taken else None,
            "not_taken_cents": owed - taken if taken and owed > taken else None,
        }

    def _is_applied(self, origin: Origin, decision: Decision) -> bool:
        """By its line; what posts none (banks argue) is known by its case."""
        entry, wanted = origin.entry, _case_id(origin, decision)
        if decision.ledger is OnLedger.RETURN:
            return self.books.line(entry.enrollment_id, _return_id(entry)) is not None
        return any(case.case == wanted for case in self.cases.open())

    def _coming(self, enrollment_id: str, at: datetime) -> str:
        frozen = self.mandates.is_frozen(month_of(local_day(at)), enrollment_id)
        return coming_month(at, frozen)


def _return_id(entry: Entry) -> str:
    return f"return#{entry.payment_id}"


def _return_line(origin: Origin, decision: Decision, at: datetime) -> Line:
    return Line(
        enrollment_id=origin.entry.enrollment_id,
        line=_return_id(origin.entry),
        kind=LineKind.RETURN,
        amount_cents=origin.entry.amount_cents,
        at=at,
        month=origin.line.month,
        payment_id=origin.entry.payment_id,
        reason=decision.code,
    )


def _case_id(origin: Origin, decision: Decision) -> str:
    return f"return#{origin.entry.payment_id}#{decision.code}"


def _case(origin: Origin, decision: Decision, at: datetime) -> Case:
    return Case(
        case=_case_id(origin, decision),
        kind=CaseKind.RETURN,
        enrollment_id=origin.entry.enrollment_id,
        reason=f"{decision.code}, {decision.meaning}: {decision.case}",
        opened_at=at,
        phone=origin.contact.phone if origin.contact else None,
    )
