"""A short sample of the machine: people, calendar and bank in any order, and the model agrees."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults import machine, world

SHORT = settings(machine.RUN, max_examples=8, stateful_step_count=20, derandomize=True)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    world.shrink(monkeypatch.setattr)


def test_whatever_is_done_in_any_order_and_again_all_is_as_a_plain_model_says():
    run_state_machine_as_test(machine.Machine, settings=SHORT)


def test_a_run_is_named_by_its_seed():
    assert len(set(machine.points())) == machine.RUNS
    assert machine.points()[0] == "machine:1"
