"""A stack is changed: what would change is asked for, then done, and followed to its end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.cloud.changes import Change, changes
from infra.cloud.stage import Document

DELETE = "aws cloudformation delete-stack --stack-name"
STUCK = {
    "ROLLBACK_COMPLETE": f"its first deployment failed and was rolled back: {DELETE} %s",
    "ROLLBACK_FAILED": f"its first deployment failed: {DELETE} %s",
    "DELETE_FAILED": f"it was not wholly deleted: {DELETE} %s",
    "UPDATE_ROLLBACK_FAILED": "a roll-back failed: "
    "aws cloudformation continue-update-rollback --stack-name %s",
}
NOTHING = ("didn't contain changes", "No updates are to be performed")
CANCELLED = "cancelled"
WENT_BACK = {
    **STUCK,
    "UPDATE_ROLLBACK_COMPLETE": "CloudFormation rolled back by itself: what ran before runs on",
}
POLL_SECONDS = 5.0

Pause = Callable[[float], None]


class Failed(RuntimeError):
    """CloudFormation would not, or could not; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """The stack as it stands."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(slots=True)
class Rollout:
    """Everything that is asked of CloudFormation for one stack."""

    client: Any
    stack: str
    pause: Pause

    def running(self) -> Running | None:
        """The stack, None where there is none yet. Raises Failed where it can't be changed."""
        found = self._described()
        if found is None or found.status == "REVIEW_IN_PROGRESS":
            return None
        if found.status in STUCK:
            words = STUCK[found.status].replace("%s", self.stack)
            raise Failed(f"{self.stack} is {found.status}; {words}")
        if found.status.endswith("_IN_PROGRESS"):
            raise Failed(f"{self.stack} is {found.status}; somebody else is changing it")
        return found

    def tables(self) -> dict[str, str]:
        """Logical name -> name of the tables that run."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] == "AWS::DynamoDB::Table"
        }

    def propose(self, url: str, given: Mapping[str, str], name: str, *, is_new: bool) -> None:
        """Have CloudFormation work out what would change. Raises Failed."""
        self.client.create_change_set(
            StackName=self.stack,
            ChangeSetName=name,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateURL=url,
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )

    def proposed(self, name: str) -> list[Change] | None:
        """The resources that would change; None where nothing at all would. Raises Failed."""
        pages = list(self._proposal(name))
        while pages[0]["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            self.pause(POLL_SECONDS)
            pages = list(self._proposal(name))
        if pages[0]["Status"] == "FAILED":
            reason = pages[0].get("StatusReason", "")
            if any(words in reason for words in NOTHING):
                return None
            raise Failed(f"CloudFormation refuses the change set: {reason}")
        return changes(each for page in pages for each in page["Changes"])

    def withdraw(self, name: str, *, is_new: bool) -> None:
        """Take the proposal back; a stack that was made for it goes, too."""
        self.client.delete_change_set(StackName=self.stack, ChangeSetName=name)
        if is_new:
            self.client.delete_stack(StackName=self.stack)

    def execute(self, name: str, tell: Callable[[Document], None]) -> Running:
        """Do it, and tell of each event. Raises Failed with what failed first."""
        seen = {event["EventId"] for event in self._events()}
        self.client.execute_change_set(StackName=self.stack, ChangeSetName=name)
        reasons: list[str] = []
        while True:
            self.pause(POLL_SECONDS)
            found = self._described()
            for event in reversed([e for e in self._events() if e["EventId"] not in seen]):
                seen.add(event["EventId"])
                tell(event)
                reasons += _reason(event)
            if found is None or not found.status.endswith("_IN_PROGRESS"):
                break
        if found is None or found.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            status = found.status if found else "gone"
            words = WENT_BACK.get(status, "look at its events").replace("%s", self.stack)
            raise Failed("\n  ".join([f"{self.stack} is {status}; {words}", *reasons]))
        return found

    def _described(self) -> Running | None:
        try:
            [found] = self.client.describe_stacks(StackName=self.stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return Running(
            found["StackStatus"],
            {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", ())},
            {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())},
        )

    def _proposal(self, name: str) -> Iterator[Document]:
        asked = {"StackName": self.stack, "ChangeSetName": name}
        page = self.client.describe_change_set(**asked)
        yield page
        while token := page.get("NextToken"):
            page = self.client.describe_change_set(**asked, NextToken=token)
            yield page

    def _events(self) -> list[Document]:
        """The latest hundred, newest first: more do not come between two looks."""
        events: list[Document] = self.client.describe_stack_events(StackName=self.stack)[
            "StackEvents"
        ]
        return events


def _reason(event: Document) -> Iterator[str]:
    """Of what failed, or of the stack that then goes back: an output fails without a resource."""
    why = event.get("ResourceStatusReason", "")
    is_one = event["ResourceStatus"].endswith(("_FAILED", "ROLLBACK_IN_PROGRESS"))
    if is_one and why and CANCELLED not in why:
        yield f"{event['LogicalResourceId']}: {why}"
