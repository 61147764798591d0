"""The state of one mandate's month, and what it allows (rules 17, 19 to 27, 30, 31)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.mandate import EndReason, MandateState
from chalicelib.domain.month import (
    ALLOWED,
    TRANSITIONS,
    Amount,
    MandateMonth,
    MonthState,
    mandate_state,
)
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.domain.withdrawal import Exclusion
from tests.builders import a_bank_account, a_line, a_mandate, an_announcement, an_enrollment

MONTH = "2026-12"
THE_22ND = date(2026, 12, 22)
ANNOUNCED = an_announcement()


def new_york(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def a_decision(verdict="claimed", cents=42480, month=MONTH, **changed):
    return a_line(
        line=f"withdrawal#{month}",
        kind=LineKind.WITHDRAWAL,
        amount_cents=-cents if verdict == "claimed" else 0,
        month=month,
        verdict=verdict,
        at=new_york("2026-12-22T09:05"),
        **changed,
    )


def a_month(now="2026-12-15T12:00", **changed):
    facts = {"mandate": a_mandate(), "month": MONTH, "owed_cents": 42480}
    facts |= {"ceiling_cents": 2_000_000, "announced": ANNOUNCED}
    if settles_on := changed.get("settles_on"):
        facts["paid_on"] = ReturnWindow(0).paid_on(settles_on)
    return MandateMonth(now=new_york(now), **{**facts, **changed})


def taken(now="2026-12-22T13:00", **changed):
    facts = {"is_frozen": True, "decision": a_decision(), "owed_cents": 0}
    return a_month(now, **{**facts, **changed})


EXAMPLES = {
    MonthState.NOT_ANNOUNCED: a_month("2026-12-05T12:00", announced=None),
    MonthState.ANNOUNCED: a_month(),
    MonthState.STARTED: a_month("2026-12-22T09:01", is_frozen=True),
    MonthState.MISSED: a_month("2026-12-29T00:00", is_frozen=True),
    MonthState.CLAIMED: taken(),
    MonthState.IN_FILE: taken(settles_on=THE_22ND),
    MonthState.PAID: taken("2026-12-25T00:00", settles_on=THE_22ND),
    MonthState.RETURNED: taken("2026-12-24T08:01", settles_on=THE_22ND, came_back=True),
    MonthState.SKIPPED: taken(decision=a_decision("skipped")),
    MonthState.EXCLUDED: taken(decision=a_decision("excluded")),
}


@pytest.mark.parametrize("state", MonthState)
def test_facts_make_the_state_of_a_month(state):
    assert EXAMPLES[state].state is state


def test_every_state_says_what_it_allows_and_what_may_follow():
    assert set(ALLOWED) == set(TRANSITIONS) == set(MonthState)
    ends = {state for state, after in TRANSITIONS.items() if not after}
    assert ends == {MonthState.SKIPPED, MonthState.EXCLUDED, MonthState.RETURNED}


@pytest.mark.parametrize("state", MonthState)
def test_rule_20_a_cancel_stops_a_month_until_it_is_frozen_or_its_28th_is_over(state):
    month = EXAMPLES[state]
    is_over = month.now > new_york("2026-12-29T00:00") - timedelta(seconds=1)
    assert month.allowed.cancel is not (month.is_frozen or is_over)


@pytest.mark.parametrize("state", MonthState)
def test_an_amount_is_named_where_something_is_taken_and_only_there(state):
    is_named = ALLOWED[state].amount is not Amount.NOTHING
    assert (EXAMPLES[state].cents > 0) is is_named


@pytest.mark.parametrize("state", MonthState)
def test_rule_26_on_its_way_is_what_is_taken_whatever_is_done_now(state):
    going = {MonthState.STARTED, MonthState.CLAIMED, MonthState.IN_FILE}
    assert EXAMPLES[state].is_on_its_way is (state in going)


@pytest.mark.parametrize("state", MonthState)
def test_rule_31_a_retry_waits_while_a_withdrawal_is_announced_or_on_its_way(state):
    bars = {"announced", "started", "missed", "claimed", "in_file"}
    assert EXAMPLES[state].bars_retry is (state in bars)


@pytest.mark.parametrize(
    "month",
    [
        a_month(announced=an_announcement(0)),
        a_month(mandate=a_mandate(held=True)),
        a_month("2026-12-22T09:01", is_frozen=True, mandate=a_mandate(held=True)),
    ],
)
def test_rule_31_a_month_that_takes_nothing_bars_no_retry(month):
    assert not month.bars_retry


# What happens to a month, in any order that the world can have.


def decided(month, verdict):
    return replace(month, decision=month.decision or a_decision(verdict))


def is_claimed(month):
    return month.decision is not None and month.decision.verdict == "claimed"


HAPPENINGS = [
    ("announce", lambda m: m.decision is None, lambda m: replace(m, announced=ANNOUNCED)),
    ("mail fails", lambda m: m.decision is None, lambda m: replace(m, announced=None)),
    ("freeze", lambda m: m.now.day >= 22, lambda m: replace(m, is_frozen=True)),
    ("claim", lambda m: m.is_frozen, lambda m: decided(m, "claimed")),
    ("skip", lambda m: m.is_frozen, lambda m: decided(m, "skipped")),
    ("exclude", lambda m: m.is_frozen, lambda m: decided(m, "excluded")),
    ("file", lambda m: is_claimed(m) and not m.came_back, lambda m: replace(m, settles_on=m.on)),
    ("return", is_claimed, lambda m: replace(m, came_back=True)),
]

steps = st.lists(st.tuples(st.integers(0, 72), st.sampled_from(HAPPENINGS)), max_size=14)


@given(steps)
def test_whatever_happens_a_month_moves_only_as_its_table_says(history):
    month = a_month("2026-12-08T12:00", announced=None)
    seen = [month.state]
    for hours, (_, can, do) in history:
        month = replace(month, now=month.now + timedelta(hours=hours))
        seen.append(month.state)  # time alone moves it too
        if can(month):
            month = do(month)
            seen.append(month.state)
        assert month.cents >= 0
        assert month.cents <= max(month.owed_cents, -getattr(month.decision, "amount_cents", 0))
        assert month.allowed.cancel or month.state not in {"not_announced", "announced"}
    for before, after in pairwise(seen):
        assert after is before or after in TRANSITIONS[before]


# Amount, date, account.


def test_rule_25_named_is_the_smaller_of_what_is_owed_and_what_was_announced():
    assert a_month(owed_cents=50000).cents == 42480
    assert a_month(owed_cents=100).cents == 100
    assert a_month(owed_cents=-100).cents == 0
    assert a_month("2026-12-09T12:00", owed_cents=50000, announced=None).cents == 50000


def test_rule_30_what_is_left_of_what_was_announced_counts_though_a_notice_may_still_change_it():
    early = replace(ANNOUNCED, how="authorization", announced_at=new_york("2026-12-03T12:00"))
    month = a_month("2026-12-05T12:00", owed_cents=50000, announced=early)
    assert (month.left_of_announced_cents, month.cents) == (42480, 50000)
    assert month.notice_by == date(2026, 12, 12)


def test_rule_29_a_held_mandate_takes_nothing_and_says_why():
    held = a_month(mandate=a_mandate(held=True))
    assert (held.cents, held.why_not) == (0, Exclusion.HELD)


def test_rule_13_what_is_above_the_ceiling_is_taken_by_no_run():
    month = a_month(owed_cents=2_000_001, announced=an_announcement(2_000_001))
    assert (month.cents, month.why_not) == (0, Exclusion.ABOVE_CEILING)


@pytest.mark.parametrize(
    ("month", "on", "late"),
    [
        (a_month(), "2026-12-22", False),
        (a_month("2026-12-22T09:01", is_frozen=True), "2026-12-22", False),
        (a_month("2026-12-22T13:00", is_frozen=True), "2026-12-23", True),
        (taken(), "2026-12-22", False),
        (taken(entry_on=date(2026, 12, 23)), "2026-12-23", False),
        (taken("2026-12-23T10:00"), "2026-12-24", True),  # it still waits, and its date is past
        (taken("2026-12-23T10:00", settles_on=date(2026, 12, 23)), "2026-12-23", False),
    ],
)
def test_rule_27_a_month_names_the_first_date_that_can_still_be_met(month, on, late):
    assert (str(month.on), month.is_late) == (on, late)


def test_rule_20_a_claim_is_taken_from_the_account_it_had_whatever_was_corrected_since():
    other = a_bank_account(last4="9999")
    assert taken(decision=a_decision(account=other)).account == other
    assert taken().account == a_mandate().account


def test_rule_26_paying_first_makes_a_withdrawal_smaller_and_a_claim_stays_as_it_is():
    assert a_month().after_paying(100).cents == 42380
    assert a_month().after_paying(42480) is None
    assert taken().after_paying(42480) == taken()


@pytest.mark.parametrize(
    ("decision", "on", "at", "coming"),
    [
        (a_decision(), "2026-12-22", "2026-12-22T09:01", True),
        (a_decision(), "2026-12-22", "2026-12-24T23:59", True),
        (a_decision(), "2026-12-22", "2026-12-25T00:00", False),  # it is paid by now
        (a_decision(), "2026-12-29", "2026-12-31T12:00", True),  # of the catch-up on the 28th
        (a_decision(), "2026-12-29", "2027-01-01T12:00", False),
        (a_decision("skipped"), None, "2026-12-22T09:01", False),
        (a_decision("excluded"), None, "2026-12-22T09:01", False),
    ],
)
def test_rule_26_a_claim_is_on_its_way_until_it_counts_as_paid(decision, on, at, coming):
    settles_on = date.fromisoformat(on) if on else None
    month = taken(at, decision=decision, settles_on=settles_on)
    assert month.is_on_its_way is coming


# The announcement.


def said(how, at, cents=42480):
    return an_announcement(cents, how=how, announced_at=new_york(at), month=MONTH)


@pytest.mark.parametrize(
    ("how", "at", "counts"),
    [
        ("notice", "2026-12-10T09:00", True),
        ("authorization", "2026-12-10T08:59", False),
        ("authorization", "2026-12-10T09:00", True),
        ("authorization", "2026-12-21T12:00", True),
        ("authorization", "2026-11-24T12:00", False),  # of an undo after November's freeze
    ],
)
def test_rule_24_an_authorization_counts_from_the_first_notice_on(how, at, counts):
    assert said(how, at).counts is counts


NOTICE = said("notice", "2026-12-10T09:00")
EARLIER = said("authorization", "2026-12-03T10:00")
LATER = said("authorization", "2026-12-10T10:00")


@pytest.mark.parametrize(
    ("what", "now", "most"),
    [
        (None, "2026-12-03T12:00", None),
        (None, "2026-12-12T23:59", None),
        (None, "2026-12-13T00:00", 0),  # excluded on the 22nd: nobody told
        (EARLIER, "2026-12-09T23:59", None),  # the notice tells again
        (EARLIER, "2026-12-12T12:00", None),
        (EARLIER, "2026-12-13T00:00", 42480),
        (NOTICE, "2026-12-10T12:00", 42480),
        (LATER, "2026-12-10T12:00", 42480),
    ],
)
def test_rule_25_while_a_notice_is_still_to_come_nothing_limits_what_is_taken(what, now, most):
    month = a_month(now, announced=what, owed_cents=99_999)
    assert month.cents == (99_999 if most is None else most)


# The mandate as a whole.


@pytest.mark.parametrize(
    ("now", "through", "lines", "state"),
    [
        ("2026-12-05T12:00", None, [], MandateState.ACTIVE),
        ("2026-12-05T12:00", MONTH, [], MandateState.ENDING),
        ("2026-12-22T12:00", MONTH, [a_decision("skipped")], MandateState.ENDED),
        ("2026-12-22T12:00", MONTH, [a_decision("excluded")], MandateState.ENDED),
        ("2026-12-22T12:00", MONTH, [a_decision(month="2026-11")], MandateState.ENDING),
        ("2026-12-22T12:00", None, [a_decision(month="2026-11")], MandateState.ACTIVE),
        ("2026-12-22T12:00", None, [a_decision()], MandateState.ENDED),  # the last of its plan year
        ("2026-12-22T12:00", None, [a_decision("excluded")], MandateState.ENDED),
        ("2027-01-01T00:00", None, [], MandateState.ENDED),  # its plan year is over
    ],
)
def test_rule_19_the_state_of_a_mandate_with_its_books(now, through, lines, state):
    why = EndReason.COVERAGE_END if through else None
    mandate = a_mandate(through_month=through, end_reason=why)
    assert mandate_state(mandate, an_enrollment(), lines, new_york(now)) is state


def test_rule_23_with_no_22nd_of_coverage_left_a_mandate_has_ended():
    ends = an_enrollment(coverage_end_on=date(2026, 12, 21))
    assert mandate_state(a_mandate(), ends, [], new_york("2026-12-05T12:00")) is MandateState.ENDED
