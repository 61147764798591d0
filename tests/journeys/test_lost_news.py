"""A file came in and the news of it was lost: it is read all the same, and nothing is forgotten."""

from datetime import timedelta

import boto3
import pytest

from tests.journeys import people
from tests.journeys.people import a_feed, a_row

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world(world_at):
    return world_at(people.THURSDAY)


@pytest.fixture
def wait(world):
    return lambda time: world.pump.move(world.clock.now() + time)


def lost(world):
    """EventBridge has heard nothing of what arrived."""
    world.pump._arrived.clear()


def lying(world):
    return [each.key for each in world.system.files.lying("inbound/")]


def test_issue_11_a_feed_whose_event_was_lost_is_read_within_the_hour(world, wait, canaries):
    row = a_row()
    key, bucket = "inbound/enrollments/december 1.csv", world.stack.environment["BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=a_feed(row))
    lost(world)
    wait(10 * MINUTE)
    assert lying(world) == [key]
    wait(10 * MINUTE)
    assert lying(world) == []
    person = people.Person(world.page_url, world.room_url, row=row, canaries=canaries)
    assert person.owed_cents == 21240
    assert world.metrics.counts["FilesUnread"] == 0
    assert (world.pump.failures, world.pump.dead) == ([], [])


def test_issue_11_what_nobody_can_read_rings_and_never_goes(world, wait, monkeypatch):
    monkeypatch.setattr(type(world.system.feed_import), "receive", lambda *_: 1 / 0)
    key, bucket = "inbound/enrollments/a.csv", world.stack.environment["BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=a_feed(a_row()))
    wait(HOUR)
    assert world.metrics.counts["FilesUnread"] == 0
    wait(HOUR)
    assert world.metrics.counts["FilesUnread"] == 1
    wait(30 * 24 * HOUR)
    assert lying(world) == [key]
    [case] = world.system.records.cases.open()
    assert case.case_id == "unread#enrollments/a.csv@2026-12-03"


def test_issue_11_a_word_of_the_bank_whose_event_was_lost_is_heard(world, wait, canaries):
    people.join(world, canaries, a_row()).paid()
    drop = world.pump.bank.drop

    def drops_unheard(key, body):
        drop(key, body)
        lost(world)

    world.pump.bank.drop = drops_unheard
    wait(8 * HOUR + 40 * MINUTE)  # 18:40: the bank has answered
    world.pump.bank.drop = drop
    assert len(lying(world)) == 1
    [transmission] = world.system.records.transmissions.all()
    assert str(transmission.state) == "sent"
    wait(20 * MINUTE)
    [transmission] = world.system.records.transmissions.all()
    assert (str(transmission.state), lying(world)) == ("acknowledged", [])
