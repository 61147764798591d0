"""Staff type an adjustment, and a second person releases it, each in their own name (rule 36)."""

import pytest

from chalicelib.domain.ledger import owed

WHY = ("--says", "Late tax credit", "--reason", "her letter of May", "--yes")
AGREED = ("--reason", "seen", "--yes")


def owes(world, name):
    return owed(world.system.records.books.lines(name))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("EN9", "--reference", "T-0", "5.00"), "Enrollment id is not known."),
        (("{name}", "--reference", "t-0", "5.00"), "Reference is not 1 to 40 of A-Z, 0-9 and -."),
        (("{name}", "--reference", "T-0", "$5"), "Amount is not an amount in dollars like 212.40."),
        (("{name}", "--reference", "T-0", "0.00"), "Amount is zero, or beyond any adjustment."),
        (("{name}", "--reference", "T-0", "5.00", "--month", "May"), "Month is not a month like"),
    ],
)
def test_rule_36_what_makes_no_sense_is_said_and_changes_nothing(world, staff, name, words, said):
    before = owes(world, name)
    answer = staff("adjustment", "add", *(each.format(name=name) for each in words), *WHY)
    assert (answer.exit_code, said in answer.stderr) == (1, True), answer.stderr
    assert owes(world, name) == before


def test_rule_36_one_types_it_another_releases_it_and_the_member_owes_less(
    world, staff, said, name
):
    before = owes(world, name)
    typed = ("adjustment", "add", "--reference", "T-1", "--month", "2027-01", *WHY, "--", name)
    answer = staff(*typed, "-12.50")
    assert (answer.exit_code, owes(world, name)) == (0, before), answer.output
    assert "A second person must release it" in answer.stdout
    [row] = said("adjustments")
    assert (row["reference"], row["cents"], row["typed_by"]) == ("T-1", -1250, "Ada")
    assert "Late tax credit" in staff("adjustments").stdout
    assert "adjustment release T-1" in staff("case", "show", "adjustment#T-1").stdout
    alone = staff("adjustment", "release", "T-1", *AGREED)
    assert (alone.exit_code, "Another person must" in alone.stderr) == (1, True)
    done = staff("adjustment", "release", "T-1", "--by", "Ben", *AGREED)
    assert (done.exit_code, owes(world, name)) == (0, before - 1250), done.output
    assert "The member reads: Late tax credit" in done.stdout
    assert "Late tax credit" in staff("statement", name).stdout
    lines = staff("audit", "--enrollment", name).stdout
    assert "posted, typed by Ada" in lines
    again = staff("adjustment", "release", "T-1", "--by", "Cyd", *AGREED)
    assert (again.exit_code, "It was posted before." in again.stderr) == (1, True)


def test_rule_36_what_is_dropped_is_not_posted(world, staff, name):
    before = owes(world, name)
    staff("adjustment", "add", name, "7.00", "--reference", "T-2", *WHY)
    assert staff("adjustment", "drop", "T-2", *AGREED).exit_code == 0
    answer = staff("adjustment", "release", "T-2", "--by", "Ben", *AGREED)
    assert (answer.exit_code, "It was dropped before." in answer.stderr) == (1, True)
    same = staff("adjustment", "add", name, "7.00", "--reference", "T-2", *WHY)
    assert (same.exit_code, "It was dropped before." in same.stderr) == (1, True)
    other = staff("adjustment", "add", name, "8.00", "--reference", "T-2", *WHY)
    assert (other.exit_code, "stands for something else" in other.stderr) == (1, True)
    unknown = staff("adjustment", "release", "T-9", *AGREED)
    assert (unknown.exit_code, "There is no adjustment T-9." in unknown.stderr) == (1, True)
    assert owes(world, name) == before


def test_rule_36_its_case_is_ended_by_its_own_commands_alone(staff, said, name):
    """Closed, it would be in no list, and its reference taken."""
    staff("adjustment", "add", name, "9.00", "--reference", "T-3", *WHY)
    closed = staff("case", "close", "adjustment#T-3", *AGREED)
    assert closed.exit_code == 1
    assert "adjustment release T-3" in closed.stderr
    assert [row["reference"] for row in said("adjustments")] == ["T-3"]
    assert staff("adjustment", "drop", "T-3", *AGREED).exit_code == 0
