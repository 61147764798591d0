"""A member has died: everything stops at once, and no letter goes out (rule 46)."""

import pytest

from chalicelib.domain.mail import MailState
from tests.builders import NOW, a_feed, a_feed_row
from tests.monthly import WITHDRAWAL, Exchange, at
from tests.stores import mail_rows

ONE = "EN000001"
ROW = {"plan_year": "2027", "coverage_start": "2027-01-01", "billed_through": "2027-01"}


@pytest.fixture
def exchange():
    """Monthly payments, told of $212.40 on December 22."""
    exchange = Exchange()
    feed(exchange, NOW, "")
    exchange.sign_up(exchange.system.records.enrollments.get(ONE), NOW)
    exchange.tell()
    exchange.post(at(10, 12))
    return exchange


def feed(exchange, when, reason, **row):
    head, line = a_feed(a_feed_row(**{**ROW, **row})).decode().splitlines()
    body = f"end_reason,{head}\n{reason},{line}\n".encode()
    exchange.here.drop(body=body, at=when, name=f"{when:%m%d%H%M}.csv")


def standing(exchange):
    return exchange.system.records.mandates.of(ONE).standing


def waits_or_went(exchange, since):
    rows = [row for row in mail_rows(exchange.store) if row["created_at"] >= since.isoformat()]
    return [row["kind"] for row in rows if row["state"] != MailState.WITHHELD]


def test_rule_46_the_mandate_ends_at_once_and_staff_get_a_case(exchange):
    feed(exchange, at(15), "death", coverage_end="2027-01-31")
    assert standing(exchange) == ()
    [past] = exchange.system.records.mandates.past(ONE)
    assert past.end_reason == "died"
    assert f"death#{ONE}" in exchange.cases()
    exchange.withdraw()
    assert exchange.decision() is None


def test_rule_46_frozen_and_not_claimed_nothing_is_taken(exchange):
    exchange.start(WITHDRAWAL, at(22))
    feed(exchange, at(22, 10), "Death")
    exchange.work()
    assert exchange.decision() == ("excluded", 0, "died")


def test_rule_46_no_letter_of_any_rule_goes_out(exchange):
    exchange.start(WITHDRAWAL, at(22))
    feed(exchange, at(22, 10), "death")
    exchange.work()
    exchange.post(at(22, 12))
    assert exchange.mails("excluded") == [ONE]  # promised by the run, and kept back
    assert waits_or_went(exchange, at(22, 9)) == []


def test_rule_46_a_later_row_that_does_not_say_it_brings_nothing_back(exchange):
    feed(exchange, at(15), "death")
    feed(exchange, at(16), "", coverage_end="2027-12-31", plan_name="Gold")
    assert standing(exchange) == ()
    assert exchange.system.records.enrollments.get(ONE).died
    exchange.post(at(17))
    assert waits_or_went(exchange, at(15)) == []


def test_another_reason_of_an_end_is_the_exchange_s_own(exchange):
    feed(exchange, at(15), "nonpayment")
    assert len(standing(exchange)) == 1


def test_rule_46_a_cancel_that_somebody_undoes_afterwards_debits_nothing(exchange):
    [mandate] = standing(exchange)
    mandating = exchange.system.mandating
    mandating.cancel(exchange.standing(ONE, at(12)), mandate.mandate_id, None, at(12))
    feed(exchange, at(15), "death")
    mandating.undo(exchange.standing(ONE, at(16)), mandate.mandate_id, at(16))
    exchange.withdraw()
    assert exchange.decision() == ("excluded", 0, "died")


def test_rule_46_an_older_row_that_comes_late_says_it_too(exchange):
    feed(exchange, at(16), "", plan_name="Gold")
    feed(exchange, at(15), "death")
    assert exchange.system.records.enrollments.get(ONE).died
    assert standing(exchange) == ()
