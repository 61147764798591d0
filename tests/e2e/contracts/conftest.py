"""The adapters' promises on a second engine: the tests are those of tests/adapters."""

import json
from functools import cached_property

import pytest

from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.keys import KeyMaker
from chalicelib.adapters.vault import KmsVault
from infra.offline.stack import STAGE

OK = 200


class Uncounted:
    """Calls are counted, and faults planned, on the first engine only."""

    def reset_calls(self):
        """There are none."""

    def __getattr__(self, name):
        pytest.skip("moto's own: its calls are counted, and its faults planned")


class Second:
    """What tests/aws.py gives on moto, on the emulator."""

    def __init__(self, quiet, engine):
        self._quiet, self._engine = quiet, engine
        self.pauses, self._asked, self._sent = [], [], []
        self.environment = quiet.variables("SendMail")
        self.s3, self.sqs = quiet.s3, engine.client("sqs")
        self.dynamodb, self.kms = engine.client("dynamodb"), engine.client("kms")
        self.ses = engine.client("sesv2")
        events = self.ses.meta.events
        events.register("before-call.sesv2.SendEmail", self._asks)
        events.register("after-call.sesv2.SendEmail", self._took)
        self.messages = quiet.messages
        self.engine = Uncounted()

    @cached_property
    def store(self):
        return DynamoStore(self.dynamodb, STAGE, pause=self.pauses.append)

    @property
    def files(self):
        return S3Files(self.s3, self.environment["BUCKET"])

    def vault(self, store=None, kms=None):
        index_key_id = self.environment["INDEX_KEY_ID"]
        return KmsVault(kms or self.kms, store or self.store, index_key_id=index_key_id)

    @property
    def key_maker(self):
        return KeyMaker(self.kms, self.store, seal_key_id=self.environment["SEAL_KEY_ID"])

    def sent(self):
        """What SES was asked to send and took, oldest first."""
        return self._sent

    def empty(self):
        """Nothing was ever kept or sent."""
        for logical, name in self._quiet.stack.resources.items():
            if logical.endswith("Table"):
                self._empty_table(name)
        bucket = self.environment["BUCKET"]
        listed = self.s3.list_object_versions(Bucket=bucket)
        for each in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]:
            self.s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        self.messages("MailQueue")
        self.pauses.clear()
        self._sent.clear()

    def _empty_table(self, name):
        items = self.dynamodb.scan(TableName=name)["Items"]
        if items:
            keys = self.dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
            names = [key["AttributeName"] for key in keys]
            for item in items:
                self.dynamodb.delete_item(TableName=name, Key={n: item[n] for n in names})

    def _asks(self, params, **_):
        self._asked.append(json.loads(params["body"]))

    def _took(self, http_response, **_):
        asked = self._asked.pop()
        if http_response.status_code == OK:
            self._sent.append(asked)


@pytest.fixture(scope="package")
def second(quiet, engine):
    return Second(quiet, engine)


@pytest.fixture
def aws(second):
    second.empty()
    return second


@pytest.fixture
def store(aws):
    return aws.store
