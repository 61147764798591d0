"""Use cases of the bank: what it sends back, and whether the books agree."""

from functools import cached_property

from chalicelib.bootstrap.run_side import RunSide
from chalicelib.services.bank.aftermath import Aftermath
from chalicelib.services.bank.applying import Applying
from chalicelib.services.bank.booking import Booking
from chalicelib.services.bank.correcting import Correcting
from chalicelib.services.bank.crediting import Crediting
from chalicelib.services.bank.doubting import Doubting
from chalicelib.services.bank.origins import Origins
from chalicelib.services.bank.payers import Payers
from chalicelib.services.bank.placing import Places
from chalicelib.services.bank.proofs.collections import CollectionProof
from chalicelib.services.bank.proofs.copies import Copies
from chalicelib.services.bank.proofs.files import FileProof
from chalicelib.services.bank.proofs.ledgers import LedgerProof
from chalicelib.services.bank.proofs.manifests import ManifestProof
from chalicelib.services.bank.proofs.survey import Surveying
from chalicelib.services.bank.quarantine import Quarantine
from chalicelib.services.bank.reconciling import Reconciling
from chalicelib.services.bank.retrying import Retrying
from chalicelib.services.bank.return_rates import ReturnRates
from chalicelib.services.bank.returning import Returning
from chalicelib.services.bank.settling import Settling
from chalicelib.services.bank.tracking import Tracking
from chalicelib.services.bank.unread import Retelling, Unread
from chalicelib.services.evidence import Evidencing


class BankSide(RunSide):
    """Use cases of the bank, beside those of the runs."""

    @cached_property
    def origins(self) -> Origins:
        """Which entry a return is about."""
        return Origins(records=self.records, payers=self.payers, vault=self.vault)

    @cached_property
    def applying(self) -> Applying:
        """A return is applied."""
        return Applying(
            records=self.records,
            aftermath=self.aftermath,
            validating=self.validating,
        )

    @cached_property
    def aftermath(self) -> Aftermath:
        """What a return does to monthly payments, and what is owed after it."""
        return Aftermath(
            records=self.records,
            outlooks=self.outlooks,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def returning(self) -> Returning:
        """What the bank sends back."""
        return Returning(
            booking=Booking(
                origins=self.origins,
                records=self.records,
                applying=self.applying,
                correcting=Correcting(
                    records=self.records,
                    vault=self.vault,
                    validating=self.validating,
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
            doubting=self.doubting,
            odfi_id=self.settings.originator.odfi_id,
        )

    @cached_property
    def doubting(self) -> Doubting:
        """What may have come back."""
        return Doubting(records=self.records)

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
            validating=self.validating,
        )

    @cached_property
    def crediting(self) -> Crediting:
        """Money goes back."""
        return Crediting(
            records=self.records,
            payers=self.payers,
            tracking=self.tracking,
            aftermath=self.aftermath,
        )

    @cached_property
    def tracking(self) -> Tracking:
        """How far payments are."""
        return Tracking(records=self.records, doubting=self.doubting)

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
            validating=self.validating,
            bank_queue=self.bank_queue,
            unread=Unread(files=self.files, records=self.records, signals=self.signals),
            doubting=self.doubting,
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
            surveying=Surveying(
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
            ledgers=LedgerProof(records=self.records, places=Places(records=self.records)),
            records=self.records,
            bank_queue=self.bank_queue,
            signals=self.signals,
        )
