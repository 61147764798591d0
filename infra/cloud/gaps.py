"""What the emulator lacks or does otherwise than AWS, by name, and what is done about it.

One entry a gap: what is changed in the template before it goes up, and why; nothing else of it is
touched. What no template can lift is mended in the emulator.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """One of them."""

    name: str
    change: str
    reason: str
    lift: Callable[[Document], int]
    """Changes the template; answers in how many places."""


def lift(template: Document) -> Document:
    """The template for the emulator. Raises ValueError where an entry has nothing to change."""
    for gap in GAPS:
        if not gap.lift(template):
            raise ValueError(f"{gap.name}: nothing to lift; the entry can go")
    return template


def _batches(template: Document) -> int:
    count = 0
    for statement in _role_statements(template):
        if "sqs:SendMessage" in statement["Action"]:
            statement["Action"] = [*statement["Action"], "sqs:SendMessageBatch"]
            count += 1
    return count


def _letters(template: Document) -> int:
    count = 0
    for statement in _role_statements(template):
        if any(action.startswith("ses:Send") for action in statement["Action"]):
            statement["Resource"] = "*"
            count += 1
    return count


def _plain_http(template: Document) -> int:
    count = 0
    for policy in _properties(template, "AWS::S3::BucketPolicy"):
        document = policy["PolicyDocument"]
        kept = [each for each in document["Statement"] if not _wants_tls(each)]
        count += len(document["Statement"]) - len(kept)
        document["Statement"] = kept
    for name in [n for n, each in template["Resources"].items() if _is_empty_policy(each)]:
        del template["Resources"][name]
    return count


def _schedules(template: Document) -> int:
    found = list(_properties(template, "AWS::Scheduler::Schedule"))
    for schedule in found:
        schedule["State"] = "DISABLED"
    return len(found)


def _metric_math(template: Document) -> int:
    found = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in each["Properties"]
    ]
    for name in found:
        del template["Resources"][name]
    return len(found)


def _wants_tls(statement: Document) -> bool:
    return "aws:SecureTransport" in str(statement.get("Condition", {}))


def _is_empty_policy(resource: Document) -> bool:
    return (
        resource["Type"] == "AWS::S3::BucketPolicy"
        and not resource["Properties"]["PolicyDocument"]["Statement"]
    )


def _properties(template: Document, kind: str) -> Iterator[Document]:
    for resource in template["Resources"].values():
        if resource["Type"] == kind:
            yield resource["Properties"]


def _role_statements(template: Document) -> Iterator[Document]:
    for role in _properties(template, "AWS::IAM::Role"):
        for policy in role.get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                if isinstance(statement["Action"], str):
                    statement["Action"] = [statement["Action"]]
                yield statement


GAPS = (
    Gap(
        "a right that AWS does not have",
        "sqs:SendMessageBatch beside each sqs:SendMessage",
        "the emulator asks for it; on AWS sqs:SendMessage covers batches",
        _batches,
    ),
    Gap(
        "the resource of a letter",
        "ses:Send... on *",
        "it checks SES against *; AWS checks the identity and the configuration set",
        _letters,
    ),
    Gap(
        "TLS",
        "bucket policies without the denial of plain http",
        "it speaks http only on loopback, so that the denial would refuse everybody everything",
        _plain_http,
    ),
    Gap(
        "the calendar",
        "schedules are made, but disabled",
        "it takes every time as UTC and has only the real date; each job is invoked with the "
        "schedule's own target and input",
        _schedules,
    ),
    Gap(
        "alarms over several metrics",
        "they are left out",
        "its CloudWatch knows alarms of one metric only",
        _metric_math,
    ),
)
"""Found with the version that requirements-engine.txt pins; `lift` raises when one has gone."""

MENDED = {
    "the clock": "it has only the real date: the story's is told to the deployed code and to S3",
    "the purpose of a key": "policies bind on kms:EncryptionContext, and it asks KMS only for tags",
    "the version in S3's events": "they name none; AWS's do, and policies grant reading versions",
    "a part of a version": "it gives the whole, whatever bytes are asked for",
    "denials": "they are written down, for the table at the end",
    "the package": "it is laid out once, not once for each process of a function",
}
"""What inside/sitecustomize.py changes in the emulator itself, and why."""
