"""A visit: thirty minutes idle, four hours in all, and what is never kept (rule 16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.draft import NEVER_KEPT, Draft, Step
from chalicelib.domain.enrollment import Plan
from tests.builders import (
    NOW,
    a_bank_account,
    a_contact,
    a_draft,
    a_journey,
    a_payment_line,
    a_standing,
    an_enrollment,
    shown,
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("started", "seen", "is_live"),
    [
        (timedelta(0), timedelta(0), True),
        (30 * MINUTE, 30 * MINUTE, False),
        (30 * MINUTE, 30 * MINUTE - SECOND, True),
        (240 * MINUTE, timedelta(0), False),  # absolute, however busy
        (240 * MINUTE - SECOND, timedelta(0), True),
    ],
)
def test_rule_16_thirty_minutes_idle_and_four_hours_absolute(started, seen, is_live):
    journey = a_journey(started_at=NOW - started, seen_at=NOW - seen)
    assert journey.is_live(NOW) is is_live


def test_the_idle_clock_is_wound_up_once_a_minute():
    assert not a_journey(seen_at=NOW - 59 * SECOND).wants_touch(NOW)
    assert a_journey(seen_at=NOW - MINUTE).wants_touch(NOW)


def test_a_step_opened_out_of_order_goes_to_the_first_one_missing():
    assert a_journey(draft=Draft()).first_missing() is Step.CONTACT
    assert a_journey(draft=Draft(account=a_bank_account())).first_missing() is Step.CONTACT
    assert a_journey(draft=Draft(contact=a_contact())).first_missing() is Step.BILLING
    assert a_journey().first_missing() is None


@pytest.mark.parametrize("field", ["ssn", "ssn_again", "account", "account_again", "csrf"])
def test_rule_33_some_fields_are_never_kept(field):
    draft = Draft().with_typed("/find", {field: "123-45-6789", "first_name": "Maria"})
    assert draft.typed == {"/find": {"first_name": "Maria"}}
    assert field in NEVER_KEPT


@pytest.mark.parametrize("field", ["confirm_email", "confirm_account"])
def test_rule_57_a_yes_to_one_text_is_none_to_the_next(field):
    assert Draft().with_typed("/contact", {field: "yes"}).typed == {"/contact": {}}


def test_typing_again_replaces_a_page_and_leaves_the_others():
    draft = Draft().with_typed("/find", {"a": "1"}).with_typed("/contact", {"email": "x"})
    again = draft.with_typed("/find", {"b": "2"})
    assert again.typed == {"/find": {"b": "2"}, "/contact": {"email": "x"}}


CONTACT = {"/contact": {"phone": "617-555-0123"}}
BILLING = {"/billing": {"account_name": "Maria"}}


def test_rule_16_once_the_same_person_is_found_again_the_forms_are_filled_but_for_the_account():
    typed = {"/find": {"first_name": "Maria"}, **CONTACT, **BILLING}
    new = a_draft(typed=typed).for_same_person()
    assert new.typed == {**CONTACT, **BILLING}
    assert (new.account, new.contact, new.choices, new.member_name) == (None, None, (), "")


def test_rule_55_the_next_journey_of_a_visit_keeps_contact_and_drops_amounts_and_account():
    old = a_journey(draft=a_draft(typed={**CONTACT, **BILLING}), confirmation="HC-1", version=4)
    new = old.opened(Plan.DENTAL, ("EN000002",), NOW + MINUTE)
    assert new.draft.contact == old.draft.contact
    assert (new.draft.typed, new.draft.account, new.draft.choices) == (CONTACT, None, ())
    assert (new.journey_id, new.number, new.version) == (old.journey_id, 2, 5)
    assert (new.confirmation, new.payment_ids, new.shown, new.receipts) == (None, {}, None, {})
    assert new.started_at == old.started_at  # the visit's clock goes on


def test_rule_55_a_form_that_opens_a_journey_and_comes_twice_opens_one():
    opened = a_journey().opened(Plan.DENTAL, ("EN000002",), NOW)
    assert opened.opened(Plan.DENTAL, ("EN000002",), NOW + MINUTE) == opened
    assert opened.opened(Plan.DENTAL, ("EN000001",), NOW).number == 3
    begun = replace(opened, draft=a_draft())
    assert begun.opened(Plan.DENTAL, ("EN000002",), NOW).number == 3


def test_rule_55_what_was_submitted_in_a_visit_stays_known_to_it():
    paid = a_journey(number=2, confirmation="HC-1", submitted_at=NOW, receipts={1: "HC-0"})
    assert paid.opened(Plan.HEALTH, (), NOW).receipts == {1: "HC-0", 2: "HC-1"}
    assert paid.opened(Plan.HEALTH, (), NOW).last_receipt == "HC-1"


def test_rule_55_nothing_is_left_of_a_visit_that_was_ended():
    over = a_journey(confirmation="HC-1", submitted_at=NOW).ended(NOW)
    assert not over.is_live(NOW)
    assert (over.draft, over.subscriber_id, over.all_receipts) == (Draft(), "", {})


def test_rule_08_a_journey_shows_the_enrollments_of_its_plan_or_those_that_were_chosen():
    health, dental = an_enrollment(), an_enrollment(enrollment_id="EN2", plan=Plan.DENTAL)
    assert a_journey().shows(health)
    assert not a_journey().shows(dental)
    assert a_journey(chosen=("EN2",)).shows(dental)
    assert not a_journey(chosen=("EN2",)).shows(health)


def asked_again(said):
    return a_draft(typed={"/billing": {"confirm_again": said}})


@pytest.mark.parametrize(
    ("paid", "draft", "repeats"),
    [
        (42480, a_draft(), True),
        (42480, asked_again("yes"), False),  # step 4 asked, and was answered
        (42480, asked_again(""), True),
        (42479, a_draft(), False),
    ],
)
def test_rule_13_what_was_paid_elsewhere_today_is_noticed_at_submit(paid, draft, repeats):
    journey = a_journey(draft=draft, shown=shown(amounts_cents={"EN000001": 42480}))
    assert journey.repeats([a_standing(84960, a_payment_line(paid))]) is repeats
    assert not journey.repeats([])


def test_rule_16_what_was_typed_fills_the_forms_of_the_same_member_and_plan_only():
    draft = a_draft(typed={"/contact": {"phone": "617-555-0123"}})
    before = a_journey(draft=draft)
    after = before.draft_for(before.subscriber_id, before.plan)
    assert after == Draft(typed=draft.typed)  # the account is asked for again
    assert before.draft_for("ANOTHER", before.plan) == Draft()
    assert before.draft_for(before.subscriber_id, Plan.DENTAL) == Draft()
    submitted = a_journey(draft=draft, submitted_at=NOW)
    assert submitted.draft_for(before.subscriber_id, before.plan) == Draft()
