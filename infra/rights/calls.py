"""Which rights a call needs: by what goes over the wire, and by what is asked of a port."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.store import Change, Check, Put, Remove, Write
from infra.rights.right import Right

VERBS = {
    Put: "dynamodb:PutItem",
    Change: "dynamodb:UpdateItem",
    Remove: "dynamodb:DeleteItem",
    Check: "dynamodb:ConditionCheckItem",
}
WIRE_VERBS = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
PLACES = (
    *("inbound/enrollments/", "inbound/adjustments/", "inbound/bank/", "inbound/statements/"),
    *("reports/", "quarantine/"),
    *("outbound/bank/", "sealed/bank/"),
)
"""What the buckets are parted into; who may read one may not read another."""

Logical = Mapping[str, str]
"""What AWS calls a resource -> its name in infra/resources.yaml."""


def table_of(table: str) -> str:
    """The logical name of a table that the code speaks of."""
    return f"{table.capitalize()}Table"


def of_write(write: Write) -> Right:
    """The right that a write needs, alone or in a transaction."""
    return _on_table(VERBS[type(write)], write.table)


def of_read(action: str, table: str) -> Right:
    """The right that a read needs: GetItem, BatchGetItem or Query."""
    return _on_table(f"dynamodb:{action}", table)


@cache
def _on_table(action: str, table: str) -> Right:
    return Right(action, table_of(table))


def of_wire(service: str, operation: str, url: str, body: bytes, logical: Logical) -> set[Right]:
    """The rights that a request to AWS needs. Raises KeyError for what we know nothing of."""
    return set(SERVICES[service](operation, url, body, logical))


def _dynamodb(operation: str, _: str, body: bytes, logical: Logical) -> Iterator[Right]:
    asked = json.loads(body)
    match operation:
        case "TransactWriteItems":
            for action in asked["TransactItems"]:
                [(verb, call)] = action.items()
                yield Right(WIRE_VERBS[verb], logical[call["TableName"]])
        case "BatchGetItem":
            for table in asked["RequestItems"]:
                yield Right("dynamodb:BatchGetItem", logical[table])
        case _:
            yield Right(f"dynamodb:{operation}", logical[asked["TableName"]])


def _sqs(operation: str, _: str, body: bytes, logical: Logical) -> Iterator[Right]:
    # AWS knows no right of its own for a batch.
    yield Right(f"sqs:{operation.removesuffix('Batch')}", logical[json.loads(body)["QueueUrl"]])


def _kms(operation: str, _: str, body: bytes, logical: Logical) -> Iterator[Right]:
    asked: dict[str, Any] = json.loads(body)
    # What is to be decrypted names its key itself; data keys are all wrapped by this one.
    key = logical[asked["KeyId"]] if "KeyId" in asked else "SealKey"
    purpose = asked.get("EncryptionContext", {}).get("purpose")
    yield Right(f"kms:{operation}", f"{key}?{purpose}" if purpose else key)


def _ses(operation: str, _: str, body: bytes, __: Logical) -> Iterator[Right]:
    asked = json.loads(body)
    actions = [f"ses:{operation}"] + ["ses:SendRawEmail"] * ("Raw" in asked.get("Content", {}))
    for action in actions:
        yield Right(action, "MailIdentity")
        yield Right(action, "MailEvents")


def _events(operation: str, _: str, __: bytes, ___: Logical) -> Iterator[Right]:
    yield Right(f"events:{operation}", "EventBus")


# S3 names an operation and the right to it differently where versions and uploads are concerned.
S3_ACTIONS = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
}
VERSIONED = {"GetObject", "DeleteObject"}


def _s3(operation: str, url: str, _: bytes, logical: Logical) -> Iterator[Right]:
    parts = urlsplit(url)
    host = re.match(r"(.+)\.s3[.-]", parts.netloc)
    name, _, key = parts.path[1:].partition("/")
    bucket, key = (host[1], unquote(parts.path[1:])) if host else (name, unquote(key))
    action = S3_ACTIONS.get(operation, operation)
    if action in VERSIONED and "versionId" in parse_qs(parts.query):
        action += "Version"
    if action.startswith("ListBucket"):
        yield Right(f"s3:{action}", logical[bucket])
        return
    place = next((place for place in PLACES if key.startswith(place)), key)
    yield Right(f"s3:{action}", f"{logical[bucket]}/{place}")


SERVICES: dict[str, Callable[[str, str, bytes, Logical], Iterator[Right]]] = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "kms": _kms,
    "sesv2": _ses,
    "s3": _s3,
    "eventbridge": _events,
}
