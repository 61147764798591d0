"""Numbers for alarms, as CloudWatch reads them from the log."""

import json

from chalicelib.adapters.signals import MetricSignals


def told(capsys):
    """What the last line of the log says: metric, unit, value."""
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    [metric] = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return metric["Name"], metric["Unit"], line[metric["Name"]]


def test_a_count_is_told(capsys):
    signals = MetricSignals("test")
    signals.count("MailsSent", 2)
    signals.send("send_mail")
    assert told(capsys) == ("MailsSent", "Count", [2.0])


def test_what_something_is_now_is_told_also_when_it_is_nothing(capsys):
    signals = MetricSignals("test")
    signals.gauge("OldestMailSeconds", 0)
    signals.send("sweep")
    assert told(capsys) == ("OldestMailSeconds", "None", [0.0])


def test_two_stages_of_one_account_never_count_together(capsys):
    signals = MetricSignals("dev")
    signals.count("RunsLate")
    signals.send("watch")
    line = json.loads(capsys.readouterr().out)
    sets = line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    assert line["stage"] == "dev"
    assert sets
    assert all("stage" in names for names in sets)
