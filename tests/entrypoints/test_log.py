"""What the log says: which request, which function, what AWS refused; never what was typed."""

import json

import boto3
import pytest
from aws_lambda_powertools.logging import logger as powertools
from botocore.exceptions import ClientError

from chalicelib.entrypoints.log import facts_of, logger
from infra.offline.events import LambdaContext, bus_event
from infra.offline.faults import Kind
from tests.entrypoints.gateway import FORM, Gateway
from tests.journeys.conftest import Lines
from tests.journeys.people import THURSDAY
from tests.member import claim_of

pytestmark = pytest.mark.moto

SSN = "078051120"


@pytest.fixture
def lines():
    """What is logged, as it is read again."""
    ours = Lines([], logger.registered_formatter)
    logger.addHandler(ours)
    yield lambda: [json.loads(line) for line in ours.lines]
    logger.removeHandler(ours)


@pytest.fixture
def faults(world):
    """Lets the next call of an operation go wrong."""
    world.engine.reset_calls()
    yield lambda kind, operation, times=1: world.engine.plan_fault(
        1, kind, operation=operation, times=times
    )
    world.engine.forget_faults()


@pytest.fixture
def at_contact(gateway, person):
    gateway.get("/find")
    gateway.post("/find", claim_of(person.row))
    gateway.get("/contact")
    return gateway


def queued(*bodies):
    return {
        "Records": [
            {"messageId": f"message-{n}", "body": json.dumps(body), "eventSource": "aws:sqs"}
            for n, body in enumerate(bodies)
        ]
    }


def test_the_log_explains_a_page_that_aws_refused(at_contact, faults, lines):
    faults(Kind.DENIED, "PutItem")
    email, phone = "typed@example.com", "617-555-0188"
    typed = {"email": email, "email_again": email, "phone": phone}
    assert at_contact.post("/contact", typed).status == 500
    (line,) = [line for line in lines() if line["message"] == "unexpected"]
    assert line["error"] == "ClientError"
    refusal = line["aws"]
    assert refusal.pop("request_id", "none planned")
    assert refusal == {
        "code": "AccessDeniedException",
        "operation": "PutItem",
        "status": 400,
        "tables": ["journeys"],
    }
    assert not [word for word in (email, phone, "5550188") if word in json.dumps(lines())]


def test_the_reasons_of_a_cancelled_transaction_are_told_and_its_items_are_not():
    response = {
        "Error": {"Code": "TransactionCanceledException", "Message": f"item {SSN}"},
        "ResponseMetadata": {"RequestId": "ABC", "HTTPStatusCode": 400},
        "CancellationReasons": [
            {"Code": "None"},
            {"Code": "ValidationError", "Message": SSN, "Item": {"ssn": {"S": SSN}}},
        ],
    }
    facts = facts_of(ClientError(response, "TransactWriteItems"))
    assert facts["aws"]["reasons"] == ["ValidationError"]
    assert facts["aws"]["request_id"] == "ABC"
    assert SSN not in json.dumps(facts)


def test_the_refusal_behind_an_error_of_ours_is_told():
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": SSN}}, "SendEmail")
    try:
        raise RuntimeError(SSN) from refusal
    except RuntimeError as error:
        facts = facts_of(error)
    assert facts["error"] == "RuntimeError"
    assert facts["aws"] == {"code": "AccessDenied", "operation": "SendEmail"}
    assert SSN not in json.dumps(facts)


def test_an_error_without_aws_says_nothing_of_it():
    assert facts_of(ValueError(SSN)) == {"error": "ValueError", "where": [], "aws": None}


def test_the_log_of_a_request_says_which_it_was(gateway, lines, monkeypatch):
    monkeypatch.setattr(powertools, "is_cold_start", True)
    for request_id in ("first", "second"):
        gateway.request_id = request_id
        assert gateway.get("/static/none.svg").status == 404
    cold, warm = lines()
    assert cold["correlation_id"] == "first"
    assert warm["correlation_id"] == "second"
    assert (cold["cold_start"], warm["cold_start"]) == (True, False)
    assert cold["function_name"] == "api"
    assert (cold["method"], cold["route"], cold["status"]) == ("GET", "/static/{name}", 404)


def test_a_visit_is_followed_by_its_journey_and_another_one_does_not_carry_it(
    world, at_contact, lines
):
    at_contact.get("/contact")
    stranger = Gateway(world)
    stranger.get("/find")
    member, other = lines()
    token = at_contact.cookies["__Host-journey"]
    assert world.system.records.journeys.get(member["journey"])
    assert token not in json.dumps(lines()), "the journey is known by a hash of its secret"
    assert "journey" not in other
    assert "confirmation" not in other


def test_a_payment_is_found_in_the_log_by_its_confirmation(world, person, lines):
    confirmation = person.paid()
    submitted = [each for each in lines() if (each.get("route"), each["method"]) == REVIEW]
    assert [each["confirmation"] for each in submitted] == [confirmation]
    assert world.system.records.books.submission(confirmation)


REVIEW = ("/review", "POST")


def test_a_message_that_fails_names_its_run_and_shard_and_the_next_one_does_not(
    world, faults, lines
):
    shard = {"run": "withdrawal#2026-12", "shard": 7, "at": THURSDAY.isoformat()}
    faults(Kind.DENIED, "GetItem")
    event = queued(shard, {"words": SSN})
    answer = world.app.work_shard(event, LambdaContext("work_shard"))
    assert len(answer["batchItemFailures"]) == 2
    refused, unreadable = [each for each in lines() if each["message"] == "message failed"]
    assert (refused["run"], refused["shard"]) == ("withdrawal#2026-12", 7)
    assert refused["aws"]["code"] == "AccessDeniedException"
    assert refused["aws"]["tables"] == ["runs"]
    assert (refused["correlation_id"], unreadable["correlation_id"]) == ("message-0", "message-1")
    assert unreadable["error"] == "ValidationError"
    assert "run" not in unreadable
    assert SSN not in json.dumps(lines())


def test_a_message_that_is_done_says_which_mail_it_sent(world, lines):
    event = queued({"day": "2026-12-03", "mail_id": "confirmation.HC-1"})
    world.app.send_mail(event, LambdaContext("send_mail"))
    message, whole_batch = lines()
    assert (message["message"], whole_batch["message"]) == ("message done", "done")
    assert message["mail_id"] == "confirmation.HC-1"
    assert not {"mail_id", "correlation_id"} & whole_batch.keys()


def test_rule_33_a_message_says_no_name_that_others_gave_a_file(world, lines):
    body = {"key": f"inbound/enrollments/{SSN}.csv", "version": "v1", "at": THURSDAY.isoformat()}
    part = {"part": 1, "start": 0, "end": 9, "line": 2}
    world.app.import_rows(queued({**body, **part}), LambdaContext("import_rows"))
    message, _ = lines()
    assert (message["message"], message["part"]) == ("message done", 1)
    assert SSN not in json.dumps(lines())


def test_what_the_calendar_started_is_found_by_its_instant_and_run(world, lines):
    event = {"scheduled_at": "2026-12-01T11:00:00Z"}
    world.app.bill(event, LambdaContext("bill"))
    (line,) = lines()
    assert line["correlation_id"] == "2026-12-01T11:00:00Z"
    assert line["function_name"] == "bill"
    assert line["run"] == "billing#2026-12"


def test_lambda_is_not_told_the_words_of_a_failure(world, lines):
    event = {"scheduled_at": SSN}
    with pytest.raises(Exception) as failure:
        world.app.sweep(event, LambdaContext("sweep"))
    assert str(failure.value) == "ValueError"
    (line,) = lines()
    assert line["error"] == "ValueError"


def test_a_file_is_read_under_the_name_it_has(world, lines):
    """EventBridge says a key as it is: a plus is a plus."""
    key = "inbound/enrollments/a+b%20c.csv"
    bucket = world.system.settings.bucket
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"no feed")
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "version-id": ""}}
    event = bus_event("aws.s3", "Object Created", detail, THURSDAY)
    world.app.import_feed(event, LambdaContext("import_feed"))
    (line,) = lines()
    assert line["correlation_id"] == event["id"]
    reports = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="reports/")["Contents"]
    assert any("a+b%20c" in each["Key"] for each in reports)


def test_a_form_with_an_unknown_field_is_logged_by_its_route_and_status_only(gateway, lines):
    gateway.get("/find")
    gateway.call("POST", f"/find?to={SSN}", f"csrf={SSN}".encode(), {"Content-Type": FORM})
    assert lines()[-1]["status"] == 403
    assert SSN not in json.dumps(lines())
