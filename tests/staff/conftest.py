"""The commands on a world of their own, in this process, as they would run on the cloud."""

import json

import pytest
from typer.testing import CliRunner

from infra.offline.acts import Month, eve
from infra.offline.world import World
from infra.staff import terminal
from infra.staff.__main__ import app

JANUARY = "2027-01"
WRITES = {
    ("dynamodb", "PutItem"),
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "DeleteItem"),
    ("dynamodb", "TransactWriteItems"),
    ("dynamodb", "BatchWriteItem"),
}
READS = {
    ("dynamodb", "GetItem"),
    ("dynamodb", "BatchGetItem"),
    ("dynamodb", "Query"),
    ("kms", "Decrypt"),
}


@pytest.fixture(scope="module")
def month():
    """The eve of January; who wants more of the month plays it on."""
    with World.start(now=eve(JANUARY), count=45, in_background=False) as world:
        month = Month(world, JANUARY, lambda *_: None)
        month.set_up(51)
        yield month


@pytest.fixture(scope="module")
def world(month):
    return month.world


@pytest.fixture
def staff(month, monkeypatch):
    """Types a command; answers exit code, output, and what stood on the side."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("STAFF_NAME", "Ada")

    def staff(*words, typed=None, identity=None):
        who = words[words.index("--by") + 1] if "--by" in words else "Ada"
        arn = identity or f"arn:aws:sts::123456789012:assumed-role/staff/{who}"
        monkeypatch.setattr(terminal, "identity", lambda: arn)
        return CliRunner().invoke(app, list(words), input=typed)

    return staff


@pytest.fixture
def said(staff):
    """What a command says as JSON."""

    def said(*words):
        answer = staff(*words, "--json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout)

    return said


@pytest.fixture
def calls(world):
    """The kinds of calls to AWS that something made."""

    def calls(act):
        world.engine.reset_calls()
        act()
        return {(call.service, call.operation) for call in world.engine.calls}

    return calls
