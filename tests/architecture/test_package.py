"""What goes to AWS: no test double, nothing compiled here, a template that its transform takes."""

import json
import re
import zipfile

import pytest
import yaml

from infra.cloud import template
from infra.cloud.package import build, digest
from infra.rights.right import granted, read
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.slow  # packaging fetches wheels: a quarter of a minute
NAMES = (
    "Name",
    "TableName",
    "QueueName",
    "FunctionName",
    "BucketName",
    "TopicName",
    "AlarmName",
    "DashboardName",
    "LogGroupName",
)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return build(tmp_path_factory.mktemp("package") / "built")


@pytest.fixture(scope="module")
def sam(package):
    return yaml.safe_load((package / "sam.yaml").read_text())


@pytest.fixture(scope="module")
def resources(package):
    return yaml.safe_load((package / "template.yaml").read_text())["Resources"]


@pytest.fixture(scope="module")
def names(package):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        return archive.namelist()


def test_the_transform_takes_the_template_and_both_lint(package):
    """`build` raises otherwise; a schedule's dead letters by type and ARN once were refused."""
    assert (package / "template.yaml").exists()


def test_a_template_that_the_transform_refuses_is_told_with_its_reason(sam):
    bad = json.loads(json.dumps(sam))
    schedule = bad["Resources"]["Bill"]["Properties"]["Events"]["FirstToNinth"]["Properties"]
    schedule["DeadLetterConfig"]["Type"] = "SQS"
    with pytest.raises(template.BadTemplate, match="either define 'Arn' or 'Type'"):
        template.transformed(bad)


def test_the_same_source_gives_the_same_bytes(package, tmp_path):
    again = build(tmp_path / "again")
    assert digest(again / "deployment.zip") == digest(package / "deployment.zip")
    assert (again / "template.yaml").read_text() == (package / "template.yaml").read_text()


def test_two_stages_share_no_name(resources):
    """SAM names a schedule by its logical id where we don't: one account then holds one stage."""
    named = [
        (logical, resource["Properties"][name])
        for logical, resource in resources.items()
        for name in NAMES
        if name in resource.get("Properties", {})
    ]
    assert len(named) > 30
    ours = [each for each in named if isinstance(each[1], str) or "Fn::Sub" in each[1]]
    assert not [each for each in ours if "${Stage}" not in str(each[1])]


def test_there_is_one_public_stage(resources):
    stages = [each for each in resources.values() if each["Type"] == "AWS::ApiGateway::Stage"]
    assert [stage["Properties"]["StageName"] for stage in stages] == ["api"]


def test_each_function_that_is_made_rings_and_writes_into_the_log_of_the_stage(resources):
    """Chalice names them; the alarms were made before it did."""
    functions = [n for n, each in resources.items() if each["Type"] == "AWS::Lambda::Function"]
    assert {f"{name}ErrorsAlarm" for name in functions} <= resources.keys()
    for name in functions:
        assert resources[name]["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": "Logs"}}


def test_the_alarms_of_the_page_look_at_the_stage_that_is_made(resources):
    (stage,) = [each for each in resources.values() if each["Type"] == "AWS::ApiGateway::Stage"]
    watched = resources["PageErrorsAlarm"]["Properties"]["Dimensions"]
    assert {each["Name"]: each["Value"] for each in watched} == {
        "ApiName": resources["RestAPI"]["Properties"]["Name"],
        "Stage": stage["Properties"]["StageName"],
    }
    assert "AccessLogSetting" in stage["Properties"]
    assert resources["RestAPI"]["DependsOn"] == "GatewayAccount"  # a stage that logs needs its role


def test_what_a_failed_first_deployment_leaves_behind_does_not_block_the_second(resources):
    """Retain keeps a table even when its creation is rolled back."""
    assert not [n for n, each in resources.items() if each.get("DeletionPolicy") == "Retain"]
    kept = {each["Type"] for each in resources.values() if "DeletionPolicy" in each}
    assert kept >= {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"}


def test_a_rule_hears_of_our_bucket_only_and_loses_nothing(resources):
    rules = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Events::Rule"]
    assert len(rules) >= 3
    for rule in rules:
        if rule["EventPattern"]["source"] == ["aws.s3"]:
            assert rule["EventPattern"]["detail"]["bucket"]["name"] == [{"Ref": "Bucket"}]
        assert all("DeadLetterConfig" in target for target in rule["Targets"])


@pytest.mark.parametrize("double", ["moto", "infra", "tests", "playwright", "boto3", "botocore"])
def test_the_lambda_carries_no_test_double_and_no_boto3(names, double):
    assert not [name for name in names if name.split("/")[0] == double]


def test_no_wheel_was_compiled_here(package):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        wheels = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        assert wheels
        for wheel in wheels:
            said = archive.read(wheel).decode()
            assert not re.search(r"-linux_(x86_64|aarch64)", said), wheel


def test_pillow_brings_its_own_libraries(names):
    assert any(name.startswith("pillow.libs/") for name in names)


def test_every_module_comes_compiled(names):
    """Lambda's disk is read-only: without this each cold start would compile all of it."""
    sources = {name for name in names if name.endswith(".py") and name.startswith("chalicelib/")}
    compiled = {
        re.sub(r"__pycache__/(\w+)\.cpython-\d+\.pyc$", r"\1.py", name)
        for name in names
        if name.endswith(".pyc")
    }
    assert len(sources) > 100
    assert sources <= compiled


def test_the_zip_stays_far_below_what_lambda_takes(package):
    assert (package / "deployment.zip").stat().st_size < 25_000_000


def test_each_function_has_its_handler_in_app_and_a_role_of_its_own(resources):
    functions = [
        each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::Function"
    ]
    roles = [json.dumps(function["Role"]) for function in functions]
    assert len(functions) > 10
    assert all(re.fullmatch(r"app\.\w+", function["Handler"]) for function in functions)
    assert len(set(roles)) == len(roles)


def test_every_resource_has_a_type(sam):
    assert not [name for name, each in sam["Resources"].items() if "Type" not in each]


def test_the_tools_are_pinned():
    for name in ("requirements-build.txt", "requirements-sam.txt"):
        lines = (ROOT / name).read_text().splitlines()
        assert all(re.match(r"#|-r |[\w-]+==", line) for line in lines if line)


# --- who else may do something: what is not a function of ours -----------------------------------


def of_type(resources, kind):
    found = {n: each["Properties"] for n, each in resources.items() if each["Type"] == kind}
    assert found, f"there are some {kind}"
    return found


def trusts(role):
    """Who may be this role."""
    return json.dumps([each["Principal"] for each in role["AssumeRolePolicyDocument"]["Statement"]])


def test_the_calendar_may_start_its_own_function_and_put_away_what_fails(resources):
    roles = of_type(resources, "AWS::IAM::Role")
    calendar = {n: role for n, role in roles.items() if "scheduler.amazonaws" in trusts(role)}
    assert len(calendar) == len(of_type(resources, "AWS::Scheduler::Schedule"))
    for name, role in calendar.items():
        does = [
            (each["Action"], each["Resource"]["Fn::GetAtt"][0])
            for policy in role["Policies"]
            for each in policy["PolicyDocument"]["Statement"]
        ]
        (starts,) = [on for action, on in does if action == "lambda:InvokeFunction"]
        assert name.startswith(starts)
        assert set(does) == {
            ("lambda:InvokeFunction", starts),
            ("sqs:SendMessage", "EventDeadLetters"),
        }


def test_only_the_gateway_and_our_rules_start_functions_each_from_its_own_place(resources):
    for name, permission in of_type(resources, "AWS::Lambda::Permission").items():
        assert permission["Principal"] in ("apigateway.amazonaws.com", "events.amazonaws.com")
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "SourceArn" in permission, name


def test_a_keys_policy_lets_the_account_decide_and_an_alarm_reach_its_topic(resources):
    for name, key in of_type(resources, "AWS::KMS::Key").items():
        others = [
            each["Principal"]
            for each in key["KeyPolicy"]["Statement"]
            if ":root" not in json.dumps(each["Principal"])
        ]
        assert others in ([], [{"Service": "cloudwatch.amazonaws.com"}]), name
        assert not others or name == "StorageKey"


def test_a_buckets_policy_only_forbids(resources):
    for policy in of_type(resources, "AWS::S3::BucketPolicy").values():
        assert {each["Effect"] for each in policy["PolicyDocument"]["Statement"]} == {"Deny"}


def test_only_events_put_messages_into_a_queue_by_its_own_policy(resources):
    for policy in of_type(resources, "AWS::SQS::QueuePolicy").values():
        for each in policy["PolicyDocument"]["Statement"]:
            assert each["Principal"] == {"Service": "events.amazonaws.com"}
            assert "aws:SourceAccount" in json.dumps(each["Condition"])


def test_each_function_has_the_policy_that_was_made_for_it(sam):
    """Chalice puts the files into the template; what AWS gets is what was reviewed."""
    functions = dict(template.functions(sam))
    for name, properties in functions.items():
        (role,) = [sam["Resources"][each] for each in [properties["Role"]["Fn::GetAtt"][0]]]
        (policy,) = role["Properties"]["Policies"]
        handler = properties["Handler"].removeprefix("app.")
        function = "api_handler" if handler == "app" else handler
        assert frozenset(read(policy["PolicyDocument"])) == granted(function), name
