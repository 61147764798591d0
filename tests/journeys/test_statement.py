"""One story of what is owed: page, notice and mail tell the same (rule 38)."""

from datetime import datetime

import pytest

from chalicelib.domain.timetable import NEW_YORK
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.conftest import EIGHT_SHARDS
from tests.journeys.people import a_feed, a_row, another_visit

CHANGED = "Changed on January {} to $110.00: $200.00 less."
BANK_FILES = ("account", "the object outbound")  # the one place where it must be (rule 33)


def on(month, day, hour=10):
    return datetime(2026 + (month < 12), month, day, hour, tzinfo=NEW_YORK)


@pytest.fixture
def world_at(canaries, logged):
    with World.start(
        now=on(12, 28), count=0, in_background=False, in_memory=True, settings=EIGHT_SHARDS
    ) as world:
        yield world
        assert canaries.found(world) <= {BANK_FILES}, "rule 33"


@pytest.fixture
def person(world_at, canaries):
    """$310 a month: January's is paid on the page, monthly payments follow."""
    row = a_row(
        plan_year="2027",
        premium="310.00",
        balance="0.00",
        coverage_start="2027-01-01",
        coverage_end="2027-12-31",
    )
    person = people.join(world_at, canaries, row)
    person.paid(frequency="monthly")
    return person


def move(person, *when):
    assert "now" in person.tell("/clock", {"to": on(*when).isoformat()})


def lowered(person, premium_from):
    """The exchange says $110 from a month on."""
    head, line = a_feed({**person.row, "premium": "110.00"}).decode().splitlines()
    said = person.tell("/feed", f"premium_from,{head}\n{premium_from},{line}\n".encode())
    assert said == {"accepted": 1, "rejected": []}


def mail(person, words):
    [found] = [each for each in person.mails if words in each["subject"]]
    return " ".join(found["text"].split())


def taken(person):
    """Cents of the withdrawal of January 22."""
    move(person, 1, 22, 13)
    lines = person.ask(f"/ledger/{person.enrollment_id}")["lines"]
    return [each["amount_cents"] for each in lines if each["kind"] == "withdrawal"]


def pages(person):
    """What a new visit reads on /billing and /statement."""
    visit = another_visit(person)
    visit.found()
    visit.contact()
    billing = visit.get("/billing")
    assert f"/statement?enrollment_id={person.enrollment_id}" in billing.html
    return billing.text, visit.get(f"/statement?enrollment_id={person.enrollment_id}").text


def test_rule_38_310_that_became_110_before_the_notice_is_told_with_the_line_between(person):
    move(person, 1, 2)
    lowered(person, "2027-02")
    said = f"Premium for February 2027: $310.00. {CHANGED.format(2)}"
    for page in pages(person):
        assert f"{said} $110.00" in page
    move(person, 1, 10)
    told = mail(person, "we will take")
    assert f"{said}: $110.00 You owe now: $110.00" in told
    assert "Your premium is $110.00 a month." in told
    assert taken(person) == [-11000]


def test_rule_38_without_premium_from_310_is_taken_and_everything_says_from_when_110_holds(person):
    move(person, 1, 2)
    lowered(person, "")
    for page in pages(person):
        assert "$310.00" in page
        assert "From March 2027: $110.00." in page
        assert "Changed on" not in page
    move(person, 1, 10)
    told = mail(person, "we will take")
    assert "Your premium is $310.00 a month. From March 2027: $110.00." in told
    assert taken(person) == [-31000]


def test_rule_38_the_worked_example_leaves_90_of_credit_and_takes_nothing(person):
    move(person, 1, 12)
    assert "You owe now: $310.00" in mail(person, "we will take")
    lowered(person, "2027-01")
    billing, statement = pages(person)
    january = f"Premium for January 2027: $310.00. {CHANGED.format(12)}"
    february = f"Premium for February 2027: $310.00. {CHANGED.format(12)}"
    assert "You have a credit of $90.00" in billing
    assert f"{february} $110.00 {january} -$200.00" in billing
    assert f"{january} $110.00 {february} $110.00" in statement
    assert "You paid, December 28 -$310.00" in statement
    assert "Your credit $90.00" in statement
    move(person, 1, 12, 11)
    told = mail(person, "we take nothing")
    assert f"{january}: -$200.00 {february}: -$200.00 Your credit: -$90.00" in told
    move(person, 1, 22, 13)
    assert person.owed_cents == -9000
    [line] = [
        e for e in person.ask(f"/ledger/{person.enrollment_id}")["lines"] if e["state"] == "skipped"
    ]
    assert line["amount_cents"] == 0


def test_rule_38_a_statement_is_of_this_visit_only(world_at, person, canaries):
    other = people.join(world_at, canaries)
    visit = another_visit(person)
    address = f"/statement?enrollment_id={person.enrollment_id}"
    assert (visit.get(address).status, visit.last.location) == (303, "/find")
    assert "to=plans" in visit.last.headers["Location"]
    visit.found(to="history")
    assert visit.get("/history").html.count(address) == 1
    assert visit.get(address).status == 200
    for another in (other.enrollment_id, "E99999999", "", "%00"):
        assert visit.get(f"/statement?enrollment_id={another}").status == 404
    assert visit.get("/statement").status == 404
