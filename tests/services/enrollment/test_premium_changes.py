"""A premium that changes under monthly payments: what is told, and what is taken (25, 34, 38)."""

import pytest

from chalicelib.domain.ledger import owed
from tests.builders import NOW, a_feed, a_feed_row
from tests.monthly import BILLING, Exchange, at

ONE, JANUARY, MARCH = "EN000001", "2027-01", "2027-03"
ROW = {
    "plan_year": "2027",
    "coverage_start": "2027-01-01",
    "billed_through": "2027-01",
    "balance": "0.00",  # January is paid
    "premium": "310.00",
}


@pytest.fixture
def exchange():
    """Who pays $310 a month from January 22 on; February is billed on January 1."""
    exchange = Exchange()
    exchange.here.drop(a_feed_row(**ROW), at=NOW)
    exchange.sign_up(exchange.system.records.enrollments.get(ONE), NOW)
    exchange.run(BILLING, at(1, 6, month=JANUARY))
    return exchange


def lowered(exchange, when, premium_from=None):
    head, line = a_feed(a_feed_row(**{**ROW, "premium": "110.00"})).decode().splitlines()
    if premium_from:
        head, line = f"premium_from,{head}", f"{premium_from},{line}"
    exchange.here.drop(body=f"{head}\n{line}\n".encode(), at=when, name="lower.csv")


def notice(exchange):
    """Of January: cents, the lines that make them up, the premium, and what follows."""
    facts = exchange.mail("notice")
    since = [(each["kind"], each["month"], each["amount_cents"]) for each in facts["since"]]
    return facts["cents"], since, facts["premium_cents"], facts["next_premium"]


def test_rule_34_310_that_became_110_from_february_on_is_told_and_taken_as_110(exchange):
    lowered(exchange, at(2, month=JANUARY), "2027-02")
    exchange.tell(month=JANUARY)
    cents, since, premium, later = notice(exchange)
    assert cents == 11000
    assert since[-1] == ("charge", "2027-02", 11000)
    assert (premium, later) == (11000, None)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) == ("claimed", 11000, None)


def test_rule_34_where_the_row_does_not_say_310_is_taken_and_the_notice_says_from_march(exchange):
    lowered(exchange, at(2, month=JANUARY))
    exchange.tell(month=JANUARY)
    cents, _, premium, later = notice(exchange)
    assert (cents, premium) == (31000, 31000)
    assert later == {"cents": 11000, "month": MARCH}
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) == ("claimed", 31000, None)
    exchange.run(BILLING, at(1, 6, month="2027-02"))
    assert owed(exchange.system.records.books.lines(ONE)) == 11000


def test_rule_38_lowered_after_the_notice_back_to_january_leaves_credit_and_takes_nothing(exchange):
    exchange.tell(month=JANUARY)
    assert notice(exchange)[0] == 31000
    lowered(exchange, at(12, month=JANUARY), JANUARY)
    lines = exchange.system.records.books.lines(ONE)
    corrections = {line.line: line.amount_cents for line in lines if "correction" in line.line}
    assert corrections == {"correction#2027-01#1": -20000, "correction#2027-02#1": -20000}
    assert owed(lines) == -9000
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY)[0] == "skipped"


def test_rule_34_a_change_while_the_billing_run_works_is_billed_at_what_stands_then(exchange):
    """The run read $310; the row that lowers it comes before its write."""
    run = exchange.start(BILLING, at(1, 6, month="2027-02"))
    books = exchange.system.records.books
    known = exchange.system.records.enrollments.known(ONE)
    lowered(exchange, at(1, 5, month="2027-02"), MARCH)
    exchange.system.charges_job._bill(known, books.lines(ONE), run.started_at)
    assert books.line(ONE, "charge#2027-03").amount_cents == 11000
    assert exchange.system.records.enrollments.known(ONE).version == known.version + 1


def test_invariant_15_an_enrollment_that_lost_its_history_is_a_case_and_not_corrected(
    exchange,
):
    lowered(exchange, at(2, month=JANUARY))
    before = exchange.system.records.books.lines(ONE)
    rows = exchange.store.items["enrollments"]
    key = next(key for key in rows if ONE in key)
    rows[key] = {name: said for name, said in rows[key].items() if name != "premiums"}
    exchange.run(BILLING, at(1, 6, month="2027-02"))
    assert exchange.system.records.books.lines(ONE) == before
    assert list(exchange.cases()) == [f"not_billed#2027-02#{ONE}"]
