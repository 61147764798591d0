"""A correction that could not be applied by itself is applied by staff, in their words (rule 52).

Its data had letters in it, or lacked a number: who types it has asked the bank. Two people do.
"""

from dataclasses import dataclass

from chalicelib.domain.ach.changes import Correction
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import audit_subject, kind_of, parts_of
from chalicelib.domain.purposes import CHANGES
from chalicelib.domain.signature import Signature
from chalicelib.ports import Vault
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.unsealing import Unsealing
from chalicelib.services.returns.corrections import Corrections
from chalicelib.services.returns.original_entries import OriginalEntries, OriginalEntry
from chalicelib.services.returns.routing_numbers import RoutingNumbers
from chalicelib.services.returns.suspense_desk import CannotBook

DIGEST_BYTES = 4  # of an account number in an audit line: two who type the same say the same


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionDesk:
    """What applying them needs of the world."""

    records: Records
    vault: Vault
    unsealing: Unsealing
    original_entries: OriginalEntries
    corrections: Corrections
    routing_numbers: RoutingNumbers

    def open(self, case_id: str) -> ChangeEntry:
        """The correction that a case is about. Raises NotFound, Unsealable."""
        found = self.records.cases.find(case_id)
        if found is None or not found[1] or kind_of(case_id) != "change":
            raise NotFound
        return self.unsealing.change(case_id)

    def original(self, case_id: str) -> OriginalEntry:
        """The entry that it is about. Raises CannotBook."""
        sent = self.original_entries.sent(self.records.transmissions.all())
        found = next(sent.of_id(sent.manifests, parts_of(case_id)[1]), None)
        original = self.original_entries.in_the_books(*found) if found else None
        if original is None:
            raise CannotBook("no_such_entry")
        return original

    def apply(self, case_id: str, typed: Correction, signature: Signature) -> bool:
        """As two people type it. False: a second one must type the same.

        Raises CannotBook, CannotCorrect, NotFound, Unsealable.
        """
        item, original = self.open(case_id), self.original(case_id)
        what = f"corrected to {self._said(typed)}"
        if not self.records.is_second(audit_subject("case", case_id), what, signature):
            return False
        closing = self.records.cases.closing(case_id, signature, what)
        self.corrections.apply_typed(item, original, typed, signature.at, *closing)
        if typed.routing not in (None, original.entry.account.routing):
            self.routing_numbers.corrected(original.entry, item.code, signature.at)
        self.records.cases.close(case_id, signature, what)  # where it was applied before
        return True

    def _said(self, typed: Correction) -> str:
        """Without a number that could be read from it."""
        said = []
        if typed.account:
            digest = self.vault.mac(CHANGES, typed.account.digits)[:DIGEST_BYTES].hex()
            said.append(f"account ending {typed.account.last4} ({digest})")
        if typed.routing:
            said.append(f"routing number {typed.routing}")
        if typed.account_type:
            said.append(str(typed.account_type))
        return ", ".join(said)
