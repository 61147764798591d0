"""Staff ask whether the books agree: sums for people, JSON for programs, a CSV of differences."""

import csv
import json

import pytest

from chalicelib.store import Change
from infra.staff.sheets import as_text
from tests.staff.conftest import JANUARY, READS, WRITES

READS_FILES = {("s3", "GetObject"), ("s3", "HeadObject")}
RUN = f"withdrawal#{JANUARY}"


@pytest.fixture(scope="module")
def played(month):
    """The whole month: bills, notices, withdrawal, and what the bank answered."""
    for act in (month.bill, month.announce, month.live, month.withdraw, month.end):
        act()
    return month.world


@pytest.fixture
def claimed(played):
    """A withdrawal of the month, and its line."""
    system = played.system
    for slot in range(1024):
        for enrollment_id in system.records.enrollments.in_slot(slot):
            line = system.records.books.line(enrollment_id, RUN)
            if line and line.payment_id:
                return line
    raise AssertionError("nothing was withdrawn")


@pytest.fixture
def spoiled(played, claimed):
    """Its amount is another for a while."""
    key, store = (claimed.enrollment_id, RUN), played.system.store
    store._apply(Change("ledger", key, set={"amount_cents": claimed.amount_cents - 1}))
    yield claimed
    store._apply(Change("ledger", key, set={"amount_cents": claimed.amount_cents}))


@pytest.mark.usefixtures("played")
def test_books_that_agree_say_so_and_end_with_0(staff, tmp_path):
    file = tmp_path / "differences.csv"
    answer = staff("reconcile", "--out", str(file))
    assert answer.exit_code == 0, answer.output
    assert "They agree." in answer.stdout
    assert file.read_text().splitlines() == [
        "where,what,payment_id,enrollment_id,expected_cents,found_cents"
    ]


def test_run_files_and_ledger_say_the_same_number(played, said):
    found = said("reconcile")
    assert found["agrees"] is True
    assert found["differences"] == []
    [run] = found["of_runs"]
    claimed = played.system.running.counts(RUN).cents
    assert run["run"] == RUN
    assert run["claimed_cents"] == run["ledger_cents"] == claimed > 0
    assert run["sealed_cents"] + run["left_out_cents"] + run["open_cents"] == claimed
    for each in found["of_transmissions"]:
        assert each["files_cents"] == each["sealed_cents"]
    desk = played.pump.bank.judgements.values()
    assert found["files"] == len(desk)
    assert found["debit_cents"] == sum(judged.debit_cents for judged in desk)
    assert found["entries"] == sum(judged.entries for judged in desk)
    assert found["returns"] > 0


@pytest.mark.usefixtures("played")
def test_proving_writes_nothing(staff, calls):
    made = calls(lambda: staff("reconcile"))
    assert made <= READS | READS_FILES
    assert not made & WRITES


def test_a_difference_is_told_by_payment_and_ends_with_1(staff, spoiled, tmp_path):
    file = tmp_path / "differences.csv"
    answer = staff("reconcile", "--out", str(file))
    assert answer.exit_code == 1
    assert "1 difference" in answer.stdout
    assert spoiled.payment_id in answer.stdout
    assert "DIFFER" in answer.stdout
    with file.open() as opened:
        [row] = csv.DictReader(opened)
    assert row["payment_id"] == spoiled.payment_id
    assert row["enrollment_id"] == spoiled.enrollment_id
    assert int(row["expected_cents"]) == int(row["found_cents"]) + 1


def test_a_difference_is_told_to_programs(staff, spoiled):
    answer = staff("reconcile", "--json")
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert found["agrees"] is False
    assert [each["payment_id"] for each in found["differences"]] == [spoiled.payment_id]
    [run] = found["of_runs"]
    assert run["ledger_cents"] == run["claimed_cents"] + 1


def test_since_a_day_only_what_is_newer_is_proved(staff, said, spoiled):
    everything = json.loads(staff("reconcile", "--json").stdout)
    late = said("reconcile", "--since", "2027-02-20")
    assert spoiled.payment_id
    assert (late["since"], late["files"], late["agrees"]) == ("2027-02-20", 0, True)
    assert everything["files"] > 0


def test_a_day_that_is_none_is_refused(staff):
    assert staff("reconcile", "--since", "yesterday").exit_code == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_cell_is_taken_for_a_formula(text):
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("value", ["EN000001", "run#2026-12#007: 1=1", "", None, -42480, 0])
def test_other_cells_stay_as_they_are(value):
    assert as_text(value) == value
