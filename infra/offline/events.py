"""Events as EventBridge and SQS hand them to a function, and which patterns they match."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from infra.offline.clock import written
from infra.offline.engine import Call
from infra.offline.environment import ACCOUNT, REGION

Event = dict[str, Any]

CREATES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that was put into a bucket."""

    bucket: str
    key: str
    at: datetime
    size: int
    version: str | None
    etag: str
    number: int

    def event(self) -> Event:
        """What S3 tells EventBridge of it."""
        about: Event = {
            "key": self.key,
            "size": self.size,
            "etag": self.etag,
            "sequencer": f"{self.number:016X}",
        }
        if self.version:
            about["version-id"] = self.version
        detail = {"version": "0", "bucket": {"name": self.bucket}, "object": about}
        return bus_event("aws.s3", "Object Created", detail, self.at)


def bus_event(source: str, detail_type: str, detail: Mapping[str, Any], at: datetime) -> Event:
    """An event on the default bus."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "source": source,
        "detail-type": detail_type,
        "account": ACCOUNT,
        "region": REGION,
        "time": written(at.replace(microsecond=0)),
        "resources": [],
        "detail": dict(detail),
    }


def told_of(call: Call) -> list[Event]:
    """What we say on the bus ourselves."""
    if call.operation != "PutEvents":
        return []
    return [
        bus_event(
            told["Source"],
            told["DetailType"],
            json.loads(told["Detail"]),
            datetime.fromtimestamp(told["Time"], UTC),
        )
        for told in json.loads(call.body)["Entries"]
    ]


def queue_event(messages: Sequence[Any], queue_arn: str) -> Event:
    """A batch of moto's messages as Lambda's poller hands it over."""
    return {
        "Records": [
            {
                "messageId": message.id,
                "receiptHandle": message.receipt_handle,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": str(message.approximate_receive_count),
                    "SentTimestamp": str(message.sent_timestamp),
                    "SenderId": message.sender_id,
                    "ApproximateFirstReceiveTimestamp": str(
                        message.approximate_first_receive_timestamp
                    ),
                },
                "messageAttributes": {},
                "md5OfBody": message.body_md5,
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def stored_place(call: Call) -> tuple[str, str] | None:
    """Bucket and key, when this call put an object."""
    if call.service != "s3" or call.operation not in CREATES:
        return None
    return place_of(call)


def place_of(call: Call) -> tuple[str, str]:
    """Bucket and key, as a call to S3 names them."""
    parts = urlsplit(call.url)
    host, path = parts.netloc, unquote(parts.path).lstrip("/")
    if host.startswith(("s3.", "s3-")):
        bucket, _, path = path.partition("/")
    else:
        bucket = host.split(".s3", 1)[0]
    return bucket, path


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether EventBridge would send this event to the owner of this pattern."""
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            if not isinstance(event.get(name), Mapping) or not matches(wanted, event[name]):
                return False
        elif not any(_one_matches(filter_, event, name) for filter_ in wanted):
            return False
    return True


def _one_matches(filter_: Any, event: Mapping[str, Any], name: str) -> bool:
    value = event.get(name)
    if not isinstance(filter_, Mapping):
        return name in event and value == filter_
    [(how, what)] = filter_.items()
    if how == "exists":
        return (name in event) is bool(what)
    if how == "anything-but":
        return name in event and value not in (what if isinstance(what, list) else [what])
    if how in ("prefix", "suffix"):
        text = str(value) if name in event else None
        return text is not None and (
            text.startswith(what) if how == "prefix" else text.endswith(what)
        )
    raise NotImplementedError(f"event patterns with {how!r} are not played offline")


@dataclass(slots=True)
class LambdaContext:
    """What a function is told of its own invocation."""

    function_name: str
    remaining_ms: int = 180_000
    memory_limit_in_mb: int = 512
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def invoked_function_arn(self) -> str:
        """Its name in full."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def function_version(self) -> str:
        """Always the latest."""
        return "$LATEST"

    @property
    def log_group_name(self) -> str:
        """Where its log goes."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """As AWS spells it."""
        return self.remaining_ms
