"""The 1st: every covered month is charged once, however often the run is started (rules 2, 3)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.run import RunState
from chalicelib.domain.signature import Signature
from chalicelib.store import Change
from tests.builders import a_feed_row, a_line
from tests.monthly import BILLING, Exchange, at
from tests.stores import Crash, Deaf, Interrupted

JANUARY = "2027-01"
FIRST = at(1, 6, month=JANUARY)
PLAN_2027 = {
    "plan_year": 2027,
    "coverage_start_on": date(2027, 1, 1),
    "billed_through": JANUARY,
}
DECEMBER_FIRST = at(1, 6)


@pytest.fixture
def exchange():
    return Exchange()


def lines(exchange, name="EN000001"):
    return [(line.line, line.amount_cents) for line in exchange.system.records.books.lines(name)]


def test_rule_3_every_covered_month_up_to_next_month_is_charged_once(exchange):
    exchange.enroll(**PLAN_2027)
    exchange.enroll("EN000002", billed_through="2026-10")
    exchange.run(BILLING, FIRST)
    assert lines(exchange) == [("opening", 42480), ("charge#2027-02", 21240)]
    assert lines(exchange, "EN000002") == [
        ("opening", 42480),
        ("charge#2026-11", 21240),
        ("charge#2026-12", 21240),
    ]
    assert exchange.counts("billing#2027-01") == (2, 2, 0, 0, 3 * 21240)


def test_rule_28_the_same_billing_started_again_changes_nothing(exchange):
    exchange.enroll(**PLAN_2027)
    exchange.run(BILLING, FIRST)
    before = exchange.here.kept()
    for day in (1, 2, 9):
        assert exchange.run(BILLING, at(day, 6, month=JANUARY)).state is RunState.CLOSED
    assert exchange.here.kept() == before


def test_billing_out_of_order_charges_what_billing_in_order_charges():
    def played(*months):
        exchange = Exchange()
        exchange.enroll(**PLAN_2027)
        for month in months:
            exchange.run(BILLING, at(1, 6, month=month))
        return sorted(lines(exchange))

    in_order = played("2027-01", "2027-02", "2027-03")
    assert played("2027-03", "2027-01", "2027-02") == in_order
    assert played("2027-03", "2027-03", "2027-03") == in_order
    assert [line for line, _ in in_order][:3] == [
        "charge#2027-02",
        "charge#2027-03",
        "charge#2027-04",
    ]


def test_rule_3_an_import_meanwhile_charges_no_month_twice():
    """The feed comes between any two calls of the run."""
    for n in range(1, 40):
        met = []
        exchange = Exchange()
        exchange.here.drop(a_feed_row(billed_through="2026-10"), at=at(1, month="2026-10"))
        row = a_feed_row(billed_through="2026-10", plan_name="Gold")

        def act(here=exchange.here, row=row, met=met):
            met.append(True)
            here.drop(row, at=at(1, 6, 1), name="b.csv")

        exchange.again(Interrupted(exchange.store, n, act)).run(BILLING, DECEMBER_FIRST)
        assert [line for line, _ in sorted(lines(exchange))] == [
            "charge#2026-11",
            "charge#2026-12",
            "opening",
        ], n
        ours = [
            e for e in exchange.system.records.books.lines("EN000001") if e.at == DECEMBER_FIRST
        ]
        charged = int(bool(ours))
        counts = (1, charged, 1 - charged, 0, sum(each.amount_cents for each in ours))
        assert exchange.counts("billing#2026-12") == counts, n
        if not met:
            break
    assert n > 8


def test_rule_3_the_premium_known_when_it_is_posted_counts(exchange):
    exchange.here.drop(a_feed_row(billed_through="2026-11"), at=at(1, month="2026-10"))
    exchange.here.drop(
        a_feed_row(billed_through="2026-11", premium="250.00"), at=at(20, month="2026-10")
    )
    exchange.run(BILLING, at(1, 6, month="2026-11"))
    assert ("charge#2026-12", 25000) in lines(exchange)


def test_rule_3_nobody_is_charged_beyond_coverage(exchange):
    exchange.enroll(billed_through="2026-11", coverage_end_on=date(2026, 11, 30))
    exchange.run(BILLING, DECEMBER_FIRST)
    assert lines(exchange) == [("opening", 42480)]
    assert exchange.counts("billing#2026-12") == (1, 0, 1, 0, 0)


def test_rule_4_credit_left_at_the_end_of_coverage_is_a_case_once(exchange):
    exchange.enroll(owed_cents=-5000, coverage_end_on=date(2026, 11, 30))
    exchange.enroll("EN000002", owed_cents=5000, coverage_end_on=date(2026, 11, 30))
    exchange.enroll("EN000003", owed_cents=-5000)
    for month in ("2026-12", "2027-01"):
        exchange.run(BILLING, at(1, 6, month=month))
    reason = "coverage has ended with a credit of 5000 cents"
    refunds = {case: why for case, why in exchange.cases().items() if case.startswith("refund")}
    assert refunds["refund#EN000001"] == reason
    assert "refund#EN000002" not in refunds


def test_rule_37_its_case_closes_itself_when_the_credit_is_gone(exchange):
    exchange.enroll(owed_cents=-5000, coverage_end_on=date(2026, 11, 30))
    exchange.run(BILLING, DECEMBER_FIRST)
    assert "refund#EN000001" in exchange.cases()
    gone = a_line(line="refund#1", kind=LineKind.REFUND, amount_cents=5000, at=at(9))
    exchange.store.write(exchange.system.records.books.adding_line(gone))
    exchange.run(BILLING, at(1, 6, month="2027-01"))
    assert "refund#EN000001" not in exchange.cases()


def test_rule_4_credit_that_comes_again_after_its_case_was_closed_opens_it_again(exchange):
    """Not what staff closed by hand and is still the same credit."""
    exchange.enroll(owed_cents=-5000, coverage_end_on=date(2026, 11, 30))
    exchange.run(BILLING, DECEMBER_FIRST)
    books, cases = exchange.system.records.books, exchange.system.records.cases
    for month, again in (("2027-01", False), ("2027-02", True), ("2027-03", True)):
        signed = Signature(who="Ada", why="she keeps it", at=at(9))
        assert again or cases.close("refund#EN000001", signed)
        exchange.run(BILLING, at(1, 6, month=month))
        assert ("refund#EN000001" in exchange.cases()) is again
        less = a_line(line=f"adjustment#{month}", kind=LineKind.ADJUSTMENT, amount_cents=-100)
        when = at(3, month=month)
        exchange.store.write(books.adding_line(replace(less, month=None, at=when)))
    assert not cases.is_closed("refund#EN000001")


def test_invariant_11_killed_at_any_call_it_charges_once():
    def world():
        exchange = Exchange()
        exchange.enroll(billed_through="2026-10")
        exchange.enroll("EN000002", owed_cents=-1, coverage_end_on=date(2026, 11, 30))
        return exchange

    calm = world()
    calm.run(BILLING, DECEMBER_FIRST)
    for n in range(1, 60):
        exchange = world()
        try:
            exchange.again(Interrupted(exchange.store, n)).run(BILLING, DECEMBER_FIRST)
        except Crash:
            exchange.again().run(BILLING, at(2, 6))
            kept, wanted = exchange.here.kept(), calm.here.kept()
            assert kept["ledger"].keys() == wanted["ledger"].keys(), n
            assert kept["cases"].keys() == wanted["cases"].keys()
            assert exchange.system.records.runs.get("billing#2026-12").state is RunState.CLOSED
        else:
            break
    assert n > 10


@pytest.mark.parametrize("name", ["EN000001", "EN000003"])
def test_after_a_reply_that_was_lost_the_run_counts_what_stands_in_the_ledger(name):
    """It once said 3 charged and $637.20, where the ledger had 4 and $849.60."""
    exchange = Exchange()
    for n in range(1, 5):
        exchange.enroll(f"EN00000{n}", **PLAN_2027)
    run = exchange.start(BILLING, FIRST)
    mine = lambda write: write.table == "ledger" and write.item["enrollment_id"] == name  # noqa: E731
    exchange.again(Deaf(exchange.store, mine)).work()
    charged = [line for n in range(1, 5) for line in lines(exchange, f"EN00000{n}")[1:]]
    assert exchange.counts(run.run_id) == (4, 4, 0, 0, sum(cents for _, cents in charged))
    assert exchange.counts(run.run_id)[4] == 84960


def test_invariant_15_an_enrollment_that_can_not_be_read_is_a_case_each_month_and_stops_no_other(
    exchange,
):
    exchange.enroll("EN000001", **PLAN_2027)
    exchange.enroll("EN000002", **PLAN_2027)
    key = (slot_of("EN000001"), "EN000001")
    exchange.store.write(Change("enrollments", key, set={"plan": "none"}))
    for month in ("2027-01", "2027-02"):
        run = exchange.run(BILLING, at(1, 6, month=month))
        assert exchange.counts(run.run_id) == (2, 1, 0, 1, 21240)
    cases = [f"not_billed#2027-{month}#EN000001" for month in ("01", "02")]
    assert sorted(exchange.cases()) == cases
