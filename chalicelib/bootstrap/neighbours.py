"""Our neighbours in the world, each made when first asked for."""

from dataclasses import dataclass
from functools import cached_property

import boto3
from botocore.config import Config

from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.adapters.bus import EventBus
from chalicelib.adapters.chance import SystemChance
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.keys import KeyMaker
from chalicelib.adapters.mailer import SesMailer
from chalicelib.adapters.queues import SqsQueue
from chalicelib.adapters.signals import MetricSignals
from chalicelib.adapters.vault import KmsVault
from chalicelib.domain.due import DueDates
from chalicelib.ports import Clock
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.monthly.rehearsal import Rehearsal
from chalicelib.services.monthly.upcoming import UpcomingWithdrawals
from chalicelib.settings import Settings
from chalicelib.store import Store

# API Gateway gives up after 29 s; botocore would wait 60 s for one answer.
PATIENCE = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard"})


@dataclass
class Neighbours:
    """The adapters; a page that needs no AWS pays for none of it."""

    settings: Settings
    given_store: Store | None = None
    clock: Clock = SystemClock()  # noqa: RUF009 - it holds nothing

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session()

    @cached_property
    def store(self) -> Store:
        """The tables."""
        return self.given_store or DynamoStore(
            self._session.client("dynamodb", config=PATIENCE), self.settings.stage
        )

    @cached_property
    def records(self) -> Records:
        """What is kept."""
        return Records(
            store=self.store,
            vault=self.vault,
            mail_queue=self.mail_queue,
            signals=self.signals,
        )

    @cached_property
    def vault(self) -> KmsVault:
        """Secrets."""
        return KmsVault(self._kms, self.store, index_key_id=self.settings.index_key_id)

    @cached_property
    def key_maker(self) -> KeyMaker:
        """The vault's keys are made."""
        return KeyMaker(self._kms, self.store, seal_key_id=self.settings.seal_key_id)

    @cached_property
    def _kms(self) -> object:
        return self._session.client("kms", config=PATIENCE)

    @cached_property
    def files(self) -> S3Files:
        """The bucket."""
        return S3Files(self._session.client("s3", config=PATIENCE), self.settings.bucket)

    @cached_property
    def bus(self) -> EventBus:
        """Who reads files is told of them."""
        events = self._session.client("events", config=PATIENCE)
        return EventBus(events, self.settings.bucket)

    @cached_property
    def mailer(self) -> SesMailer:
        """E-mail."""
        return SesMailer(
            self._session.client("sesv2", config=PATIENCE),
            sender=self.settings.mail_from,
            configuration_set=self.settings.mail_configuration_set,
        )

    @cached_property
    def due(self) -> DueDates:
        """By when members pay."""
        return DueDates(self.settings.due_extension_days)

    @cached_property
    def upcoming(self) -> UpcomingWithdrawals:
        """What comes next of monthly payments."""
        return UpcomingWithdrawals(
            records=self.records,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def account_validation(self) -> AccountValidation:
        """Accounts are validated before they are debited."""
        return AccountValidation(records=self.records, vault=self.vault)

    @cached_property
    def signals(self) -> MetricSignals:
        """Figures for alarms."""
        return MetricSignals(self.settings.stage)

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
    def bank_queue(self) -> SqsQueue:
        """Wakes those who follow the bank's files."""
        return SqsQueue(self._sqs, self.settings.bank_queue_url)

    @cached_property
    def _sqs(self) -> object:
        return self._session.client("sqs", config=PATIENCE)

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """What the 22nd would do."""
        return Rehearsal(
            records=self.records,
            vault=self.vault,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def bank(self) -> S3BankLine:
        """The way of files to the bank."""
        s3 = self._session.client("s3", config=PATIENCE)
        return S3BankLine(s3, self.settings.bucket, self.settings.sealed_bucket, self.vault)
