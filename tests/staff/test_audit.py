"""Who did what, when and why is found by enrollment, case, person and day; looks are kept, too."""

import json
from itertools import count

import pytest

from chalicelib.domain.enrollment import SLOTS
from tests.builders import a_case
from tests.staff.conftest import WRITES

NUMBERS = count(1)
ADA = "arn:aws:sts::123456789012:assumed-role/staff/Ada"


@pytest.fixture(scope="module")
def member(world):
    """An enrollment with a mandate, of anybody."""
    for slot in range(SLOTS):
        for _, mandates in world.system.records.mandates.in_slot(slot, "", 10):
            if mandates and mandates.standing:
                return world.system.records.enrollments.get(mandates.standing[-1].enrollment_id)
    raise AssertionError("nobody has a mandate")


@pytest.fixture
def case(world, member):
    """An open one about the member."""
    case = a_case(
        case_id=f"captcha_help#{next(NUMBERS)}",
        enrollment_id=member.enrollment_id,
        reason="three [red]misses",
    )
    world.system.records.cases.open_case(case)
    return case


@pytest.fixture
def find(said, member):
    """Finds the member by name and birthday, as JSON."""

    def find(*words, last=member.last_name, first=member.first_name, born=member.birth_on):
        who = ("--last-name", last, "--first-name", first, "--birth-date", str(born))
        return said("member", "find", *who, "--reason", "she phoned", *words)

    return find


def test_a_note_is_kept_with_name_and_instant_and_shown_with_its_case(world, staff, said, case):
    noted = staff("case", "note", case.case_id, "--text", "rings back [Monday]", "--by", "Grace")
    assert noted.exit_code == 0, noted.output
    [line] = said("case", "show", case.case_id)["lines"]
    assert (line["who"], line["what"], line["why"]) == ("Grace", "noted", "rings back [Monday]")
    assert line["at"][:10] == world.clock.now().date().isoformat()
    shown = staff("case", "show", case.case_id).stdout
    assert "rings back [Monday]" in shown
    assert "three [red]misses" in shown
    assert "Ends with: case close" in shown


def test_a_closed_case_is_shown_with_who_closed_it_and_takes_notes(staff, said, case):
    staff("case", "close", case.case_id, "--reason", "helped her", "--yes")
    found = said("case", "show", case.case_id)
    assert (found["open"], found["commands"]) == (False, [])
    assert [line["what"] for line in found["lines"]] == ["closed"]
    assert staff("case", "note", case.case_id, "--text", "she wrote again").exit_code == 0
    assert len(said("audit", "--case", case.case_id)) == 2


@pytest.mark.parametrize("words", [["show"], ["note", "--text", "x"]])
def test_a_case_that_never_was_is_said(staff, words):
    answer = staff("case", words[0], "captcha_help#", *words[1:])
    assert (answer.exit_code, "There is no case" in answer.stderr) == (1, True)


def test_a_note_without_words_is_none(staff, case):
    assert staff("case", "note", case.case_id, "--text", " ").exit_code == 1


def test_what_was_done_is_found_by_enrollment_person_login_and_day(world, staff, said, case):
    words = ("case", "close", case.case_id, "--reason", "helped her", "--by", "Edith", "--yes")
    assert staff(*words, identity=ADA).exit_code == 0
    today = world.clock.now().date().isoformat()
    for wanted in (
        ("--enrollment", case.enrollment_id),
        ("--person", "edith"),
        ("--person", "Ada"),
        ("--day", today),
        ("--person", "Edith", "--day", today),
    ):
        found = [line for line in said("audit", *wanted) if line["about"] == f"case#{case.case_id}"]
        assert [(line["what"], line["who"]) for line in found] == [("closed", "Edith")], wanted
    assert said("audit", "--person", "Nobody") == []
    assert said("audit", "--day", "2026-01-01") == []


def test_an_enrollments_lines_have_its_feed_and_its_monthly_payments(staff, said, member):
    found = said("audit", "--enrollment", member.enrollment_id)
    assert {"first seen"} <= {line["what"] for line in found if not line["who"]}
    assert any(line["about"].startswith("mandates#") for line in found)
    assert found == sorted(found, key=lambda line: line["at"])
    assert "not staff" in staff("audit", "--enrollment", member.enrollment_id).stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--enrollment", "E1", "--case", "c#1"],
        ["--person", "Ada", "--since", "2020-01-01"],
        ["--person", "Ada", "--since", "2030-01-01"],
    ],
)
def test_what_is_asked_of_the_audit_must_make_sense(staff, words):
    assert staff("audit", *words).exit_code == 1


def test_a_member_is_found_as_names_are_matched_on_the_page(find, member):
    [found] = [
        each
        for each in find(last=member.last_name.upper(), first=f" {member.first_name.lower()}-")
        if each["enrollment_id"] == member.enrollment_id
    ]
    assert found["plan"] == str(member.plan)
    assert found["state"] in {"covered", "begins later", "ended"}


def test_nothing_that_a_member_is_found_by_on_the_page_is_shown_but_the_id(staff, find, member):
    shown = json.dumps(find())
    assert member.billing_account not in shown
    assert "ssn" not in shown


def test_each_look_is_kept_with_who_looked_and_why(find, said, member):
    before = len(said("audit", "--person", "Hedy"))
    find("--by", "Hedy")
    find("--by", "Hedy", last="Nobody-Has-This-Name")
    after = said("audit", "--person", "Hedy")
    assert len(after) - before >= 2
    subjects = {line["about"] for line in after}
    assert {f"enrollment#{member.enrollment_id}", "member#nobody"} <= subjects
    assert {(line["what"], line["why"]) for line in after} == {("looked at", "she phoned")}
    assert "Nobody-Has" not in json.dumps(after)


def test_a_birthday_that_is_none_is_said_and_nothing_is_written(staff, calls):
    words = ("--last-name", "A", "--first-name", "B", "--birth-date", "29.2.1980")
    made = calls(lambda: staff("member", "find", *words, "--reason", "x"))
    assert not made & WRITES
    assert "1980-02-29" in staff("member", "find", *words, "--reason", "x").stderr


def test_evidence_has_what_staff_looked_at_noted_and_stopped(world, staff, said, find, case):
    [mandate] = world.system.records.mandates.of(case.enrollment_id).standing
    find("--by", "Mary")
    staff("case", "note", case.case_id, "--text", "she asks for her money", "--by", "Mary")
    stop = ("withdrawal#2027-01", "--mandate", mandate.mandate_id, "--reason", "asked", "--yes")
    assert staff("run", "stop", *stop, "--by", "Mary").exit_code == 0
    assert staff("run", "release", *stop, "--by", "Mary").exit_code == 0
    words = ("evidence", "mandate", case.enrollment_id, mandate.mandate_id)
    acts = [each for each in json.loads(staff(*words).stdout)["by_staff"] if each["who"] == "Mary"]
    assert [each["what"] for each in acts] == [
        "looked at",
        "noted",
        f"stopped {mandate.mandate_id}",
        f"released {mandate.mandate_id}",
    ]
    assert acts[1]["why"] == "she asks for her money"
    paid = json.loads(staff("evidence", "payment", mandate.confirmation).stdout)
    assert {"looked at", "noted"} <= {each["what"] for each in paid["by_staff"]}
