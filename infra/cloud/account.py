"""The account that is deployed to: who calls, what it may hold, and where the code is put."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.cloud.stage import Document, Stage
from infra.cloud.template import functions

LEFT_TO_OTHERS = 100  # Lambda: so many executions can't be reserved
WORKERS = "WorkerConcurrency"


class NotReady(ValueError):
    """The account can't take the stage; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Aws:
    """boto3's clients, in the region of the stage."""

    sts: Any
    s3: Any
    lambdas: Any
    cloudformation: Any
    ses: Any

    @classmethod
    def of(cls, stage: Stage) -> "Aws":
        """With the credentials that boto3 finds."""
        session = boto3.Session(region_name=stage.region)
        return cls(
            sts=session.client("sts"),
            s3=session.client("s3"),
            lambdas=session.client("lambda"),
            cloudformation=session.client("cloudformation"),
            ses=session.client("sesv2"),
        )


def identity(aws: Aws, stage: Stage) -> str:
    """Who calls. Raises NotReady when that is another account than the stage's."""
    said = aws.sts.get_caller_identity()
    if said["Account"] != stage.account:
        raise NotReady(f"{stage.name} lives in account {stage.account}; this is {said['Account']}")
    return str(said["Arn"])


def check_concurrency(
    aws: Aws, template: Document, wanted: Mapping[str, str], running: Mapping[str, str] | None
) -> None:
    """Whether Lambda can reserve what the template asks for. Raises NotReady."""
    limits = aws.lambdas.get_account_settings()["AccountLimit"]
    now = _reserved(template, running) if running is not None else 0
    free = limits["UnreservedConcurrentExecutions"] + now - LEFT_TO_OTHERS
    if (asked := _reserved(template, wanted)) > max(free, 0):
        raise NotReady(
            f"{WORKERS}: {asked} executions would be reserved, and the account can spare "
            f"{max(free, 0)}. Ask for a higher limit (Service Quotas, Lambda, concurrent "
            f"executions), or set {WORKERS} to 0 until then"
        )


def may_send_to_anyone(aws: Aws) -> bool:
    """Whether SES has let the account out of its sandbox."""
    return bool(aws.ses.get_account().get("ProductionAccessEnabled"))


def code_bucket(aws: Aws, stage: Stage) -> str:
    """Where code is put: made when missing, versioned, nothing public. Answers its name."""
    bucket = f"premium-pay-code-{stage.account}-{stage.region}-{stage.name}"
    # Anyone can guess the name: never use a bucket that another account made under it.
    ours = {"Bucket": bucket, "ExpectedBucketOwner": stage.account}
    try:
        aws.s3.head_bucket(**ours)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        place = {"LocationConstraint": stage.region}
        elsewhere = {"CreateBucketConfiguration": place} if stage.region != "us-east-1" else {}
        aws.s3.create_bucket(Bucket=bucket, **elsewhere)
    nothing = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    aws.s3.put_public_access_block(
        **ours, PublicAccessBlockConfiguration=dict.fromkeys(nothing, True)
    )
    aws.s3.put_bucket_versioning(**ours, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def upload(aws: Aws, stage: Stage, bucket: str, file: Path) -> str:
    """Under the name of its own digest, once. Answers the key."""
    body = file.read_bytes()
    key = f"{hashlib.sha256(body).hexdigest()}{file.suffix}"
    ours = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": stage.account}
    try:
        aws.s3.head_object(**ours)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        aws.s3.put_object(**ours, Body=body)
    return key


def _reserved(template: Document, given: Mapping[str, str]) -> int:
    """Executions that the functions of the template keep to themselves."""

    def number(value: Any) -> int:
        match value:
            case {"Fn::If": [_, reserves, _]}:
                return number(reserves)
            case {"Ref": name}:
                return int(given.get(name, template["Parameters"][name].get("Default", 0)))
        return int(value)

    if given.get(WORKERS) == "0":
        return 0
    found = [each.get("ReservedConcurrentExecutions", 0) for _, each in functions(template)]
    return sum(number(value) for value in found)
