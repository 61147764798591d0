"""The whole system on one machine, seen through its two doors (design.md 6)."""

import csv
import http.client
import io
import json
from datetime import UTC, datetime

import pytest

from chalicelib.domain.feed import COLUMNS
from chalicelib.services.settlement.settlement_proof import SettlementProof
from infra.offline import members
from infra.offline.world import World

NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    with World.start(now=NOW, count=40, in_background=False) as world:
        yield world


@pytest.fixture
def ask(world):
    connection = http.client.HTTPConnection("127.0.0.1", world.room.server_port, timeout=30)

    def ask(method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        text = answer.read().decode()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(text) if is_json and text else text

    yield ask
    connection.close()


def a_feed(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def a_row(world, **changed):
    return {**members.read(world.members_file)[0], **changed}


def test_the_page_is_served(world):
    connection = http.client.HTTPConnection("127.0.0.1", world.page.server_port, timeout=30)
    connection.request("GET", "/", headers={"Accept": "text/html"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"premium" in answer.read().lower()
    connection.close()


@pytest.mark.parametrize("path", ["/", "/clock", "/members", "/feed", "/mail", "/runs", "/cases"])
def test_people_get_a_page_and_programs_json(ask, path):
    status, page = ask("GET", path)
    assert status == 200
    assert page.startswith("<!doctype html>")
    status, said = ask("GET", path, Accept="application/json")
    assert status == 200
    assert not isinstance(said, str)
    if path != "/":
        assert type(ask("GET", f"{path}.json")[1]) is type(said)


def test_head_has_no_body(ask):
    assert ask("HEAD", "/clock") == (200, "")


def test_instants_are_utc_and_end_in_z(ask):
    _, said = ask("GET", "/clock.json")
    assert said["now"].startswith("2026-12-03T15:0")
    assert said["now"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"to": 5}', 422),
        (b'{"to": "tomorrow"}', 422),
        (b'{"to": "2026-12-22T15:00:00"}', 422),
        (b'{"to": "9999-12-31T23:59:59+00:00"}', 422),
        (b'{"to": "2026-12-01T15:00:00Z"}', 409),
    ],
)
def test_a_clock_that_is_asked_nonsense_says_so_and_stays(ask, body, status):
    answered, said = ask("POST", "/clock", body)
    assert answered == status
    assert said["error"]
    assert ask("GET", "/clock.json")[1]["now"].startswith("2026-12-03")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere.json", 404),
        ("GET", "/ledger/E000.json", 404),
        ("GET", "/captcha/unknown.json", 404),
        ("GET", "/bank/files/x.json", 404),
        ("POST", "/bank/inbound", 422),
        ("GET", "/mandates/E1.json", 404),
        ("POST", "/members", 405),
        ("POST", "/nowhere", 404),
    ],
)
def test_what_is_not_there_says_so(ask, method, path, status):
    answered, said = ask(method, path)
    assert answered == status
    assert said["error"]


def test_an_error_is_a_page_for_people(ask):
    status, page = ask("GET", "/ledger/<script>")
    assert status == 404
    assert "<script>alert" not in page
    assert "no such enrollment" in page


def test_members_have_every_feed_column(ask, world):
    _, said = ask("GET", "/members.json")
    assert len(said) >= 40
    assert all(tuple(member) == COLUMNS for member in said)


def test_the_books_of_every_member_stand_and_sum_up(ask):
    for member in ask("GET", "/members.json")[1]:
        _, said = ask("GET", f"/ledger/{member['enrollment_id']}.json")
        assert said["owed_cents"] == sum(line["amount_cents"] for line in said["lines"])
        assert said["lines"][0]["kind"] == "opening"
        assert all(line["at"] == "2026-12-03T15:00:00Z" for line in said["lines"])
        status, page = ask("GET", f"/ledger/{member['enrollment_id']}")
        assert (status, page[:9]) == (200, "<!doctype")


def test_the_first_three_members_can_be_found_and_owe_something(ask, world):
    first = ask("GET", "/members.json")[1][:3]
    assert len({member["subscriber_id"] for member in first}) == 3
    for member, way in zip(first, ("enrollment_id", "ssn", "billing_account"), strict=True):
        assert world.system.records.enrollments.get(member["enrollment_id"]).can_be_paid(NOW)
        assert ask("GET", f"/ledger/{member['enrollment_id']}.json")[1]["owed_cents"] > 0
        assert member[way]


def test_a_feed_is_imported_before_the_answer_comes(ask, world):
    new = a_row(world, enrollment_id="E1NEW", subscriber_id="S1NEW", balance="12.34")
    bad = a_row(world, enrollment_id="E2NEW", ssn="000-00-0000")
    status, said = ask("POST", "/feed", a_feed(new, bad), Content_Type="text/csv")
    assert (status, said["accepted"]) == (200, 1)
    assert [each["line"] for each in said["rejected"]] == [3]
    assert "ssn" in said["rejected"][0]["reason"]
    assert ask("GET", "/ledger/E1NEW.json")[1]["lines"][0]["amount_cents"] == 1234


STATEMENT = b"""01,a,b,261203,0800,1,80,,2/
02,b,a,1,261202,,USD,2/
03,4000123456,USD/
16,166,1234,0,,,SETTLEMENT/
49,1234,3/
98,1234,1,5/
99,1234,1,7/
"""


def test_a_statement_is_read_before_the_answer_comes(ask, world):
    status, said = ask("POST", "/bank/statements", STATEMENT)
    assert (status, said) == (200, {"accepted": 1, "rejected": []})
    stated = world.system.records.settlements.stated(["2026-12"])
    assert [each.cents for days in stated.values() for each in days] == [1234]
    status, said = ask("POST", "/bank/statements", STATEMENT.replace(b"49,1234,3", b"49,1235,3"))
    line = {"line": 5, "reason": "its total or count is another than what is there"}
    assert (status, said) == (200, {"accepted": 0, "rejected": [line]})
    cases = [case["case"] for case in ask("GET", "/cases.json")[1]]
    assert any(case.startswith("bad_statement#") for case in cases)


def test_a_statement_that_nobody_read_is_not_called_accepted(ask, monkeypatch):
    def fails(*_):
        raise RuntimeError("down")

    monkeypatch.setattr(SettlementProof, "receive", fails)
    status, said = ask("POST", "/bank/statements", STATEMENT)
    assert (status, "unread" in said["error"]) == (500, True)


def test_a_file_that_is_no_feed_is_refused_whole_and_opens_a_case(ask):
    status, said = ask("POST", "/feed", b"what is this?\n")
    assert (status, said["accepted"], len(said["rejected"])) == (200, 0, 1)
    assert any(case["kind"] == "feed_refused" for case in ask("GET", "/cases.json")[1])


def test_dropping_the_demo_file_again_changes_nothing(ask, world):
    body = world.members_file.read_bytes()
    member = members.read(world.members_file)[5]["enrollment_id"]
    before = ask("GET", f"/ledger/{member}.json")
    status, said = ask("POST", "/feed", body)
    assert (status, said["rejected"]) == (200, [])
    assert said["accepted"] == len(members.read(world.members_file))
    assert ask("GET", f"/ledger/{member}.json") == before


def test_magic_bank_accounts_are_listed(ask):
    _, said = ask("GET", "/bank/accounts.json")
    assert {"account": "99000001", "answer": "R01", "after_banking_days": 2} in said
    assert {"account": "99000010", "answer": "R10", "after_banking_days": 5} in said


def test_moving_the_clock_goes_there(ask):
    status, said = ask("POST", "/clock", b'{"to": "2026-12-04T12:00:00-05:00"}')
    assert status == 200
    assert said["now"].startswith("2026-12-04T17:00:0")


def test_a_world_starts_deployed_and_its_keys_are_rotated_by_whoever_asks(world):
    vault = world.system.vault
    deployed = lambda event: world.pump._invoke("make_keys", event)  # noqa: E731 - short
    sealed = vault.seal("account", "000123456789", "SUB1")
    assert deployed({}) == []
    assert deployed({"purpose": "account"}) == ["account 2"]
    assert vault.open("account", sealed, "SUB1") == "000123456789"


def test_a_taken_port_is_an_error_before_anything_is_built(world):
    with pytest.raises(OSError), World.start(now=NOW, port=world.page.server_port):
        pass
