"""A feed that would end many comes by mistake: it waits, sealed, until staff decide (rule 40)."""

import json

import boto3

from infra.offline.world import World
from tests.builders import a_feed
from tests.journeys.people import THURSDAY, a_row
from tests.member import Member

MANY = 30


def test_rule_40_a_held_feed_is_released_by_staff_and_then_imported():
    good = [a_row() for _ in range(MANY)]
    ends = [{**row, "coverage_end": "2026-12-05"} for row in good]
    with World.start(now=THURSDAY, count=0, in_background=False, in_memory=True) as world:
        member = Member(world.page_url, world.room_url)
        assert member.tell("/feed", a_feed(*good))["accepted"] == MANY
        answer = member.tell("/feed", a_feed(*ends))
        assert (answer["accepted"], answer["rejected"]) == (0, [])
        [case] = world.system.records.cases.open()
        assert answer["held"] == case.case_id
        [held] = world.system.records.held_feeds.all()
        body = (
            boto3.client("s3")
            .get_object(Bucket=world.stack.environment["BUCKET"], Key=held.place)["Body"]
            .read()
        )
        assert good[0]["ssn"].encode() not in body
        before = world.system.records.enrollments.get(good[0]["enrollment_id"])
        assert str(before.coverage_end_on) != "2026-12-05"
        words = ["feed", "release", held.name, "--reason", "they mean it", "--yes"]
        said = member.tell("/staff", json.dumps({"words": words, "as": "Ada"}).encode())
        assert said["exit"] == 0, said["text"]
        world.pump.settle()
        found = world.system.records.enrollments.get(ends[0]["enrollment_id"])
        assert str(found.coverage_end_on) == "2026-12-05"
        assert world.system.records.held_feeds.all() == []
