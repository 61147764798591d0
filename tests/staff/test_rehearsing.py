"""A month is rehearsed before and after the notices, and then really played: they agree."""

import csv

from chalicelib.domain.run import RunState
from tests.staff.conftest import JANUARY, READS, WRITES


def test_before_the_notices_everybody_lacks_one_and_the_amount_is_told(month, said):
    seen = said("rehearse", "--month", JANUARY)
    assert (seen["active"], seen["claimed"]) == (len(month.mandates), 0)
    assert seen["missing_notices"] > 0
    assert seen["unannounced_cents"] > 0
    assert seen["last_claimed"] is None


def test_without_a_month_the_coming_22nd_is_meant(said, world):
    assert world.clock.now().month == 12  # the 31st
    assert said("rehearse")["month"] == JANUARY
    assert said("rehearse")["debit_on"] == "2027-01-22"


def test_a_rehearsal_writes_nothing(month, staff, calls):
    month.bill()
    month.announce()
    month.live()
    made = calls(lambda: staff("rehearse", "--month", JANUARY))
    assert made <= READS
    assert ("dynamodb", "Query") in made
    assert not made & WRITES
    assert month.world.system.records.runs.get(f"withdrawal#{JANUARY}") is None
    assert not month.world.system.records.mandates.is_frozen(JANUARY, next(iter(month.mandates)))


def test_what_was_rehearsed_is_what_then_happens(month, said, staff, tmp_path):
    before = said("rehearse", "--month", JANUARY)
    file = tmp_path / "who.csv"
    staff("rehearse", "--month", JANUARY, "--out", str(file))
    month.withdraw()
    run = month.world.system.records.runs.get(f"withdrawal#{JANUARY}")
    counts = month.world.system.running.counts(run.run_id)
    assert run.state is RunState.CLOSED
    assert before["claimed"] == counts.claimed > 0
    assert before["skipped"] == counts.skipped > 0
    assert before["excluded"] == counts.excluded
    assert before["total_cents"] == counts.cents > 0
    assert sum(before["reasons"].values()) == counts.excluded
    assert before["decided"] == 0
    with file.open() as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == before["active"]
    assert sum(int(row["cents"]) for row in rows) == counts.cents
    for row in rows:
        [line] = [
            line
            for line in month.world.system.records.books.lines(row["enrollment_id"])
            if line.line == f"withdrawal#{JANUARY}"
        ]
        assert (line.verdict, -line.amount_cents) == (row["verdict"], int(row["cents"]))


def test_afterwards_it_tells_what_was_decided_as_it_stands(month, said):
    counts = month.world.system.running.counts(f"withdrawal#{JANUARY}")
    after = said("rehearse", "--month", JANUARY)
    assert after["decided"] == after["active"] == counts.active
    assert (after["claimed"], after["total_cents"]) == (counts.claimed, counts.cents)


def test_the_next_month_is_compared_with_this_one(month, said, staff):
    counts = month.world.system.running.counts(f"withdrawal#{JANUARY}")
    seen = said("rehearse", "--month", "2027-02")
    assert (seen["last_claimed"], seen["last_total_cents"]) == (counts.claimed, counts.cents)
    answer = staff("rehearse", "--month", "2027-02")
    assert answer.exit_code == 0
    assert "without a notice" in answer.stdout
    assert "Last month" in answer.stdout
    assert "Nothing was written." in answer.stderr


def test_a_month_that_is_none_is_refused(staff):
    answer = staff("rehearse", "--month", "2026-13")
    assert answer.exit_code == 1
    assert "like 2026-12" in answer.stderr
