"""What a feed does to mandates: the end of coverage, and the plan of next year (rules 3, 23)."""

import pytest

from chalicelib.domain.mandate import MandateState
from chalicelib.domain.run import RunKind, RunState
from tests.builders import NOW, a_feed_row
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at
from tests.stores import Crash, Interrupted, mail_rows

ONE = "EN000001"
JANUARY, FEBRUARY = "2027-01", "2027-02"
ROW = {"plan_year": "2027", "billed_through": MONTH, "balance": "424.80"}


@pytest.fixture
def exchange():
    return with_mandate(Exchange())


def with_mandate(exchange):
    feed(exchange, NOW)
    exchange.sign_up(exchange.system.records.enrollments.get(ONE), NOW)
    return exchange


def feed(exchange, when, **changed):
    row = a_feed_row(**{**ROW, **changed})
    exchange.here.drop(row, at=when, name=f"{when:%m%d%H%M}.csv")


def months(exchange):
    """The months that a run would debit, of those around the turn of the year."""
    mandates = exchange.system.records.mandates.of(ONE)
    around = ["2026-11", MONTH, JANUARY, FEBRUARY, "2027-03"]
    return [month for month in around if mandates.active_in(month)]


def states(exchange, now):
    found = exchange.system.mandating.history(exchange.standing(ONE, now), now)
    return [state for _, state in found]


@pytest.mark.parametrize(
    ("end", "left", "state"),
    [
        ("2027-02-22", [MONTH, JANUARY, FEBRUARY], MandateState.ENDING),
        ("2027-02-21", [MONTH, JANUARY], MandateState.ENDING),
        ("2026-12-31", [MONTH], MandateState.ENDING),
        ("2026-12-21", [], MandateState.ENDED),
        ("2026-11-30", [], MandateState.ENDED),
    ],
)
def test_rule_23_the_import_that_sets_the_end_of_coverage_sets_the_last_month(
    exchange, end, left, state
):
    feed(exchange, at(5), coverage_end=end)
    assert months(exchange) == left
    assert states(exchange, at(5)) == [state]


def test_rule_23_a_mandate_ended_when_the_feed_was_read_not_when_it_lay_there(exchange):
    row = a_feed_row(**ROW, coverage_end="2026-11-30")
    exchange.here.drop(row, at=at(5, 9), now=at(5, 12))
    [mandate] = exchange.system.records.mandates.every(ONE)
    assert mandate.ended_at == at(5, 12)


def test_rule_23_the_last_withdrawal_is_made_and_then_the_mandate_has_ended(exchange):
    feed(exchange, at(5), coverage_end="2026-12-31")
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision()[0] == "claimed"
    assert states(exchange, at(22, 10)) == [MandateState.ENDED]
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) is None
    assert exchange.counts("withdrawal#2027-01") == (0, 0, 0, 0, 0)


def test_rule_23_without_a_22nd_left_nothing_more_is_taken(exchange):
    feed(exchange, at(15), coverage_end="2026-12-20")
    exchange.withdraw()
    assert exchange.decision() is None


@pytest.mark.parametrize("worked", [False, True])
def test_rule_20_after_the_freeze_the_end_of_coverage_changes_the_next_month_only(exchange, worked):
    exchange.tell()
    exchange.start(WITHDRAWAL, at(22))
    if worked:
        exchange.work()
    feed(exchange, at(22, 10), coverage_end="2026-11-30")
    exchange.work()
    assert exchange.decision()[0] == "claimed"
    assert exchange.system.records.runs.get(f"withdrawal#{MONTH}").state is RunState.CLOSED
    assert months(exchange) == [MONTH]


def test_rule_23_an_end_that_moves_moves_the_last_month(exchange):
    feed(exchange, at(5), coverage_end="2027-01-31")
    assert months(exchange) == [MONTH, JANUARY]
    feed(exchange, at(6), coverage_end="2027-02-28")
    assert months(exchange) == [MONTH, JANUARY, FEBRUARY]
    feed(exchange, at(7), plan_name="Gold")
    assert months(exchange) == [MONTH, JANUARY, FEBRUARY, "2027-03"]
    assert states(exchange, at(7)) == [MandateState.ACTIVE]


def test_rule_20_a_mandate_that_ended_with_coverage_is_not_debited_when_coverage_goes_on(exchange):
    exchange.tell()
    feed(exchange, at(15), coverage_end="2026-12-31")
    exchange.withdraw()
    assert states(exchange, at(23)) == [MandateState.ENDED]
    feed(exchange, at(23), plan_name="Gold")
    assert exchange.system.records.enrollments.get(ONE).coverage_end_on is None
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) is None


def test_other_facts_leave_the_mandate_alone(exchange):
    before = exchange.system.records.mandates.of(ONE)
    feed(exchange, at(5), plan_name="Gold", premium="300.00")
    assert exchange.system.records.mandates.of(ONE) == before


def test_rule_23_a_feed_that_meets_the_freeze_ends_as_rule_20_says():
    """The freeze comes between any two calls of the import."""
    seen = set()
    for n in range(1, 40):
        exchange, met = with_mandate(Exchange()), []
        exchange.tell()

        def act(other=exchange, met=met):
            met.append(True)
            other.start(WITHDRAWAL, at(22))

        feed(exchange.again(Interrupted(exchange.store, n, act)), at(22), coverage_end="2026-12-01")
        exchange.withdraw()
        taken = exchange.decision()
        assert (taken is None) == (months(exchange) == [])
        assert exchange.system.records.runs.get(f"withdrawal#{MONTH}").state is RunState.CLOSED
        seen.add(taken and taken[0])
        if not met:
            break
    assert seen == {None, "claimed"}


# Next year's plan.

NEXT_YEAR = {
    "enrollment_id": "EN000002",
    "billing_account": "700000002",
    "plan_year": "2027",
    "balance": "231.07",
    "billed_through": JANUARY,
    "coverage_start": "2027-01-01",
}


def with_this_year():
    exchange = Exchange()
    exchange.here.drop(a_feed_row(plan_year="2026"))
    exchange.sign_up(exchange.system.records.enrollments.get(ONE), NOW)
    return exchange


def test_rule_23_who_pays_monthly_is_told_that_next_year_is_not_covered():
    exchange = with_this_year()
    feed(exchange, at(4), **NEXT_YEAR)
    [row] = [row for row in mail_rows(exchange.store) if row["kind"] == "renewal"]
    assert row["to"] == "en000001@example.com"
    facts = row["facts"]
    assert (facts["new_plan_year"], facts["cents"], facts["due_on"]) == (2027, 23107, "2026-12-23")
    exchange.post(at(4, 10))
    assert row["mail_id"] not in exchange.pending()


def test_rule_23_told_once_however_often_the_feed_comes():
    exchange = with_this_year()
    for day in (4, 5, 6):
        feed(exchange, at(day), **NEXT_YEAR, plan_name=f"Gold {day}")
    assert exchange.mails("renewal") == ["EN000001"]


@pytest.mark.parametrize(
    "other",
    [
        {"plan": "dental"},
        {"subscriber_id": "SUB2", "ssn": "123-45-6780"},
    ],
)
def test_rule_23_only_the_same_subscriber_and_plan_of_the_year_after(other):
    exchange = with_this_year()
    feed(exchange, at(4), **{**NEXT_YEAR, **other})
    assert exchange.mails("renewal") == []


def test_rule_23_without_a_mandate_nobody_is_told():
    exchange = Exchange()
    exchange.here.drop(a_feed_row(plan_year="2026"))
    feed(exchange, at(4), **NEXT_YEAR)
    assert exchange.mails("renewal") == []


def test_rule_23_a_mandate_never_pays_the_plan_of_another_year():
    exchange = with_this_year()
    feed(exchange, at(4), **NEXT_YEAR)
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 42480, None)
    for month in (JANUARY, FEBRUARY):
        exchange.tell(month=month)
        exchange.withdraw(month=month)
        assert exchange.decision(month=month) is exchange.decision("EN000002", month) is None


def test_rule_4_debt_left_at_the_end_asks_for_a_one_time_payment(exchange):
    feed(exchange, at(15), coverage_end="2026-12-20")
    for month in (JANUARY, FEBRUARY):
        exchange.run(RunKind.BILLING, at(1, 6, month=month))
    assert exchange.mails("ended_debt") == [ONE]


def test_invariant_11_an_import_killed_at_any_call_is_done_once():
    calm = with_mandate(Exchange())
    feed(calm, at(5), coverage_end="2027-01-31")
    for n in range(1, 60):
        exchange = with_mandate(Exchange())
        row = a_feed_row(**ROW, coverage_end="2027-01-31")
        name = f"{at(5):%m%d%H%M}.csv"
        seen = exchange.again(Interrupted(exchange.store, n))
        try:
            seen.here.drop(row, at=at(5), name=name)
        except Crash:
            messages = seen.here.feed_queue.take()
            again = exchange.again()
            again.here.system.__dict__["files"] = seen.here.files
            again.here.receive(f"inbound/enrollments/{name}", "v1", at(5))
            again.here.read(messages)
            kept, wanted = exchange.here.kept(), calm.here.kept()
            assert {t: kept[t] for t in ("mandates", "ledger", "outbox", "enrollments")} == {
                t: wanted[t] for t in ("mandates", "ledger", "outbox", "enrollments")
            }, n
        else:
            break
    assert n > 8


# A withdrawal that was announced, and that coverage does not reach.


def test_rule_23_who_was_told_of_a_withdrawal_that_does_not_come_is_told_so(exchange):
    exchange.tell()
    told = exchange.mail("notice")
    assert (told["cents"], told["on"]) == (63720, "2026-12-22")
    feed(exchange, at(15), coverage_end="2026-12-21")
    facts = exchange.mail("coverage_ended")
    assert (facts["cents"], facts["on"], facts["ends_on"]) == (63720, "2026-12-22", "2026-12-21")
    assert (facts["owed_cents"], facts["due_on"]) == (42480, "2026-12-23")
    feed(exchange, at(16), coverage_end="2026-12-20")
    assert exchange.mails("coverage_ended") == [ONE, ONE]  # another end is told, too (rule 45)
    exchange.withdraw()
    assert exchange.decision() is None


@pytest.mark.parametrize("end", ["2026-12-31", "2027-02-22"])
def test_rule_23_not_where_it_comes(exchange, end):
    exchange.tell()
    feed(exchange, at(15), coverage_end=end)
    assert exchange.mail("coverage_ended")["cents"] is None
    exchange.withdraw()
    assert exchange.decision()[0] == "claimed"


def test_rule_23_nor_where_the_member_had_cancelled_it(exchange):
    exchange.tell()
    [mandate] = exchange.system.records.mandates.of(ONE).standing
    standing = exchange.standing(ONE, at(14))
    exchange.system.mandating.cancel(standing, mandate.mandate_id, None, at(14))
    feed(exchange, at(15), coverage_end="2026-12-21")
    assert exchange.mails("coverage_ended") == []
