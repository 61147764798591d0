"""Which day is named, and that all who name it name the same (rules 6, 13, 15; design 9)."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.journeys import people

NEW_YORK = ZoneInfo("America/New_York")
A_DAY = r"\w+day, \w+ \d{1,2}, \d{4}"

SUBMITTED_AND_TAKEN = [  # design 9, and Christmas and New Year on a Friday
    (datetime(2026, 12, 3, 17, 59, tzinfo=NEW_YORK), "Friday, December 4, 2026"),
    (datetime(2026, 12, 4, 18, 0, tzinfo=NEW_YORK), "Tuesday, December 8, 2026"),
    (datetime(2026, 12, 5, 12, 0, tzinfo=NEW_YORK), "Tuesday, December 8, 2026"),
    (datetime(2026, 12, 6, 23, 59, tzinfo=NEW_YORK), "Tuesday, December 8, 2026"),
    (datetime(2026, 12, 23, 18, 0, tzinfo=NEW_YORK), "Monday, December 28, 2026"),
    (datetime(2026, 12, 31, 17, 59, tzinfo=NEW_YORK), "Monday, January 4, 2027"),
]


def test_rule_15_review_done_mail_and_authorization_name_one_date(world_at, canaries):
    world = world_at(people.THURSDAY)
    for now, taken in SUBMITTED_AND_TAKEN:
        world.clock.set(now)
        person = people.join(world, canaries)
        review = person.at_review().text
        assert f"We take the money on or after {taken}" in review, now
        assert f"once, on or after {taken}" in review, now
        person.submit()
        assert f"takes the money on or after {taken}" in person.get("/done").text, now
        [mail] = person.mails
        for part in (mail["text"], re.sub(r"<[^>]+>", " ", mail["html"])):
            assert set(re.findall(rf"on or after ({A_DAY})", part, re.IGNORECASE)) == {taken}, now


def test_rule_15_a_collection_that_closed_since_review_is_told_and_nothing_is_written(
    world_at, canaries
):
    world = world_at(datetime(2026, 12, 3, 22, 50, tzinfo=UTC))  # 17:50 in New York
    person = people.join(world, canaries)
    assert "on or after Friday, December 4, 2026" in person.at_review().text
    world.clock.set(datetime(2026, 12, 3, 23, 0, tzinfo=UTC))
    answer = person.submit_as_shown()
    assert answer.status == 422
    assert "on or after Monday, December 7, 2026" in answer.text
    assert "on or after Friday, December 4" not in answer.text
    assert person.payments == []
    assert not person.mails

    assert person.post("/review", agree="yes").location == "/done"
    done = person.get("/done").text
    assert "on or after Monday, December 7, 2026" in done
    assert "Friday, December 4, 2026: we send the request" in done
    assert person.payments == [-21240]


def test_the_start_page_names_the_next_23rd_on_each_of_320_days(world_at, canaries):
    world = world_at(people.THURSDAY)
    member = people.Person(world.page_url, world.room_url)
    for days in range(320):
        # A minute before midnight in New York: the latest a day can be.
        day = date(2026, 12, 4) + timedelta(days=days)
        world.clock.set(datetime(day.year, day.month, day.day, 23, 59, tzinfo=NEW_YORK))
        due = day
        while due.day != 23:
            due += timedelta(days=1)
        words = f"due by {due:%A, %B} 23, {due.year}."
        assert words in member.get("/").text, day


def test_rule_13_what_stays_owed_is_due_on_the_next_23rd_today_included(world_at, canaries):
    world = world_at(datetime(2026, 12, 23, 23, 50, tzinfo=NEW_YORK))
    person = people.join(world, canaries)
    person.found()
    person.contact()
    person.pays_other("12.40")
    assert "due by Wednesday, December 23, 2026" in person.get("/review").text
    world.clock.set(datetime(2026, 12, 24, 0, 0, tzinfo=NEW_YORK))
    assert "due by Saturday, January 23, 2027" in person.get("/review").text
