"""Who is on duty hears of it: what is watched, by which figure of AWS's, and what to do then."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest

import app as module
from chalicelib.domain.banking_days import is_banking_day
from infra.cloud import alarms
from infra.offline import schedules
from infra.offline.cron import Cron
from infra.rights.platform import functions
from tests.architecture.sources import ROOT

DOCUMENT = alarms.merged()
RESOURCES = DOCUMENT["Resources"]
ROWS = alarms.table()["alarms"]
ALARMS = {
    name: resource
    for name, resource in RESOURCES.items()
    if resource.get("Type") == "AWS::CloudWatch::Alarm"
}
DAY, WEEK = 86_400, 604_800

GATEWAY = "API Gateway: api-gateway-metrics-and-dimensions"
LAMBDA = "Lambda: monitoring-metrics-types"
DYNAMODB = "DynamoDB: metrics-dimensions"
SQS = "SQS: sqs-available-cloudwatch-metrics"
SES = "SES: reputationdashboard-cloudwatch-alarm"
DOCUMENTED = {
    ("AWS/ApiGateway", "5XXError"): (("ApiName", "Stage"), "Sum", GATEWAY),
    ("AWS/ApiGateway", "Latency"): (("ApiName", "Stage"), "p99", GATEWAY),
    ("AWS/Lambda", "Errors"): (("FunctionName",), "Sum", LAMBDA),
    ("AWS/Lambda", "Duration"): (("FunctionName",), "Maximum", LAMBDA),
    ("AWS/Lambda", "Throttles"): (("FunctionName",), "Sum", LAMBDA),
    ("AWS/DynamoDB", "ReadThrottleEvents"): (("TableName",), "Sum", DYNAMODB),
    ("AWS/DynamoDB", "WriteThrottleEvents"): (("TableName",), "Sum", DYNAMODB),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): (("QueueName",), "Maximum", SQS),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): (("QueueName",), "Maximum", SQS),
    ("AWS/SES", "Reputation.BounceRate"): ((), "Average", SES),
    ("AWS/SES", "Reputation.ComplaintRate"): ((), "Average", SES),
}
"""What AWS emits: dimensions, statistic, and the page of its documentation that says so."""


def metric_of(properties):
    """Namespace, name, dimensions, statistic and period, plain or in an expression."""
    (stat,) = [m["MetricStat"] for m in properties.get("Metrics", ()) if "MetricStat" in m] or [{}]
    metric = stat.get("Metric", properties)
    how = stat.get("Stat") or properties.get("Statistic") or properties["ExtendedStatistic"]
    period = stat.get("Period") or properties["Period"]
    return metric["Namespace"], metric["MetricName"], metric["Dimensions"], how, period


def of(metric):
    """Names of the alarms that look at a metric."""
    return {n for n, a in ALARMS.items() if metric_of(a["Properties"])[1] == metric}


def documented():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.partition("## Alarms\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([\w*]+Alarm)` \|((?: [^|]+ \|){4})$", section, re.MULTILINE)


# What is watched.


def test_an_error_of_the_page_rings():
    """Chalice answers 500 itself, so that Lambda sees no error: a dead page was silent."""
    assert of("5XXError") == {"PageErrorsAlarm"}
    assert of("Latency") == {"PageSlowAlarm"}


def test_what_must_come_rings_when_it_stays_away():
    """Once all missing data was fine, and a calendar that did not fire was silent."""
    silent = {n for n, a in ALARMS.items() if a["Properties"]["TreatMissingData"] == "breaching"}
    assert {name for name in silent if metric_of(ALARMS[name]["Properties"])[1] != "JobsDone"} == {
        "BillingNotClosedAlarm",
        "NoticesNotClosedAlarm",
        "PaymentsMissingAlarm",
        "FeedsMissingAlarm",
        "ReturnFilesMissingAlarm",
    }
    assert silent >= of("JobsDone")


@pytest.mark.parametrize("schedule", schedules.read(DOCUMENT), ids=lambda each: each.handler)
def test_a_job_that_is_not_started_rings_within_a_few_hours(schedule):
    alarm = ALARMS[f"{logical(schedule.handler)}MissingAlarm"]["Properties"]
    *_, dimensions, how, period = metric_of(alarm)
    seconds = period * alarm["EvaluationPeriods"]
    assert dimensions[-1] == {"Name": "function", "Value": {"Ref": logical(schedule.handler)}}
    assert (how, alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "LessThanThreshold", 1)
    if schedule.frequent():
        every = int(re.fullmatch(r"rate\((\d+) minutes\)", schedule.expression)[1])
        assert seconds == 3 * every * 60
        return
    # A day of 25 hours, and a job that took an hour longer than the day before.
    assert seconds == 26 * 3600
    said = schedule.expression.split()[2]
    calculated = [each.get("Expression") for each in alarm.get("Metrics", ())]
    if said == "*":
        assert not calculated
    else:
        first, last = said.split("-")
        assert calculated[-1] == f"IF(DATE(m) >= {first} AND DATE(m) <= {last}, m, 1)"


@pytest.mark.parametrize("schedule", schedules.read(DOCUMENT), ids=lambda each: each.handler)
def test_the_days_of_a_month_are_the_same_in_new_york_and_utc_when_a_job_runs(schedule):
    """CloudWatch reckons in UTC: by 19:00 New York its day is still the same."""
    if "-" in schedule.expression:
        cron = Cron.parse(schedule.expression.removeprefix("cron(").removesuffix(")"))
        for month in range(1, 13):
            day = datetime(2027, month, 22, tzinfo=UTC).date()
            for local in cron.on(day):
                at = datetime.combine(day, local, schedule.zone)
                assert at.astimezone(UTC).date() == day


@pytest.mark.parametrize("function", functions(module.app))
def test_each_function_of_ours_rings_and_no_other(function):
    """Without a name, Lambda's Errors were those of the whole account."""
    name = "APIHandler" if function == "api_handler" else logical(function)
    for kind, metric in (("Errors", "Errors"), ("Slow", "Duration"), ("Throttles", "Throttles")):
        alarm = ALARMS[f"{name}{kind}Alarm"]["Properties"]
        namespace, watched, dimensions, *_ = metric_of(alarm)
        assert (namespace, watched, "Metrics" in alarm) == ("AWS/Lambda", metric, False)
        assert dimensions == [{"Name": "FunctionName", "Value": {"Ref": name}}]


def test_each_table_and_queue_rings():
    typed = {name: each.get("Type") for name, each in RESOURCES.items()}
    tables = {name for name, kind in typed.items() if kind == "AWS::DynamoDB::Table"}
    queues = {name for name, kind in typed.items() if kind == "AWS::SQS::Queue"}
    dead = {name for name in queues if name.endswith("DeadLetters")}
    assert of("ReadThrottleEvents") == {f"{name}ReadsThrottledAlarm" for name in tables}
    assert of("WriteThrottleEvents") == {f"{name}WritesThrottledAlarm" for name in tables}
    assert of("ApproximateNumberOfMessagesVisible") == {f"{name}Alarm" for name in dead}
    assert of("ApproximateAgeOfOldestMessage") == {f"{name}OldAlarm" for name in queues - dead}


def test_a_queue_is_late_only_when_a_message_was_tried_again():
    for name in of("ApproximateAgeOfOldestMessage"):
        queue = RESOURCES[name.removesuffix("OldAlarm")]["Properties"]
        assert ALARMS[name]["Properties"]["Threshold"] > queue["VisibilityTimeout"]


def test_a_function_rings_at_nine_tenths_of_its_time():
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    slow = {name: alarm["Properties"]["Threshold"] for name, alarm in ALARMS.items()}
    assert slow["APIHandlerSlowAlarm"] == config["lambda_timeout"] * 900
    assert slow["CollectSlowAlarm"] == 900 * 900


def test_a_failure_is_still_looked_for_when_a_function_ran_as_long_as_it_may():
    """Lambda dates errors and durations by the beginning of the invocation."""
    config = (ROOT / ".chalice" / "config.json").read_text(encoding="utf-8")
    longest = max(int(seconds) for seconds in re.findall(r'"lambda_timeout": (\d+)', config))
    for name in of("Errors") | of("Duration"):
        assert metric_of(ALARMS[name]["Properties"])[-1] > longest


# What CloudWatch takes.


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_a_figure_of_aws_is_one_that_it_documents(name):
    namespace, metric, dimensions, how, _ = metric_of(ALARMS[name]["Properties"])
    names = tuple(each["Name"] for each in dimensions)
    if isinstance(namespace, str) and namespace.startswith("AWS/"):
        assert (names, how) == DOCUMENTED[namespace, metric][:2]
    elif namespace == "PremiumPay":
        assert names[:2] == ("service", "stage"), "two stages would ring as one"
    else:
        assert namespace == {"Fn::Sub": "PremiumPay/${Stage}"}


def test_no_documented_figure_is_left_over():
    watched = [metric_of(alarm["Properties"])[:2] for alarm in ALARMS.values()]
    assert all(figure in watched for figure in DOCUMENTED)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_looks_back_no_further_than_cloudwatch_does(name):
    """A week with periods of an hour or more, else a day."""
    properties = ALARMS[name]["Properties"]
    *_, period = metric_of(properties)
    periods = properties["EvaluationPeriods"]
    if isinstance(periods, dict):
        periods = DOCUMENT["Parameters"][periods["Ref"]]["MaxValue"]
    assert period % 60 == 0
    assert period * periods <= (WEEK if period >= 3600 else DAY)


@pytest.mark.parametrize("filtered", ["RefusedByAws", "KeyErrors"])
def test_what_a_filter_finds_in_our_log_is_what_its_alarm_looks_at(filtered):
    properties = RESOURCES[filtered]["Properties"]
    (made,) = properties["MetricTransformations"]
    namespace, metric, dimensions, *_ = metric_of(ALARMS[f"{filtered}Alarm"]["Properties"])
    assert (made["MetricNamespace"], made["MetricName"], []) == (namespace, metric, dimensions)
    assert properties["LogGroupName"] == {"Ref": "Logs"}
    logged = set(re.findall(r"\$\.aws\.(\w+)", properties["FilterPattern"]))
    assert logged <= {"code", "operation", "status"}, "see chalicelib/entrypoints/log.py"


def test_a_week_without_a_file_of_returns_has_three_full_banking_days():
    hours = DOCUMENT["Parameters"]["ReturnFileHours"]["Default"]
    read_on = date(2026, 1, 1)
    while read_on < date(2029, 1, 1):
        between = [read_on + timedelta(days=n) for n in range(1, hours // 24)]
        if is_banking_day(read_on):
            assert sum(is_banking_day(each) for each in between) >= 3, read_on
        read_on += timedelta(days=1)


# Who hears of it, and what they do.


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_each_alarm_goes_to_the_topic(name):
    properties = ALARMS[name]["Properties"]
    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties.get("OKActions", properties["AlarmActions"]) == properties["AlarmActions"]
    assert properties["AlarmDescription"]


def test_each_kind_of_subscription_is_a_parameter_and_none_is_needed():
    made = [each for each in RESOURCES.values() if each.get("Type") == "AWS::SNS::Subscription"]
    said = {each["Properties"]["Protocol"]: each["Properties"]["Endpoint"] for each in made}
    assert said == {"email": {"Ref": "AlarmMail"}, "https": {"Ref": "AlarmUrl"}}
    assert all(each["Condition"] in DOCUMENT["Conditions"] for each in made)
    assert {DOCUMENT["Parameters"][each["Ref"]]["Default"] for each in said.values()} == {""}


def test_every_condition_of_an_alarm_is_there():
    conditions = {alarm["Condition"] for alarm in ALARMS.values() if "Condition" in alarm}
    assert conditions == {"HasQuietHours", "HasFeedHours", "HasReturnFileHours"}
    assert conditions <= DOCUMENT["Conditions"].keys()


@pytest.mark.parametrize("row", list(ROWS))
def test_every_row_makes_alarms(row):
    pattern = re.compile(row.replace("*", r"\w+"))
    assert any(pattern.fullmatch(name) for name in ALARMS)


def test_each_alarm_has_its_page_and_each_page_its_alarm():
    """What it means, what to look at, what to do, how to know that it is over."""
    assert [name for name, _ in documented()] == list(ROWS)


def test_the_dashboard_shows_what_comes():
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = [each for widget in body["widgets"] for each in widget["properties"]["metrics"]]
    assert {each[0] for each in shown} == {
        "AWS/ApiGateway",
        "AWS/Lambda",
        "AWS/SQS",
        "PremiumPay",
        "PremiumPay/${Stage}",
    }
    for _, _, *pairs in shown:
        named = re.findall(r"\$\{([\w]+)\}", " ".join(pairs))
        functions_of_app = {logical(each) for each in functions(module.app)} | {"APIHandler"}
        assert set(named) <= functions_of_app | {"Stage"}


def logical(function):
    return "".join(word.capitalize() for word in function.split("_"))
