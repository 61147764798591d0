"""A file goes with a later date than members were told: each gets the real one, before (rule 27).

It happens to a withdrawal that was claimed before noon and whose shard reported after it, to what
waited for the bank's daily limit, and to files that staff release late.
"""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import case_id
from chalicelib.domain.ledger import line_of
from chalicelib.domain.transmission import Transmission
from chalicelib.repositories.codec import UNREADABLE
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import Payers, later_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterDate:
    """What telling members needs of the world."""

    records: Records
    payers: Payers

    def tell(self, transmission: Transmission, at: datetime) -> None:
        """One letter for each debit and date; batches whose dates agree are not read again."""
        on, left_out = transmission.settles_on, transmission.left_out_ids
        for batch in transmission.batches:
            if batch.announced_on is None or batch.announced_on >= on:
                continue
            for entry in self.records.books.readable_entries(batch.collection, batch.kind):
                if entry.effective_on < on and entry.payment_id not in left_out:
                    self._say(entry, on, at)

    def _say(self, entry: Entry, on: date, at: datetime) -> None:
        """A row that can't be read keeps nobody else from their letter (I15)."""
        try:
            self._tell(entry, on, at)
        except UNREADABLE:
            self._open_case(entry, on, "a row about it can't be read", at)

    def _tell(self, entry: Entry, on: date, at: datetime) -> None:
        lines = self.records.books.lines(entry.enrollment_id)
        line = line_of(lines, entry.payment_id)
        enrollment = self.records.enrollments.get(entry.enrollment_id)
        if line is None or enrollment is None:
            return  # a prenote has no line, for it takes nothing; all else reconciliation names
        payer = self.payers.of(line, lines)
        if payer.contact is None:
            self._open_case(entry, on, "no address to say so to", at)
            return
        mail = later_mail(entry, line, enrollment, payer, on, at)
        self.records.promise_once(mail)

    def _open_case(self, entry: Entry, on: date, why: str, at: datetime) -> None:
        self.records.cases.open_case(
            Case(
                case_id=case_id("later", entry.payment_id, on),
                kind=CaseKind.NOT_TOLD,
                enrollment_id=entry.enrollment_id,
                reason=f"taken on {on.isoformat()}, later than was told; {why}",
                opened_at=at,
            )
        )
