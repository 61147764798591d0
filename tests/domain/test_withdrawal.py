"""What the run of the 22nd decides about one mandate (rules 25 to 27; I4, I15)."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ledger
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.domain.withdrawal import (
    Circumstances,
    Decision,
    Exclusion,
    Verdict,
    decide,
    decision_line,
    decision_of,
    expected_amount,
)
from tests.builders import (
    a_bank_account,
    a_charge,
    a_line,
    a_mandate,
    a_payment_line,
    an_announcement,
    an_enrollment,
)

MONTH = "2026-12"
CEILING = 2_000_000


def new_york(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


NINE = new_york("2026-12-22T09:00")


def seen(**changed):
    facts = {
        "enrollment": an_enrollment(),
        "lines": [a_line(amount_cents=42480)],
        "announced": an_announcement(42480),
        "account_opens": True,
        "stops": {},
        "ceiling_cents": CEILING,
        "scheduled_at": NINE,
    }
    return Circumstances(**{**facts, **changed})


def amount(owed, announced, **changed):
    return decide(
        a_mandate(),
        MONTH,
        seen(lines=[a_line(amount_cents=owed)], announced=an_announcement(announced), **changed),
    )


def taken(cents):
    return Decision(verdict=Verdict.CLAIMED, amount_cents=cents)


SKIPPED = Decision(verdict=Verdict.SKIPPED)


def excluded(reason):
    return Decision(verdict=Verdict.EXCLUDED, reason=reason)


@pytest.mark.parametrize(
    ("owed", "announced", "decision"),
    [
        (42480, 42480, taken(42480)),
        (32480, 42480, taken(32480)),  # something was paid since (rule 26)
        (63720, 42480, taken(42480)),  # what came on top waits for the next notice
        (1, 42480, taken(1)),
        (42480, 1, taken(1)),
        (0, 42480, SKIPPED),
        (-5000, 42480, SKIPPED),
        (42480, 0, SKIPPED),  # told that nothing would be taken
        (0, 0, SKIPPED),
    ],
)
def test_rule_25_the_smaller_of_what_is_owed_and_what_was_told(owed, announced, decision):
    assert amount(owed, announced) == decision


EXCLUSIONS = [
    (seen(scheduled_at=new_york("2026-12-29T09:00")), {}, Exclusion.TOO_LATE),
    (seen(scheduled_at=new_york("2027-01-04T09:00")), {}, Exclusion.TOO_LATE),
    (seen(scheduled_at=new_york("2026-11-22T09:00")), {}, Exclusion.TOO_LATE),
    (seen(enrollment=None), {}, Exclusion.UNKNOWN_ENROLLMENT),
    (seen(enrollment=an_enrollment(died=True)), {}, Exclusion.DIED),
    (seen(stops={"MMMMMNNNNNPPPPP": "stopped"}), {}, Exclusion.STOPPED),
    (seen(stops={"MMMMMNNNNNPPPPP": "returned"}), {}, Exclusion.RETURNED),
    (seen(stops={"MMMMMNNNNNPPPPP": ""}), {}, Exclusion.STOPPED),
    (seen(), {"held": True}, Exclusion.HELD),
    (seen(announced=None), {}, Exclusion.NO_NOTICE),
    (seen(), {"account": a_bank_account(routing="231380105")}, Exclusion.BAD_ROUTING),
    (seen(), {"account": a_bank_account(routing="2313-8010-4")}, Exclusion.BAD_ROUTING),
    (seen(), {"account": a_bank_account(routing="")}, Exclusion.BAD_ROUTING),
    (seen(account_opens=False), {}, Exclusion.UNREADABLE_ACCOUNT),
    (seen(lines=None), {}, Exclusion.UNREADABLE_LEDGER),
    (seen(in_held_feed=True), {}, Exclusion.FEED_HELD),
    (seen(ceiling_cents=42479), {}, Exclusion.ABOVE_CEILING),
]


@pytest.mark.parametrize(("circumstances", "changed", "reason"), EXCLUSIONS)
def test_what_can_not_be_decided_rightly_is_excluded_with_its_reason(
    circumstances, changed, reason
):
    assert decide(a_mandate(**changed), MONTH, circumstances) == excluded(reason)


BEFORE_ANY = {Exclusion.UNREADABLE_MANDATE, Exclusion.CANCELLED, Exclusion.SANCTIONS}


def test_every_exclusion_has_its_example_but_those_that_come_before_any_decision():
    reasons = {reason for _, _, reason in EXCLUSIONS}
    assert set(Exclusion) - reasons == BEFORE_ANY


def test_the_ceiling_itself_may_be_taken():
    assert amount(CEILING, CEILING) == taken(CEILING)
    assert amount(CEILING + 1, CEILING + 1) == excluded(Exclusion.ABOVE_CEILING)
    assert amount(CEILING + 1, CEILING) == taken(CEILING)


def test_a_stop_of_another_mandate_stops_nothing():
    assert amount(42480, 42480, stops={"run": "x", "shard#001": "x", "ANOTHER": "x"}).amount_cents


@pytest.mark.parametrize("day", range(22, 29))
def test_rule_28_a_catch_up_takes_until_the_28th(day):
    assert amount(100, 100, scheduled_at=NINE.replace(day=day)) == taken(100)


def test_the_month_is_that_of_new_york():
    """I13: the 28th at 23:59 there is the 29th in London."""
    assert amount(100, 100, scheduled_at=NINE.replace(day=28, hour=23, minute=59)) == taken(100)


LINES = st.lists(
    st.builds(
        lambda n, cents, kind: a_line(line=f"{kind}#{n}", kind=kind, amount_cents=cents),
        st.integers(0, 99),
        st.integers(-3_000_000, 3_000_000),
        st.sampled_from(LineKind),
    ),
    max_size=6,
)


@given(
    lines=LINES,
    announced=st.none() | st.integers(0, 3_000_000).map(an_announcement),
    held=st.booleans(),
    opens=st.booleans(),
    stops=st.sampled_from([{}, {"MMMMMNNNNNPPPPP": "stopped"}, {"MMMMMNNNNNPPPPP": ""}]),
    known=st.booleans(),
    day=st.integers(20, 30),
    routing=st.sampled_from(["231380104", "231380105", "x"]),
    ceiling=st.integers(1, 3_000_000),
)
def test_invariant_4_never_more_than_told_or_owed_nor_above_the_ceiling_nor_in_doubt(
    lines, announced, held, opens, stops, known, day, routing, ceiling
):
    mandate = a_mandate(held=held, account=a_bank_account(routing=routing))
    circumstances = seen(
        lines=lines,
        announced=announced,
        account_opens=opens,
        stops=stops,
        enrollment=an_enrollment() if known else None,
        scheduled_at=NINE.replace(day=day),
        ceiling_cents=ceiling,
    )
    decision = decide(mandate, MONTH, circumstances)
    assert decision == decide(mandate, MONTH, circumstances)
    assert (decision.reason is not None) == (decision.verdict is Verdict.EXCLUDED)
    assert (decision.amount_cents > 0) == (decision.verdict is Verdict.CLAIMED)
    assert isinstance(decision.amount_cents, int)
    doubt = held or stops or not opens or not known or announced is None or routing != "231380104"
    if doubt or day > 28:
        assert decision.verdict is Verdict.EXCLUDED
    if decision.verdict is Verdict.CLAIMED:
        assert decision.amount_cents == min(ledger.owed(lines), announced.cents) <= ceiling
    if decision.verdict is Verdict.SKIPPED:
        assert min(ledger.owed(lines), announced.cents) <= 0


@given(
    owed=st.integers(-100_000, 3_000_000),
    announced=st.integers(0, 3_000_000),
    held=st.booleans(),
    ceiling=st.integers(1, 3_000_000),
)
def test_what_is_promised_is_what_the_run_would_do(owed, announced, held, ceiling):
    mandate = a_mandate(held=held)
    circumstances = seen(
        lines=[a_line(amount_cents=owed)],
        announced=an_announcement(announced),
        ceiling_cents=ceiling,
    )
    decision = decide(mandate, MONTH, circumstances)
    amount_and_reason = decision.amount_cents, decision.reason
    assert expected_amount(mandate, owed, announced, ceiling) == amount_and_reason


def test_rule_13_who_was_told_nothing_for_owing_too_much_is_excluded_and_not_forgotten():
    assert amount(CEILING + 1, 0) == excluded(Exclusion.ABOVE_CEILING)
    assert amount(CEILING, 0) == SKIPPED


def test_before_the_notice_what_is_owed_is_promised():
    assert expected_amount(a_mandate(), 42480, None, CEILING) == (42480, None)
    assert expected_amount(a_mandate(), -500, None, CEILING) == (0, None)
    assert expected_amount(a_mandate(), CEILING + 1, None, CEILING) == (0, Exclusion.ABOVE_CEILING)


def test_rule_26_a_payment_before_the_claim_makes_it_smaller():
    lines = [a_line(amount_cents=42480), a_payment_line(10000)]
    assert decide(a_mandate(), MONTH, seen(lines=lines)) == taken(32480)


def test_rule_25_a_charge_after_the_notice_waits_visibly():
    lines = [a_line(amount_cents=21240), a_charge("2027-01")]
    decision = decide(a_mandate(), MONTH, seen(lines=lines, announced=an_announcement(21240)))
    assert decision == taken(21240)
    assert ledger.owed(lines) - decision.amount_cents == 21240


def test_invariant_10_the_line_names_the_version_of_the_mandate_that_was_decided():
    mandate = a_mandate(version=3)
    line = decision_line(mandate, MONTH, taken(100), NINE)
    assert (line.mandate_id, line.mandate_version) == (mandate.mandate_id, 3)
    assert line.account == mandate.account


def test_the_decision_of_a_month_is_its_withdrawal_line():
    mandate = a_mandate()
    others = [a_line(), a_charge(MONTH), decision_line(mandate, "2026-11", SKIPPED, NINE)]
    line = decision_line(mandate, MONTH, taken(100), NINE)
    assert decision_of([*others, line], MONTH) is line
    assert decision_of(others, MONTH) is None
