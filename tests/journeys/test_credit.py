"""A plan that was paid and never began: its money goes back, and the member reads it (35, 37)."""

import re
from datetime import datetime

import pytest

from chalicelib.domain.timetable import NEW_YORK
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.conftest import EIGHT_SHARDS
from tests.journeys.people import a_feed, a_row, another_visit

BANK_FILES = ("account", "the object outbound")  # the one place where it must be (rule 33)


def on(day, hour=10):
    return datetime(2026, 12, day, hour, tzinfo=NEW_YORK)


@pytest.fixture
def person(canaries, logged):
    """Has paid the first $310.00 of a plan that is to begin on January 1."""
    row = a_row(
        plan_year="2027",
        premium="310.00",
        balance="0.00",
        coverage_start="2027-01-01",
        coverage_end="2027-12-31",
    )
    with World.start(
        now=on(3), count=0, in_background=False, in_memory=True, settings=EIGHT_SHARDS
    ) as world:
        person = people.join(world, canaries, row)
        person.paid()
        yield person
        assert canaries.found(world) <= {BANK_FILES}, "rule 33"


def move(person, day, hour=10):
    assert "now" in person.tell("/clock", {"to": on(day, hour).isoformat()})


def staff(person, who, *words):
    said = person.tell("/staff", {"words": list(words), "as": who})
    assert said["exit"] == 0, said
    return said["text"]


def mail(person, words):
    [found] = [each for each in person.mails if words in each["subject"]]
    return " ".join(found["text"].split())


def test_rule_37_a_cancelled_plan_that_was_paid_ends_with_nothing_owed_and_a_mail(person):
    move(person, 9)
    said = person.tell("/feed", a_feed({**person.row, "coverage_end": "2027-01-01"}))
    assert said == {"accepted": 1, "rejected": []}
    move(person, 9, 12)
    assert person.owed_cents == -31000
    told = mail(person, "cancelled")
    assert "Your plan was cancelled before it began." in told
    assert "You have a credit of $310.00" in told

    [paid] = [e for e in person.ask(f"/ledger/{person.enrollment_id}")["lines"] if e["state"]]
    payment = paid["line"].partition("#")[2]
    why = ("--reason", "the plan was cancelled", "--yes")
    text = staff(person, "Ada", "payment", "refund", person.enrollment_id, payment, *why)
    credit = re.search(r"Proposed: (\w+)", text)[1]
    staff(person, "Ada", "credit", "release", credit, *why)
    assert person.owed_cents == -31000
    staff(person, "Grace", "credit", "release", credit, *why)
    assert person.owed_cents == 0
    move(person, 9, 13)
    told = mail(person, "send")
    assert "You get $310.00 back in your bank account on or after" in told

    visit = another_visit(person)
    visit.found(to="history")
    page = visit.get(f"/statement?enrollment_id={person.enrollment_id}").text
    assert "Taken back on December 9: $310.00 less. $0.00" in page
    assert "Paid back to you, December 9 $310.00" in page
    assert "Total you owe $0.00" in page
