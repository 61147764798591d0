"""What AWS carries between our functions, the pump carries."""

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType

import boto3
import pytest
from chalice import Chalice

from infra.offline import events, stack
from infra.offline.bank.papers import Customer
from infra.offline.bank_desk import BankDesk
from infra.offline.clock import VirtualClock, WentBack
from infra.offline.engine import Engine
from infra.offline.faults import Crash
from infra.offline.pump import Pump
from infra.offline.resources import load
from infra.offline.stack import STAGE

START = datetime(2026, 12, 3, 15, 0, 30, tzinfo=UTC)


def an_app(told):
    """A small app.py: it writes down what it is told, and fails when it is told to."""
    app = Chalice(app_name="small", configure_logs=False)
    module = ModuleType("app")

    def import_feed(event):
        told.append(("import_feed", event.to_dict()["detail"]["object"]["key"]))

    def send_mail(event):
        records = event.to_dict()["Records"]
        told.append(("send_mail", [record["body"] for record in records]))
        bad = [r["messageId"] for r in records if r["body"] == "bad"]
        if any(record["body"] == "die" for record in records):
            raise Crash
        return {"batchItemFailures": [{"itemIdentifier": identity} for identity in bad]}

    def sweep(event, context):
        told.append(("sweep", event["scheduled_at"]))
        assert context.get_remaining_time_in_millis() == 180_000

    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "inbound/enrollments/"}]}},
    }
    module.app = app
    module.import_feed = app.on_cw_event(pattern, name="import_feed")(import_feed)
    module.send_mail = app.on_sqs_message("${MailQueue.QueueName}", 10, "send_mail")(send_mail)
    module.sweep = app.lambda_function(name="sweep")(sweep)
    return module


@pytest.fixture
def told():
    return []


@pytest.fixture
def pump(told):
    with Engine() as engine:
        built = stack.build(load())
        module = an_app(told)
        pump = Pump(engine, built, VirtualClock(START), module)
        pump.calendar = [each for each in pump.calendar if hasattr(module, each.handler)]
        yield pump


def send(pump, *bodies, delay=0):
    url = pump.stack.environment["MAIL_QUEUE_URL"]
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay)


def put(pump, key, body=b"x"):
    boto3.client("s3").put_object(Bucket=pump.stack.environment["BUCKET"], Key=key, Body=body)


def test_what_we_say_on_the_bus_wakes_whose_pattern_it_matches(pump, told):
    for source, key in (("aws.s3", "inbound/enrollments/a"), ("another", "inbound/enrollments/b")):
        detail = json.dumps({"object": {"key": key}})
        entry = {"Source": source, "DetailType": "Object Created", "Detail": detail, "Time": START}
        boto3.client("events").put_events(Entries=[entry])
    pump.settle()
    assert told == [("import_feed", "inbound/enrollments/a")]


def test_objects_and_marks_of_deletion_are_dated_by_our_clock(pump):
    s3, bucket = boto3.client("s3"), pump.stack.environment["BUCKET"]
    put(pump, "a")
    pump.move(START + timedelta(hours=1))
    put(pump, "a")
    s3.delete_object(Bucket=bucket, Key="a")
    found = s3.list_object_versions(Bucket=bucket, Prefix="a")
    dates = [each["LastModified"] for each in found["Versions"]]
    assert dates == [START.replace(microsecond=0) + timedelta(hours=n) for n in (1, 0)]
    assert not any(each["IsLatest"] for each in found["Versions"])
    s3.delete_object(Bucket=bucket, Key="a", VersionId=found["DeleteMarkers"][0]["VersionId"])
    again = s3.list_object_versions(Bucket=bucket, Prefix="a")["Versions"]
    assert [each["IsLatest"] for each in again] == [True, False]


def test_the_bank_takes_no_file_without_a_byte(pump):
    desk = BankDesk(
        pump.stack.environment["BUCKET"], Customer(origin="1987654320", odfi="08100021")
    )
    pump.bank = desk
    put(pump, "outbound/bank/a.ach", b"")
    pump.settle()
    assert desk.files == {}
    put(pump, "outbound/bank/a.ach", b"9")
    pump.settle()
    assert desk.files == {"a.ach": b"9"}


def test_a_file_wakes_the_function_whose_pattern_it_matches(pump, told):
    put(pump, "inbound/enrollments/december 1.csv")
    put(pump, "inbound/other/x.csv")
    pump.settle()
    assert told == [("import_feed", "inbound/enrollments/december 1.csv")]


def test_the_event_of_a_file_says_when_how_large_and_which_version(pump):
    before = pump.clock.now().replace(microsecond=0)
    put(pump, "inbound/enrollments/a.csv", b"12345")
    event = pump._arrived[0].event()
    assert before <= datetime.fromisoformat(event["time"]) <= pump.clock.now()
    assert event["time"].endswith("Z")
    assert event["detail"]["object"]["size"] == 5
    assert event["detail"]["object"]["version-id"]
    assert event["detail"]["bucket"]["name"] == pump.stack.environment["BUCKET"]


def test_messages_are_handed_over_in_batches_and_gone_when_done(pump, told):
    send(pump, *(str(n) for n in range(12)))
    pump.settle()
    assert [len(bodies) for _, bodies in told] == [10, 2]
    assert pump.step() is False


def test_a_delay_does_not_hold_us_up(pump, told):
    send(pump, "later", delay=30)
    pump.settle()
    assert told == [("send_mail", ["later"])]


def test_a_message_reported_as_failed_comes_alone_until_the_dead_letters_take_it(pump, told):
    send(pump, "good", "bad")
    pump.settle()
    assert told[0] == ("send_mail", ["good", "bad"])
    assert told[1:] == [("send_mail", ["bad"])] * 7
    dead = boto3.client("sqs").receive_message(
        QueueUrl=boto3.client("sqs").get_queue_url(
            QueueName=f"premium-pay-{STAGE}-mail-dead-letters"
        )["QueueUrl"]
    )
    assert [message["Body"] for message in dead["Messages"]] == ["bad"]


def test_a_function_that_dies_gets_its_whole_batch_again(pump, told):
    send(pump, "die", "other")
    pump.settle()
    assert len(told) == 8
    assert len(pump.failures) == 8


def test_moving_fires_what_is_due_with_its_own_instant(pump, told):
    pump.move(START + timedelta(hours=1))
    assert told == [("sweep", "2026-12-03T16:00:30Z")]
    assert pump.clock.now() >= START + timedelta(hours=1)


def test_moving_back_is_refused(pump):
    with pytest.raises(WentBack):
        pump.move(START - timedelta(seconds=1))


class ABank:
    """Answers once, at a certain instant; writes down what time it was then."""

    def __init__(self, at, clock):
        self.at, self.clock, self.answered = at, clock, []

    def next_at(self):
        return self.at

    def answer(self, _until):
        self.at = None
        self.answered.append(self.clock.now())


@pytest.fixture
def bank(pump):
    pump.bank = ABank(START + timedelta(minutes=30), pump.clock)
    return pump.bank


def test_what_the_bank_answers_in_between_comes_at_its_own_time(pump, bank):
    pump.move(START + timedelta(hours=1))
    [answered] = bank.answered
    assert timedelta(minutes=30) <= answered - START < timedelta(minutes=31)


@pytest.mark.parametrize("goes_on", [Pump.tick, lambda it: it.move(START + timedelta(hours=1))])
def test_what_the_bank_answers_comes_also_when_the_running_clock_has_passed_it(pump, bank, goes_on):
    """A slow machine, or a clock that nobody moves: the answer is late, never lost."""
    bank.at = START - timedelta(seconds=5)
    goes_on(pump)
    assert len(bank.answered) == 1
    assert bank.answered[0] >= START


def test_what_the_running_clock_passes_fires_by_itself(pump, told):
    pump.played_until = START - timedelta(minutes=5)
    pump.tick()
    assert told == [("sweep", "2026-12-03T15:00:00Z")]
    pump.tick()
    assert len(told) == 1


def test_of_what_the_running_clock_passed_the_earlier_comes_first(pump, told, bank):
    pump.played_until = START - timedelta(minutes=5)
    bank.at = START - timedelta(seconds=10)  # after the sweep of 15:00:00
    bank.answer = lambda _until: (setattr(bank, "at", None), told.append(("bank", "answers")))
    pump.tick()
    assert [name for name, _ in told] == ["sweep", "bank"]


def test_the_background_thread_delivers_without_being_asked(pump, told):
    pump.run()
    send(pump, "hello")
    for _ in range(50):
        if told:
            break
        pump._stopping.wait(0.05)
    pump.stop()
    assert told == [("send_mail", ["hello"])]


@pytest.mark.parametrize(
    ("pattern", "is_matched"),
    [
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.ses"]}, False),
        ({"source": ["aws.ses", "aws.s3"], "detail": {"size": [5]}}, True),
        ({"detail": {"key": [{"prefix": "in/"}]}}, True),
        ({"detail": {"key": [{"suffix": ".txt"}]}}, False),
        ({"detail": {"key": [{"anything-but": ["in/a.csv"]}]}}, False),
        ({"detail": {"version": [{"exists": False}]}}, True),
        ({"detail": {"version": ["1"]}}, False),
        ({"other": {"key": ["x"]}}, False),
    ],
)
def test_patterns_match_as_on_the_bus(pattern, is_matched):
    event = {"source": "aws.s3", "detail": {"key": "in/a.csv", "size": 5}}
    assert events.matches(pattern, event) is is_matched


def test_events_are_json(pump):
    send(pump, "x")
    put(pump, "inbound/enrollments/a.csv")
    json.dumps(pump._arrived[0].event())
