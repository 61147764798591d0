"""A right, and the policy that grants it: `.chalice/policy-<function>.json`, one a function.

Our policies are so plain that each is a set of rights and each set of rights is one policy; what
is not of this form can't be read, and so can't be granted.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POLICIES = Path(__file__).parents[2] / ".chalice"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """An action on one of our resources, by the names of infra/resources.yaml.

    `LedgerTable`; `Bucket/inbound/bank/` for what lies under it; `SealKey?account` for a key, when
    the encryption context says this purpose; `StorageKey@dynamodb` for a key, by way of a service.
    """

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


def policy_file(function: str) -> Path:
    """Where the policy of a function lies."""
    return POLICIES / f"policy-{function}.json"


def granted(function: str) -> frozenset[Right]:
    """What the policy of a function grants. Raises ValueError where it is not of our form."""
    return frozenset(read(json.loads(policy_file(function).read_text(encoding="utf-8"))))


def read(policy: Document) -> Iterator[Right]:
    """Every right of a policy. Raises ValueError where it is not of our form."""
    for statement in policy["Statement"]:
        if statement["Effect"] != "Allow" or "*" in str(statement["Action"]):
            raise ValueError(f"not a statement of ours: {statement}")
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                for name in _names(_place(resource), statement.get("Condition")):
                    yield Right(action, name)


def write(rights: Iterable[Right]) -> str:
    """The policy that grants just these, always the same text for the same rights."""
    actions: dict[str, set[str]] = defaultdict(set)
    for right in rights:
        actions[right.resource].add(right.action)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for resource, done in actions.items():
        base, mark, condition = _parted(resource)
        alike[*sorted(done), f"{mark}{base if mark else ''}"].append(f"{base}{mark}{condition}")
    statements = [
        _statement(list(key[:-1]), sorted(resources)) for key, resources in sorted(alike.items())
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _statement(actions: list[str], resources: list[str]) -> Document:
    parts = [_parted(resource) for resource in resources]
    found: Document = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": [_address(base) for base in sorted({base for base, _, _ in parts})],
    }
    if condition := _condition(parts[0][1], sorted(name for _, _, name in parts)):
        found["Condition"] = condition
    return found


def _condition(mark: str, names: list[str]) -> Document | None:
    match mark:
        case "?":
            return {"StringEquals": {"kms:EncryptionContext:purpose": names}}
        case "@":
            services = [{"Fn::Sub": f"{name}.${{AWS::Region}}.amazonaws.com"} for name in names]
            return {"StringEquals": {"kms:ViaService": services}}
    return None


def _names(base: str, condition: Document | None) -> list[str]:
    if condition is None:
        return [base]
    [(key, values)] = condition["StringEquals"].items()
    if key == "kms:EncryptionContext:purpose":
        return [f"{base}?{value}" for value in values]
    return [f"{base}@{value['Fn::Sub'].split('.')[0]}" for value in values]


def _parted(resource: str) -> tuple[str, str, str]:
    for mark in "?@":
        base, found, name = resource.partition(mark)
        if found:
            return base, mark, name
    return resource, "", ""


ADDRESSES: dict[str, Document] = {
    "EventBus": {  # AWS's own, the one that S3 and SES speak to
        "Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"
    },
    # Names that CloudFormation gives no ARN for.
    "MailIdentity": {
        "Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
        ":identity/${MailDomain}"
    },
    "MailEvents": {
        "Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
        ":configuration-set/${MailEvents}"
    },
}


def _address(base: str) -> Document:
    """The ARN of a resource, as the template says it."""
    if base in ADDRESSES:
        return ADDRESSES[base]
    name, slash, prefix = base.partition("/")
    if slash:
        return {"Fn::Sub": f"${{{name}.Arn}}/{prefix}*"}
    return {"Fn::GetAtt": [name, "Arn"]}


def _place(address: Document) -> str:
    for base, known in ADDRESSES.items():
        if known == address:
            return base
    match address:
        case {"Fn::GetAtt": [name, "Arn"]}:
            return str(name)
        case {"Fn::Sub": str(text)} if text.startswith("${") and text.endswith("*"):
            return text.removeprefix("${").replace(".Arn}", "").removesuffix("*")
    raise ValueError(f"not an address of ours: {address}")
