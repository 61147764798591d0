"""The confirmation leaves from what was committed, and never touches the payment (rules 15, 32)."""

import json
from datetime import timedelta

import pytest

from infra.offline import events
from tests.journeys.people import confirmation_of


@pytest.fixture
def paid(person):
    person.paid()
    return person


@pytest.fixture
def mail_is_down(world):
    world.engine.reset_calls()
    world.engine.plan_fault(1, "http-500", operation="SendEmail", times=10_000)
    yield
    world.engine.forget_faults()


def cases_of(person, kind):
    return [
        case
        for case in person.ask("/cases")
        if (case["kind"], case["enrollment_id"]) == (kind, person.enrollment_id)
    ]


def test_the_confirmation_says_all_that_was_agreed_and_no_more(paid):
    [mail] = paid.mails
    number = confirmation_of(paid.get("/done"))
    assert mail["subject"] == f"We received your payment request: {number}"
    for part in (mail["text"], mail["html"]):
        for words in (
            number,
            "$212.40",
            "Merrimack Gold 1000",
            paid.row["billing_account"][-4:],
            paid.account[-4:],
            "This is not proof that your bank has paid.",
            "I authorize the Massachusetts Health Connector to take $212.40",
            "We will never ask by email",
            "1-877-623-6765",
            "711",
        ):
            assert words in part, words
        for secret in (paid.row["billing_account"], paid.account, "231380104", "April 28", "1986"):
            assert secret not in part, secret


def test_the_mail_leaves_after_submit_and_once(world, paid):
    assert len(paid.mails) == 1
    world.pump.move(world.clock.now().replace(minute=59, second=59))
    assert len(paid.mails) == 1


def test_invariant_20_a_mail_whose_message_was_lost_leaves_with_the_next_sweep(world, person):
    world.engine.reset_calls()
    world.engine.plan_fault(1, "http-500", operation="SendMessageBatch", times=10_000)
    person.at_review()
    person.submit_as_shown()
    world.engine.forget_faults()
    assert not person.mails
    world.pump.move(world.clock.now() + timedelta(minutes=20))
    assert len(person.mails) == 1
    world.pump.move(world.clock.now() + timedelta(minutes=20))
    assert len(person.mails) == 1
    assert world.metrics.gauges["OldestMailSeconds"] == 0


def test_rule_32_a_mail_that_fails_is_tried_again(world, person, mail_is_down):
    person.at_review()
    person.submit_as_shown()
    world.pump.step()
    assert not world.mailbox.all() or person.email not in {m["to"] for m in world.mailbox.all()}
    world.engine.forget_faults()
    assert len(person.mails) == 1
    assert not cases_of(person, "mail_failed")


@pytest.mark.usefixtures("mail_is_down")
def test_rule_32_a_mail_that_keeps_failing_is_a_case_and_the_payment_stands(person):
    person.at_review()
    person.submit_as_shown()
    [case] = cases_of(person, "mail_failed")
    assert "confirmation" in case["reason"]
    assert not person.mails
    assert person.payments == [-21240]
    assert "We received your payment request" in person.get("/done").text


@pytest.mark.parametrize("came_back", ["Email Bounced", "Email Complaint Received"])
def test_rule_32_a_bounce_opens_a_case_to_phone_the_member(world, paid, came_back):
    assert len(paid.mails) == 1
    calls = [call for call in world.engine.calls if call.operation == "SendEmail"]
    tags = json.loads(calls[-1].body)["EmailTags"]
    mail = {"messageId": "0100", "tags": {tag["Name"]: [tag["Value"]] for tag in tags}}
    bounce = events.bus_event("aws.ses", came_back, {"mail": mail}, world.clock.now())
    world.pump.deliver(bounce)
    world.pump.deliver(bounce)  # a bus may deliver twice
    [case] = cases_of(paid, "phone_member")
    assert came_back in case["reason"]
    [kept] = [c for c in world.system.records.cases.open() if c.case_id == case["case"]]
    assert kept.phone == "+16175550123"
    assert paid.payments == [-21240]


def test_a_bounce_of_a_mail_that_is_not_ours_is_a_case_too(world, person):
    mail = {"messageId": "0999", "tags": {}}
    world.pump.deliver(
        events.bus_event("aws.ses", "Email Bounced", {"mail": mail}, world.clock.now())
    )
    assert any(c["kind"] == "phone_member" and "0999" in c["case"] for c in person.ask("/cases"))
