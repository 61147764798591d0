"""A hit and a miss make the same AWS calls, so that time does not tell who is a member (rule 8)."""

import json
import re

import pytest

from tests.entrypoints.gateway import Gateway
from tests.journeys.people import a_row

WAYS = ["enrollment_id", "ssn", "billing_account"]


def calls_of(world, gateway, claim, status):
    gateway.get("/find")
    world.engine.reset_calls()
    assert gateway.post("/find", claim).status == status
    return [(call.service, call.operation, shape(call)) for call in world.engine.calls]


def shape(call):
    """Tables and how much is asked of each; the keys themselves differ, of course."""
    if call.service != "dynamodb":
        return call.service
    body = json.loads(call.body)
    tables = re.findall(r'"TableName": "([\w-]+)"', json.dumps(body))
    return sorted([*tables, *body.get("RequestItems", {})])


def miss(member, id_type):
    nobody = {"enrollment_id": "E77777777", "ssn": "212097777", "billing_account": "777777777"}
    claim = member.claim(id_type, **{id_type: nobody[id_type]})
    return claim | ({"ssn_again": nobody["ssn"]} if id_type == "ssn" else {})


@pytest.mark.parametrize("id_type", WAYS)
def test_rule_8_a_number_that_nobody_has_and_one_that_a_member_has(world, join, id_type):
    member = join()
    Gateway(world).get("/find")  # keys are loaded once in the life of a process
    calls_of(world, Gateway(world), member.claim(id_type), 303)
    hit = calls_of(world, Gateway(world), member.claim(id_type), 303)
    missed = calls_of(world, Gateway(world), miss(member, id_type), 422)
    assert hit
    assert [each[:2] for each in missed] == [each[:2] for each in hit]


@pytest.mark.parametrize(
    "wrong", [{"last_name": "Somebody"}, {"birth_year": "1987"}, {"plan": "dental"}]
)
def test_rule_8_a_right_number_with_a_wrong_name_birthday_or_plan(world, join, wrong):
    member = join()
    hit = calls_of(world, Gateway(world), member.claim(), 303)
    missed = calls_of(world, Gateway(world), member.claim(**wrong), 422)
    assert [each[:2] for each in missed] == [each[:2] for each in hit]


def test_rule_8_a_plan_chosen_two_hours_ago(world, join):
    member = join()
    early = join(a_row(selected_at="2026-12-03T13:00:00Z"))
    hit = calls_of(world, Gateway(world), member.claim(), 303)
    missed = calls_of(world, Gateway(world), early.claim(), 422)
    assert [each[:2] for each in missed] == [each[:2] for each in hit]
