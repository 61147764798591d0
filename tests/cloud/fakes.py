"""AWS as a deployment sees it, in the shapes that boto3 gives; every answer can be planned.

What is asked is held against boto3's own description of each call.
"""

import io
import json
from functools import wraps

from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator

TABLE = "AWS::DynamoDB::Table"
ACCOUNT = "111122223333"
ADDRESS = "https://abc.execute-api.us-east-1.amazonaws.com/api/"


def change(action, name, kind, replacement=None):
    """As DescribeChangeSet tells it."""
    told = {"Action": action, "LogicalResourceId": name, "ResourceType": kind}
    return {
        "Type": "Resource",
        "ResourceChange": told | ({"Replacement": replacement} if replacement else {}),
    }


def asks(service, operation):
    """A call of boto3's, whose words must be those that it takes."""

    def decorate(answer):
        @wraps(answer)
        def call(self, **asked):
            model = Session().get_service_model(service).operation_model(operation)
            problems = ParamValidator().validate(asked, model.input_shape)
            assert not problems.has_errors(), problems.generate_report()
            return answer(self, asked)

        return call

    return decorate


class FakeCloudFormation:
    """One stack. `stack` is its state, None where there is none; `done` says what was done."""

    def __init__(self):
        self.stack = None
        self.running_tables = {}
        self.planned = [change("Add", "LedgerTable", TABLE)]
        self.reason = ""
        self.becomes = "UPDATE_COMPLETE"
        self.failures = []
        self.given = {}
        self.done = []
        self._events = []

    def exists(self, status="UPDATE_COMPLETE", commit="0ld", **parameters):
        """From now on there is a stack."""
        self.stack = {
            "StackStatus": status,
            "Parameters": [{"ParameterKey": n, "ParameterValue": t} for n, t in parameters.items()],
            "Outputs": [
                {"OutputKey": "EndpointURL", "OutputValue": ADDRESS},
                {"OutputKey": "Commit", "OutputValue": commit},
            ],
        }

    @asks("cloudformation", "DescribeStacks")
    def describe_stacks(self, asked):
        if self.stack is None:
            text = f"Stack with id {asked['StackName']} does not exist"
            error = {"Error": {"Code": "ValidationError", "Message": text}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [self.stack]}

    def get_paginator(self, operation):
        assert operation == "list_stack_resources"
        return self

    @asks("cloudformation", "ListStackResources")
    def paginate(self, _asked):
        for name, table in self.running_tables.items():
            each = {"LogicalResourceId": name, "PhysicalResourceId": table, "ResourceType": TABLE}
            yield {"StackResourceSummaries": [each]}

    @asks("cloudformation", "CreateChangeSet")
    def create_change_set(self, asked):
        self.given = asked
        self.done.append(f"proposed {asked['ChangeSetType']}")
        if self.stack is None:
            self.exists("REVIEW_IN_PROGRESS")

    @asks("cloudformation", "DescribeChangeSet")
    def describe_change_set(self, asked):
        assert asked["ChangeSetName"] == self.given["ChangeSetName"]
        if self.reason:
            return {"Status": "FAILED", "StatusReason": self.reason, "Changes": []}
        at = int(asked.get("NextToken", "0"))
        page = {"Status": "CREATE_COMPLETE", "Changes": self.planned[at : at + 1]}
        more = {"NextToken": str(at + 1)} if at + 1 < len(self.planned) else {}
        return page | more

    @asks("cloudformation", "DeleteChangeSet")
    def delete_change_set(self, _asked):
        self.done.append("withdrawn")

    @asks("cloudformation", "DeleteStack")
    def delete_stack(self, _asked):
        self.done.append("stack deleted")

    @asks("cloudformation", "DescribeStackEvents")
    def describe_stack_events(self, _asked):
        return {"StackEvents": list(reversed(self._events))}

    @asks("cloudformation", "ExecuteChangeSet")
    def execute_change_set(self, _asked):
        self.done.append("executed")
        self.exists(self.becomes)
        for name, status, why in self.failures or [("LedgerTable", "CREATE_COMPLETE", "")]:
            self._events.append(
                {
                    "EventId": f"{name}-{status}",
                    "LogicalResourceId": name,
                    "ResourceStatus": status,
                    "ResourceStatusReason": why,
                }
            )

    @asks("cloudformation", "DescribeStackResource")
    def describe_stack_resource(self, asked):
        name = f"{asked['StackName']}-{asked['LogicalResourceId']}-X"
        return {"StackResourceDetail": {"PhysicalResourceId": name}}


class FakeLambda:
    """Lambda of an account that may run so many functions at once."""

    def __init__(self):
        self.unreserved = 1000
        self.made = ["account 1", "page 1"]
        self.error = ""
        self.asked = []

    def get_account_settings(self):
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.unreserved}}

    @asks("lambda", "Invoke")
    def invoke(self, asked):
        self.asked.append((asked["FunctionName"], asked["Payload"]))
        body = json.dumps(self.made).encode()
        failed = {"FunctionError": self.error} if self.error else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(body)} | failed


class FakeSes:
    """SES, in its sandbox or out of it."""

    may_send = True

    def get_account(self):
        return {"ProductionAccessEnabled": self.may_send}


class FakeSts:
    """Whose credentials these are."""

    account = ACCOUNT

    def get_caller_identity(self):
        return {"Account": self.account, "Arn": f"arn:aws:iam::{self.account}:user/ada"}
