"""One command puts a stage into AWS: asked first, followed to its end, and seen to answer."""

import io
import json
import zipfile

import boto3
import pytest
import yaml
from rich.console import Console

from chalicelib import __version__
from infra.cloud.account import Aws, NotReady
from infra.cloud.deploy import Deployment, Refused, Wishes, roll_back
from infra.cloud.rollout import Failed
from infra.cloud.smoke import Unwell
from infra.cloud.stage import NotFilledIn, Stage
from infra.offline.engine import Engine
from infra.offline.environment import ACCOUNT
from tests.cloud.fakes import (
    ADDRESS,
    TABLE,
    FakeCloudFormation,
    FakeLambda,
    FakeSes,
    FakeSts,
    change,
)

SAM = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {
        "Stage": {"Type": "String"},
        "MailDomain": {"Type": "String"},
        "WorkerConcurrency": {"Type": "Number", "Default": 64},
    },
    "Resources": {
        "LedgerTable": {
            "Type": TABLE,
            "Properties": {"TableName": {"Fn::Sub": "premium-pay-${Stage}-ledger-2"}},
        },
        "WorkShard": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.work_shard",
                "CodeUri": "deployment.zip",
                "ReservedConcurrentExecutions": {"Ref": "WorkerConcurrency"},
            },
        },
    },
}
GIVEN = {"Stage": "dev", "MailDomain": "dev.agency.gov"}
HEALTHY = {"version": __version__}


class World:
    """A deployment before it runs, with all that it talks to."""

    def __init__(self, package, s3):
        self.package = package
        self.cloudformation, self.lambdas = FakeCloudFormation(), FakeLambda()
        self.sts, self.ses, self.s3 = FakeSts(), FakeSes(), s3
        self.sts.account = ACCOUNT
        self.given = GIVEN
        self.health = [(200, HEALTHY)]
        self.asked, self.questions, self.pauses = [], [], []
        self.text = io.StringIO()

    def fetch(self, url):
        self.asked.append(url)
        status, body = self.health.pop(0) if len(self.health) > 1 else self.health[0]
        return status, json.dumps(body).encode()

    def deploy(self, says=True, **wishes):
        def ask(question):
            self.questions.append(question)
            return says

        aws = Aws(self.sts, self.s3, self.lambdas, self.cloudformation, self.ses)
        self.deployment = Deployment(
            Stage("dev", ACCOUNT, "us-east-1", self.given),
            aws,
            self.package,
            "n3w",
            Console(file=self.text, width=120, highlight=False, force_terminal=False),
            self.pauses.append,
            self.fetch,
        )
        self.deployment.run(Wishes(ask=ask, **wishes))

    @property
    def said(self):
        return self.text.getvalue()

    @property
    def done(self):
        return self.cloudformation.done


@pytest.fixture
def world(tmp_path):
    (tmp_path / "sam.yaml").write_text(yaml.safe_dump(SAM))
    with zipfile.ZipFile(tmp_path / "deployment.zip", "w") as archive:
        archive.writestr("app.py", "")
    with Engine():
        yield World(tmp_path, boto3.client("s3"))


@pytest.fixture
def running(world):
    """The same, where a stack runs already."""
    world.cloudformation.exists()
    world.cloudformation.running_tables = {"LedgerTable": "premium-pay-dev-ledger-2"}
    return world


def test_a_first_deployment_makes_a_stack_its_keys_and_asks_it(world):
    world.deploy()
    assert world.done == ["proposed CREATE", "executed"]
    assert world.lambdas.asked == [("premium-pay-dev-MakeKeys-X", b"{}")]
    assert "Keys made: account 1, page 1" in world.said
    assert world.asked == [f"{ADDRESS}health"]
    assert f"dev answers, version {__version__}" in world.said
    assert f"account {ACCOUNT}, us-east-1, as arn:aws:iam::{ACCOUNT}:user/ada" in world.said


def test_code_and_template_lie_in_a_bucket_that_is_nobody_elses(world):
    world.deploy()
    bucket = f"premium-pay-code-{ACCOUNT}-us-east-1-dev"
    blocked = world.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert world.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    keys = [each["Key"] for each in world.s3.list_objects_v2(Bucket=bucket)["Contents"]]
    [code] = [key for key in keys if key.endswith(".zip")]
    url = world.cloudformation.given["TemplateURL"]
    assert url.startswith(f"https://{bucket}.s3.us-east-1.amazonaws.com/")
    body = world.s3.get_object(Bucket=bucket, Key=url.rpartition("/")[2])["Body"].read()
    template = yaml.safe_load(body)
    function = template["Resources"]["WorkShard"]
    assert function["Type"] == "AWS::Lambda::Function"
    assert function["Properties"]["Code"] == {"S3Bucket": bucket, "S3Key": code}
    assert template["Outputs"]["Commit"]["Value"] == "n3w"
    given = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in world.cloudformation.given["Parameters"]
    }
    assert given == GIVEN


def test_what_would_change_is_shown_before_it_is_asked_about(running):
    running.cloudformation.planned = [
        change("Modify", "WorkShard", "AWS::Lambda::Function", "False"),
        change("Add", "Firewall", "AWS::WAFv2::WebACL"),
    ]
    with pytest.raises(Refused, match="nothing was changed"):
        running.deploy(says=False)
    for word in ("Modify", "WorkShard", "Add", "Firewall", "AWS::WAFv2::WebACL"):
        assert word in running.said
    assert running.questions == ["Change premium-pay-dev so?"]
    assert running.done == ["proposed UPDATE", "withdrawn"]


def test_a_dry_run_shows_and_changes_nothing(world):
    world.deploy(dry_run=True)
    assert "LedgerTable" in world.said
    assert world.questions == []
    assert world.done == ["proposed CREATE", "withdrawn", "stack deleted"]
    assert world.asked == []


def test_where_nothing_changes_keys_and_answer_are_looked_at_all_the_same(running):
    running.cloudformation.reason = "The submitted information didn't contain changes."
    running.lambdas.made = []
    running.deploy()
    assert running.done == ["proposed UPDATE", "withdrawn"]
    assert "Nothing changes" in running.said
    assert "No key was missing" in running.said
    assert running.asked


def test_where_only_outputs_change_they_are_changed(running):
    """The commit that runs is one of them, and the way back names it."""
    running.cloudformation.planned = []
    running.deploy()
    assert running.done == ["proposed UPDATE", "executed"]


@pytest.mark.parametrize("kind", [TABLE, "AWS::KMS::Key", "AWS::S3::Bucket"])
@pytest.mark.parametrize("how", [("Modify", "True"), ("Modify", "Conditional"), ("Remove", None)])
def test_what_holds_data_is_replaced_or_removed_only_with_the_word(running, kind, how):
    running.cloudformation.planned = [change(how[0], "Kept", kind, how[1])]
    with pytest.raises(Refused, match="Kept: say --replace"):
        running.deploy()
    assert running.done == ["proposed UPDATE", "withdrawn"]
    assert running.questions == []
    running.deploy(replace=True)
    assert running.done[2:] == ["proposed UPDATE", "executed"]


def test_a_function_may_be_replaced_without_a_word(running):
    running.cloudformation.planned = [change("Modify", "X", "AWS::Lambda::Function", "True")]
    running.deploy()
    assert "executed" in running.done


def test_a_new_form_of_a_table_is_told_to_start_empty(running):
    running.cloudformation.running_tables = {"LedgerTable": "premium-pay-dev-ledger-1"}
    running.deploy()
    told = " ".join(running.said.split())
    assert "premium-pay-dev-ledger-2 is a new form of premium-pay-dev-ledger-1" in told
    assert "it starts empty" in told


def test_the_same_form_is_not_told(running):
    running.deploy()
    assert "new form" not in running.said


def test_cloudformation_that_fails_says_why_and_that_it_went_back(running):
    running.cloudformation.becomes = "UPDATE_ROLLBACK_COMPLETE"
    running.cloudformation.failures = [
        ("Firewall", "CREATE_FAILED", "no such thing"),
        ("Domain", "CREATE_FAILED", "Resource creation cancelled"),
        ("premium-pay-dev", "UPDATE_ROLLBACK_IN_PROGRESS", "an output has no value"),
    ]
    with pytest.raises(Failed) as failed:
        running.deploy()
    assert "Firewall: no such thing" in str(failed.value)
    assert "premium-pay-dev: an output has no value" in str(failed.value)
    assert "Domain" not in str(failed.value)
    assert "what ran before runs on" in str(failed.value)
    assert running.asked == []


def test_a_first_deployment_that_fails_says_what_to_delete(world):
    world.cloudformation.becomes = "ROLLBACK_COMPLETE"
    with pytest.raises(Failed, match="delete-stack --stack-name premium-pay-dev"):
        world.deploy()


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_cannot_be_changed_is_left_alone(running, status):
    running.cloudformation.stack["StackStatus"] = status
    with pytest.raises(Failed, match=status):
        running.deploy()
    assert running.done == []


def test_a_change_set_that_is_refused_leaves_nothing_behind(world):
    world.cloudformation.reason = "Template format error"
    with pytest.raises(Failed, match="Template format error"):
        world.deploy()
    assert world.done == ["proposed CREATE", "withdrawn", "stack deleted"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((503, {**HEALTHY, "unreachable": ["ledger"]}), "can't read its tables: ledger"),
        ((200, {"version": "0.0.9"}), f"version 0.0.9, not {__version__}"),
        ((500, {}), "answers 500, and says no version"),
    ],
)
def test_a_page_that_is_not_well_is_told_with_the_way_back(running, answer, said):
    running.health = [answer]
    with pytest.raises(Unwell, match=said):
        running.deploy()
    assert len(running.asked) == 12
    way = roll_back("dev", running.deployment.before)
    assert "git checkout 0ld && make deploy STAGE=dev" in way


def test_a_page_gets_a_minute_to_wake(running):
    running.health = [(502, {}), (503, {**HEALTHY, "unreachable": ["keys"]}), (200, HEALTHY)]
    running.deploy()
    assert len(running.asked) == 3


def test_the_first_deployment_has_no_way_back(world):
    world.health = [(500, {})]
    with pytest.raises(Unwell):
        world.deploy()
    assert "first deployment" in roll_back("dev", world.deployment.before)


def test_keys_that_could_not_be_made_are_not_passed_over(running):
    running.lambdas.error = "Unhandled"
    with pytest.raises(Unwell, match="make_keys failed"):
        running.deploy()


def test_parameters_are_checked_before_aws_is_touched(world):
    world.given = {"Stage": "dev", "Mail": "x"}
    with pytest.raises(NotFilledIn) as refused:
        world.deploy()
    assert "MailDomain: must be set" in str(refused.value)
    assert "Mail: no parameter of the template" in str(refused.value)
    assert world.done == []


def test_another_account_than_the_stages_is_refused(world):
    world.sts.account = "999999999999"
    with pytest.raises(NotReady, match="this is 999999999999"):
        world.deploy()
    assert world.done == []


@pytest.mark.parametrize(("unreserved", "workers"), [(10, 64), (163, 64), (1000, 901)])
def test_more_executions_than_the_account_can_spare_are_refused(world, unreserved, workers):
    world.lambdas.unreserved = unreserved
    world.given = {**GIVEN, "WorkerConcurrency": str(workers)}
    with pytest.raises(NotReady, match="WorkerConcurrency"):
        world.deploy()


def test_a_new_account_deploys_when_nothing_is_kept_for_the_workers(world):
    world.lambdas.unreserved = 10
    world.given = {**GIVEN, "WorkerConcurrency": "0"}
    world.deploy()
    assert "executed" in world.done


def test_what_the_stack_keeps_already_is_not_counted_twice(running):
    running.lambdas.unreserved = 100
    running.cloudformation.exists(WorkerConcurrency="64")
    running.deploy()
    assert "executed" in running.done


def test_the_sandbox_of_ses_is_told(world):
    world.ses.may_send = False
    world.deploy()
    assert "sandbox" in world.said
