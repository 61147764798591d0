"""Staff say that a member has died, or that they live after all (rule 46)."""

import pytest

ON = ("--on", "2026-12-03", "--reason", "her son phoned", "--yes")
LIVES = ("--reason", "another of that name", "--yes")


def died(world, name):
    return world.system.records.enrollments.get(name).died


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("died", "EN", *ON), "There is no enrollment EN."),
        (("lives", "EN", *LIVES), "There is no enrollment EN."),
        (("died", "{name}", *ON, "--on", "3.12.2026"), "The day of death must be like"),
        (("died", "{name}", *ON, "--on", "2099-12-03"), "still to come"),
        (("died", "{name}", *ON, "--reason", " "), "Say why"),
        (("lives", "{name}", *LIVES), "as was known before"),
    ],
)
def test_rule_46_what_makes_no_sense_is_said_and_changes_nothing(world, staff, name, words, said):
    answer = staff("member", *(each.format(name=name) for each in words))
    assert (answer.exit_code, said in answer.stderr) == (1, True)
    assert not died(world, name)


def test_rule_46_it_is_asked_first_and_no_is_no(world, staff, name):
    answer = staff("member", "died", name, *ON[:-1], typed="n\n")
    assert answer.exit_code == 1
    assert f"Say that the member of {name} died on 2026-12-03?" in answer.output
    assert not died(world, name)


def test_rule_46_a_death_said_by_staff_stops_everything_and_can_be_taken_back(
    world, staff, said, name
):
    mandates, cases = world.system.records.mandates, world.system.records.cases
    answer = staff("member", "died", name, *ON)
    assert (answer.exit_code, name in answer.stdout) == (0, True)
    assert died(world, name)
    assert mandates.of(name).standing == ()
    assert [case.enrollment_id for case in cases.open() if case.case_id.startswith("death#")]
    assert staff("member", "died", name, *ON).exit_code == 1
    assert staff("member", "lives", name, *LIVES, "--by", "Grace").exit_code == 0
    assert not died(world, name)
    assert mandates.of(name).standing == ()
    assert not [case for case in cases.open() if case.case_id.startswith("death#")]
    acts = {
        (line["who"], line["what"], line["why"]) for line in said("audit", "--enrollment", name)
    }
    assert ("Ada", "died on 2026-12-03", "her son phoned") in acts
    assert ("Grace", "lives", "another of that name") in acts
