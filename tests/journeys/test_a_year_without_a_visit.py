"""One visit in 2027 pays for 2028, too: November to January, every mail read (rule 42)."""

from datetime import datetime

import pytest

from chalicelib.domain.timetable import NEW_YORK
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.conftest import EIGHT_SHARDS
from tests.journeys.people import a_feed, a_row

BANK_FILES = ("account", "the object outbound")  # the one place where it must be (rule 33)

SUBJECTS = [
    "Health plan 2027: your payment of $620.00 is complete",
    "Health plan 2027: we will take $310.00 on November 22",
    "Health plan 2028: monthly payments go on, $280.00 on December 22",
    "Health plan 2027: your monthly payment of $310.00 is on its way",
    "Health plan 2027: your payment of $310.00 is complete",
    "Health plan 2028: we will take $280.00 on December 22",
    "Health plan 2027: we will take nothing on December 22",
    "Health plan 2028: your monthly payment of $280.00 is on its way",
    "Health plan 2028: your payment of $280.00 is complete",
    "Health plan 2028: we will take $280.00 on January 24",
    "Health plan 2028: your monthly payment of $280.00 is on its way",
    "Health plan 2028: your payment of $280.00 is complete",
]


def on(year, month, day, hour=21):
    return datetime(year, month, day, hour, tzinfo=NEW_YORK)


@pytest.fixture
def world_at(canaries, logged):
    with World.start(
        now=on(2027, 10, 12, 10),
        count=0,
        in_background=False,
        in_memory=True,
        settings=EIGHT_SHARDS,
    ) as world:
        yield world
        assert canaries.found(world) <= {BANK_FILES}, "rule 33"


def test_rule_42_one_visit_in_2027_none_in_2028_and_coverage_is_unbroken(world_at, canaries):
    row = a_row(
        plan_year="2027",
        premium="310.00",
        balance="310.00",
        billed_through="2027-10",
        coverage_start="2027-01-01",
        coverage_end="2027-12-31",
        selected_at="2026-11-20T15:00:00Z",
    )
    person = people.join(world_at, canaries, row)
    person.paid(frequency="monthly", carry_over="yes")
    move(person, on(2027, 11, 20))
    follows = {
        **row,
        "enrollment_id": f"{row['enrollment_id']}28",
        "plan_year": "2028",
        "plan_name": "Gold Care 100",
        "premium": "280.00",
        "balance": "280.00",
        "billed_through": "2028-01",
        "coverage_start": "2028-01-01",
        "coverage_end": "2028-12-31",
        "selected_at": "2027-11-18T15:00:00Z",
    }
    assert person.tell("/feed", a_feed(follows)) == {"accepted": 1, "rejected": []}
    move(person, on(2028, 1, 31))

    old, new = (taken(person, each["enrollment_id"]) for each in (row, follows))
    # October and November were paid on the page; December's premium is the last of that plan.
    assert old == [("2027-11", -31000, "paid")]
    assert new == [("2027-12", -28000, "paid"), ("2028-01", -28000, "paid")]
    confirmation, *subjects = [mail["subject"] for mail in person.mails]
    assert confirmation.startswith("We received your payment request: HC-")
    assert sorted(subjects) == sorted(SUBJECTS)  # those of one instant come in any order


def move(person, when):
    assert "now" in person.tell("/clock", {"to": when.isoformat()})


def taken(person, enrollment_id):
    """Month, cents and state of each withdrawal that took something."""
    lines = person.ask(f"/ledger/{enrollment_id}")["lines"]
    return [
        (line["line"].partition("#")[2], line["amount_cents"], line["state"])
        for line in lines
        if line["kind"] == "withdrawal" and line["amount_cents"]
    ]
