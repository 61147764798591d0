"""What was counted leaves once an invocation, for an alarm to look at."""

import json

import pytest

from chalicelib.adapters.metrics import EmbeddedMetrics
from infra.offline.events import LambdaContext
from infra.offline.faults import Kind
from infra.offline.world import World
from tests.entrypoints.gateway import Gateway
from tests.journeys.people import THURSDAY, a_row
from tests.member import claim_of

SETS = [{"service", "stage"}, {"service", "stage", "function"}]


@pytest.fixture(scope="module")
def measured():
    """A world whose metrics go into the log, as in the cloud."""
    with World.start(now=THURSDAY, count=0, in_background=False) as world:
        world.system.__dict__["metrics"] = EmbeddedMetrics("test")
        yield world


@pytest.fixture
def sent(capsys):
    """The lines of metrics that were written since."""
    capsys.readouterr()
    return lambda: [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line
    ]


def test_a_request_writes_one_line_with_function_and_stage(measured, sent):
    gateway = Gateway(measured)
    gateway.get("/find")
    assert gateway.post("/find", claim_of(a_row())).status == 422
    (line,) = sent()
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert told["Namespace"] == "PremiumPay"
    assert [set(names) for names in told["Dimensions"]] == SETS
    assert (line["service"], line["stage"], line["function"]) == ("premium-pay", "test", "api")
    assert line["Misses"] == [1.0]


def test_a_request_that_counts_nothing_writes_no_line(measured, sent):
    assert Gateway(measured).get("/find").status == 200
    assert sent() == []


def test_a_function_that_fails_has_sent_what_it_counted(measured, sent):
    measured.engine.reset_calls()
    for operation in ("PutItem", "TransactWriteItems"):  # its case can't be opened
        measured.engine.plan_fault(1, Kind.DENIED, operation=operation)
    with pytest.raises(Exception, match=r"^ClientError$"):
        measured.app.watch({"scheduled_at": "2026-12-22T20:00:00Z"}, LambdaContext("watch"))
    measured.engine.forget_faults()
    (line,) = sent()
    assert (line["RunsLate"], line["function"]) == ([1.0], "watch")
    assert "JobsDone" not in line


def test_a_job_that_ends_well_says_so(measured, sent):
    """Its absence rings, so a schedule that does not fire is no longer silent."""
    measured.app.sweep({"scheduled_at": "2026-12-22T20:00:00Z"}, LambdaContext("sweep"))
    (line,) = sent()
    assert (line["JobsDone"], line["stage"], line["function"]) == ([1.0], "test", "sweep")


def test_many_counts_are_one_figure_and_a_gauge_is_its_newest(sent):
    metrics = EmbeddedMetrics("test")
    for number in range(250):
        metrics.count("MandatesExcluded", 2)
        metrics.gauge("OldestMailSeconds", number)
    metrics.send("work_shard")
    metrics.send("work_shard")
    (line,) = sent()
    assert line["MandatesExcluded"] == [500.0]
    assert line["OldestMailSeconds"] == [249.0]
