"""The commands on a world of their own, in this process, as they would run on the cloud."""

import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from chalicelib.domain.enrollment import SLOTS
from infra.offline.acts import Month, eve
from infra.offline.world import World
from infra.rights.acting import RECORDER
from infra.rights.calls import SERVICES, of_wire
from infra.staff import terminal
from infra.staff.__main__ import app
from tests.architecture.roles import rights_of
from tests.journeys.conftest import is_in_memory
from tests.rights import forget_keys

JANUARY = "2027-01"
LOOK = {
    "adjustments",
    "runs",
    "files",
    "payments",
    "credits",
    "cases",
    "rates",
    "evidence",
    "audit",
}
"""Commands of who may only look; those that open what is sealed are not among them."""
LISTS = {
    ("run", "show"),
    ("case", "show"),
    ("suspense", "list"),
    ("quarantine", "list"),
    ("routing", "show"),
    ("settlement", "show"),
}
WRITES = {
    ("dynamodb", "PutItem"),
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "DeleteItem"),
}
READS = {
    ("dynamodb", "GetItem"),
    ("dynamodb", "BatchGetItem"),
    ("dynamodb", "Query"),
    ("kms", "Decrypt"),
}


@pytest.fixture(scope="module")
def month(request):
    """The eve of January; who wants more of the month plays it on."""
    with World.start(
        now=eve(JANUARY), count=45, in_background=False, in_memory=is_in_memory(request)
    ) as world:
        month = Month(world, JANUARY, lambda *_: None)
        month.set_up(51)
        yield month


@pytest.fixture(scope="module")
def world(month):
    return month.world


def role_for(words):
    """The smallest role that is to be enough for a command."""
    said = tuple(word for word in words if not word.startswith("-"))
    looks = said[0] in LOOK or said[:2] in LISTS or said == ("dead-letters",)
    acts = (
        "StaffBankRole" if said[0] in {"suspense", "quarantine", "correction"} else "StaffActRole"
    )
    return "StaffReadRole" if looks else acts


@contextmanager
def heard(world):
    """The rights that are needed meanwhile: of calls on the wire, and of tables in memory."""
    made, needed = [], set()
    hear = made.append
    world.engine.on_call(before=hear)
    RECORDER.listeners.append(needed)
    try:
        yield needed
    finally:
        RECORDER.listeners = [each for each in RECORDER.listeners if each is not needed]
        world.engine._before.remove(hear)
    for call in made:
        if call.service in SERVICES:
            about = (call.service, call.operation, call.url, call.body)
            needed |= of_wire(*about, world.stack.logical)


@pytest.fixture(scope="module")
def name(world):
    """An enrollment with a mandate."""
    for slot in range(SLOTS):
        for _, mandates in world.system.records.mandates.in_slot(slot, "", 10):
            if mandates and mandates.standing:
                return mandates.enrollment_id
    raise AssertionError("nobody has a mandate")


@pytest.fixture
def holds_to_role(world):
    """Whatever a command asks of AWS, its role allows; nothing else checks that here."""

    @contextmanager
    def holds(words):
        forget_keys()
        with heard(world) as needed:
            yield
        missing = needed - rights_of(role_for(words))
        assert not missing, f"{role_for(words)} may not: {sorted(map(str, missing))}"

    return holds


@pytest.fixture
def staff(holds_to_role, monkeypatch):
    """Types a command; answers exit code, output, and what stood on the side."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("STAFF_NAME", "Ada")

    def staff(*words, typed=None, identity=None):
        who = words[words.index("--by") + 1] if "--by" in words else "Ada"
        arn = identity or f"arn:aws:sts::123456789012:assumed-role/staff/{who}"
        monkeypatch.setattr(terminal, "identity", lambda: arn)
        with holds_to_role(words):
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
    """The rights that something used, by service and action."""

    def calls(act):
        with heard(world) as needed:
            act()
        return {tuple(right.action.split(":")) for right in needed}

    return calls
