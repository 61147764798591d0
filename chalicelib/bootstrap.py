"""Builds the real system, once, lazily: the only place that joins ports to adapters."""

from dataclasses import dataclass
from functools import cached_property

import boto3
from botocore.config import Config

from chalicelib.adapters.chance import SystemChance
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.books import DynamoBooks
from chalicelib.adapters.dynamodb.cases import DynamoCases
from chalicelib.adapters.dynamodb.counters import DynamoCounters
from chalicelib.adapters.dynamodb.enrollments import DynamoEnrollments
from chalicelib.adapters.dynamodb.feeds import DynamoFeeds
from chalicelib.adapters.dynamodb.journeys import DynamoJourneys
from chalicelib.adapters.dynamodb.mandates import DynamoMandates
from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.adapters.dynamodb.runs import DynamoRuns
from chalicelib.adapters.dynamodb.store import Store
from chalicelib.adapters.dynamodb.tables import DynamoStore
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.letters import TemplateLetters
from chalicelib.adapters.mailer import SesMailer
from chalicelib.adapters.queues import SqsQueue
from chalicelib.adapters.signals import MetricSignals
from chalicelib.adapters.vault import KmsVault
from chalicelib.domain.run import RunKind
from chalicelib.ports import Clock
from chalicelib.services.billing import BillingJob
from chalicelib.services.challenges import Challenges
from chalicelib.services.enrolling import Enrolling
from chalicelib.services.feeds import FeedImport
from chalicelib.services.finding import Finding
from chalicelib.services.mailing import Mailing
from chalicelib.services.mandates import Mandating
from chalicelib.services.notices import NoticeJob
from chalicelib.services.paying import Paying
from chalicelib.services.running import Running
from chalicelib.services.withdrawal import WithdrawalJob
from chalicelib.settings import Settings

# API Gateway gives up after 29 s; botocore would wait 60 s for one answer.
PATIENCE = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard"})


@dataclass
class System:
    """Every service with its neighbours; each part is made when first asked for."""

    settings: Settings
    given_store: Store | None = None
    clock: Clock = SystemClock()  # noqa: RUF009 - it holds nothing

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session()

    @cached_property
    def store(self) -> Store:
        """The tables."""
        return self.given_store or DynamoStore(self._session.client("dynamodb", config=PATIENCE))

    @cached_property
    def vault(self) -> KmsVault:
        """Secrets."""
        return KmsVault(
            self._session.client("kms", config=PATIENCE),
            self.store,
            seal_key_id=self.settings.seal_key_id,
            ssn_index_key_id=self.settings.ssn_index_key_id,
        )

    @cached_property
    def files(self) -> S3Files:
        """The bucket."""
        return S3Files(self._session.client("s3", config=PATIENCE), self.settings.bucket)

    @cached_property
    def mailer(self) -> SesMailer:
        """E-mail."""
        return SesMailer(
            self._session.client("sesv2", config=PATIENCE),
            sender=self.settings.mail_from,
            configuration_set=self.settings.mail_configuration_set,
        )

    @cached_property
    def enrollments(self) -> DynamoEnrollments:
        """Who is enrolled in what."""
        return DynamoEnrollments(self.store)

    @cached_property
    def books(self) -> DynamoBooks:
        """What is owed and paid."""
        return DynamoBooks(self.store)

    @cached_property
    def mandates(self) -> DynamoMandates:
        """Monthly payments."""
        return DynamoMandates(self.store)

    @cached_property
    def runs(self) -> DynamoRuns:
        """Runs and their checkpoints."""
        return DynamoRuns(self.store)

    @cached_property
    def journeys(self) -> DynamoJourneys:
        """Visits of members."""
        return DynamoJourneys(self.store, self.vault)

    @cached_property
    def outbox(self) -> DynamoOutbox:
        """Promised messages."""
        return DynamoOutbox(self.store)

    @cached_property
    def cases(self) -> DynamoCases:
        """What staff must look at."""
        return DynamoCases(self.store)

    @cached_property
    def counters(self) -> DynamoCounters:
        """Misses."""
        return DynamoCounters(self.store)

    @cached_property
    def signals(self) -> MetricSignals:
        """Counts for alarms."""
        return MetricSignals()

    @cached_property
    def chance(self) -> SystemChance:
        """Randomness."""
        return SystemChance()

    @cached_property
    def mail_queue(self) -> SqsQueue:
        """Wakes the mail sender."""
        return SqsQueue(self._sqs, self.settings.mail_queue_url)

    @cached_property
    def feed_queue(self) -> SqsQueue:
        """Wakes the feed readers."""
        return SqsQueue(self._sqs, self.settings.feed_queue_url)

    @cached_property
    def work_queue(self) -> SqsQueue:
        """Wakes the workers of runs."""
        return SqsQueue(self._sqs, self.settings.work_queue_url)

    @cached_property
    def _sqs(self) -> object:
        return self._session.client("sqs", config=PATIENCE)

    @cached_property
    def finding(self) -> Finding:
        """Members are found."""
        return Finding(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            journeys=self.journeys,
            counters=self.counters,
            vault=self.vault,
            signals=self.signals,
        )

    @cached_property
    def paying(self) -> Paying:
        """Members pay."""
        return Paying(
            keep=self.store.write,
            books=self.books,
            journeys=self.journeys,
            mandates=self.mandates,
            mandating=self.mandating,
            outbox=self.outbox,
            chance=self.chance,
            mail_queue=self.mail_queue,
            signals=self.signals,
        )

    @cached_property
    def mandating(self) -> Mandating:
        """Members change their monthly payments."""
        return Mandating(
            keep=self.store.write,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
        )

    @cached_property
    def running(self) -> Running:
        """The runs over all enrollments and mandates."""
        return Running(
            runs=self.runs,
            queue=self.work_queue,
            cases=self.cases,
            signals=self.signals,
            jobs={
                RunKind.BILLING: self.billing_job,
                RunKind.NOTICE: self.notice_job,
                RunKind.WITHDRAWAL: self.withdrawal_job,
            },
            shards=self.settings.run_shards,
        )

    @cached_property
    def billing_job(self) -> BillingJob:
        """Premiums are billed."""
        return BillingJob(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            cases=self.cases,
        )

    @cached_property
    def notice_job(self) -> NoticeJob:
        """Members are told."""
        return NoticeJob(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            cases=self.cases,
            signals=self.signals,
        )

    @cached_property
    def withdrawal_job(self) -> WithdrawalJob:
        """The 22nd."""
        return WithdrawalJob(
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            cases=self.cases,
            vault=self.vault,
            signals=self.signals,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def challenges(self) -> Challenges:
        """The picture on the review page."""
        return Challenges(
            keep=self.store.write,
            journeys=self.journeys,
            cases=self.cases,
            vault=self.vault,
            chance=self.chance,
            signals=self.signals,
        )

    @cached_property
    def mailing(self) -> Mailing:
        """Letters leave."""
        return Mailing(
            keep=self.store.write,
            outbox=self.outbox,
            cases=self.cases,
            mandates=self.mandates,
            letters=TemplateLetters(
                public_url=self.settings.public_url, help_phone=self.settings.help_phone
            ),
            mailer=self.mailer,
            queue=self.mail_queue,
            signals=self.signals,
        )

    @cached_property
    def feed_import(self) -> FeedImport:
        """Enrollments come in."""
        return FeedImport(
            enrolling=Enrolling(
                keep=self.store.write,
                enrollments=self.enrollments,
                books=self.books,
                mandates=self.mandates,
                outbox=self.outbox,
                vault=self.vault,
            ),
            feeds=DynamoFeeds(self.store),
            files=self.files,
            queue=self.feed_queue,
            vault=self.vault,
            cases=self.cases,
            signals=self.signals,
            rows_a_part=self.settings.feed_rows_a_part,
        )


_adopted: list[System] = []


def system() -> System:
    """The system of this process; built from the environment when first asked for."""
    if not _adopted:
        _adopted.append(build(Settings.from_environment()))
    return _adopted[0]


def build(settings: Settings, *, store: Store | None = None, clock: Clock | None = None) -> System:
    """A system with its own store or clock, where given."""
    return System(settings=settings, given_store=store, clock=clock or SystemClock())


def forget() -> None:
    """Lets the next call build a system anew."""
    _adopted.clear()


def adopt(system: System) -> None:
    """Stands this system in for the process's own."""
    _adopted[:] = [system]
