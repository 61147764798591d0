"""What a member with a mandate can expect next (rules 17, 19, 23, 26)."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from chalicelib.domain.ledger import LineKind
from chalicelib.domain.mandate import EndReason, MandateState
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.domain.upcoming_withdrawal import is_on_its_way, may_still_be_decided, state_of
from tests.builders import a_line, a_mandate, a_return_line, an_enrollment

MONTH = "2026-12"


def a_decision(verdict="claimed", cents=42480, month=MONTH):
    cents = cents if verdict == "claimed" else 0
    return a_line(
        line=f"withdrawal#{month}",
        kind=LineKind.WITHDRAWAL,
        amount_cents=-cents,
        month=month,
        verdict=verdict,
    )


def new_york(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("at", "may"),
    [
        ("2026-12-22T09:01", True),
        ("2026-12-26T12:00", True),  # the 22nd is long past, but the run catches up
        ("2026-12-28T23:59", True),
        ("2026-12-29T00:00", False),
        ("2027-01-04T09:00", False),
    ],
)
def test_rule_27_a_frozen_month_may_still_be_decided_until_the_28th(at, may):
    assert may_still_be_decided(MONTH, new_york(at)) is may


@pytest.mark.parametrize(
    ("decision", "on", "at", "coming"),
    [
        (a_decision(), "2026-12-22", "2026-12-22T09:01", True),
        (a_decision(), "2026-12-22", "2026-12-24T23:59", True),
        (a_decision(), "2026-12-22", "2026-12-25T00:00", False),  # it is paid by now
        (a_decision(), "2026-12-29", "2026-12-31T12:00", True),  # of the catch-up on the 28th
        (a_decision(), "2026-12-29", "2027-01-01T12:00", False),
        (a_decision(), "2026-08-24", "2026-08-26T23:59", True),  # the 22nd was a Saturday
        (a_decision("skipped"), "2026-12-22", "2026-12-22T09:01", False),
        (a_decision("excluded"), "2026-12-22", "2026-12-22T09:01", False),
    ],
)
def test_rule_26_a_claim_is_on_its_way_until_it_counts_as_paid(decision, on, at, coming):
    assert is_on_its_way(decision, [], date.fromisoformat(on), new_york(at)) is coming


def test_rule_29_what_came_back_is_not_on_its_way_any_more():
    taken = replace(a_decision(), payment_id="W1")
    on, noon = date(2026, 12, 22), new_york("2026-12-24T12:00")
    assert is_on_its_way(taken, [taken, a_return_line(42480, "P1")], on, noon)
    assert not is_on_its_way(taken, [taken, a_return_line(42480, "W1")], on, noon)


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
    assert state_of(mandate, an_enrollment(), lines, new_york(now)) is state


def test_rule_23_with_no_22nd_of_coverage_left_a_mandate_has_ended():
    ends = an_enrollment(coverage_end_on=date(2026, 12, 21))
    assert state_of(a_mandate(), ends, [], new_york("2026-12-05T12:00")) is MandateState.ENDED
