"""Makes on moto what infra/resources.yaml describes, and says what the functions are told of it.

moto's own CloudFormation knows neither HMAC keys nor versioned buckets nor TTL, and takes seconds
to import; so each resource is made by the same API call that CloudFormation would make.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3

from infra.offline.environment import ACCOUNT, REGION
from infra.offline.resources import Document, Resolver, Unknown, load, typed

STAGE = "offline"
GIVEN = {
    "Stage": STAGE,
    "MailDomain": "example.org",
    "BankRouting": "231380104",
    "BankName": "EXAMPLE BANK",
    "BankCompanyId": "1999999999",
}
"""What must be given at a deployment, for a machine that is deployed nowhere."""
# Not made offline: they change nothing that the application can see on one machine.
LEFT_OUT = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::CloudWatch::Alarm",
        "AWS::SNS::Topic",
        "AWS::CloudWatch::Dashboard",
        "AWS::IAM::Role",
        "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SNS::Subscription",
        "AWS::SQS::QueuePolicy",
        "AWS::WAFv2::WebACL",
    }
)


@dataclass
class Stack:
    """What was made."""

    document: Document
    environment: dict[str, str] = field(default_factory=dict)
    """The environment variables of the functions, resolved."""
    queues: dict[str, str] = field(default_factory=dict)
    """Logical name -> queue name."""
    buckets: dict[str, str] = field(default_factory=dict)
    """Logical name -> bucket name."""
    keys: dict[str, str] = field(default_factory=dict)
    """Logical name -> key id."""
    tables: list[str] = field(default_factory=list)
    logical: dict[str, str] = field(default_factory=dict)
    """What AWS calls a resource -> its name in the document."""


def build(document: Document | None = None, *, public_url: str | None = None) -> Stack:
    """Make every typed resource. Raises ValueError on a type that we neither make nor leave out."""
    return Builder(document or load(), public_url).build()


class Builder:
    """One build: what is made first may be referred to by what is made later."""

    def __init__(self, document: Document, public_url: str | None) -> None:
        self.stack = Stack(document)
        self.client = cache(boto3.Session(region_name=REGION).client)
        self.resolver = Resolver(
            {
                "AWS::AccountId": ACCOUNT,
                "AWS::Region": REGION,
                "AWS::Partition": "aws",
                **{
                    name: str(parameter["Default"])
                    for name, parameter in document.get("Parameters", {}).items()
                    if "Default" in parameter
                },
                **GIVEN,
            }
        )
        self.public_url = public_url
        self.makers: dict[str, Callable[[str, Document], None]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::KMS::Key": self._key,
            "AWS::S3::Bucket": self._bucket,
            "AWS::SES::ConfigurationSet": self._configuration_set,
            "AWS::SES::EmailIdentity": self._identity,
            "AWS::SQS::Queue": self._queue,
        }

    def build(self) -> Stack:
        """In whatever order the references allow."""
        waiting = {
            name: resource
            for name, resource in typed(self.stack.document).items()
            # What a stage may go without, one machine does without.
            if resource["Type"] not in LEFT_OUT and "Condition" not in resource
        }
        while waiting:
            made = [name for name, resource in waiting.items() if self._made(name, resource)]
            if not made:
                raise ValueError(f"resources.yaml refers to nothing that is made: {list(waiting)}")
            waiting = {name: kept for name, kept in waiting.items() if name not in made}
        variables = self.stack.document["Globals"]["Function"]["Environment"]["Variables"]
        self.stack.environment = {
            name: str(self.resolver.resolve(value)) for name, value in variables.items()
        }
        if self.public_url:
            self.stack.environment["PUBLIC_URL"] = self.public_url
        made = typed(self.stack.document)
        self.stack.logical = {ref: name for name, ref in self.resolver.refs.items() if name in made}
        return self.stack

    def _made(self, name: str, resource: Document) -> bool:
        maker = self.makers.get(resource["Type"])
        if maker is None:
            raise ValueError(f"{name}: the offline world cannot make {resource['Type']}")
        try:
            properties = self.resolver.resolve(resource.get("Properties", {}))
        except Unknown:
            return False
        maker(name, properties)
        return True

    def _table(self, name: str, properties: Document) -> None:
        client = self.client("dynamodb")
        kept = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema")
        wanted: Document = {key: properties[key] for key in kept if key in properties}
        made = client.create_table(**wanted)["TableDescription"]
        if ttl := properties.get("TimeToLiveSpecification"):
            client.update_time_to_live(
                TableName=properties["TableName"], TimeToLiveSpecification=ttl
            )
        self.stack.tables.append(properties["TableName"])
        self.resolver.made(name, properties["TableName"], Arn=made["TableArn"])

    def _key(self, name: str, properties: Document) -> None:
        made = self.client("kms").create_key(
            Description=properties.get("Description", name),
            KeySpec=properties.get("KeySpec", "SYMMETRIC_DEFAULT"),
            KeyUsage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
            Policy=json.dumps(properties["KeyPolicy"]),
        )["KeyMetadata"]
        self.stack.keys[name] = made["KeyId"]
        self.resolver.made(name, made["KeyId"], Arn=made["Arn"])

    def _bucket(self, name: str, properties: Document) -> None:
        client = self.client("s3")
        bucket = properties.get("BucketName", f"offline-{name.lower()}-{ACCOUNT}")
        client.create_bucket(Bucket=bucket)
        if versioning := properties.get("VersioningConfiguration"):
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
        self.stack.buckets[name] = bucket
        self.resolver.made(name, bucket, Arn=f"arn:aws:s3:::{bucket}")

    def _queue(self, name: str, properties: Document) -> None:
        attributes: dict[str, Any] = {
            key: json.dumps(value) if isinstance(value, dict) else str(value)
            for key, value in properties.items()
            if key not in ("QueueName", "Tags")
        }
        queue = properties.get("QueueName", name)
        url = self.client("sqs").create_queue(QueueName=queue, Attributes=attributes)
        self.stack.queues[name] = queue
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
        self.resolver.made(
            name, url["QueueUrl"], Arn=arn, QueueName=queue, QueueUrl=url["QueueUrl"]
        )

    def _identity(self, name: str, properties: Document) -> None:
        identity = properties["EmailIdentity"]
        self.client("sesv2").create_email_identity(EmailIdentity=identity)
        self.resolver.made(name, identity)

    def _configuration_set(self, name: str, properties: Document) -> None:
        self.client("sesv2").create_configuration_set(ConfigurationSetName=properties["Name"])
        self.resolver.made(name, properties["Name"])
