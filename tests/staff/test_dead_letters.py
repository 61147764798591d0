"""What was given up is listed without what it says, and sent again without being lost."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from infra.cloud import stacks
from infra.offline import resources, schedules
from infra.staff import dead_queues as module
from infra.staff.dead_queues import dead_queues
from infra.staff.dead_words import JOBS

MAIL = {"day": "2026-12-22.07", "mail_id": "confirmation.HC-7K4M-92QX"}
PAID = {
    "kind": "paid",
    "transmission_id": "collection#2026-12-22",
    "batch": 3,
    "at": "2026-12-26T01:00:00Z",
}
S3 = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2026-12-23T02:00:00Z",
    "detail": {"object": {"key": "inbound/bank/OBrien returns.ach", "version-id": "v7"}},
}
BOUNCE = {
    "source": "aws.ses",
    "time": "2026-12-23T02:00:00Z",
    "detail": {"mail": {"tags": {"mail_id": ["paid_2e_x"]}, "destination": ["maria@example.com"]}},
}
JOB = {"job": "withdraw", "scheduled_at": "2026-12-22T14:00:00Z"}
SCHEDULED = {
    "SCHEDULE_ARN": "arn:aws:scheduler:us-east-1:1:schedule/default/premium-pay-dev-sendsameday",
    "SCHEDULED_TIME": "2026-12-22T17:00:00Z",
    "ERROR_CODE": "AccessDeniedException",
    "ERROR_MESSAGE": "maria@example.com",
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """moto has one server."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 0)


@pytest.fixture
def queues(world):
    found = dead_queues(world.system.settings, boto3.client("sqs"))
    yield found
    for queue in found.values():
        with queue.opened() as letters:
            for letter in letters:
                queue.send_again(letter, lambda _: None)


@pytest.fixture
def dies(queues):
    """A message is given up; answers its id."""

    def dies(queue, body, attributes=None):
        given = {n: {"DataType": "String", "StringValue": t} for n, t in (attributes or {}).items()}
        sent = queues[queue].sqs.send_message(
            QueueUrl=queues[queue].url,
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes=given,
        )
        return sent["MessageId"]

    return dies


@pytest.fixture
def lambdas(monkeypatch):
    """AWS's own shapes for the stack of this stage, and for Lambda that takes an event."""
    cloudformation, lambdas = boto3.client("cloudformation"), boto3.client("lambda")
    with Stubber(cloudformation) as names, Stubber(lambdas) as woken:
        monkeypatch.setattr(
            stacks, "functions", lambda stage: stacks.Functions(stage, cloudformation, lambdas)
        )

        def expect(logical, event, error=""):
            detail = {
                "LogicalResourceId": logical,
                "PhysicalResourceId": f"{logical}-1X",
                "ResourceType": "AWS::Lambda::Function",
                "LastUpdatedTimestamp": "2026-12-01T00:00:00Z",
                "ResourceStatus": "CREATE_COMPLETE",
            }
            asked = {"StackName": "premium-pay-offline", "LogicalResourceId": logical}
            names.add_response("describe_stack_resource", {"StackResourceDetail": detail}, asked)
            call = {
                "FunctionName": f"{logical}-1X",
                "InvocationType": "Event",
                "Payload": json.dumps(event).encode(),
            }
            if error:
                woken.add_client_error("invoke", error, expected_params=call)
            else:
                woken.add_response("invoke", {"StatusCode": 202}, call)

        yield expect
        names.assert_no_pending_responses()
        woken.assert_no_pending_responses()


def test_each_schedule_says_in_its_input_and_its_name_whom_it_wakes():
    """Lambda's own dead letters name no function, Scheduler's name the schedule."""
    document = resources.load()
    found = schedules.read(document)
    for schedule in found:
        job = json.loads(schedule.input)["job"]
        assert job == schedule.handler
        [event] = document["Resources"][stacks.logical_name(job)]["Properties"]["Events"].values()
        name = event["Properties"]["Name"]["Fn::Sub"]
        assert name == f"premium-pay-${{Stage}}-{job.replace('_', '')}"
    assert {schedule.handler for schedule in found} == JOBS


def test_nothing_dead_is_said(staff):
    assert "No letter is dead" in staff("dead-letters").stdout


def test_letters_are_listed_by_what_they_are_about(said, dies):
    mail, paid, file = dies("mail", MAIL), dies("bank", PAID), dies("events", S3)
    listed = {queue["queue"]: queue for queue in said("dead-letters")}
    assert listed.keys() == {"mail", "feed", "work", "bank", "events"}
    assert listed["mail"]["count"] == 1
    [letter] = listed["mail"]["letters"]
    assert (letter["id"], letter["about"]) == (mail, MAIL)
    [letter] = listed["bank"]["letters"]
    assert (letter["id"], letter["about"]["transmission_id"]) == (paid, "collection#2026-12-22")
    [letter] = listed["events"]["letters"]
    assert letter["id"] == file
    assert letter["about"] == {"function": "read_bank_file", "at": S3["time"], "version": "v7"}


def test_what_people_wrote_is_never_shown(staff, dies):
    """Not a file's name, an address, AWS's own text, or what is no message of ours."""
    dies("events", S3)
    dies("events", BOUNCE)
    dies("events", JOB, SCHEDULED)
    dies("mail", "maria@example.com")
    dies("feed", {"key": "inbound/enrollments/OBrien.csv"})
    for words in (["dead-letters"], ["dead-letters", "--json"]):
        text = staff(*words).output
        assert "OBrien" not in text
        assert "maria" not in text
        assert "AccessDeniedException" in text
        assert "unreadable" in text


def test_looking_leaves_a_letter_where_it_is(said, dies):
    dies("mail", MAIL)
    counts = [said("dead-letters")[0]["count"] for _ in range(2)]
    assert counts == [1, 1]


def test_a_letter_goes_back_to_its_queue_and_somebody_signed(world, staff, said, dies, queues):
    dies("work", {"run": "withdrawal#2026-12", "shard": 3, "at": "2026-12-22T14:00:00Z"})
    answer = staff("dead-letters", "again", "work", "--reason", "mended", "--yes")
    assert answer.exit_code == 0, answer.output
    assert "Sent again: 1 letter." in answer.stdout
    assert said("dead-letters")[2]["count"] == 0
    attributes = queues["work"].sqs.get_queue_attributes(
        QueueUrl=queues["work"].source, AttributeNames=["All"]
    )["Attributes"]
    assert "1" in (
        attributes["ApproximateNumberOfMessages"],
        attributes["ApproximateNumberOfMessagesDelayed"],
    )
    [line] = world.system.store.query("audit", "dead-letters#work")
    assert (line["what"], line["who"], line["why"]) == ("sent_again", "Ada", "mended")


def test_only_the_one_that_is_named_goes(staff, said, dies):
    first, second = dies("mail", MAIL), dies("mail", {**MAIL, "mail_id": "other"})
    staff("dead-letters", "again", "mail", "--id", second, "--reason", "x", "--yes")
    assert [letter["id"] for letter in said("dead-letters")[0]["letters"]] == [first]


def test_without_a_yes_or_with_a_wrong_word_nothing_goes(staff, said, dies):
    dies("mail", MAIL)
    assert staff("dead-letters", "again", "mail", "--reason", "x", typed="n\n").exit_code == 1
    assert staff("dead-letters", "again", "post", "--reason", "x", "--yes").exit_code == 1
    assert "No letter" in staff("dead-letters", "again", "feed", "--reason", "x", "--yes").stderr
    assert said("dead-letters")[0]["count"] == 1


@pytest.mark.parametrize(
    ("body", "attributes", "function", "event"),
    [
        (S3, {}, "ReadBankFile", S3),
        (BOUNCE, {"ErrorMessage": "x", "RequestID": "r"}, "MailEvent", BOUNCE),
        (JOB, {}, "Withdraw", JOB),
        (
            "whatever Scheduler makes of its target",
            SCHEDULED,
            "SendSameDay",
            {"scheduled_at": "2026-12-22T17:00:00Z", "job": "send_same_day"},
        ),
    ],
    ids=["rule", "lambda", "lambda, of a schedule", "scheduler"],
)
def test_an_event_wakes_the_function_it_was_for(
    staff, said, dies, lambdas, body, attributes, function, event
):
    dies("events", body, attributes)
    lambdas(function, event)
    answer = staff("dead-letters", "again", "events", "--reason", "mended", "--yes")
    assert answer.exit_code == 0, answer.output
    assert said("dead-letters")[4]["count"] == 0


def test_an_event_that_lambda_refuses_stays(staff, said, dies, lambdas):
    dies("events", S3)
    lambdas("ReadBankFile", S3, error="ResourceNotFoundException")
    answer = staff("dead-letters", "again", "events", "--reason", "x", "--yes")
    assert answer.exit_code == 3
    assert said("dead-letters")[4]["count"] == 1


@pytest.mark.parametrize("body", ["{}", "[]", "no json", '{"job": "rob"}', '{"source": "aws.s3"}'])
def test_an_event_that_was_for_nobody_stays_and_is_named(staff, said, dies, lambdas, body):
    letter = dies("events", body)
    answer = staff("dead-letters", "again", "events", "--reason", "x", "--yes")
    assert answer.exit_code == 1
    assert letter in answer.stderr
    assert said("dead-letters")[4]["count"] == 1


def test_broken_off_between_sending_and_taking_away_nothing_is_lost(queues, dies):
    """It is sent twice then, which every reader bears."""
    dies("mail", MAIL)
    queue, sent = queues["mail"], []

    def send_and_die(letter):
        sent.append(letter)
        raise ClientError({"Error": {}}, "SendMessage")

    with pytest.raises(ClientError), queue.opened() as [letter]:
        queue.send_again(letter, send_and_die)
    with queue.opened() as [letter]:
        assert letter.id == sent[0].id
