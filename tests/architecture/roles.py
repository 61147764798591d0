"""The roles of infra/resources.yaml, as words: what each may do."""

from typing import Any

from infra.offline.resources import load, typed
from infra.rights.right import Right, read

ROLES = {
    name: resource["Properties"]
    for name, resource in typed(load()).items()
    if resource["Type"] == "AWS::IAM::Role"
}
OF_OUR_FORM = {"files", "look", "act", "bank"}
"""Policies that can be read as rights on our own resources."""


def rights_of(role: str) -> frozenset[Right]:
    """What it may do with our tables, queues, files and keys."""
    return frozenset(
        right
        for policy in ROLES[role]["Policies"]
        if policy["PolicyName"] in OF_OUR_FORM
        for right in read(policy["PolicyDocument"])
    )


def statements_of(role: str) -> list[dict[str, Any]]:
    """Each statement of each of its policies."""
    return [
        statement
        for policy in ROLES[role]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
