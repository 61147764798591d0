"""A correction of a bank's goes back to it, refused: C61 to C69, in the next file (rule 52).

It is an entry like others: it joins the collection of its day in the transaction that ends its
case, so it is in one file, and in none twice. No money moves, so one person does it.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain import banking_days
from chalicelib.domain.ach import refused_changes
from chalicelib.domain.ach.entries import FileEntry, Originator
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.ach.refused_changes import RefusedChange, comes_back_as
from chalicelib.domain.ach.returns import settled_on
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.entry import Entry, entry_of_refusal
from chalicelib.domain.errors import NotFound
from chalicelib.domain.payment import AccountNumber, refusal_id
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.signature import Signature
from chalicelib.ports import Vault
from chalicelib.repositories.records import Records
from chalicelib.services.origination.file_maker import as_file_entry
from chalicelib.services.returns.correction_desk import CorrectionDesk
from chalicelib.services.returns.original_entries import OriginalEntries, OriginalEntry
from chalicelib.services.returns.suspense_desk import CannotBook

REFUSED = "refused"  # how its case ended


class CannotRefuse(CannotBook):
    """It does not go back so: `code` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusingChanges:
    """What sending it back needs of the world."""

    records: Records
    vault: Vault
    originator: Originator
    original_entries: OriginalEntries
    correction_desk: CorrectionDesk

    def reasons(self, case_id: str) -> list[str]:
        """The codes that our own checks give. Raises NotFound, Unsealable."""
        item = self.correction_desk.open(case_id)
        try:
            return self._reasons(item, self.correction_desk.original(case_id))
        except CannotBook:
            return []

    def last_day(self, case_id: str) -> date:
        """The last on whose evening it may go. Raises NotFound, Unsealable."""
        item, found = self.correction_desk.open(case_id), self.records.cases.find(case_id)
        assert found, "a correction waits under its case"
        opened_on = local_day(found[0].opened_at)
        julian = item.batch.settlement_date if item.batch else ""
        # When our bank had it, where that is said: earlier than we did.
        return refused_changes.last_day(settled_on(julian, opened_on) or opened_on)

    def refuse(self, case_id: str, code: str | None, signature: Signature) -> Entry:
        """With the next collection, once; without `code` for the one reason that we can see.

        Raises CannotRefuse, CannotBook, NotFound, Unsealable.
        """

        def attempt() -> Entry:
            if (self.records.cases.ended_as(case_id) or "").startswith(REFUSED):
                raise CannotRefuse("already_refused")
            item = self.correction_desk.open(case_id)
            original = self.correction_desk.original(case_id)
            collected_on = banking_days.collection_day(signature.at)
            if collected_on > self.last_day(case_id):
                raise CannotRefuse("refused_too_late")
            reasons = [code] if code else self._reasons(item, original)
            if len(reasons) != 1:
                raise CannotRefuse("say_code")
            refused = self._refused(case_id, item, original, reasons[0])
            refusal = entry_of_refusal(original.entry, refused, refusal_id(case_id), collected_on)
            closing = self.records.cases.closing(case_id, signature, f"{REFUSED} {reasons[0]}")
            if not closing:
                raise NotFound  # it was ended otherwise meanwhile
            self.records.commit(*self.records.books.joining(refusal), *closing)
            return refusal

        return self.records.commit_or_retry(attempt)

    def _reasons(self, item: ChangeEntry, original: OriginalEntry) -> list[str]:
        sent = self.original_entries.sent([original.transmission])
        agrees_in = self.original_entries.agreeing(item, sent, original.entry)
        written = self._written(original)
        return refused_changes.derived(item, written, agrees_in, self.originator.company_id)

    def _written(self, original: OriginalEntry) -> FileEntry:
        account = AccountNumber(original.entry.account.last4)
        return as_file_entry(original.entry, original.transmission.effective_on, account)

    def _refused(
        self, case_id: str, item: ChangeEntry, original: OriginalEntry, code: str
    ) -> RefusedChange:
        """What the bank wrote is sealed: it may be an account number."""
        [addenda] = [each for each in item.records if each.startswith("798")]
        return RefusedChange(
            of_payment=original.entry.payment_id,
            code=code,
            transaction_code=comes_back_as(self._written(original).transaction_code),
            sealed_addenda=self.vault.seal(ACCOUNT, addenda, refusal_id(case_id)),
        )
