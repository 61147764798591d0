"""What a bank asks for is found with one command; account numbers are not in it."""

import json

import pytest


@pytest.fixture(scope="module")
def somebody(world):
    """An enrollment with a mandate."""
    for slot in range(1024):
        for _, mandates in world.system.mandates.in_slot(slot, "", 10):
            if mandates and mandates.standing:
                return mandates.standing[-1]
    raise AssertionError("nobody has a mandate")


def test_evidence_of_a_mandate_names_text_time_and_source(staff, somebody):
    answer = staff("evidence", "mandate", somebody.enrollment_id, somebody.mandate_id)
    found = json.loads(answer.stdout)
    assert found["authorization"]["text"] == list(somebody.evidence.text)
    assert found["authorization"]["agreed_at"] == somebody.evidence.agreed_at.isoformat()
    assert found["account"]["last4"] == somebody.account.last4
    assert "sealed_number" not in answer.stdout


def test_evidence_is_written_as_a_page_for_the_bank(staff, somebody, tmp_path):
    page = tmp_path / "evidence.html"
    words = ("evidence", "mandate", somebody.enrollment_id, somebody.mandate_id, "--to", str(page))
    assert staff(*words).exit_code == 0
    assert somebody.account.last4 in page.read_text()
    assert "<h1>Mandate" in page.read_text()


def test_evidence_of_a_submit_is_found_by_its_confirmation_number(staff, somebody, world):
    submission = world.system.books.submission(somebody.confirmation)
    if submission is None:
        pytest.fail("the mandate's Submit is kept")
    found = json.loads(staff("evidence", "payment", somebody.confirmation).stdout)
    assert found["confirmation"] == somebody.confirmation
    assert len(found["debits"]) == len(submission.payments)


@pytest.mark.parametrize(
    "words", [("payment", "HC-AAAA-AAAA"), ("payment", "X"), ("mandate", "E1", "M1")]
)
def test_evidence_of_nothing_says_so(staff, words):
    answer = staff("evidence", *words)
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output


def test_rule_12_a_directory_with_a_wrong_line_is_not_loaded(staff, world, tmp_path):
    file = tmp_path / "routing.txt"
    file.write_text("231380104\nnot a number\n")
    assert staff("directory", str(file)).exit_code == 1
    assert world.system.accounts.is_listed("231380104") is None


def test_rule_12_once_loaded_only_listed_banks_are_known(staff, world, tmp_path):
    file = tmp_path / "routing.txt"
    file.write_text("231380104\n")
    assert staff("directory", str(file)).exit_code == 0
    assert world.system.accounts.is_listed("231380104") is True
    assert world.system.accounts.is_listed("081000210") is False
