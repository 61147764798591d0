"""Coverage that ends, comes back or never began, and a bill that shrinks: what is told (35, 45)."""

import pytest

from chalicelib.domain.ledger import owed
from chalicelib.domain.paying import Frequency, Pay
from tests.builders import NOW, a_feed, a_feed_row
from tests.monthly import BILLING, WITHDRAWAL, Exchange, at

ONE, JANUARY = "EN000001", "2027-01"
ROW = {
    "plan_year": "2027",
    "coverage_start": "2027-01-01",
    "billed_through": "2027-01",
    "balance": "310.00",
    "premium": "310.00",
}
CANCELLED = {"coverage_end": "2027-01-01"}
ONCE = {"frequency": Frequency.ONCE, "pay": Pay.TOTAL}


@pytest.fixture
def exchange():
    """Who owes $310.00 for January, and is in nobody's hands yet."""
    exchange = Exchange()
    exchange.here.drop(a_feed_row(**ROW), at=NOW)
    return exchange


@pytest.fixture
def monthly(exchange):
    """The same with monthly payments, told of $310.00 on December 22."""
    exchange.sign_up(enrollment(exchange), NOW)
    exchange.tell()
    return exchange


def enrollment(exchange):
    return exchange.system.records.enrollments.get(ONE)


def feed(exchange, when, premium_from="", **row):
    head, line = a_feed(a_feed_row(**{**ROW, **row})).decode().splitlines()
    body = f"premium_from,{head}\n{premium_from},{line}\n".encode()
    exchange.here.drop(body=body, at=when, name=f"{when:%m%d%H%M}.csv")


def lines(exchange):
    return exchange.system.records.books.lines(ONE)


def told(exchange, kind, *names):
    facts = exchange.mail(kind)
    return tuple(facts[name] for name in names)


# --- an announced withdrawal becomes smaller ------------------------------------------------------


def test_rule_45_a_premium_lowered_after_the_notice_is_announced_anew_and_told_at_once(monthly):
    feed(monthly, at(15), premium="110.00", premium_from=JANUARY)
    assert monthly.announced() == 11000
    seen = told(monthly, "smaller", "was_cents", "cents", "on", "owed_cents", "on_its_way")
    assert seen == (31000, 11000, "2026-12-22", 11000, False)
    monthly.withdraw()
    assert monthly.decision() == ("claimed", 11000, None)


def test_the_evening_s_proof_of_the_notices_agrees_with_what_was_announced_then(monthly):
    feed(monthly, at(10, 15), premium="110.00", premium_from=JANUARY)
    feed(monthly, at(10, 16), premium="90.00", premium_from=JANUARY)
    run = monthly.system.records.runs.get("notice#2026-12-10")
    proofs = [monthly.system.report_proof.of(run, shard) for shard in range(run.shards)]
    assert [proof.differences for proof in proofs] == [(), ()]


def test_rule_45_it_does_not_rise_again_before_the_next_notice(monthly):
    feed(monthly, at(15), premium="110.00", premium_from=JANUARY)
    feed(monthly, at(16), premium="310.00", premium_from=JANUARY)
    monthly.withdraw()
    assert monthly.decision() == ("claimed", 11000, None)
    assert monthly.mails("smaller") == [ONE]


def test_rule_45_who_owes_more_than_was_announced_all_the_same_is_told_nothing(monthly):
    feed(monthly, at(11), premium="410.00", premium_from=JANUARY)
    feed(monthly, at(12), premium="310.00", premium_from=JANUARY)
    assert monthly.mails("smaller") == []
    assert monthly.announced() == 31000


def test_rule_45_after_the_freeze_and_before_the_claim_less_is_taken(monthly):
    monthly.start(WITHDRAWAL, at(22))
    feed(monthly, at(22, 10), premium="110.00", premium_from=JANUARY)
    monthly.work()
    assert monthly.decision() == ("claimed", 11000, None)
    assert told(monthly, "smaller", "cents", "on_its_way") == (11000, False)


def test_rule_45_after_the_claim_the_difference_is_credit_and_the_mail_says_that(monthly):
    monthly.withdraw()
    feed(monthly, at(22, 11), premium="110.00", premium_from=JANUARY)
    seen = told(monthly, "smaller", "cents", "on", "on_its_way", "owed_cents")
    assert seen == (31000, "2026-12-22", True, -20000)
    assert owed(lines(monthly)) == -20000


def test_invariant_19_a_cancel_that_comes_first_leaves_no_mail_about_what_is_not_taken(monthly):
    [mandate] = monthly.system.records.mandates.of(ONE).standing
    standing = monthly.standing(ONE, at(14))
    monthly.system.mandating.cancel(standing, mandate.mandate_id, None, at(14))
    feed(monthly, at(15), premium="110.00", premium_from=JANUARY)
    assert monthly.mails("smaller") == []


# --- coverage ends --------------------------------------------------------------------------------


def test_rule_45_an_end_is_told_once_with_the_last_withdrawal_before_it(monthly):
    feed(monthly, at(15), coverage_end="2027-04-30")
    names = ("ends_on", "had_monthly", "monthly_until", "cents", "still_cents", "owed_cents")
    seen = ("2027-04-30", True, "2027-04-22", None, None, 31000)
    assert told(monthly, "coverage_ended", *names) == seen
    feed(monthly, at(16), coverage_end="2027-04-30", premium="311.00")
    assert monthly.mails("coverage_ended") == [ONE]
    feed(monthly, at(17), coverage_end="2027-03-31")
    assert monthly.mails("coverage_ended") == [ONE, ONE]


def test_rule_45_who_only_paid_in_the_last_year_is_told_too(exchange):
    exchange.sign_up(enrollment(exchange), NOW, **ONCE)
    feed(exchange, at(15), coverage_end="2027-04-30")
    assert told(exchange, "coverage_ended", "ends_on", "had_monthly") == ("2027-04-30", False)


def test_rule_45_nobody_is_told_who_never_paid(exchange):
    feed(exchange, at(15), coverage_end="2027-04-30")
    assert exchange.mails("coverage_ended") == []


def test_rule_45_the_end_of_the_plan_year_is_no_news(monthly):
    feed(monthly, at(15), coverage_end="2027-12-31")
    assert monthly.mails("coverage_ended") == []


def test_rule_45_nor_an_end_that_another_enrollment_follows(monthly):
    follower = {
        "enrollment_id": "EN000002",
        "billing_account": "700000002",
        "coverage_start": "2027-05-01",
        "billed_through": "2027-05",
    }
    monthly.here.drop(a_feed_row(**{**ROW, **follower}), at=at(14), name="new.csv")
    feed(monthly, at(15), coverage_end="2027-04-30")
    assert monthly.mails("coverage_ended") == []


@pytest.mark.parametrize(("goes_on_at", "how"), [(at(16), "on"), (at(5, month="2027-06"), "again")])
def test_rule_45_coverage_that_comes_back_is_told_and_what_becomes_of_monthly_payments(
    monthly, goes_on_at, how
):
    feed(monthly, at(15), coverage_end="2027-04-30")
    feed(monthly, goes_on_at)
    seen = told(monthly, "coverage_back", "was_to_end_on", "ends_on", "monthly")
    assert seen == ("2027-04-30", None, how)


# --- a plan that never began ----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["2027-01-01", "2026-12-31", "2026-11-01"])
def test_rule_35_nothing_is_wanted_for_any_month_and_what_was_paid_is_credit(exchange, end):
    exchange.sign_up(enrollment(exchange), NOW, **ONCE)
    feed(exchange, at(20), coverage_end=end)
    assert owed(lines(exchange)) == -31000
    assert exchange.standing(ONE, at(20)).is_shown
    assert told(exchange, "coverage_ended", "never_began", "owed_cents") == (True, -31000)


def test_rule_35_what_is_owed_is_asked_of_nobody_and_is_a_case(exchange):
    """The balance had more in it than the months that the plan was to cover."""
    exchange.here.drop(
        a_feed_row(**{**ROW, "enrollment_id": "EN000002", "balance": "400.00"}),
        at=NOW,
        name="b.csv",
    )
    exchange.here.drop(
        a_feed_row(**{**ROW, "enrollment_id": "EN000002", "balance": "400.00", **CANCELLED}),
        at=at(15),
        name="c.csv",
    )
    assert owed(exchange.system.records.books.lines("EN000002")) == 9000
    assert not exchange.standing("EN000002", at(15)).is_shown
    assert "never_began#EN000002#2" in exchange.cases()
    exchange.run(BILLING, at(1, 6, month="2027-02"))
    assert exchange.mails("ended_debt") == []


def test_rule_35_a_mandate_ends_and_what_was_announced_does_not_come(monthly):
    feed(monthly, at(15), **CANCELLED)
    seen = told(monthly, "coverage_ended", "never_began", "cents", "on", "monthly_until")
    assert seen == (True, 31000, "2026-12-22", None)
    monthly.withdraw()
    assert monthly.decision() is None


def test_rule_35_frozen_and_not_claimed_it_is_excluded(monthly):
    monthly.start(WITHDRAWAL, at(22))
    feed(monthly, at(22, 10), **CANCELLED)
    monthly.work()
    assert monthly.decision() == ("excluded", 0, "cancelled")
    entries = monthly.store.items["entries"].values()
    assert [row for row in entries if row.get("kind") == "withdrawal"] == []
    assert told(monthly, "excluded", "reason", "cents") == ("cancelled", 0)
    assert told(monthly, "coverage_ended", "cents", "still_cents") == (31000, None)


def test_rule_35_a_claimed_debit_comes_and_becomes_credit_and_the_mail_says_so(monthly):
    monthly.withdraw()
    feed(monthly, at(22, 11), **CANCELLED)
    assert owed(lines(monthly)) == -31000
    seen = told(monthly, "coverage_ended", "never_began", "still_cents", "owed_cents")
    assert seen == (True, 31000, -31000)


def test_rule_35_first_seen_cancelled_its_balance_stands_and_is_a_case():
    exchange = Exchange()
    feed(exchange, NOW, **CANCELLED)
    assert [(line.line, line.amount_cents) for line in lines(exchange)] == [("opening", 31000)]
    assert list(exchange.cases()) == [f"never_began#{ONE}#1"]
    assert not exchange.standing(ONE, NOW).is_shown


def test_rule_35_reinstated_then_the_months_of_its_balance_are_a_case_and_no_lines():
    exchange = Exchange()
    feed(exchange, NOW, **CANCELLED)
    feed(exchange, at(15))
    assert [line.line for line in lines(exchange)] == ["opening"]
    assert list(exchange.cases()) == [f"never_began#{ONE}#1", f"never_began#{ONE}#2"]


# --- a plan change in the year --------------------------------------------------------------------

NEW = {
    "enrollment_id": "EN000002",
    "billing_account": "700000002",
    "plan_name": "Gold Care 100",
    "coverage_start": "2027-06-01",
    "billed_through": "2027-06",
    "balance": "280.00",
}
ENDS, MAY = {"coverage_end": "2027-05-31"}, "2027-05"


@pytest.mark.parametrize("day", [1, 9, 11, 15, 22, 29])
@pytest.mark.parametrize("old_first", [True, False])
def test_rule_41_a_plan_change_is_told_in_whichever_order_its_rows_come(monthly, day, old_first):
    rows = [ENDS, NEW] if old_first else [NEW, ENDS]
    for n, row in enumerate(rows):
        feed(monthly, at(day, 10 + n, month=MAY), **row)
    names = ("plan_name", "new_plan_name", "new_plan_year", "cents", "due_on")
    assert told(monthly, "renewal", *names)[1:4] == ("Gold Care 100", 2027, 28000)
    assert monthly.mails("renewal") == [ONE]


def test_rule_41_not_of_another_kind_of_plan(monthly):
    feed(monthly, at(9, month=MAY), **{**NEW, "plan": "dental"})
    assert monthly.mails("renewal") == []


def test_rule_41_nor_of_a_plan_that_never_began(monthly):
    feed(monthly, at(9, month=MAY), **{**NEW, "coverage_end": "2027-06-01"})
    assert monthly.mails("renewal") == []
