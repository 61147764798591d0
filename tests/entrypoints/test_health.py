"""What machines are told: whether we answer, and whether our tables do."""

import json
from collections import Counter

import pytest

from chalicelib import __version__
from chalicelib.entrypoints.pages.health import KEYS
from chalicelib.store import TABLES
from infra.offline.faults import Kind
from infra.rights.right import granted, policy_file

pytestmark = pytest.mark.moto

READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem"}


@pytest.fixture
def health(gateway):
    def health():
        answer = gateway.get("/health", Accept="application/json")
        assert answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(answer.html)

    return health


def test_whoever_answers_says_its_version(health):
    assert health() == (200, {"version": __version__})


def test_each_table_that_the_page_reads_is_asked_once(world, health):
    world.engine.reset_calls()
    health()
    made = Counter((call.service, call.operation) for call in world.engine.calls)
    assert made == {("dynamodb", "GetItem"): 8, ("dynamodb", "BatchGetItem"): 1}
    assert len(KEYS) == 9


@pytest.mark.parametrize(
    ("operation", "call", "table"),
    [("GetItem", 1, "journeys"), ("GetItem", 3, "ledger"), ("BatchGetItem", 1, "enrollments")],
)
def test_a_table_that_cannot_be_read_is_named(world, health, operation, call, table):
    world.engine.reset_calls()
    world.engine.plan_fault(call, Kind.DENIED, operation=operation)
    assert health() == (503, {"version": __version__, "unreachable": [table]})
    assert health()[0] == 200


def test_without_any_table_all_are_named(world, health):
    world.engine.reset_calls()
    world.engine.plan_fault(1, Kind.DENIED, times=100)
    status, said = health()
    world.engine.forget_faults()
    assert (status, said["unreachable"]) == (503, sorted(KEYS))


@pytest.mark.parametrize("table", sorted(KEYS))
def test_its_key_is_one_of_the_table(table):
    assert len(KEYS[table]) == len(TABLES[table])


@pytest.mark.skipif(not policy_file("api_handler").exists(), reason="`make rights` was not run")
def test_every_table_that_the_page_may_read_by_key_is_looked_at():
    read = {right.resource for right in granted("api_handler") if right.action in READS}
    assert {f"{table.capitalize()}Table" for table in KEYS} == read
