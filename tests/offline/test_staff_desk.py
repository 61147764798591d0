"""Staff commands are tried in the offline world: each as a person, at this world's time."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chalicelib.domain.ledger import LineKind
from infra.offline import sign_up, staff
from infra.offline.sign_up import Wish
from infra.offline.world import World
from infra.staff import payments
from tests.builders import a_case

NUMBERS = count(1)
NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    with World.start(now=NOW, count=12, in_background=False, in_memory=True) as world:
        yield world


@pytest.fixture(scope="module")
def post(world):
    """Sends bytes to /staff; answers the status and what was said."""

    def post(body, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", world.room.server_port, timeout=60)
        connection.request("POST", "/staff", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        connection.close()
        return answer.status, said

    return post


@pytest.fixture(scope="module")
def run(post):
    """Types a command as somebody; answers its exit code and text."""

    def run(*words, who="Ada"):
        status, said = post(json.dumps({"words": words, "as": who}))
        assert (status, said.keys()) == (200, {"exit", "text"}), said
        return said["exit"], said["text"]

    return run


@pytest.fixture(scope="module")
def paid(world):
    """A payment from the page that is paid."""
    slots = map(world.system.records.enrollments.in_slot, range(1024))
    enrollment = next(each for found in slots for each in found.values())
    sign_up.submit(world.system, enrollment, Wish(cents=10_000), world.clock.now())
    world.pump.settle()
    world.pump.move(NOW + timedelta(days=8))
    lines = world.system.records.books.lines(enrollment.enrollment_id)
    return next(line for line in lines if line.kind is LineKind.PAYMENT)


@pytest.fixture
def case(world):
    """An open one whose kind names a command."""
    case = a_case(case_id=f"left_out#{next(NUMBERS)}", reason="it is in no file")
    world.system.records.cases.open_case(case)
    return case


def test_a_command_sees_this_world_and_what_is_wrong_is_told_in_its_words(run, paid):
    code, text = run("payments", paid.enrollment_id)
    assert (code, paid.payment_id in text) == (0, True)
    assert run("payments", "EN999999") == (1, "There is no enrollment EN999999.\n")


def test_a_bar_that_nobody_sees_leaves_nothing_in_the_text(run):
    assert run("audit", "--person", "Nobody") == (0, "Nothing is found.\n")


def test_a_refund_is_released_by_two_names_not_by_one_twice(run, paid):
    words = ("payment", "refund", paid.enrollment_id, paid.payment_id, "--mistake")
    code, text = run(*words, "--amount", "1.25", "--reason", "paid for her sister", "--yes")
    assert code == 0, text
    [waiting] = json.loads(run("credits", "--json")[1])
    release = ("credit", "release", waiting["credit_id"], "--yes", "--reason")
    assert run(*release, "looked at it")[0] == 0
    code, text = run(*release, "looked once more")
    assert (code, "released it before" in text) == (1, True)
    assert run(*release, "I am Ben", "--by", "Ben")[0] == 1  # a name that is typed is no login
    code, text = run(*release, "agreed", who="Ben")
    assert (code, text.split("\n")[1].startswith("Released.")) == (0, True)


def test_what_is_done_has_the_persons_name_and_the_worlds_time(world, run, case):
    code, text = run("case", "close", case.case_id, "--reason", "phoned her", "--yes")
    assert code == 0, text
    [line] = world.system.records.audit.signed(f"case#{case.case_id}")
    assert (line.who, line.identity.rpartition("/")[2]) == ("Ada", "Ada")
    assert line.at.date() == world.clock.now().date()
    assert line.at.year == 2026


def test_a_name_in_the_environment_of_the_world_is_nobody(world, run, monkeypatch):
    monkeypatch.setenv("STAFF_NAME", "Somebody Else")
    world.system.records.cases.open_case(a_case(case_id="mail_failed#one"))
    run("case", "close", "mail_failed#one", "--reason", "phoned", "--yes", who="Grace")
    [line] = world.system.records.audit.signed("case#mail_failed#one")
    assert line.who == "Grace"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["case", "close", "left_out#4N7KQ2", "--yes"], "--reason"),
        (["lift-wait", "subject", "--reason", "x"], "--first-name"),
        (["lift-wait", "identifier", "--kind", "ssn", "--reason", "--number"], "--number"),
        (["nonsense"], "nonsense"),
        (["--stage", "prod", "cases"], "--stage"),
        (["payments"], "ENROLLMENT"),
        ([""], ""),
    ],
)
def test_what_can_not_be_asked_must_be_said_and_nothing_hangs(run, words, says):
    code, text = run(*words)
    assert code in (1, 2)
    assert says in text


def test_a_question_before_danger_names_the_flag_that_answers_it(world, run):
    world.system.records.cases.open_case(a_case(case_id="mail_failed#two"))
    code, text = run("case", "close", "mail_failed#two", "--reason", "phoned")
    assert (code, "Say --yes" in text) == (1, True)
    assert "mail_failed#two" in {each.case_id for each in world.system.records.cases.open()}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("words", 400),
        ("[]", 422),
        ('{"as": "Ada"}', 422),
        ('{"words": [], "as": "Ada"}', 422),
        ('{"words": "cases", "as": "Ada"}', 422),
        ('{"words": ["cases", 1], "as": "Ada"}', 422),
        ('{"words": ["\\ud800"], "as": "Ada"}', 422),
        ('{"words": ["cases"]}', 422),
        ('{"words": ["cases"], "as": " "}', 422),
        ('{"words": ["cases"], "as": 7}', 422),
        ('{"words": ["cases"], "as": "a\\u0000b"}', 422),
    ],
)
def test_what_is_no_command_of_anybody_is_refused_with_an_example(post, body, status):
    answered, said = post(body)
    assert answered == status
    assert '"as": "Ada"' in said["error"]


def test_a_command_that_breaks_is_told_and_the_next_one_runs(run, monkeypatch):
    def broken():
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(payments, "system", broken)
    code, text = run("payments", "EN000001")
    assert (code, "ZeroDivisionError" in text) == (1, True)
    assert run("cases")[0] == 0


def test_the_page_of_another_site_may_not_act_here(post, world):
    body = json.dumps({"words": ["cases"], "as": "Ada"})
    assert post(body, Origin="https://elsewhere.example")[0] == 403
    assert post(body, Origin=world.room_url)[0] == 200


def test_the_desk_shows_each_open_case_with_its_commands(world, case):
    connection = http.client.HTTPConnection("127.0.0.1", world.room.server_port, timeout=60)
    connection.request("GET", "/staff.json")
    said = json.loads(connection.getresponse().read())
    found = {each["case"]: each["commands"] for each in said["cases"]}
    payment = case.case_id.partition("#")[2]
    assert found[case.case_id] == [f"payment undo {payment}"]
    connection.request("GET", "/staff")
    page = connection.getresponse().read().decode()
    assert f'data-command="payment undo {payment}"' in page
    connection.close()


def test_make_staff_sends_it_there_and_ends_as_the_command_did(world, paid, monkeypatch, capsys):
    monkeypatch.setenv("PORT", str(world.room.server_port - 1))
    monkeypatch.setenv("AS", "Ada")
    assert staff.main(["payments", paid.enrollment_id]) == 0
    assert paid.payment_id in capsys.readouterr().out
    assert staff.main(["payments", "EN999999"]) == 1


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({"PORT": "1", "AS": "Ada"}, 3, "make run"),
        ({"PORT": "1", "AS": ""}, 2, "AS=Ada"),
        ({"PORT": "many", "AS": "Ada"}, 2, "PORT"),
    ],
)
def test_make_staff_says_when_nobody_is_there(monkeypatch, capsys, variables, code, says):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert staff.main(["cases"]) == code
    assert says in capsys.readouterr().err
