"""An enrollment: its slot for ever, and the four hours after plan shopping."""

import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.enrollment import SLOTS, slot_of
from tests.builders import NOW, an_enrollment


@pytest.mark.parametrize(
    ("since_shopping", "can_be_paid"),
    [
        (timedelta(hours=4), True),
        (timedelta(hours=4) - timedelta(seconds=1), False),
        (timedelta(0), False),
        (timedelta(hours=-1), False),  # a feed's clock may run ahead of ours
    ],
)
def test_rule_08_a_plan_chosen_less_than_four_hours_ago_is_as_if_absent(
    since_shopping, can_be_paid
):
    assert an_enrollment(selected_at=NOW - since_shopping).can_be_paid(NOW) is can_be_paid


@given(st.text(max_size=40))
def test_every_enrollment_has_one_of_1024_slots(enrollment_id):
    assert 0 <= slot_of(enrollment_id) < SLOTS == 1024


def test_a_slot_is_the_same_for_ever_and_in_every_process():
    assert [slot_of(each) for each in ("EN000001", "EN000002", "x")] == [340, 697, 578]


def test_a_slot_does_not_depend_on_the_processes_hash_seed():
    code = "from chalicelib.domain.enrollment import slot_of; print(slot_of('EN000001'))"
    told = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(slot_of("EN000001"))


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Maria", "Santos", "Maria S."),
        ("María José", "'Núñez", "María José N."),
        ("Lee", "de la Cruz", "Lee D."),
        ("", "Suharto", "Suharto"),
        ("Ana", "-", "Ana"),
    ],
)
def test_rule_54_letters_name_the_member_by_first_name_and_last_initial(first, last, said):
    assert an_enrollment(first_name=first, last_name=last).short_name == said
