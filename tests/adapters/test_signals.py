"""Numbers for alarms, as CloudWatch reads them from the log."""

import json

from chalicelib.adapters.signals import MetricSignals


def told(capsys):
    """What the last line of the log says: metric, unit, value, service."""
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    [metric] = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return metric["Name"], metric["Unit"], line[metric["Name"]], line["service"]


def test_a_count_is_told(capsys):
    MetricSignals().count("MailsSent", 2)
    assert told(capsys) == ("MailsSent", "Count", [2.0], "premium-pay")


def test_what_something_is_now_is_told_also_when_it_is_nothing(capsys):
    MetricSignals().gauge("OldestMailSeconds", 0)
    assert told(capsys) == ("OldestMailSeconds", "None", [0.0], "premium-pay")
