"""The picture and the voice: one use, this journey, and nobody is locked out (rule 16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.captcha import LIFETIME, AnswerVerdict
from chalicelib.domain.case import CaseKind
from chalicelib.services.page.challenges import help_reference
from tests.builders import NOW, a_journey

MINUTE = timedelta(minutes=1)


@pytest.fixture
def journey(here):
    journey = a_journey(confirmation="HC-7K4M-92QX", payment_ids={"EN000001": "P1"})
    here.store.write(here.system.records.journeys.starting(journey))
    return journey


@pytest.fixture
def challenges(here):
    return here.system.challenges


def answer(challenges, challenge):
    return challenge.picture_code(challenges.mac)


def test_rule_16_a_right_answer_is_right_by_eye_or_ear(challenges, journey):
    by_eye, by_ear = (challenges.new("journey-1", NOW) for _ in range(2))
    assert by_eye.token != by_ear.token
    eye, ear = by_eye.picture_code(challenges.mac), by_ear.audio_code(challenges.mac)
    assert challenges.judge(journey, by_eye.token, eye, NOW) is AnswerVerdict.RIGHT
    assert challenges.judge(journey, by_ear.token, ear, NOW) is AnswerVerdict.RIGHT


def test_rule_16_the_same_submit_again_gets_the_same_verdict(challenges, journey):
    challenge = challenges.new("journey-1", NOW)
    right = answer(challenges, challenge)
    for _ in range(3):
        assert challenges.judge(journey, challenge.token, right, NOW) is AnswerVerdict.RIGHT
    other = challenges.new("journey-1", NOW)
    for _ in range(3):
        assert challenges.judge(journey, other.token, "WRONG", NOW) is AnswerVerdict.WRONG


def test_rule_16_another_answer_finds_it_used(challenges, journey):
    challenge = challenges.new("journey-1", NOW)
    assert challenges.judge(journey, challenge.token, "WRONG", NOW) is AnswerVerdict.WRONG
    right = answer(challenges, challenge)
    assert challenges.judge(journey, challenge.token, right, NOW) is AnswerVerdict.USED


def test_rule_16_another_journey_can_not_use_it(challenges, journey):
    challenge = challenges.new("journey-1", NOW)
    thief = replace(journey, journey_id="journey-2")
    right = answer(challenges, challenge)
    assert challenges.judge(thief, challenge.token, right, NOW) is AnswerVerdict.EXPIRED
    assert challenges.judge(journey, challenge.token, right, NOW) is AnswerVerdict.RIGHT


def test_rule_16_it_expires(challenges, journey):
    challenge = challenges.new("journey-1", NOW)
    right = answer(challenges, challenge)
    assert (
        challenges.judge(journey, challenge.token, right, NOW + LIFETIME) is AnswerVerdict.EXPIRED
    )


def test_rule_16_showing_one_stores_nothing(here, challenges):
    before = here.kept()
    challenges.new("journey-1", NOW)
    assert here.kept() == before


def test_rule_16_one_right_answer_holds_for_the_journey(here, challenges, journey):
    noted = challenges.note(journey, AnswerVerdict.RIGHT, NOW)
    assert noted.captcha_solved
    assert here.system.records.journeys.get("journey-1") == noted


def test_rule_16_three_misses_open_a_case_and_lock_nobody(here, challenges, journey):
    for misses in (1, 2, 3, 4):
        assert (help_reference(journey) is None) == (misses <= 3)
        journey = challenges.note(journey, AnswerVerdict.WRONG, NOW)
        assert journey.captcha_misses == misses
    (case,) = here.system.records.cases.open()
    assert (case.kind, case.enrollment_id) == (CaseKind.CAPTCHA_HELP, "EN000001")
    assert help_reference(journey) in case.reason
    assert case.phone == "+16175550123"
    challenge = challenges.new("journey-1", NOW)
    verdict = challenges.judge(journey, challenge.token, answer(challenges, challenge), NOW)
    assert verdict is AnswerVerdict.RIGHT


def test_a_note_that_comes_after_another_change_fails_nobody(here, challenges, journey):
    here.store.write(here.system.records.journeys.changing(replace(journey, submitted_at=NOW)))
    noted = challenges.note(journey, AnswerVerdict.WRONG, NOW + MINUTE)
    assert noted.submitted_at == NOW
    assert noted.captcha_misses == 0


def test_a_spent_challenge_is_kept_without_token_or_answer(here, challenges, journey):
    challenge = challenges.new("journey-1", NOW)
    right = answer(challenges, challenge)
    challenges.judge(journey, challenge.token, right, NOW)
    everything = repr(here.kept())
    assert challenge.token not in everything
    assert right not in everything
