"""Commands on a stage: its settings come from its stack, and nobody exports them."""

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import bootstrap
from chalicelib.settings import Settings
from infra.cloud import stacks


@pytest.fixture
def stack(world, monkeypatch):
    """AWS's own shapes for the one function that is told all."""
    cloudformation, lambdas = boto3.client("cloudformation"), boto3.client("lambda")
    monkeypatch.setattr(
        stacks, "functions", lambda stage: stacks.Functions(stage, cloudformation, lambdas)
    )
    with Stubber(cloudformation) as names, Stubber(lambdas) as told:

        def stack(variables):
            detail = {
                "LogicalResourceId": "SendMail",
                "PhysicalResourceId": "premium-pay-offline-SendMail-1X",
                "ResourceType": "AWS::Lambda::Function",
                "LastUpdatedTimestamp": "2026-12-01T00:00:00Z",
                "ResourceStatus": "CREATE_COMPLETE",
            }
            asked = {"StackName": "premium-pay-offline", "LogicalResourceId": "SendMail"}
            names.add_response("describe_stack_resource", {"StackResourceDetail": detail}, asked)
            told.add_response(
                "get_function_configuration",
                {"Environment": {"Variables": variables}},
                {"FunctionName": "premium-pay-offline-SendMail-1X"},
            )

        yield stack
        bootstrap.adopt(world.system)


@pytest.fixture
def nothing_exported(world, monkeypatch):
    """Answers what was."""
    bootstrap.adopt()
    for name in world.stack.environment:
        monkeypatch.delenv(name)
    yield dict(world.stack.environment)
    bootstrap.adopt(world.system)


def test_a_stage_is_worked_on_without_any_variable(staff, stack, nothing_exported):
    stack(nothing_exported)
    answer = staff("--stage", "offline", "cases")
    assert answer.exit_code == 0, answer.output
    assert "Stage offline" in answer.stderr
    assert bootstrap.system().settings == Settings.from_environment(nothing_exported)


def test_a_setting_that_the_stack_lacks_is_named(staff, stack, nothing_exported):
    stack({name: text for name, text in nothing_exported.items() if name != "BUCKET"})
    answer = staff("--stage", "offline", "cases")
    assert answer.exit_code == 3
    assert "BUCKET" in answer.stderr


def test_without_a_stage_the_environment_decides(staff, nothing_exported):
    answer = staff("cases")
    assert answer.exit_code == 3
    assert "SEAL_KEY_ID" in answer.stderr
