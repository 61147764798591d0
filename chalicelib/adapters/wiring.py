"""All adapters, each made when first asked for: what bootstrap joins to the use cases.

It stands apart from bootstrap, so that each of both is a page or two.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.adapters.bus import EventBus
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.keys import KeyMaker
from chalicelib.adapters.mail_templates import JinjaMailTemplates
from chalicelib.adapters.mailer import SesMailer
from chalicelib.adapters.metrics import EmbeddedMetrics
from chalicelib.adapters.queues import SqsQueue
from chalicelib.adapters.randomness import SystemRandomness
from chalicelib.adapters.vault import KmsVault
from chalicelib.ports import Clock
from chalicelib.settings import Settings
from chalicelib.store import Store

# API Gateway gives up after 29 s; botocore would wait 60 s for one answer.
PATIENCE = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard"})


@dataclass
class Adapters:
    """By name; a page that needs no AWS pays for none of it."""

    settings: Settings
    given_store: Store | None = None
    clock: Clock = SystemClock()  # noqa: RUF009 - it holds nothing

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session()

    def _client(self, service: Any) -> Any:
        return self._session.client(service, config=PATIENCE)

    @cached_property
    def _s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def _kms(self) -> Any:
        return self._client("kms")

    @cached_property
    def _sqs(self) -> Any:
        return self._client("sqs")

    @cached_property
    def store(self) -> Store:
        """The tables."""
        return self.given_store or DynamoStore(self._client("dynamodb"), self.settings.stage)

    @cached_property
    def vault(self) -> KmsVault:
        """Secrets."""
        return KmsVault(self._kms, self.store, index_key_id=self.settings.index_key_id)

    @cached_property
    def key_maker(self) -> KeyMaker:
        """The vault's keys are made."""
        return KeyMaker(self._kms, self.store, seal_key_id=self.settings.seal_key_id)

    @cached_property
    def files(self) -> S3Files:
        """The bucket."""
        return S3Files(self._s3, self.settings.bucket)

    @cached_property
    def bank(self) -> S3BankLine:
        """The way of files to the bank."""
        here = self.settings
        return S3BankLine(self._s3, here.bucket, here.sealed_bucket, self.vault)

    @cached_property
    def bus(self) -> EventBus:
        """Who reads files is told of them."""
        return EventBus(self._client("events"), self.settings.bucket)

    @cached_property
    def mailer(self) -> SesMailer:
        """E-mail."""
        return SesMailer(
            self._client("sesv2"),
            sender=self.settings.mail_from,
            configuration_set=self.settings.mail_configuration_set,
        )

    @cached_property
    def mail_templates(self) -> JinjaMailTemplates:
        """What e-mails say."""
        here = self.settings
        return JinjaMailTemplates(
            public_url=here.public_url,
            help_phone=here.help_phone,
            missed_month=here.missed_month_text,
        )

    @cached_property
    def metrics(self) -> EmbeddedMetrics:
        """Figures for alarms."""
        return EmbeddedMetrics(self.settings.stage)

    @cached_property
    def randomness(self) -> SystemRandomness:
        """Randomness."""
        return SystemRandomness()

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
