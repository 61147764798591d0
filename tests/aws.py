"""AWS on moto for tests: built once for a folder of tests, emptied between them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.keys import KeyMaker
from chalicelib.adapters.vault import KmsVault
from chalicelib.store import Store
from infra.offline import stack
from infra.offline.engine import Engine
from infra.offline.environment import ACCOUNT, REGION
from infra.offline.stack import Stack

OK = 200
ONCE = Config(retries={"total_max_attempts": 1})  # a planned fault strikes at once


@dataclass
class Aws:
    """The engine, what stands on it, and our adapters to it."""

    engine: Engine
    stack: Stack
    pauses: list[float] = field(default_factory=list)
    """What a store slept between tries, in seconds; no test really sleeps."""

    @cached_property
    def dynamodb(self) -> Any:
        return boto3.client("dynamodb", config=ONCE)

    @cached_property
    def kms(self) -> Any:
        return boto3.client("kms", config=ONCE)

    @cached_property
    def s3(self) -> Any:
        return boto3.client("s3", config=ONCE)

    @cached_property
    def sqs(self) -> Any:
        return boto3.client("sqs", config=ONCE)

    @cached_property
    def ses(self) -> Any:
        return boto3.client("sesv2", config=ONCE)

    @cached_property
    def store(self) -> DynamoStore:
        return DynamoStore(self.dynamodb, stack.STAGE, pause=self.pauses.append)

    @property
    def environment(self) -> dict[str, str]:
        return self.stack.environment

    @property
    def files(self) -> S3Files:
        return S3Files(self.s3, self.environment["BUCKET"])

    def vault(self, store: Store | None = None, kms: Any = None) -> KmsVault:
        """A vault as a fresh process has it: it knows no key yet."""
        return KmsVault(
            kms or self.kms,
            store or self.store,
            index_key_id=self.environment["INDEX_KEY_ID"],
        )

    @property
    def key_maker(self) -> KeyMaker:
        """What a deployment makes the keys with; `empty` takes them away."""
        return KeyMaker(self.kms, self.store, seal_key_id=self.environment["SEAL_KEY_ID"])

    def messages(self, queue: str) -> list[str]:
        """The bodies that wait in a queue (MailQueue, FeedQueue); they are taken out."""
        url = self.sqs.get_queue_url(QueueName=self.stack.queues[queue])["QueueUrl"]
        found = []
        while said := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in said:
                found.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def sent(self) -> list[dict[str, Any]]:
        """What SES was asked to send and took, oldest first."""
        return [
            json.loads(call.body)
            for call in self.engine.calls
            if call.operation == "SendEmail" and call.status == OK
        ]

    def empty(self) -> None:
        """Nothing was ever kept, sent or asked."""
        used = self.engine.count("sqs")
        self.engine.reset_calls()
        if used:
            for queue in self.stack.queues:
                self.messages(queue)
        for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
            table.items.clear()
        for bucket in s3_backends[ACCOUNT]["aws"].buckets.values():
            bucket.keys.clear()
        self.pauses.clear()
        self.engine.reset_calls()


@contextmanager
def built() -> Iterator[Aws]:
    """All that infra/resources.yaml describes."""
    with Engine() as engine:
        yield Aws(engine, stack.build(public_url="http://127.0.0.1:8000"))
