"""What the bank sends back: each return and correction applied once, or kept for staff (I18).

The ledger line `return#<payment>#<attempt>` is the identity of a return: the transaction that posts
it also changes the mandate, promises the letter and opens the case, so a file that comes three times
ends as if it had come once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import ledger
from chalicelib.domain.ach import returns
from chalicelib.domain.ach.findings import ChangeEntry, ReturnEntry
from chalicelib.domain.ach.reading import Reading, read_whole
from chalicelib.domain.ach.returns import Decision, OnLedger, OnMandate
from chalicelib.domain.banking_days import local_day, next_due_on
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import EndReason, Mandate, Mandates, coming_month
from chalicelib.domain.payment import Contact, Entry, PaymentKind
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
    Sealings,
    Signals,
    Unsealable,
    Vault,
    Write,
)
from chalicelib.services.correcting import Correcting
from chalicelib.services.mandate_letters import wake
from chalicelib.services.return_letters import not_paid_mail

ACCOUNT, QUARANTINE = "account", "quarantine"
TRIES = 6


@dataclass(frozen=True, slots=True)
class Origin:
    """The entry that a return or change is about, and where it stands in the books."""

    entry: Entry
    line: Line  # its payment or withdrawal line
    contact: Contact | None
    language: str
    mandate: Mandate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """What reading the bank's files needs of the world."""

    keep: Keep
    books: Books
    mandates: MandateBook
    runs: Runs
    sealings: Sealings
    correcting: Correcting
    files: Files
    vault: Vault
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
            self._quarantine(key, version, reading, arrived_at)
        self.files.erase(key)  # rule 33: bank files lie in clear no longer than needed

    def _return(self, item: ReturnEntry, at: datetime) -> None:
        self.signals.count("Returns")
        origin = self._origin(item.original_trace, item.entry_id)
        if origin is None or not self._is_same(origin.entry, item):
            self._suspend("return", item.original_trace, item.code, at)
            return
        decision = returns.decide(item.code)
        for _ in range(TRIES):
            writes, mails = self._writes(origin, decision, at)
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
        origin = self._origin(item.original_trace, item.entry_id)
        if origin is None:
            self._suspend("change", item.original_trace, item.code, at)
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
        if decision.letter is not returns.Letter.NONE and origin.contact:
            mail = not_paid_mail(
                entry, origin.line, origin.contact, origin.language, decision, self._outcome(
                    entry, mandates, lines, decision, at
                ), at,
            )
            mails.append(mail)
            writes.append(self.outbox.adding(mail))
        if decision.case is not returns.Case.NONE:
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

    def _origin(self, trace_number: str, entry_id: str) -> Origin | None:
        """By trace through the manifests, newest first; then by the id that we gave the entry."""
        digits = trace_number[-7:]
        if not digits.isdigit():
            return None
        for sealing in reversed(self.sealings.all()):
            part = sealing.part_of(int(digits))
            entry = self.books.entry(part.collection, part.plan, entry_id.strip()) if part else None
            if entry:
                return self._in_the_books(entry)
        return None

    def _in_the_books(self, entry: Entry) -> Origin | None:
        lines = self.books.lines(entry.enrollment_id)
        line = next((each for each in lines if each.payment_id == entry.payment_id), None)
        if line is None:
            return None
        found = [
            *self.mandates.past(entry.enrollment_id),
            *self.mandates.of(entry.enrollment_id).standing,
        ]
        payment = self.books.payment(entry.payment_id)
        if payment is None:
            mandate = next((m for m in found if m.mandate_id == line.mandate_id), None)
            contact = mandate.contact if mandate else None
            return Origin(entry, line, contact, mandate.language if mandate else "en", mandate)
        submission = self.books.submission(payment.confirmation)
        first = payment.kind is PaymentKind.FIRST
        made_with = [m for m in found if first and m.confirmation == payment.confirmation]
        contact = submission.contact if submission else None
        language = submission.evidence.language if submission else "en"
        return Origin(entry, line, contact, language, made_with[0] if made_with else None)

    def _is_same(self, entry: Entry, item: ReturnEntry) -> bool:
        """Amount and account must agree too: a trace may come round again."""
        try:
            digits = self.vault.open(ACCOUNT, entry.account.sealed_number, entry.subscriber_id)
        except Unsealable:
            return False
        same = item.account.digits.lstrip("0") == digits.lstrip("0")
        return same and item.amount_cents == entry.amount_cents

    def _is_posted(self, origin: Origin) -> bool:
        line = self.books.line(origin.entry.enrollment_id, _return_id(origin.entry))
        return line is not None

    def _coming(self, enrollment_id: str, at: datetime) -> str:
        frozen = self.mandates.is_frozen(month_of(local_day(at)), enrollment_id)
        return coming_month(at, frozen)

    def _suspend(self, what: str, trace: str, code: str, at: datetime) -> None:
        """What fits no entry of ours is never dropped: it waits for staff."""
        self.signals.count("Suspense")
        self.cases.open_case(
            Case(
                case=f"suspense#{what}#{trace}#{code}",
                kind=CaseKind.SUSPENSE,
                enrollment_id=None,
                reason=f"a {what} {code} for trace {trace} fits no entry of ours",
                opened_at=at,
            )
        )

    def _quarantine(self, key: str, version: str, reading: Reading, at: datetime) -> None:
        """The file is sealed again and kept; the case names the first problems with their place."""
        name = key.rpartition("/")[2]
        sealed = self._sealed(self.files.lines(key, version), name)
        self.files.put(f"quarantine/{name}@{version}", b"\n".join(sealed), "text/plain")
        problems = [f"line {each.line}: {each.fault}" for each in reading.problems[:5]]
        what = "; ".join(problems) or "forward entries, or a batch that can't be relied on"
        self.signals.count("Quarantined")
        self.cases.open_case(
            Case(
                case=f"quarantine#{name}@{version}",
                kind=CaseKind.BANK,
                enrollment_id=None,
                reason=f"{name}: {what}",
                opened_at=at,
            )
        )

    def _sealed(self, lines: Iterable[bytes], name: str) -> list[bytes]:
        return [
            self.vault.seal(QUARANTINE, line.decode("latin-1"), f"{name}#{n}").encode()
            for n, line in enumerate(lines)
        ]


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
