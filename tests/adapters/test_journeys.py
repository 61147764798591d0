"""Visits: what was typed is sealed, versions guard each write, a challenge is answered once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.captcha import LIFETIME
from chalicelib.domain.draft import Draft
from chalicelib.repositories.journeys import Journeys
from chalicelib.store import Change, ConditionFailed
from tests.builders import NOW, a_draft, a_journey, shown
from tests.fakes import PlainVault


@pytest.fixture
def journeys(store):
    return Journeys(store, PlainVault())


def started(store, journeys, **changed):
    journey = a_journey(**changed)
    store.write(journeys.starting(journey))
    return journey


def row(store, journey_id="journey-1"):
    return store.get("journeys", (f"journey#{journey_id}",))


def test_a_journey_comes_back_as_it_was_kept(store, journeys):
    journey = started(
        store,
        journeys,
        confirmation="HC-7K4M-92QX",
        payment_ids={"EN000001": "P1"},
        shown=shown(),
        captcha_misses=2,
        captcha_solved=True,
        suspicious=True,
        submitted_at=NOW,
        receipts={1: "HC-0"},
    )
    assert journeys.get("journey-1") == journey


def test_an_empty_journey_comes_back_too(store, journeys):
    journey = started(store, journeys, draft=Draft())
    assert journeys.get("journey-1") == journey


def test_what_was_never_started_is_none(journeys):
    assert journeys.get("journey-2") is None


def test_an_id_is_given_to_one_journey_only(store, journeys):
    started(store, journeys)
    with pytest.raises(ConditionFailed):
        started(store, journeys, subscriber_id="SUB2")


def test_rule_33_nothing_that_was_typed_lies_open(store, journeys):
    started(store, journeys)
    text = repr(row(store))
    for typed in ("María", "Brien", "maria@example.com", "6175550123", "231380104", "6789"):
        assert typed not in text


def test_a_draft_that_was_moved_to_another_journey_is_as_if_never_typed(store, journeys):
    started(store, journeys)
    started(store, journeys, journey_id="journey-2", draft=Draft())
    stolen = {"sealed_draft": row(store)["sealed_draft"]}
    store.write(Change("journeys", ("journey#journey-2",), set=stolen))
    assert journeys.get("journey-2").draft == Draft()
    assert journeys.get("journey-1").draft == a_draft()


def test_a_change_is_kept_and_counts_the_version(store, journeys):
    journey = started(store, journeys)
    changed = replace(journey, captcha_solved=True)
    store.write(journeys.changing(changed))
    assert journeys.get("journey-1") == replace(changed, version=1)


def test_of_two_tabs_that_change_a_journey_one_wins(store, journeys):
    journey = started(store, journeys)
    store.write(journeys.changing(replace(journey, captcha_solved=True)))
    with pytest.raises(ConditionFailed):
        store.write(journeys.changing(replace(journey, captcha_misses=1)))
    assert journeys.get("journey-1").captcha_misses == 0


def test_a_journey_that_was_never_started_is_not_changed(store, journeys):
    with pytest.raises(ConditionFailed):
        store.write(journeys.changing(a_journey()))


def test_rule_16_the_idle_clock_is_wound_up(store, journeys):
    journey = started(store, journeys)
    later = NOW + timedelta(minutes=20)
    journeys.touch(journey, later)
    assert journeys.get("journey-1") == replace(journey, seen_at=later)


def test_winding_up_the_clock_never_fails_a_request_nor_undoes_a_change(store, journeys):
    journey = started(store, journeys)
    changed = replace(journey, captcha_solved=True)
    store.write(journeys.changing(changed))
    journeys.touch(journey, NOW + timedelta(minutes=20))
    assert journeys.get("journey-1") == replace(changed, version=1)


def test_winding_up_the_clock_starts_no_journey(store, journeys):
    journeys.touch(a_journey(version=7), NOW)
    assert journeys.get("journey-1") is None


def test_what_a_late_post_brought_is_kept(store, journeys):
    journey = started(store, journeys)
    late = journey.draft.with_typed("/contact", {"email": "late@example.com"})
    journeys.leave_draft(journey, late)
    assert journeys.get("journey-1").draft == late
    journeys.leave_draft(journey, Draft())  # from a tab that is behind
    assert journeys.get("journey-1").draft == late


def test_invariant_21_the_broom_comes_long_after_the_journey_has_ended(store, journeys):
    started(store, journeys)
    assert row(store)["expires_at_epoch"] >= (NOW + timedelta(hours=8)).timestamp()


def test_rule_16_the_first_answer_to_a_challenge_stands(store, journeys):
    assert journeys.spend_token("spent", "digest-1", "wrong", NOW) == ("digest-1", "wrong")
    assert journeys.spend_token("spent", "digest-2", "right", NOW) == ("digest-1", "wrong")
    assert journeys.spend_token("spent", "digest-1", "wrong", NOW) == ("digest-1", "wrong")
    assert journeys.spend_token("other", "digest-2", "right", NOW) == ("digest-2", "right")


def test_invariant_21_a_spent_challenge_is_known_for_as_long_as_it_could_be_answered(
    store, journeys
):
    journeys.spend_token("spent", "digest-1", "wrong", NOW)
    kept = store.get("journeys", ("captcha#spent",))
    assert kept["expires_at_epoch"] > (NOW + LIFETIME).timestamp()
