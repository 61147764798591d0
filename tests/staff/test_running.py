"""Runs are listed and shown, and a kill switch stops a run, a shard or one mandate."""

import pytest

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.run import RunState, slots_of
from tests.staff.conftest import JANUARY

RUN = f"withdrawal#{JANUARY}"
BILLING = f"billing#{JANUARY}"


def audit(world, subject):
    return [
        (row["what"], row["who"], row["why"]) for row in world.system.store.query("audit", subject)
    ]


def test_with_no_run_there_is_nothing_to_list(staff, said):
    assert "No run" in staff("runs").stdout
    assert said("runs") == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "show", RUN], "There is no run"),
        (["run", "stop", "december", "--reason", "x", "--yes"], "is no run"),
        (["run", "stop", "collection#2026-12-31", "--reason", "x", "--yes"], "is no run"),
        (["run", "stop", RUN, "--reason", "x", "--shard", "64", "--yes"], "0 to 63"),
        (["run", "stop", RUN, "--reason", "x", "--mandate", "M1", "--yes"], "no mandate id"),
        (
            ["run", "stop", RUN, "--reason", "x", "--mandate", "M1", "--shard", "1", "--yes"],
            "not both",
        ),
        (["run", "stop", RUN, "--reason", "  ", "--yes"], "Say why"),
        (["run", "release", RUN, "--reason", "x", "--yes"], "not stopped"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line_and_nothing_is_done(world, staff, words, told):
    answer = staff(*words)
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert "Traceback" not in answer.output
    assert world.system.records.runs.stops(RUN) == {}


def test_a_dangerous_act_is_asked_first_and_no_is_no(world, staff):
    answer = staff("run", "stop", RUN, "--reason", "wrong file", typed="n\n")
    assert answer.exit_code == 1
    assert "Stop the whole run" in answer.output
    assert world.system.records.runs.stops(RUN) == {}


def test_a_stopped_run_does_nothing_until_it_is_released(month, world, staff, said):
    assert staff("run", "stop", BILLING, "--reason", "prices", typed="y\n").exit_code == 0
    month.bill()
    assert said("run", "show", BILLING)["claimed"] == 0
    assert said("run", "show", BILLING)["stops"] == {"run": "prices"}
    answer = staff("run", "show", BILLING)
    assert "prices" in answer.stdout
    assert staff("run", "release", BILLING, "--reason", "they are right", "--yes").exit_code == 0
    world.pump.settle()
    shown = said("run", "show", BILLING)
    assert (shown["state"], shown["stops"]) == ("closed", {})
    assert shown["shards"]["reported"] == list(range(64))
    assert said("run", "show", BILLING)["run"] in [run["run"] for run in said("runs")]
    assert BILLING in staff("runs").stdout
    assert audit(world, f"run#{BILLING}") == [
        ("stopped run", "Ada", "prices"),
        ("released run", "Ada", "they are right"),
    ]


def test_a_closed_run_cannot_be_stopped(staff):
    answer = staff("run", "stop", BILLING, "--reason", "late", "--yes")
    assert answer.exit_code == 1
    assert "closed" in answer.stderr


def test_a_stopped_mandate_is_excluded_and_a_stopped_shard_holds_up_nobody_else(
    month, world, staff, said
):
    month.announce()
    stopped_id, mandate_id = next(iter(month.mandates.items()))
    slot = slot_of(list(month.mandates)[-1])
    shard = next(n for n in range(64) if slot in slots_of(n))
    reason = ["--reason", "asked by phone", "--yes"]
    assert staff("run", "stop", RUN, "--mandate", mandate_id, *reason).exit_code == 0
    assert mandate_id in staff("run", "show", RUN).stdout  # before it has begun
    assert staff("run", "stop", RUN, "--shard", str(shard), *reason).exit_code == 0
    month.withdraw()
    shown = said("run", "show", RUN)
    assert shown["state"] == "open"
    assert shown["shards"]["reported"] == [n for n in range(64) if n != shard]
    assert "not begun" in staff("run", "show", RUN).stdout
    [line] = [x for x in world.system.records.books.lines(stopped_id) if x.line == RUN]
    assert (line.verdict, line.reason) == ("excluded", "stopped")
    assert staff("run", "release", RUN, "--shard", str(shard), *reason).exit_code == 0
    world.pump.settle()
    run = world.system.records.runs.get(RUN)
    counts = world.system.running.counts(RUN)
    assert run.state is RunState.CLOSED
    assert counts.agree
    assert counts.active == said("rehearse", "--month", JANUARY)["active"] > 10
