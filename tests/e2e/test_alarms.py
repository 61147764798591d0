"""One part after another of the deployed app is broken, and the figure of its alarm comes.

Where an alarm rings because something does not come, it stays away. What AWS itself makes (5xx,
Errors, dead letters) is seen as what AWS would count: an answer, a failed invocation, a message.
"""

import json
from contextlib import contextmanager
from functools import partial

import pytest

from chalicelib.domain.timetable import NEW_YORK
from tests.e2e.cloud import Failed
from tests.e2e.report import reported
from tests.journeys.people import THURSDAY, a_row


@pytest.fixture(scope="module")
def cloud(deploy):
    return deploy("alarms", THURSDAY)


@pytest.fixture
def guest(cloud):
    [guest] = cloud.join(a_row())
    return guest


class Heard:
    """What the logs of the stage say from now on."""

    def __init__(self, cloud):
        self.cloud, self.logs = cloud, cloud.engine.client("logs")
        self.before = len(self._lines())

    def _lines(self):
        found = []
        ours = set(self.cloud.stack.resources.values())
        for group in self.logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            if name not in ours and name.rpartition("/")[2] not in ours:
                continue
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            found += [event["message"] for page in pages for event in page["events"]]
        return found

    def lines(self):
        """The JSON lines since then."""
        said = self._lines()[self.before :]
        return [json.loads(line) for line in said if line.startswith("{")]

    def metric(self, name):
        """The figures of a metric of ours, as CloudWatch takes them out of the log."""
        return [
            sum(line[name])
            for line in self.lines()
            if name in line and "_aws" in line and sum(line[name])
        ]

    def refused(self):
        """What the filters of the log find: AWS's codes, with the operation."""
        aws = [line["aws"] for line in self.lines() if "aws" in line]
        return {(each.get("operation"), each.get("code")) for each in aws}


@pytest.fixture
def heard(cloud):
    return Heard(cloud)


def rang(cloud, look, what):
    """Waits for it, and books it in the table at the end."""
    found = cloud.until(look, what)
    reported.alarms.append((what, str(found)[:60]))
    return found


@contextmanager
def without(cloud, function, service):
    """The policy of a function lacks whatever is about a service."""
    iam, role = cloud.engine.client("iam"), cloud.physical(f"{function}Role")
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    rest = [each for each in policy["Statement"] if f"{service}:" not in str(each["Action"])]
    assert len(rest) < len(policy["Statement"])
    put = partial(iam.put_role_policy, RoleName=role, PolicyName=name)
    put(PolicyDocument=json.dumps({**policy, "Statement": rest}))
    try:
        yield
    finally:
        put(PolicyDocument=json.dumps(policy))


def test_a_policy_is_taken_away(cloud, guest, heard):
    """PageErrorsAlarm, RefusedByAwsAlarm: every answer is a 500, and the log says which right."""
    with without(cloud, "ApiHandler", "dynamodb"):
        assert guest.get("/find").status == 500
        codes = rang(cloud, heard.refused, "RefusedByAws: a policy was taken away")
        assert any("AccessDenied" in str(code) for _, code in codes)
    assert guest.get("/find").status == 200


def test_mail_that_is_not_sent(cloud, guest, heard):
    """OldestMailAlarm: SES takes nothing of us, and every sweep says for how long."""
    with without(cloud, "SendMail", "ses"):
        guest.at_review()
        assert guest.submit_as_shown().location == "/done"
        rang(cloud, heard.refused, "RefusedByAws: no letter may be sent")
        cloud.invoke("Sweep", {"scheduled_at": "2026-12-04T06:00:00Z"})
        rang(
            cloud, lambda: heard.metric("OldestMailSeconds"), "OldestMailSeconds: no letter leaves"
        )


def test_the_mail_queue_is_gone(cloud, guest, heard):
    """MailsNotWokenAlarm: the payment stands, nobody is told yet."""
    sqs, url = cloud.engine.client("sqs"), cloud.physical("MailQueue")
    name = url.rpartition("/")[2]
    guest.at_review()
    sqs.delete_queue(QueueUrl=url)
    try:
        assert guest.submit_as_shown().location == "/done"
        rang(cloud, lambda: heard.metric("MailsNotWoken"), "MailsNotWoken: the mail queue is gone")
    finally:
        sqs.create_queue(QueueName=name)


def test_a_key_is_off(cloud, guest, heard):
    """KeyErrorsAlarm: nothing is opened, and the log says that it was the key."""
    kms, key = cloud.engine.client("kms"), cloud.physical("SealKey")
    kms.disable_key(KeyId=key)
    try:
        with pytest.raises(Failed):
            cloud.invoke("MakeKeys", {"purpose": "draft"})
        rang(cloud, heard.refused, "KeyErrors: a key is off")
    finally:
        kms.enable_key(KeyId=key)


def test_a_handler_raises(cloud):
    """CollectErrorsAlarm: Lambda counts what a function raises."""
    with pytest.raises(Failed, match="Collect failed"):
        cloud.invoke("Collect", {"scheduled_at": "not an instant"})
    reported.alarms.append(("*Errors: a handler raises", "Collect failed"))


def test_a_schedule_is_off(cloud, heard):
    """SweepMissingAlarm rings on absence: without its schedule no JobsDone of it comes."""
    assert heard.metric("JobsDone") == []
    reported.alarms.append(("*Missing: the calendar is off", "no JobsDone"))
    cloud.fire("sweep", THURSDAY.astimezone(NEW_YORK).replace(hour=12))
    rang(cloud, lambda: heard.metric("JobsDone"), "JobsDone: the calendar is on again")


def test_a_feed_that_can_not_be_read(cloud, heard):
    """FeedsRefusedAlarm."""
    cloud._put("inbound/enrollments/broken.csv", b"\xff\xfe not a feed")
    rang(cloud, lambda: heard.metric("FeedsRefused"), "FeedsRefused: a feed in another encoding")


def test_a_bank_file_that_can_not_be_read(cloud, heard):
    """QuarantinedAlarm."""
    cloud._put("inbound/bank/odd.ach", b"<html>502 Bad Gateway</html>")
    rang(cloud, lambda: heard.metric("Quarantined"), "Quarantined: an error page as a bank file")
