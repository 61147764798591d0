"""Messages to our own workers: all of them, or an error."""

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.queues import SqsQueue
from infra.offline.faults import Kind


@pytest.fixture
def queue(aws):
    return SqsQueue(aws.sqs, aws.environment["MAIL_QUEUE_URL"])


@pytest.mark.parametrize("count", [0, 1, 10, 11, 25])
def test_all_messages_arrive_as_they_were_sent(aws, queue, count):
    sent = [{"day": "2026-12-03", "mail_id": f"ñ{n}", "n": n} for n in range(count)]
    queue.send(*sent)
    found = [json.loads(body) for body in aws.messages("MailQueue")]
    assert sorted(found, key=lambda message: message["n"]) == sent


def test_no_messages_are_no_call(aws, queue):
    queue.send()
    assert aws.engine.count("sqs") == 0


class Choosy:
    """SQS that takes all but the last of a batch."""

    def send_message_batch(self, Entries, **_):  # noqa: N803 - boto3's name
        return {"Failed": [{"Id": Entries[-1]["Id"]}]}


def test_a_message_that_was_not_taken_is_an_error():
    with pytest.raises(ConnectionError):
        SqsQueue(Choosy(), "url").send({"a": 1}, {"b": 2})


def test_a_queue_that_is_away_is_an_error(aws, queue):
    aws.engine.plan_fault(1, Kind.THROTTLED)
    with pytest.raises(ClientError):
        queue.send({"a": 1})
