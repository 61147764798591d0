"""News on the bus: said as S3 says it, so that whoever reads files understands it."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chalicelib.adapters.bus import EventBus
from chalicelib.entrypoints import files
from chalicelib.ports import Lying
from infra.offline import events
from infra.rights.calls import of_wire
from infra.rights.right import Right

SINCE = datetime(2026, 12, 3, 15, 0, 7, tzinfo=UTC)


@pytest.fixture
def bus(aws):
    return EventBus(boto3.client("events"), aws.environment["BUCKET"])


def lying(key, n=0):
    return Lying(key, f"v{n}", SINCE + timedelta(seconds=n))


@pytest.mark.parametrize(
    ("key", "pattern"),
    [("inbound/bank/a b.ach", files.BANK_SENT), ("inbound/enrollments/ñ.csv", files.FEED_ARRIVED)],
)
def test_a_file_that_is_told_again_wakes_who_reads_it(aws, bus, key, pattern):
    bus.arrived(lying(key))
    [call] = aws.engine.calls
    [event] = events.told_of(call)
    assert events.matches(pattern, event)
    assert datetime.fromisoformat(event["time"]) == SINCE
    assert event["detail"]["object"] == {"key": key, "version-id": "v0"}
    assert event["detail"]["bucket"] == {"name": aws.environment["BUCKET"]}  # its rule asks


def test_the_right_that_it_needs(aws, bus):
    bus.arrived(lying("inbound/bank/a"))
    [call] = aws.engine.calls
    needed = of_wire(call.service, call.operation, call.url, call.body, aws.stack.logical)
    assert needed == {Right("events:PutEvents", "EventBus")}


@pytest.mark.parametrize("count", [0, 1, 10, 11, 25])
def test_all_are_told_ten_at_a_time(aws, bus, count):
    bus.arrived(*(lying(f"inbound/bank/{n}", n) for n in range(count)))
    told = [each for call in aws.engine.calls for each in events.told_of(call)]
    assert [each["detail"]["object"]["version-id"] for each in told] == [
        f"v{n}" for n in range(count)
    ]
    assert len(aws.engine.calls) == -(-count // 10)


class Choosy:
    """A bus that takes all but one."""

    def put_events(self, Entries):  # noqa: N803 - boto3's name
        assert json.loads(Entries[0]["Detail"])
        return {"FailedEntryCount": 1}


def test_what_was_not_taken_is_an_error():
    with pytest.raises(ConnectionError):
        EventBus(Choosy(), "bucket").arrived(lying("inbound/bank/a"))
