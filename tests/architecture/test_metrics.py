"""Every metric stands in the table of docs/operations.md, with its alarm or why it has none."""

import ast
import re
from collections import defaultdict

import pytest

from chalicelib.services.monthly.running import CLOSED
from infra.cloud.alarms import table as rows
from tests.architecture.sources import ROOT, modules, name, tree

UNITS = {"count": "Count", "gauge": "None"}
BY_KIND = {"CLOSED[run.kind]": set(CLOSED.values())}  # the only names that are not written out
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def emitted():
    """Name and unit of each metric in the code."""
    found = set()
    for path in modules():
        for node in ast.walk(tree(path)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if match := re.search(r"\bmetrics\.(count|gauge)$", called):
                names = named(node.args[0], path)
                found |= {(each, UNITS[match[1]]) for each in names}
    return found


def named(argument, path):
    if isinstance(argument, ast.Constant):
        return {argument.value}
    assert ast.unparse(argument) in BY_KIND, f"{name(path)} makes up the name of a metric"
    return BY_KIND[ast.unparse(argument)]


def table():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.partition("## Metrics\n")[2].partition("\n## ")[0]
    return {row[1]: row for row in ROW.finditer(section)}


def alarms():
    """Which rows of infra/alarms.yaml look at which of our metrics, where the code sends them."""
    found = defaultdict(set)
    for alarm, row in rows()["alarms"].items():
        namespace, metric = row["metric"].split()
        if namespace == "PremiumPay" and row.get("per") != "log":
            found[metric].add(alarm)
    return found


def drawn():
    """Our metrics on the dashboard."""
    widgets = [each for each in rows()["dashboard"].values() if each.get("per") != "log"]
    metrics = [metric.split() for each in widgets for metric in each["metrics"]]
    return {metric for namespace, metric in metrics if namespace == "PremiumPay"}


def test_the_table_has_every_metric_with_its_unit_and_no_other():
    assert {(row[1], row[2]) for row in table().values()} == emitted()


def test_no_alarm_and_no_graph_waits_for_a_metric_that_nobody_sends():
    assert alarms().keys() | drawn() <= {each for each, _ in emitted()}


@pytest.mark.parametrize("metric", sorted(table()))
def test_the_table_names_its_alarms_or_says_why_there_is_none(metric):
    said = table()[metric][4].strip()
    if metric in alarms():
        assert set(re.findall(r"`([\w*]+)`", said)) == alarms()[metric]
    else:
        assert re.match(r"none: \w", said), "say why nothing rings"
