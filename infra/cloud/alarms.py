"""The table of infra/alarms.yaml as CloudFormation: an alarm for each queue, table and function."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from infra.cloud.pythons import ROOT
from infra.cloud.template import Document

SERVICE = "premium-pay"
PAGE = "api_handler"  # Chalice's own name for the function behind the page
COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
HOUR = 3600
MISSED_TICKS, HOURS_OF_A_DAY = 3, 26  # clocks change by an hour, and a job takes its time


@dataclass(frozen=True, slots=True)
class Source:
    """What a metric is watched for: what stands for the `*`, and the metric's dimensions."""

    name: str
    dimensions: Mapping[str, Any]
    seconds: int = 0
    """A function's time-out."""
    schedule: str = ""
    """A job's, as EventBridge Scheduler has it."""


def table() -> Document:
    """The rows as they are written: `alarms` and `dashboard`."""
    return _read("alarms.yaml")


def merged() -> Document:
    """infra/resources.yaml with every alarm and the dashboard: what Chalice's template gets."""
    document = _read("resources.yaml")
    resources, rows = document["Resources"], table()
    sources = _sources(resources)
    for pattern, row in rows["alarms"].items():
        for source in sources[row.get("per", "stage")]:
            name = pattern.replace("*", source.name)
            assert name not in resources, f"{name} stands there already"
            resources[name] = _alarm(row, source)
    resources["Dashboard"] = _dashboard(rows["dashboard"], sources)
    return document


def _read(name: str) -> Document:
    text = (ROOT / "infra" / name).read_text(encoding="utf-8")
    document: Document = yaml.load(text, yaml.CSafeLoader)
    return document


def _sources(resources: Document) -> dict[str, list[Source]]:
    stage = {"service": SERVICE, "stage": {"Ref": "Stage"}}
    page = {"ApiName": resources["RestAPI"]["Properties"]["Name"], "Stage": "api"}
    functions = list(_functions(resources))
    jobs = [
        Source(each.name, {**stage, "function": {"Ref": each.name}}, schedule=each.schedule)
        for each in functions
        if each.schedule
    ]
    return {
        "account": [Source("", {})],
        "log": [Source("", {})],
        "stage": [Source("", stage)],
        "page": [Source("", page)],
        "queue": list(_named(resources, "Queue", "QueueName")),
        "dead_letters": list(_named(resources, "DeadLetters", "QueueName")),
        "table": list(_named(resources, "Table", "TableName")),
        "function": [replace(each, schedule="") for each in functions],
        "job": jobs,
    }


def _named(resources: Document, kind: str, dimension: str) -> Iterator[Source]:
    """Resources whose logical names end in their kind."""
    for name, resource in resources.items():
        if name.endswith(kind) and "Type" in resource:
            yield Source(name.removesuffix(kind), {dimension: resource["Properties"][dimension]})


def _functions(resources: Document) -> Iterator[Source]:
    """As Chalice will name them, with what .chalice/config.json says of their time."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    (stage,) = config["stages"].values()
    for function, said in {PAGE: {}, **stage["lambda_functions"]}.items():
        name = _logical(function)
        events = resources.get(name, {}).get("Properties", {}).get("Events", {}).values()
        times = [each["Properties"].get("ScheduleExpression", "") for each in events]
        seconds = said.get("lambda_timeout", config["lambda_timeout"])
        yield Source(name, {"FunctionName": {"Ref": name}}, seconds, "".join(times))


def _logical(function: str) -> str:
    if function == PAGE:
        return "APIHandler"
    return "".join(word.capitalize() for word in function.split("_"))


def _alarm(row: Document, source: Source) -> Document:
    row = {"period": 300, "periods": 1, **row, **_by_schedule(source.schedule)}
    comparison, threshold = _limit(row.get("rings", "> 0"), source)
    topic = [{"Ref": "AlarmTopic"}]
    properties = {
        "AlarmDescription": row["means"],
        "AlarmActions": topic,
        **({"OKActions": topic} if row.get("tells_end") else {}),
        **(_calculated(row, source) if "expression" in row else _plain(row, source)),
        "EvaluationPeriods": row["periods"],
        "ComparisonOperator": COMPARISONS[comparison],
        "Threshold": threshold,
        "TreatMissingData": row.get("missing", "notBreaching"),
    }
    condition = {"Condition": row["when"]} if "when" in row else {}
    return {"Type": "AWS::CloudWatch::Alarm", **condition, "Properties": properties}


def _by_schedule(schedule: str) -> Document:
    """How long a job's silence may last; on days without it nothing is expected."""
    if not schedule:
        return {}
    if every := re.fullmatch(r"rate\((\d+) minutes\)", schedule):
        return {"period": int(every[1]) * 60, "periods": MISSED_TICKS}
    daily: Document = {"period": HOUR, "periods": HOURS_OF_A_DAY}
    if days := re.fullmatch(r"cron\(\d+ \d+ (\d+)-(\d+) \* \? \*\)", schedule):
        during = f"DATE(m) >= {days[1]} AND DATE(m) <= {days[2]}"
        return {**daily, "expression": f"IF({during}, m, 1)"}
    return daily


def _limit(rings: str | Mapping[str, Any], source: Source) -> tuple[str, float]:
    """Comparison and threshold."""
    if isinstance(rings, str):
        comparison, number = rings.split()
        return comparison, float(number)
    if "of_timeout" in rings:
        return ">", round(rings["of_timeout"] * source.seconds * 1000)
    return _limit(rings[source.name], source)


def _metric(metric: str, row: Document, source: Source) -> Document:
    namespace, name = metric.split()
    ours: Any = {"Fn::Sub": f"{namespace}/${{Stage}}"} if row.get("per") == "log" else namespace
    dimensions = [{"Name": n, "Value": value} for n, value in source.dimensions.items()]
    return {"Namespace": ours, "MetricName": name, "Dimensions": dimensions}


def _plain(row: Document, source: Source) -> Document:
    statistic = row.get("statistic", "Sum")
    # Of a handful of requests the hundredth part is one that met a cold start.
    few = {"ExtendedStatistic": statistic, "EvaluateLowSampleCountPercentile": "ignore"}
    how = few if statistic.startswith("p") else {"Statistic": statistic}
    return {**_metric(row["metric"], row, source), **how, "Period": row["period"]}


def _calculated(row: Document, source: Source) -> Document:
    metric = _metric(row["metric"], row, source)
    stat = {"Metric": metric, "Period": row["period"], "Stat": row.get("statistic", "Sum")}
    asked = {"Id": "m", "MetricStat": stat, "ReturnData": False}
    return {"Metrics": [asked, {"Id": "e", "Expression": row["expression"], "ReturnData": True}]}


def _dashboard(widgets: Document, sources: Mapping[str, list[Source]]) -> Document:
    """Three graphs in a row, each of five-minute figures."""
    drawn = [
        {
            "type": "metric",
            "x": place % 3 * 8,
            "y": place // 3 * 6,
            "width": 8,
            "height": 6,
            "properties": {
                "title": title,
                "region": "${AWS::Region}",
                "stat": widget.get("statistic", "Sum"),
                "period": 300,
                "metrics": [
                    _series(_metric(metric, widget, source))
                    for metric in widget["metrics"]
                    for source in sources[widget.get("per", "stage")]
                ],
            },
        }
        for place, (title, widget) in enumerate(widgets.items())
    ]
    name = {"Fn::Sub": "premium-pay-${Stage}"}
    body = {"Fn::Sub": json.dumps({"widgets": drawn})}
    properties = {"DashboardName": name, "DashboardBody": body}
    return {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}


def _series(metric: Document) -> list[str]:
    pairs = [(each["Name"], _text(each["Value"])) for each in metric["Dimensions"]]
    return [_text(metric["Namespace"]), metric["MetricName"], *(word for p in pairs for word in p)]


def _text(value: Any) -> str:
    """An intrinsic as Fn::Sub writes it."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::Sub": text}:
            return str(text)
    return str(value)
