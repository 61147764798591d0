"""The evening: what did not come back in two banking days is paid (rule 17; 20:00 New York)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.banking_days import ReturnWindow, local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import case_id
from chalicelib.domain.ledger import line_of, refunded
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.ports import Queue
from chalicelib.repositories.codec import UNREADABLE
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.payers import Payers, paid_mail
from chalicelib.services.quarantine.suspected_returns import cleared, suspected_ids
from chalicelib.services.quarantine.unread import Unread
from chalicelib.services.settlement.settlement_proof import SettlementProof

AT_ONCE = 1000  # entries whose members one message tells: some eight calls each


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What the evening needs of the world."""

    records: Records
    payers: Payers
    account_validation: AccountValidation
    bank_queue: Queue
    unread: Unread
    return_window: ReturnWindow
    settlement_proof: SettlementProof
    profile: BankProfile

    def settle(self, scheduled_at: datetime) -> None:
        """Transmissions whose second banking day is over are settled; each batch gets its letters.

        Not while a file of the bank lies unread: it may say that their money came back; nor where
        statements are expected, before one shows their day's money (rule 48).
        """
        if self.unread.rings(scheduled_at):
            return
        today, transmissions = local_day(scheduled_at), self.records.transmissions.all()
        paid_on = self.return_window.paid_on
        self._tell_what_was_suspected(transmissions, scheduled_at)
        unseen = self.settlement_proof.unseen(transmissions, scheduled_at)
        for transmission in transmissions:
            on = transmission.settles_on
            is_over = paid_on(on) <= today and on not in unseen
            if self._is_accepted(transmission) and is_over:
                self._send_batches(transmission, scheduled_at)
                settled = transmission.move_to(TransmissionState.SETTLED, scheduled_at)
                self.records.transmissions.change(settled, transmission)

    def _tell_what_was_suspected(self, transmissions: Sequence[Transmission], at: datetime) -> None:
        """Of what was settled meanwhile; before more is settled, which then is told whole."""
        for suspected in cleared(self.records):
            for transmission in transmissions:
                if transmission.settled_at and suspected.holds(transmission.settled_at):
                    self._send_batches(transmission, at, only=suspected.payment_ids)
            self.records.transmissions.forget_suspected_return(suspected)

    def _send_batches(
        self, transmission: Transmission, at: datetime, only: Sequence[str] = ()
    ) -> None:
        numbers = range(len(transmission.batches))
        self.bank_queue.send(
            *(_paid(transmission.transmission_id, n, at, only=only) for n in numbers)
        )

    def _is_accepted(self, transmission: Transmission) -> bool:
        """A file that the bank never accepted is never called paid, however late it says so."""
        if transmission.state is TransmissionState.ACKNOWLEDGED:
            return True
        needs_an_acknowledgement = self.profile.acknowledges and transmission.files
        return transmission.state is TransmissionState.SENT and not needs_an_acknowledgement

    def tell_paid(
        self, name: str, number: int, at: datetime, start: int = 0, only: Sequence[str] = ()
    ) -> None:
        """One letter for each entry of a batch that did not come back (rule 17), from `start` on.

        None for a suspected return. A chunk of them, or of those named: then it hands over to
        itself.
        """
        transmission = self.records.transmissions.get(name)
        if transmission is None:
            return
        found, left_out = transmission.batches[number], transmission.left_out_ids
        answers = self.records.transmissions.answers(transmission)
        back = {each.payment_id for each in answers if each.is_posted or not each.cents}
        silent = left_out | back | suspected_ids(self.records, transmission.settled_at or at)
        rows = self.records.books.readable_entries(found.collection, found.kind)
        entries = islice(rows, start, None)
        for entry in islice(entries, AT_ONCE):
            if entry.payment_id not in silent and (not only or entry.payment_id in only):
                self._is_paid(entry, at)
        if next(entries, None):
            self.bank_queue.send(_paid(name, number, at, start + AT_ONCE, only))

    def _is_paid(self, entry: Entry, at: datetime) -> None:
        """A row that can't be read keeps nobody else from their letter (I15)."""
        try:
            self._came_through(entry, at)
        except UNREADABLE:
            self._open_case(entry, "it is paid, and a row about it can't be read: no letter", at)

    def _came_through(self, entry: Entry, at: datetime) -> None:
        if entry.batch.is_credit or entry.refused:
            return
        self.account_validation.trust(
            entry.account, at
        )  # also by a prenote: Nacha's known good account
        if entry.kind is not EntryKind.PRENOTE:
            self._tell(entry, at)

    def _tell(self, entry: Entry, at: datetime) -> None:
        lines = self.records.books.lines(entry.enrollment_id)
        line = line_of(lines, entry.payment_id)
        enrollment = self.records.enrollments.get(entry.enrollment_id)
        if line is None or enrollment is None:
            return  # reconciliation names it
        if refunded(lines)[entry.payment_id]:
            return  # staff undid it meanwhile, and its own mail says so
        payer = self.payers.of(line, lines)
        if payer.contact is None:
            self._open_case(entry, "it is paid, and there is no address to say so to", at)
            return
        mail = paid_mail(entry, line, enrollment, payer, at)
        self.records.promise_once(mail)

    def _open_case(self, entry: Entry, reason: str, at: datetime) -> None:
        self.records.cases.open_case(
            Case(
                case_id=case_id("paid", entry.payment_id),
                kind=CaseKind.NOT_TOLD,
                enrollment_id=entry.enrollment_id,
                reason=reason,
                opened_at=at,
            )
        )


def _paid(
    name: str, number: int, at: datetime, start: int = 0, only: Sequence[str] = ()
) -> Mapping[str, Any]:
    message = {
        "kind": "paid",
        "transmission_id": name,
        "batch": number,
        "start": start,
        "only": [*only],
    }
    return {**message, "at": at.isoformat()}
