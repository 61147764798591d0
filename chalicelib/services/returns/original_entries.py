"""The entry of ours that a return or a change is about, found through the manifests (I18)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.ach.findings import ReturnEntry
from chalicelib.domain.debited_account import DebitedAccount
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.ledger import Line, line_of
from chalicelib.domain.mandate import Debited, Mandate
from chalicelib.domain.payment import AccountNumber, EntryKind
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.transmission import Transmission
from chalicelib.ports import Unsealable, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.mail.payers import Payer, Payers


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalEntry:
    """The entry that a return or change is about, and where it stands in the books."""

    transmission: Transmission
    entry: Entry
    line: Line | None  # of its payment, withdrawal or refund; a prenote has none
    enrollment: Enrollment
    payer: Payer

    @property
    def mandate(self) -> Mandate | None:
        """The one that the entry was made under."""
        return self.payer.mandate

    @property
    def debited_account(self) -> DebitedAccount:
        """Which mandates it concerns."""
        mandate = self.payer.mandate
        under = mandate.mandate_id if mandate else None
        entry = Debited(payment_id=self.entry.payment_id, settles_on=self.transmission.settles_on)
        return DebitedAccount(account=self.entry.account, mandate_id=under, entry=entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalEntries:
    """What finding it needs of the world."""

    records: Records
    payers: Payers
    vault: Vault

    def of(
        self, manifests: Sequence[Transmission], trace_number: str, entry_id: str
    ) -> OriginalEntry | None:
        """By trace through the manifests, newest first; then by the id that we gave the entry."""
        digits = trace_number[-7:]
        if not digits.isdigit():
            return None
        for transmission in reversed(manifests):
            batch = transmission.batch_of(int(digits))
            name = entry_id.strip()
            entry = self.records.books.entry(batch.collection, batch.kind, name) if batch else None
            if entry:
                return self.in_the_books(transmission, entry)
        return None

    def is_same(self, entry: Entry, item: ReturnEntry) -> bool:
        """Amount and account must agree too: a trace may come round again."""
        same = self.is_debited_from(entry, item.account)
        return same and item.amount_cents == entry.amount_cents

    def is_debited_from(self, entry: Entry, account: AccountNumber) -> bool:
        """Whether the bank names the account that we debited; leading zeros don't count."""
        try:
            digits = self.vault.open(ACCOUNT, entry.account.sealed_number, entry.subscriber_id)
        except Unsealable:
            return False
        return account.digits.lstrip("0") == digits.lstrip("0")

    def in_the_books(self, transmission: Transmission, entry: Entry) -> OriginalEntry | None:
        """Where an entry of ours stands; None when no line asks for it."""
        lines = self.records.books.lines(entry.enrollment_id)
        enrollment = self.records.enrollments.get(entry.enrollment_id)
        line = line_of(lines, entry.payment_id)
        if entry.kind is EntryKind.PRENOTE:  # its id is that of the mandate it asks for
            payer = self.payers.of_mandate(entry.enrollment_id, entry.payment_id)
        elif line:
            payer = self.payers.of(line, lines)
        else:
            return None
        if enrollment is None:
            return None
        return OriginalEntry(
            transmission=transmission,
            entry=entry,
            line=line,
            enrollment=enrollment,
            payer=payer,
        )
