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
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import EndReason, Mandate, Mandates, coming_month
from chalicelib.domain.payment import Entry
from chalicelib.ports import (
    Books,
    Cases,
    Files,
    Keep,
    MandateBook,
    Outbox,
    Queue,
    Refused,
    Runs,
    Signals,
    Write,
)
from chalicelib.services.correcting import Correcting
from chalicelib.services.mandate_letters import wake
from chalicelib.services.origins import Origin, Origins
from chalicelib.services.quarantine import Quarantine
from chalicelib.services.return_letters import not_paid_mail
from chalicelib.services.validating import Validating

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
        reading = read_whole(self.files.lines(key, version))
        for item in reading.returns:
            self._return(item, arrived_at)
        for change in reading.changes:
            self._change(change, arrived_at)
        if not reading.is_understood or reading.doubtful or reading.entries:
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
                if self._is_posted(origin):
                    return  # this return was applied before
                continue
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
        writes += self._on_mandate(mandates, origin.mandate, decision, at)
        if decision.letter is not Letter.NONE and origin.contact:
            outcome = self._outcome(entry, mandates, lines, decision, at)
            mail = not_paid_mail(
                entry,
                origin.line,
                origin.enrollment,
                origin.confirmation,
                origin.contact,
                origin.language,
                decision,
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

    def _on_mandate(
        self, mandates: Mandates, mandate: Mandate | None, decision: Decision, at: datetime
    ) -> list[Write]:
        """Ends or holds the mandate whose debit came back (rule 29)."""
        coming = self._coming(mandates.enrollment_id, at)
        lasting = mandates.lasting(coming)
        if mandate is None or lasting is None or lasting.mandate_id != mandate.mandate_id:
            return []
        if decision.mandate is OnMandate.END:
            changed, past = mandates.ended_by(EndReason.RETURNED, coming, at)
            return self.mandates.keeping(changed, past, coming, f"returned {decision.code}")
        if decision.mandate is OnMandate.HOLD and not lasting.held:
            held = replace(lasting, held=True, version=lasting.version + 1)
            standing = tuple(
                held if each.mandate_id == held.mandate_id else each for each in mandates.standing
            )
            changed = replace(mandates, standing=standing)
            return self.mandates.keeping(changed, (), coming, f"held {decision.code}")
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
        decision: Decision,
        at: datetime,
    ) -> dict[str, Any]:
        """Both parts of rule 30: what is taken all the same, and what must be paid on the page."""
        owed = max(ledger.owed(lines), 0)
        month = self._coming(entry.enrollment_id, at)
        told = self.mandates.told(entry.enrollment_id, month)
        goes_on = decision.mandate is OnMandate.KEEP and mandates.lasting(month) is not None
        taken = min(owed, told.cents) if told and goes_on else 0
        return {
            "owed_cents": owed,
            "due_on": next_due_on(local_day(at)).isoformat(),
            "will_take_cents": taken or None,
            "will_take_on": told.on.isoformat() if told and taken else None,
            "not_taken_cents": owed - taken if taken and owed > taken else None,
        }

    def _is_posted(self, origin: Origin) -> bool:
        line = self.books.line(origin.entry.enrollment_id, _return_id(origin.entry))
        return line is not None

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


def _case(origin: Origin, decision: Decision, at: datetime) -> Case:
    return Case(
        case=f"return#{origin.entry.payment_id}#{decision.code}",
        kind=CaseKind.RETURN,
        enrollment_id=origin.entry.enrollment_id,
        reason=f"{decision.code}, {decision.meaning}: {decision.case}",
        opened_at=at,
        phone=origin.contact.phone if origin.contact else None,
    )
