"""The exchange makes what a member owes less, and the member reads why (rule 36)."""

import json

from infra.offline.world import World
from tests.builders import a_feed
from tests.journeys.people import THURSDAY, a_row
from tests.member import Member

HEADER = b"reference,enrollment_id,month,amount,reason\n"


def test_rule_36_a_file_of_the_exchange_is_posted_and_told_and_a_large_one_waits_for_two():
    rows = [a_row() for _ in range(2)]
    one, two = (row["enrollment_id"] for row in rows)
    with World.start(now=THURSDAY, count=0, in_background=False, in_memory=True) as world:
        member = Member(world.page_url, world.room_url)
        member.tell("/feed", a_feed(*rows))
        said = member.tell(
            "/adjustments",
            HEADER + f"A-1,{one},2026-12,-10.00,Late credit\nA-2,{two},,nothing,x\n".encode(),
        )
        assert (said["accepted"], [each["line"] for each in said["rejected"]]) == (1, [3])
        lines = member.ask(f"/ledger/{one}")["lines"]
        assert [line["amount_cents"] for line in lines if line["kind"] == "adjustment"] == [-1000]
        large = HEADER + f"A-3,{two},,-10000.01,Appeal won\n".encode()
        assert member.tell("/adjustments", large)["held"].startswith("feed_held#")
        [held] = world.system.records.held_feeds.all()
        for who in ("Ada", "Ben"):
            words = ["feed", "release", held.name, "--reason", "they mean it", "--yes"]
            answer = member.tell("/staff", json.dumps({"words": words, "as": who}).encode())
            assert answer["exit"] == 0, answer["text"]
        world.pump.settle()
        assert [
            line.amount_cents
            for line in world.system.records.books.lines(two)
            if line.line == "adjustment#A-3"
        ] == [-1_000_001]
