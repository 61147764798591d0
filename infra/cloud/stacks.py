"""A stage's stack, as AWS knows it: what it is called, its functions, what they are told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

TELLS_ALL = "send_mail"
"""Its environment has every setting; the address of the page is told to no other."""


def stack_name(stage: str) -> str:
    """What CloudFormation calls the stack of a stage."""
    return f"premium-pay-{stage}"


def logical_name(function: str) -> str:
    """send_same_day -> SendSameDay, as Chalice names it in the template."""
    return function.title().replace("_", "")


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of a stage. `cloudformation` and `lambdas` are boto3's clients."""

    stage: str
    cloudformation: Any
    lambdas: Any

    def name(self, function: str) -> str:
        """What AWS calls a function of app.py."""
        found = self.cloudformation.describe_stack_resource(
            StackName=stack_name(self.stage), LogicalResourceId=logical_name(function)
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def environment(self) -> Mapping[str, str]:
        """The settings of the stage."""
        told = self.lambdas.get_function_configuration(FunctionName=self.name(TELLS_ALL))
        variables: Mapping[str, str] = told["Environment"]["Variables"]
        return variables

    def wake(self, function: str, event: Mapping[str, Any]) -> None:
        """Lambda has taken the event; it tries as often as it would have."""
        self.lambdas.invoke(
            FunctionName=self.name(function),
            InvocationType="Event",
            Payload=json.dumps(event).encode(),
        )


def functions(stage: str) -> Functions:
    """Those of the account and region that boto3 finds."""
    return Functions(stage, boto3.client("cloudformation"), boto3.client("lambda"))
