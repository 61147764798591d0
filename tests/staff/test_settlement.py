"""A day that the bank's statement does not show is looked at, and accepted by two (rule 48)."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.bank_statement.reading import StatedDay
from tests.builders import a_case

DAY = date(2027, 1, 4)
CASE = f"settlement#{DAY}"
AGREED = ("--reason", "the bank mends it", "--yes")


def test_rule_48_it_is_shown_and_accepted_by_two(world, staff, said):
    world.pump.move(datetime(2027, 1, 8, 14, tzinfo=UTC))
    shown = said("settlement", "show", str(DAY))
    assert (shown["seen"], shown["stated_cents"]) == (False, [])
    expected = shown["expected_cents"]
    assert expected > 0
    short = StatedDay(on=DAY, cents=expected - 1, movements=1)
    world.system.records.settlements.state(short)
    world.system.records.cases.open_case(a_case(case_id=CASE))
    shown = staff("settlement", "show", str(DAY)).stdout.splitlines()
    assert [line.partition(":")[0] for line in shown] == [
        "Our files and returns",
        "The bank's statement",
        "Not seen",
    ]
    assert f"settlement accept {DAY}" in staff("case", "show", CASE).stdout
    refused = staff("case", "close", CASE, *AGREED)
    assert (refused.exit_code, "settlement accept" in refused.stderr) == (1, True)
    first = staff("settlement", "accept", str(DAY), *AGREED)
    assert (first.exit_code, "A second person" in first.stdout) == (0, True), first.output
    second = staff("settlement", "accept", str(DAY), "--by", "Ben", *AGREED)
    assert (second.exit_code, second.stdout.split(".")[0]) == (0, f"Accepted: {DAY}"), second.output
    assert said("settlement", "show", str(DAY))["seen"]
    again = staff("settlement", "accept", str(DAY), *AGREED)
    assert (again.exit_code, "Nothing of that day waits" in again.stderr) == (1, True)


@pytest.mark.parametrize("words", [("show", "yesterday"), ("accept", "2027-13-01", *AGREED)])
def test_what_is_no_day_is_said(staff, words):
    answer = staff("settlement", *words)
    assert (answer.exit_code, answer.stderr.strip()) == (1, "A day is written like 2026-12-04.")
