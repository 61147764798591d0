"""Use cases of the bank: what it sends back, and whether the books agree."""

from functools import cached_property

from chalicelib.bootstrap.run_side import RunSide
from chalicelib.services.credits.crediting import Crediting
from chalicelib.services.credits.retrying import Retrying
from chalicelib.services.mail.payers import Payers
from chalicelib.services.quarantine.quarantine import Quarantine
from chalicelib.services.quarantine.suspected_returns import SuspectedReturns
from chalicelib.services.quarantine.unread import Retelling, Unread
from chalicelib.services.reconciliation.collections import CollectionProof
from chalicelib.services.reconciliation.copies import Copies
from chalicelib.services.reconciliation.expected_location import ExpectedLocations
from chalicelib.services.reconciliation.files import FileProof
from chalicelib.services.reconciliation.ledgers import LedgerProof
from chalicelib.services.reconciliation.manifests import ManifestProof
from chalicelib.services.reconciliation.reconciling import Reconciling
from chalicelib.services.reconciliation.return_rates import ReturnRates
from chalicelib.services.reconciliation.snapshot import SnapshotLoader
from chalicelib.services.returns.corrections import Corrections
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.services.returns.matching import Matching
from chalicelib.services.returns.original_entries import OriginalEntries
from chalicelib.services.returns.posting import ReturnPosting
from chalicelib.services.returns.return_files import ReturnFiles
from chalicelib.services.settlement.evidence import Evidencing
from chalicelib.services.settlement.settling import Settling
from chalicelib.services.settlement.tracking import Tracking


class BankSide(RunSide):
    """Use cases of the bank, beside those of the runs."""

    @cached_property
    def original_entries(self) -> OriginalEntries:
        """Which entry a return is about."""
        return OriginalEntries(records=self.records, payers=self.payers, vault=self.vault)

    @cached_property
    def return_posting(self) -> ReturnPosting:
        """A return is applied."""
        return ReturnPosting(
            records=self.records,
            mandate_effect=self.mandate_effect,
            account_validation=self.account_validation,
        )

    @cached_property
    def mandate_effect(self) -> MandateEffect:
        """What a return does to monthly payments, and what is owed after it."""
        return MandateEffect(
            records=self.records,
            upcoming=self.upcoming,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def return_files(self) -> ReturnFiles:
        """What the bank sends back."""
        return ReturnFiles(
            matching=Matching(
                original_entries=self.original_entries,
                records=self.records,
                return_posting=self.return_posting,
                corrections=Corrections(
                    records=self.records,
                    vault=self.vault,
                    account_validation=self.account_validation,
                ),
                quarantine=self.quarantine,
                signals=self.signals,
            ),
            quarantine=self.quarantine,
            files=self.files,
            bank_queue=self.bank_queue,
        )

    @cached_property
    def quarantine(self) -> Quarantine:
        """What can't be used is kept."""
        return Quarantine(
            files=self.files,
            vault=self.vault,
            records=self.records,
            signals=self.signals,
            suspected_returns=self.suspected_returns,
            odfi_id=self.settings.originator.odfi_id,
        )

    @cached_property
    def suspected_returns(self) -> SuspectedReturns:
        """What may have come back."""
        return SuspectedReturns(records=self.records)

    @cached_property
    def payers(self) -> Payers:
        """Who is behind a line of the ledger."""
        return Payers(records=self.records)

    @cached_property
    def retrying(self) -> Retrying:
        """Payments are tried again."""
        return Retrying(
            records=self.records,
            payers=self.payers,
            tracking=self.tracking,
            account_validation=self.account_validation,
        )

    @cached_property
    def crediting(self) -> Crediting:
        """Money goes back."""
        return Crediting(
            records=self.records,
            payers=self.payers,
            tracking=self.tracking,
            mandate_effect=self.mandate_effect,
        )

    @cached_property
    def tracking(self) -> Tracking:
        """How far payments are."""
        return Tracking(records=self.records, suspected_returns=self.suspected_returns)

    @cached_property
    def evidencing(self) -> Evidencing:
        """What a bank may ask for."""
        return Evidencing(
            records=self.records,
            tracking=self.tracking,
        )

    @cached_property
    def settling(self) -> Settling:
        """What did not come back is paid."""
        return Settling(
            records=self.records,
            payers=self.payers,
            account_validation=self.account_validation,
            bank_queue=self.bank_queue,
            unread=Unread(files=self.files, records=self.records, signals=self.signals),
            suspected_returns=self.suspected_returns,
            bank_acknowledges=self.settings.bank_acknowledges,
        )

    @cached_property
    def retelling(self) -> Retelling:
        """Who reads files is told again."""
        return Retelling(files=self.files, bus=self.bus, signals=self.signals)

    @cached_property
    def return_rates(self) -> ReturnRates:
        """How much comes back."""
        return ReturnRates(records=self.records, signals=self.signals)

    @cached_property
    def reconciling(self) -> Reconciling:
        """Books that prove themselves."""
        return Reconciling(
            snapshots=SnapshotLoader(
                records=self.records,
            ),
            manifests=ManifestProof(records=self.records, bank=self.bank),
            files=FileProof(
                records=self.records,
                bank=self.bank,
                copies=Copies(records=self.records, bank=self.bank),
                originator=self.settings.originator,
            ),
            collections=CollectionProof(
                records=self.records,
            ),
            ledgers=LedgerProof(
                records=self.records, places=ExpectedLocations(records=self.records)
            ),
            records=self.records,
            bank_queue=self.bank_queue,
            signals=self.signals,
        )
