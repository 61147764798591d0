"""The books are spoiled in the running system: that evening there is a case, and it has a name."""

import pytest

from chalicelib.store import Change
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.canaries import Canaries

EVENING, NEXT_EVENING = "2026-12-04T02:00:00Z", "2026-12-05T02:00:00Z"


@pytest.fixture(scope="module")
def world():
    with World.start(now=people.THURSDAY, count=0, in_background=False, in_memory=True) as world:
        yield world


@pytest.fixture(scope="module")
def person(world):
    """Has paid, and the bank has the file."""
    canaries = Canaries()
    person = people.join(world, canaries, people.next_year(people.a_row(), coverage_end=""))
    person.paid(frequency="once")
    person.tell("/clock", {"to": EVENING})
    return person


def differences(person):
    return [c for c in person.ask("/cases") if c["case"].startswith("difference#")]


def test_the_evening_proves_the_books_and_they_agree(world, person):
    assert person.ask("/reconciliation") == {"agrees": True, "differences": []}
    assert differences(person) == []
    assert world.pump.failures == []


def test_a_line_that_says_another_amount_is_a_case_the_next_evening(world, person):
    [line] = [
        line
        for line in world.system.records.books.lines(person.enrollment_id)
        if line.payment_id is not None
    ]
    key = (person.enrollment_id, line.line)
    world.system.store._apply(Change("ledger", key, set={"amount_cents": line.amount_cents - 1}))
    said = person.ask("/reconciliation")
    assert said["agrees"] is False
    [named] = said["differences"]
    assert named["payment_id"] == line.payment_id
    assert named["enrollment_id"] == person.enrollment_id
    assert named["expected_cents"] == named["found_cents"] + 1
    assert named["where"]
    assert differences(person) == [], "who asks opens no case"
    person.tell("/clock", {"to": NEXT_EVENING})
    [case] = differences(person)
    assert case["case"] == f"difference#{line.payment_id}"
    assert (case["kind"], case["enrollment_id"]) == ("bank", person.enrollment_id)
    assert world.pump.failures == []
    assert world.metrics.counts["Differences"] == 1
