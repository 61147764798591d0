"""What a bank asks for is found with one command; account numbers are not in it."""

import json

import pytest

from chalicelib.domain.signature import Signature
from tests.bank import Bank
from tests.monthly import at


@pytest.fixture(scope="module")
def somebody(world):
    """An enrollment with a mandate."""
    for slot in range(1024):
        for _, mandates in world.system.records.mandates.in_slot(slot, "", 10):
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
    submission = world.system.records.books.submission(somebody.confirmation)
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
    assert world.system.records.routing.is_listed("231380104") is None


def test_rule_12_once_loaded_only_listed_banks_are_known(staff, world, tmp_path):
    file = tmp_path / "routing.txt"
    file.write_text('231380104, "Harbor Savings & Loan"\n')
    assert staff("directory", str(file)).exit_code == 0
    assert world.system.records.routing.is_listed("231380104") is True
    assert world.system.records.routing.bank_name("231380104") == "Harbor Savings & Loan"
    assert world.system.records.routing.is_listed("081000210") is False


def test_evidence_of_a_payment_names_each_state_with_its_instant_and_the_letters():
    """A retry and a refund belong to it, as what came back does."""
    bank = Bank()
    first = bank.pays()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((first, "R01"), when=at(8, 8)), at(8, 8))
    agreed = Signature(who="Ada", why="on the phone", at=at(8, 10))
    retry = bank.system.retrying.release("EN000001", first, agreed).payment_id
    bank.collect(at(8, 18))
    bank.evening(at(11, 20))
    found = bank.system.evidencing.of_payment(first)
    states = {row["payment_id"]: list(row["reached"]) for row in found["debits"]}
    assert states == {
        first: ["received", "sent", "not_paid"],
        retry: ["received", "sent", "paid"],
    }
    [one, two] = found["debits"]
    assert (one["return_code"], one["reached"]["not_paid"]) == ("R01", at(8, 8).isoformat())
    assert (two["what"], two["of_payment"]) == ("retry", first)
    assert two["reached"]["paid"] == at(11, 20).isoformat()
    letters = [letter["mail"] for letter in found["letters"]]
    assert letters == ["confirmation", "not_paid", "retry", "paid"]


def test_evidence_of_a_mandate_has_its_notices_and_withdrawals():
    bank = Bank()
    bank.enroll(plan_year=2027)
    bank.begins(cents=10000)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    [mandate] = bank.system.records.mandates.of("EN000001").standing
    found = bank.system.evidencing.of_mandate("EN000001", mandate.mandate_id)
    letters = [letter["mail"] for letter in found["letters"]]
    assert letters == ["confirmation", "notice", "withdrawal"]
    assert [row["what"] for row in found["debits"]] == ["withdrawal"]
    assert list(found["debits"][0]["reached"]) == ["received", "sent"]
