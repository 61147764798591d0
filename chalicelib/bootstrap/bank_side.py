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
from chalicelib.services.bank.proofs.reports import ReportProof
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
        return Origins(
            enrollments=self.enrollments, books=self.books, payers=self.payers, vault=self.vault
        )

    @cached_property
    def applying(self) -> Applying:
        """A return is applied."""
        return Applying(
            keep=self.store.write,
            books=self.books,
            mandates=self.mandates,
            sealings=self.sealings,
            aftermath=self.aftermath,
            validating=self.validating,
            outbox=self.outbox,
            waker=self.waker,
            cases=self.cases,
        )

    @cached_property
    def aftermath(self) -> Aftermath:
        """What a return does to monthly payments, and what is owed after it."""
        return Aftermath(
            books=self.books,
            mandates=self.mandates,
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
                sealings=self.sealings,
                applying=self.applying,
                correcting=Correcting(
                    keep=self.store.write,
                    mandates=self.mandates,
                    sealings=self.sealings,
                    outbox=self.outbox,
                    waker=self.waker,
                    cases=self.cases,
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
            cases=self.cases,
            signals=self.signals,
            doubting=self.doubting,
            odfi_id=self.settings.originator.odfi_id,
        )

    @cached_property
    def doubting(self) -> Doubting:
        """What may have come back."""
        return Doubting(sealings=self.sealings, cases=self.cases)

    @cached_property
    def payers(self) -> Payers:
        """Who is behind a line of the ledger."""
        return Payers(books=self.books, mandates=self.mandates)

    @cached_property
    def retrying(self) -> Retrying:
        """Payments are tried again."""
        return Retrying(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            payers=self.payers,
            tracking=self.tracking,
            outbox=self.outbox,
            waker=self.waker,
            audit=self.audit,
            validating=self.validating,
        )

    @cached_property
    def crediting(self) -> Crediting:
        """Money goes back."""
        return Crediting(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            payers=self.payers,
            tracking=self.tracking,
            aftermath=self.aftermath,
            cases=self.cases,
            outbox=self.outbox,
            waker=self.waker,
            audit=self.audit,
        )

    @cached_property
    def tracking(self) -> Tracking:
        """How far payments are."""
        return Tracking(sealings=self.sealings, doubting=self.doubting)

    @cached_property
    def evidencing(self) -> Evidencing:
        """What a bank may ask for."""
        return Evidencing(
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            tracking=self.tracking,
        )

    @cached_property
    def settling(self) -> Settling:
        """What did not come back is paid."""
        return Settling(
            enrollments=self.enrollments,
            books=self.books,
            payers=self.payers,
            sealings=self.sealings,
            validating=self.validating,
            outbox=self.outbox,
            waker=self.waker,
            bank_queue=self.bank_queue,
            unread=Unread(files=self.files, cases=self.cases, signals=self.signals),
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
        return ReturnRates(sealings=self.sealings, cases=self.cases, signals=self.signals)

    @cached_property
    def reconciling(self) -> Reconciling:
        """Books that prove themselves."""
        books, enrollments = self.books, self.enrollments
        return Reconciling(
            surveying=Surveying(
                books=books, runs=self.runs, sealings=self.sealings, cases=self.cases
            ),
            manifests=ManifestProof(books=books, sealings=self.sealings, bank=self.bank),
            files=FileProof(
                books=books,
                bank=self.bank,
                copies=Copies(books=books, bank=self.bank),
                originator=self.settings.originator,
            ),
            collections=CollectionProof(
                enrollments=enrollments, books=books, runs=self.runs, sealings=self.sealings
            ),
            ledgers=LedgerProof(enrollments=enrollments, books=books, places=Places(books=books)),
            reports=ReportProof(
                runs=self.runs,
                enrollments=enrollments,
                books=books,
                mandates=self.mandates,
                outbox=self.outbox,
            ),
            runs=self.runs,
            sealings=self.sealings,
            bank_queue=self.bank_queue,
            cases=self.cases,
            signals=self.signals,
        )
