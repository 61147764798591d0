"""Cases are listed and closed; waits are lifted; what is wrong is told in a line."""

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib import bootstrap
from chalicelib.domain.case import CaseKind
from chalicelib.domain.guessing import FREE_MISSES, TICKET_LASTS, Counted, Ticket
from chalicelib.domain.signature import Signature
from chalicelib.services.page.claims import said as typed_as
from chalicelib.services.page.tickets import MustWait
from infra.offline.faults import Kind
from tests.builders import a_case

pytestmark = pytest.mark.moto

CASE = "mail_failed#confirmation.HC-7K4M-92QX"
SUBJECT = ["María José", "O'Brien-Núñez", "1980-02-29"]


@pytest.fixture
def case(world):
    """An open one, with something in it that a terminal could take for its own."""
    case = a_case(
        reason="[red]confirmation[/] was not taken", case_id=f"{CASE}#{world.engine.number}"
    )
    world.system.records.cases.open_case(case)
    return case


def test_open_cases_are_listed_with_the_phone_number(staff, said, case):
    assert said("cases")[-1] == {
        "case": case.case_id,
        "kind": "mail_failed",
        "enrollment_id": "EN000001",
        "reason": case.reason,
        "opened_at": "2026-12-03T15:00:00Z",
        "phone": "+16175550123",
    }
    shown = staff("cases").stdout
    assert case.case_id in shown
    assert case.reason in shown
    assert "No case" in staff("cases", "--kind", "refund").stdout


def test_a_closed_case_is_gone_and_says_who_why_and_when(world, staff, case):
    answer = staff(
        "case", "close", case.case_id, "--reason", "phoned her", "--by", "Grace", "--yes"
    )
    assert answer.exit_code == 0
    assert case not in world.system.records.cases.open()
    kept = world.system.store.get("cases", ("closed", case.case_id))
    assert (kept["signed"]["who"], kept["signed"]["why"]) == ("Grace", "phoned her")
    assert kept["signed"]["at"].startswith("2026-12-31")
    [line] = world.system.store.query("audit", f"case#{case.case_id}")
    assert (line["what"], line["who"]) == ("closed", "Grace")
    world.system.records.cases.open_case(case)
    assert case not in world.system.records.cases.open()


def test_a_case_is_closed_by_one_only(world, case):
    signed = Signature(who="Ada", why="done", at=world.clock.now())
    assert world.system.records.cases.close(case.case_id, signed)
    assert not world.system.records.cases.close(case.case_id, signed)
    assert not world.system.records.cases.close("unknown", signed)


def test_without_a_yes_a_case_stays_open(world, staff, case):
    assert staff("case", "close", case.case_id, "--reason", "x", typed="n\n").exit_code == 1
    assert case in world.system.records.cases.open()
    assert staff("case", "close", "unknown", "--reason", "x", "--yes").exit_code == 1


def test_rule_39_a_person_is_accepted_by_a_person_changed_case_only(world, staff, case):
    refused = staff("case", "accept", case.case_id, "--reason", "x", "--by", "Grace", "--yes")
    assert refused.exit_code == 1
    changed = a_case(kind=CaseKind.PERSON_CHANGED, case_id="person_changed#EN000001#0a1b")
    world.system.records.cases.open_case(changed)
    answer = staff("case", "accept", changed.case_id, "--reason", "asked", "--by", "Grace", "--yes")
    assert answer.exit_code == 0
    assert world.system.records.cases.was_accepted(changed.case_id)
    [line] = world.system.store.query("audit", f"case#{changed.case_id}")
    assert (line["what"], line["who"]) == ("accepted", "Grace")


def wait(world, keys):
    tickets, now = world.system.finding.tickets, world.clock.now()
    for n in range(FREE_MISSES + 1):
        ticket = Ticket(f"try-{n}", now)
        tickets.miss(tickets.take(tickets.read(keys, now), ticket), ticket)
    with pytest.raises(MustWait):
        tickets.read(keys, now).check_wait(now)


@pytest.mark.parametrize(
    ("counted", "words", "typed"),
    [
        (Counted.SUBJECT, ["subject"], ["maria jose", "OBRIEN NUNEZ", "1980-02-29"]),
        (Counted.IDENTIFIER, ["identifier", "--kind", "ssn"], ["123 45 6789"]),
    ],
)
def test_rule_9_a_lifted_wait_lets_the_next_try_through(world, staff, counted, words, typed):
    first, last, birth = SUBJECT
    names = typed_as("ssn", "123-45-6789", first, last, birth.split("-"))
    keys = {counted: world.system.finding.keys(names, "192.0.2.7")[counted]}
    wait(world, keys)
    answer = staff("lift-wait", *words, "--reason", "phoned", typed="\n".join([*typed, "y", ""]))
    assert answer.exit_code == 0, answer.output
    assert "wait until 2026-12-31" in answer.stdout
    assert "6789" not in answer.output
    [line] = world.system.store.query("audit", f"misses#{keys[counted]}")
    assert (line["what"], line["who"], line["why"]) == ("lifted", "Ada", "phoned")
    now = world.clock.now()
    world.system.tickets.read(keys, now).check_wait(now)
    assert staff("lift-wait", *words, "--reason", "x", typed="\n".join(typed)).exit_code == 1


def test_rule_9_tickets_that_a_crash_left_behind_are_lifted_too(world, staff):
    first, last, birth = SUBJECT
    typed = typed_as("", "", f"{first} Lost", last, birth.split("-"))
    keys = {Counted.SUBJECT: world.system.finding.keys(typed, "")[Counted.SUBJECT]}
    tickets, now = world.system.finding.tickets, world.clock.now()
    for n in range(FREE_MISSES + 1):
        ticket = Ticket(f"try-{n}", now - TICKET_LASTS)
        tickets.take(tickets.read(keys, ticket.taken_at), ticket)
    with pytest.raises(MustWait):
        tickets.read(keys, now).check_wait(now)
    words = "\n".join([f"{first} Lost", last, birth, "y", ""])
    answer = staff("lift-wait", "subject", "--reason", "phoned", typed=words)
    assert answer.exit_code == 0, answer.output
    assert tickets.take(tickets.read(keys, now), Ticket("try-9", now))


def test_a_birthday_that_is_none_is_told(staff):
    answer = staff("lift-wait", "subject", "--reason", "x", typed="A\nB\n29.2.1980\n")
    assert answer.exit_code == 1
    assert "1980-02-29" in answer.stderr


def test_aws_that_refuses_is_one_line(world, staff):
    world.engine.reset_calls()
    world.engine.plan_fault(1, Kind.THROTTLED, times=20)
    answer = staff("cases")
    world.engine.forget_faults()
    assert answer.exit_code == 3
    assert "AWS refused Query" in answer.stderr
    assert "Traceback" not in answer.output


def test_aws_that_is_not_there_is_one_line(world, staff, monkeypatch):
    def nobody(*_):
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(type(world.system.records.cases), "open", nobody)
    answer = staff("cases")
    assert answer.exit_code == 3
    assert "cannot be reached" in answer.stderr


def test_a_setting_that_is_missing_is_named(world, staff, monkeypatch):
    bootstrap.adopt()
    monkeypatch.delenv("BUCKET")
    try:
        answer = staff("cases")
    finally:
        bootstrap.adopt(world.system)
    assert answer.exit_code == 3
    assert "BUCKET" in answer.stderr
