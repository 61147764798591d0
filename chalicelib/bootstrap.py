"""Builds the real system, lazily: the only place that joins use cases to each other and the world.

Each field of a use case is filled with the adapter, use case or setting of that name.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cached_property
from typing import Any, TypeVar

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.wiring import Adapters
from chalicelib.domain.run import RunKind
from chalicelib.ports import Clock
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.credits.credit_checks import CreditChecks
from chalicelib.services.credits.crediting import Crediting
from chalicelib.services.credits.retrying import Retrying
from chalicelib.services.enrollment.adjusting import Adjusting
from chalicelib.services.enrollment.coverage_effect import CoverageEffect
from chalicelib.services.enrollment.coverage_news import CoverageNews
from chalicelib.services.enrollment.deaths import Deaths
from chalicelib.services.enrollment.enrolling import Enrolling
from chalicelib.services.enrollment.feeds import FeedImport
from chalicelib.services.enrollment.following import Following
from chalicelib.services.enrollment.holding import FeedHolding
from chalicelib.services.enrollment.identity_guard import IdentityGuard
from chalicelib.services.enrollment.judging import FeedJudge
from chalicelib.services.enrollment.receipts import Receipts
from chalicelib.services.enrollment.rows import AdjustmentRows, EnrollmentRows
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.mail.mailing import Mailing
from chalicelib.services.mail.payers import Payers
from chalicelib.services.monthly.carrying import Carrying
from chalicelib.services.monthly.charges import ChargesJob
from chalicelib.services.monthly.contacting import Contacting
from chalicelib.services.monthly.going_on import GoingOn
from chalicelib.services.monthly.mandates import Mandating
from chalicelib.services.monthly.months import Months
from chalicelib.services.monthly.notices import NoticeJob
from chalicelib.services.monthly.passed_over import PassedOver
from chalicelib.services.monthly.rehearsal import Rehearsal
from chalicelib.services.monthly.reminders import ReminderJob
from chalicelib.services.monthly.running import Job, Running
from chalicelib.services.monthly.withdrawals import WithdrawalJob
from chalicelib.services.origination.acknowledging import Acknowledging
from chalicelib.services.origination.batching import Batching
from chalicelib.services.origination.file_maker import FileMaker
from chalicelib.services.origination.inbound import Inbound
from chalicelib.services.origination.later_date import LaterDate
from chalicelib.services.origination.refusing_changes import RefusingChanges
from chalicelib.services.origination.releasing import Releasing
from chalicelib.services.origination.sending import Sending
from chalicelib.services.origination.stopping import Stopping
from chalicelib.services.origination.transitions import Transitions
from chalicelib.services.origination.transmitting import TransmissionJob
from chalicelib.services.origination.undoing import Undoing
from chalicelib.services.page.challenges import Challenges
from chalicelib.services.page.choosing import Choosing
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.history import History
from chalicelib.services.page.mailed_states import MailedStates
from chalicelib.services.page.monthly_payments import MonthlyPayments
from chalicelib.services.page.paying import Paying
from chalicelib.services.page.plans import Plans
from chalicelib.services.page.reviewing import Reviewing
from chalicelib.services.page.tickets import Tickets
from chalicelib.services.page.visits import Visits
from chalicelib.services.quarantine.quarantine import Quarantine
from chalicelib.services.quarantine.unread import Retelling, Unread
from chalicelib.services.quarantine.unsealing import Unsealing
from chalicelib.services.reconciliation.collections import CollectionProof
from chalicelib.services.reconciliation.copies import Copies
from chalicelib.services.reconciliation.evening import Evening
from chalicelib.services.reconciliation.expected_location import ExpectedLocations
from chalicelib.services.reconciliation.files import FileProof
from chalicelib.services.reconciliation.ledgers import LedgerProof
from chalicelib.services.reconciliation.manifests import ManifestProof
from chalicelib.services.reconciliation.reconciling import Reconciling
from chalicelib.services.reconciliation.reports import ReportProof
from chalicelib.services.reconciliation.return_rates import ReturnRates
from chalicelib.services.reconciliation.snapshot import SnapshotLoader
from chalicelib.services.returns.correction_desk import CorrectionDesk
from chalicelib.services.returns.corrections import Corrections
from chalicelib.services.returns.disputes import Disputes
from chalicelib.services.returns.mandate_effect import MandateEffect
from chalicelib.services.returns.matching import Matching
from chalicelib.services.returns.original_entries import OriginalEntries
from chalicelib.services.returns.posting import ReturnPosting
from chalicelib.services.returns.return_files import ReturnFiles
from chalicelib.services.returns.routing_numbers import RoutingNumbers
from chalicelib.services.returns.suspense_desk import SuspenseDesk
from chalicelib.services.settlement.caused_letters import CausedLetters
from chalicelib.services.settlement.evidence import Evidencing
from chalicelib.services.settlement.settlement_proof import SettlementProof
from chalicelib.services.settlement.settling import Settling
from chalicelib.services.settlement.tracking import Tracking
from chalicelib.settings import Settings
from chalicelib.store import Store

T = TypeVar("T")


def wired(kind: type[T]) -> cached_property[T]:
    """Made when first asked for, of what the system has under the names of its fields."""
    found = fields(kind)  # type: ignore[arg-type] # whoever is wired is a dataclass
    needed = [each.name for each in found if each.default is each.default_factory is MISSING]

    def make(system: Any) -> T:
        has, settings = type(system), system.settings
        where = [(name, system if hasattr(has, name) else settings) for name in needed]
        return kind(**{name: getattr(place, name) for name, place in where})

    return cached_property(make)


class System(Adapters):
    """Every adapter and every use case, by room."""

    @cached_property
    def jobs(self) -> Mapping[RunKind, Job]:
        """What a run of each kind does."""
        return {
            RunKind.BILLING: self.charges_job,
            RunKind.NOTICE: self.notice_job,
            RunKind.REMINDER: self.reminder_job,
            RunKind.WITHDRAWAL: self.withdrawal_job,
        }

    records = wired(Records)
    account_validation = wired(AccountValidation)
    addressees = wired(Addressees)
    mailing = wired(Mailing)
    payers = wired(Payers)
    quarantine = wired(Quarantine)
    retelling = wired(Retelling)
    unread = wired(Unread)
    unsealing = wired(Unsealing)

    carrying = wired(Carrying)
    charges_job = wired(ChargesJob)
    contacting = wired(Contacting)
    going_on = wired(GoingOn)
    mandating = wired(Mandating)
    months = wired(Months)
    notice_job = wired(NoticeJob)
    passed_over = wired(PassedOver)
    rehearsal = wired(Rehearsal)
    reminder_job = wired(ReminderJob)
    running = wired(Running)
    withdrawal_job = wired(WithdrawalJob)

    caused_letters = wired(CausedLetters)
    evidencing = wired(Evidencing)
    settlement_proof = wired(SettlementProof)
    settling = wired(Settling)
    tracking = wired(Tracking)

    correction_desk = wired(CorrectionDesk)
    corrections = wired(Corrections)
    disputes = wired(Disputes)
    mandate_effect = wired(MandateEffect)
    matching = wired(Matching)
    original_entries = wired(OriginalEntries)
    return_files = wired(ReturnFiles)
    return_posting = wired(ReturnPosting)
    routing_numbers = wired(RoutingNumbers)
    suspense_desk = wired(SuspenseDesk)

    credit_checks = wired(CreditChecks)
    crediting = wired(Crediting)
    retrying = wired(Retrying)

    acknowledging = wired(Acknowledging)
    batching = wired(Batching)
    inbound = wired(Inbound)
    later_date = wired(LaterDate)
    maker = wired(FileMaker)
    refusing_changes = wired(RefusingChanges)
    releasing = wired(Releasing)
    sending = wired(Sending)
    stopping = wired(Stopping)
    transitions = wired(Transitions)
    transmission_job = wired(TransmissionJob)
    undoing = wired(Undoing)

    challenges = wired(Challenges)
    choosing = wired(Choosing)
    finding = wired(Finding)
    history = wired(History)
    mailed_states = wired(MailedStates)
    monthly_payments = wired(MonthlyPayments)
    paying = wired(Paying)
    plans = wired(Plans)
    reviewing = wired(Reviewing)
    tickets = wired(Tickets)
    visits = wired(Visits)

    adjusting = wired(Adjusting)
    adjustment_rows = wired(AdjustmentRows)
    coverage_effect = wired(CoverageEffect)
    coverage_news = wired(CoverageNews)
    deaths = wired(Deaths)
    enrolling = wired(Enrolling)
    enrollment_rows = wired(EnrollmentRows)
    following = wired(Following)
    identity_guard = wired(IdentityGuard)
    feed_holding = wired(FeedHolding)
    feed_import = wired(FeedImport)
    feed_judge = wired(FeedJudge)
    receipts = wired(Receipts)

    collection_proof = wired(CollectionProof)
    copies = wired(Copies)
    evening = wired(Evening)
    expected_locations = wired(ExpectedLocations)
    file_proof = wired(FileProof)
    ledger_proof = wired(LedgerProof)
    manifest_proof = wired(ManifestProof)
    report_proof = wired(ReportProof)
    reconciling = wired(Reconciling)
    return_rates = wired(ReturnRates)
    snapshots = wired(SnapshotLoader)


_adopted: list[System] = []


def system() -> System:
    """The system of this process; built from the environment when first asked for."""
    if not _adopted:
        _adopted.append(build(Settings.from_environment()))
    return _adopted[0]


def build(settings: Settings, *, store: Store | None = None, clock: Clock | None = None) -> System:
    """A system with its own store or clock, where given."""
    return System(settings=settings, given_store=store, clock=clock or SystemClock())


def send_metrics(function: str) -> None:
    """What the system of this process counted leaves, where there is one yet."""
    for here in _adopted:
        here.metrics.send(function)


def adopt(*system: System) -> None:
    """Stands this system in for the process's own; without one, the next call builds it anew."""
    _adopted[:] = system
