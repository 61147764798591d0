"""Hit, miss and wait make the same AWS calls: time does not tell who is a member (rules 8, 9)."""

import json
import re
from itertools import count

import pytest

from chalicelib.domain.guessing import FREE_MISSES, Ticket
from chalicelib.services.page.claims import said
from tests.entrypoints.gateway import Gateway
from tests.journeys.people import a_row

pytestmark = pytest.mark.moto

MOST_CALLS = 12  # four more since rule 39: five subscribers are asked for, whoever has the number
WAYS = ["enrollment_id", "ssn", "billing_account"]
NOBODY = {"enrollment_id": "E7777", "ssn": "21209", "billing_account": "77777"}
TRY = count(7000)


def calls_of(world, gateway, claim, status):
    gateway.get("/find")
    world.engine.reset_calls()
    assert gateway.post("/find", claim).status == status
    return [(call.service, call.operation, shape(call)) for call in world.engine.calls]


def shape(call):
    """Tables and how many rows of each; the keys themselves differ, of course."""
    if call.service != "dynamodb":
        return [call.service]
    body = json.loads(call.body)
    tables = re.findall(r'"TableName": "([\w-]+)"', json.dumps(body))
    return sorted([*tables, *body.get("RequestItems", {})])


def warm(calls):
    """Without the keys, which a process loads once in its life."""
    return [
        (service, operation, rows)
        for service, operation, rows in calls
        if operation != "Decrypt" and not any("-keys-" in table for table in rows)
    ]


def miss(member, id_type):
    number = f"{NOBODY[id_type]}{next(TRY):04d}"
    claim = member.claim(id_type, **{id_type: number})
    return claim | ({"ssn_again": number} if id_type == "ssn" else {})


@pytest.mark.parametrize("id_type", WAYS)
def test_rule_8_a_number_that_nobody_has_and_one_that_a_member_has(world, join, id_type):
    member = join()
    Gateway(world).get("/find")  # keys are loaded once in the life of a process
    calls_of(world, Gateway(world), member.claim(id_type), 303)
    hit = calls_of(world, Gateway(world), member.claim(id_type), 303)
    missed = calls_of(world, Gateway(world), miss(member, id_type), 422)
    assert 0 < len(warm(hit)) <= MOST_CALLS
    assert missed == hit


@pytest.mark.parametrize(
    "wrong", [{"last_name": "Somebody"}, {"birth_year": "1987"}, {"plan": "dental"}]
)
def test_rule_8_a_right_number_with_a_wrong_name_birthday_or_plan(world, join, wrong):
    member = join()
    hit = calls_of(world, Gateway(world), member.claim(), 303)
    missed = calls_of(world, Gateway(world), member.claim(**wrong), 422)
    assert missed == hit


def test_rule_8_a_plan_chosen_two_hours_ago(world, join):
    member = join()
    early = join(a_row(selected_at="2026-12-03T13:00:00Z"))
    hit = calls_of(world, Gateway(world), member.claim(), 303)
    missed = calls_of(world, Gateway(world), early.claim(), 422)
    assert missed == hit


def busy(world, member, id_type):
    """As many tries as are free are being looked at."""
    now = world.clock.now()
    finding = world.system.finding
    claim = member.claim(id_type)
    birth = [claim[f"birth_{part}"] for part in ("year", "month", "day")]
    typed = said(id_type, claim[id_type], claim["first_name"], claim["last_name"], birth)
    for n in range(FREE_MISSES + 1):
        finding.tickets.take(finding.counters(typed, "203.0.113.8", now), Ticket(f"try-{n}", now))


@pytest.mark.parametrize("id_type", WAYS)
def test_rule_9_in_a_wait_the_right_number_and_another(world, join, id_type):
    member = join()
    Gateway(world).get("/find")
    calls_of(world, Gateway(world), member.claim(id_type), 303)
    hit = calls_of(world, Gateway(world), member.claim(id_type), 303)
    for _ in range(FREE_MISSES + 1):
        missed = calls_of(world, Gateway(world), miss(member, id_type), 422)
    right = calls_of(world, Gateway(world), member.claim(id_type), 429)
    wrong = calls_of(world, Gateway(world), miss(member, id_type), 429)
    assert hit == missed == right == wrong


@pytest.mark.parametrize("id_type", WAYS)
def test_rule_9_while_others_are_looked_at_the_right_number_and_another(world, join, id_type):
    member = join()
    Gateway(world).get("/find")
    calls_of(world, Gateway(world), member.claim(id_type), 303)
    hit = calls_of(world, Gateway(world), member.claim(id_type), 303)
    busy(world, member, id_type)
    right = calls_of(world, Gateway(world), member.claim(id_type), 429)
    wrong = calls_of(world, Gateway(world), miss(member, id_type), 429)
    assert hit == right == wrong


def test_rule_9_who_comes_at_the_same_moment_as_five_others_is_asked_for_a_few_seconds(world, join):
    member, gateway = join(), Gateway(world)
    busy(world, member, "ssn")
    gateway.get("/find")
    answer = gateway.post("/find", member.claim("ssn"))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
    assert "too many tries at the same moment" in answer.text
    assert "try again in a few seconds" in answer.text
    assert "did not match" not in answer.text
    assert "1-877-623-6765" in answer.text


def test_rule_9_a_form_with_errors_is_answered_by_the_wait(world, join):
    member, gateway = join(), Gateway(world)
    gateway.get("/find")
    bad = member.claim(birth_day="32")
    assert gateway.post("/find", bad).status == 422
    for _ in range(FREE_MISSES + 1):
        assert gateway.post("/find", miss(member, "enrollment_id")).status == 422
    bad = member.claim(enrollment_id="!", birth_day=member.row["birth_date"][-2:])
    assert gateway.post("/find", bad).status == 429
