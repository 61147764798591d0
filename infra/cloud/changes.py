"""What a change set would do to a stack, and what of it can't be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from infra.cloud.stage import Document

KEEPS_DATA = frozenset({"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"})
"""Where one of these is replaced or removed, what it held is no longer the system's."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that changes."""

    action: str
    name: str
    kind: str
    replacement: str
    """True, False, Conditional, or empty."""

    @property
    def loses(self) -> bool:
        """Whether the system would go on without what it kept there."""
        gone = self.action == "Remove" or self.replacement in ("True", "Conditional")
        return gone and self.kind in KEEPS_DATA


def changes(said: Iterable[Mapping[str, Any]]) -> list[Change]:
    """As CloudFormation tells them, the dangerous ones first."""
    found = [
        Change(
            each["ResourceChange"]["Action"],
            each["ResourceChange"]["LogicalResourceId"],
            each["ResourceChange"]["ResourceType"],
            each["ResourceChange"].get("Replacement", ""),
        )
        for each in said
        if each.get("Type") == "Resource"
    ]
    return sorted(found, key=lambda change: (not change.loses, change.action, change.name))


def shown(found: Iterable[Change]) -> Table:
    """For people; in red what can't be taken back."""
    table = Table("Action", "Resource", "Type", "Replaced")
    for change in found:
        replaced = change.replacement if change.replacement != "False" else ""
        row = (change.action, change.name, change.kind, replaced)
        table.add_row(*row, style="red" if change.loses else None)
    return table


def table_names(template: Document, stage: str) -> dict[str, str]:
    """Logical name -> what the table of the template is called on this stage."""
    return {
        name: resource["Properties"]["TableName"]["Fn::Sub"].replace("${Stage}", stage)
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def new_forms(wanted: Mapping[str, str], running: Mapping[str, str]) -> list[tuple[str, str]]:
    """(the table that runs, the one that takes its place and starts empty)."""
    return [
        (running[name], table)
        for name, table in sorted(wanted.items())
        if name in running and running[name] != table
    ]
