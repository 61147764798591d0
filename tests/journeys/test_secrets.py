"""SSN, account number and session secret lie nowhere in clear (rule 33), and a search proves it."""

import json

import boto3
import pytest

from chalicelib.entrypoints.log import logger
from chalicelib.store import table_name
from infra.offline.mailbox import Sent
from infra.offline.stack import STAGE
from tests.journeys.canaries import Canaries, everything
from tests.journeys.people import a_feed, a_row, another_visit, next_year

pytestmark = pytest.mark.moto


def test_rule_33_after_every_kind_of_journey_no_secret_is_found(world, canaries, join, wait, capfd):
    _what_goes_well(join)
    _what_goes_wrong(world, join, wait)
    _feeds_that_are_bad(join())
    assert set(canaries.kinds.values()) == {"ssn", "account", "cookie"}
    out, err = capfd.readouterr()
    assert canaries.log
    assert not canaries.found(world, ("standard output", out), ("standard error", err))


def _what_goes_well(join):
    """Found by each number, two plan years, the account kept and changed."""
    this_year = a_row()
    coming = next_year(this_year)
    member = join(this_year, coming)
    for way in ("enrollment_id", "ssn", "billing_account"):
        visit = another_visit(member)
        visit.found(way)
        visit.contact()
        years = {f"pay_{coming['enrollment_id']}": "none", "confirm_again": "yes"}
        assert visit.pays_other("9.99", **years, account_again="12345678").status == 422
        assert visit.pays_other("9.99", **years).location == "/review"
        visit.get("/review")
        visit.pays_other("9.99", **years, account="", account_again="")
        assert visit.submit().location == "/done", way
        assert "HC-" in visit.get("/done").text
    assert len(member.mails) == 3


def _what_goes_wrong(world, join, wait):
    """Misses, numbers in the wrong box, time-outs, a fault of ours."""
    guess = join()
    for _ in range(6):
        guess.found("ssn", last_name="Somebody")
    guess.found("ssn", ssn_again="123")
    wrong_box = join()
    ssn, account = wrong_box.row["ssn"], wrong_box.account
    wrong_box.found("ssn", enrollment_id=ssn, first_name=ssn, birth_year=ssn)
    wrong_box.found()
    wrong_box.post("/contact", email=f"{ssn}@example.com", phone=ssn)
    wrong_box.contact()
    wrong_box.pays(account_again="1", account_name=account, routing=account)
    wait(minutes=31)
    wrong_box.billing(account_name=account, routing=ssn)
    wrong_box.found("ssn")
    crash = join()
    crash.found()
    crash.contact()
    crash.get("/billing")
    world.engine.reset_calls()
    world.engine.plan_fault(1, "http-500", operation="PutItem", times=50)
    world.engine.plan_fault(1, "http-500", operation="TransactWriteItems", times=50)
    assert crash.billing(**{f"pay_{crash.enrollment_id}": "total"}).status == 500
    world.engine.forget_faults()


def _feeds_that_are_bad(member):
    rows = a_row(premium="much"), a_row(selected_at="yesterday"), a_row(plan_name="a\tb")
    for row in rows:
        member.canaries.watch("ssn", row["ssn"])
    assert len(member.tell("/feed", a_feed(*rows))["rejected"]) == 3
    assert member.tell("/feed", a_feed(*rows)[:-30])["accepted"] == 0
    assert member.tell("/feed", a_feed(*rows).decode().encode("utf-16"))["accepted"] == 0


@pytest.mark.parametrize("place", ["table", "object", "old version", "queue", "mail", "log"])
def test_the_search_finds_what_is_planted(world, place):
    secret = f"48181{abs(hash(place)) % 8999 + 1000}"
    planted = Canaries()
    planted.watch("ssn", secret)
    assert not planted.found(world)
    _plant(world, planted, place, secret)
    found = planted.found(world)
    assert found, place
    assert {kind for kind, _ in found} == {"ssn"}


def _plant(world, planted, place, secret):
    s3, settings = boto3.client("s3"), world.system.settings
    match place:
        case "table":
            item = {"subject": {"S": "x"}, "line": {"S": f"of {secret}"}}
            boto3.client("dynamodb").put_item(TableName=table_name(STAGE, "audit"), Item=item)
        case "object":
            s3.put_object(Bucket=settings.bucket, Key="reports/x", Body=secret.encode())
        case "old version":
            for body in (secret, "nothing"):
                s3.put_object(Bucket=settings.bucket, Key="reports/y", Body=body.encode())
        case "queue":
            body = json.dumps({"day": secret})
            boto3.client("sqs").send_message(QueueUrl=settings.mail_queue_url, MessageBody=body)
        case "mail":
            dashed = f"{secret[:3]}-{secret[3:5]}-{secret[5:]}"
            world.mailbox._sent.append(Sent("a@example.com", "", dashed, "", ""))
        case "log":
            planted.log.append(f'{{"number": "{secret}"}}')
    world.engine.calls.clear()  # found where it lies, not only on its way


def test_what_the_page_logs_is_searched(world, canaries):
    logger.warning("a line", code="of this test")
    assert any("of this test" in line for line in canaries.log)


def test_the_feed_lies_nowhere_when_it_is_read_in_no_version(world, join):
    join()
    assert "the object inbound" not in {place for place, _ in everything(world)}
