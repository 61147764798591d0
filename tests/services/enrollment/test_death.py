"""A member has died: everything stops at once, and no letter goes out (rule 46)."""

from contextlib import suppress
from datetime import date

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.feed import COLUMNS, END_REASON, parse_row
from chalicelib.domain.mail import MailState
from chalicelib.domain.paying import Pay
from chalicelib.domain.signature import Signature
from infra.offline.memory_store import MemoryStore
from tests.builders import NOW, a_feed, a_feed_row, csv_line
from tests.monthly import WITHDRAWAL, Exchange, at
from tests.stores import mail_rows

ONE, DENTAL, NEXT = "EN000001", "EN000002", "EN000003"
SHOPPED = "2026-11-30T12:00:00Z"
ROW = {"plan_year": "2027", "coverage_start": "2027-01-01", "billed_through": "2027-01"}


class Crash(Exception):
    """The process is gone."""


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


def standing(exchange, name=ONE):
    return exchange.system.records.mandates.of(name).standing


def has_died(exchange, name=ONE):
    return exchange.system.records.enrollments.get(name).died


def death_cases(exchange):
    cases = exchange.system.records.cases.open()
    return {case.enrollment_id: case.reason for case in cases if case.kind is CaseKind.DEATH}


def staff_say(exchange, when, name=ONE):
    signed = Signature(who="Ada", why="her son phoned", at=when)
    return exchange.system.deaths.say(name, date(2026, 12, 12), signed)


def staff_take_back(exchange, when, name=ONE):
    signed = Signature(who="Grace", why="another of that name", at=when)
    return exchange.system.deaths.take_back(name, signed)


@pytest.fixture
def both(exchange):
    """The same person's dental plan, with monthly payments too."""
    feed(exchange, at(10, 13), "", enrollment_id=DENTAL, plan="dental", selected_at=SHOPPED)
    exchange.sign_up(exchange.system.records.enrollments.get(DENTAL), at(10, 14))
    exchange.post(at(10, 15))
    return exchange


def waits_or_went(exchange, since):
    rows = [row for row in mail_rows(exchange.store) if row["created_at"] >= since.isoformat()]
    return [row["kind"] for row in rows if row["state"] != MailState.WITHHELD]


def test_rule_46_the_mandate_ends_at_once_and_staff_get_a_case(exchange):
    feed(exchange, at(15), "death", coverage_end="2027-01-31")
    assert standing(exchange) == ()
    [past] = exchange.system.records.mandates.past(ONE)
    assert past.end_reason == "died"
    assert "owed (below zero: credit): $424.80" in death_cases(exchange)[ONE]
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
    assert has_died(exchange)
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
    assert has_died(exchange)
    assert standing(exchange) == ()


def test_rule_46_staff_say_it_and_the_same_happens(exchange):
    assert staff_say(exchange, at(15)) == [ONE]
    assert standing(exchange) == ()
    assert death_cases(exchange).keys() == {ONE}
    exchange.withdraw()
    exchange.tell(month="2027-01")
    exchange.post(at(11, month="2027-01"))
    assert exchange.decision() is None
    assert waits_or_went(exchange, at(15)) == []


def test_rule_46_said_by_staff_between_freeze_and_claim_nothing_is_taken(exchange):
    exchange.start(WITHDRAWAL, at(22))
    staff_say(exchange, at(22, 10))
    exchange.work()
    assert exchange.decision() == ("excluded", 0, "died")


def test_rule_46_a_feed_that_does_not_say_what_staff_said_takes_nothing_back(exchange):
    staff_say(exchange, at(15))
    feed(exchange, at(16), "", plan_name="Gold")
    assert has_died(exchange)


def test_rule_46_staff_said_it_before_and_again_changes_nothing(exchange):
    staff_say(exchange, at(15))
    kept = exchange.here.kept()
    assert staff_say(exchange, at(16)) == []
    assert exchange.here.kept() == kept


def test_rule_46_of_whom_nobody_knows_nothing_is_said(exchange):
    with pytest.raises(NotFound):
        staff_say(exchange, at(15), "EN999999")


@pytest.mark.parametrize("say", [lambda e, when: feed(e, when, "death"), staff_say])
def test_rule_46_all_plans_of_the_person_are_treated_alike(both, say):
    say(both, at(15))
    for name in (ONE, DENTAL):
        assert has_died(both, name)
        assert standing(both, name) == ()
        assert [each.end_reason for each in both.system.records.mandates.past(name)] == ["died"]
    assert death_cases(both).keys() == {ONE, DENTAL}
    both.withdraw()
    both.tell(month="2027-01")
    both.post(at(11, month="2027-01"))
    assert (both.decision(ONE), both.decision(DENTAL)) == (None, None)
    assert waits_or_went(both, at(15)) == []


def test_rule_46_a_row_of_another_plan_in_the_same_feed_brings_nothing_back(both):
    feed(both, at(15), "death")
    feed(both, at(16), "", enrollment_id=DENTAL, plan="dental", plan_name="Gold")
    assert has_died(both, DENTAL)


def test_rule_46_a_plan_that_comes_after_the_death_is_a_dead_person_s_too(exchange):
    feed(exchange, at(15), "death")
    feed(exchange, at(16), "", enrollment_id=NEXT, plan_year="2027", coverage_start="2027-02-01")
    exchange.post(at(17))
    assert has_died(exchange, NEXT)
    assert waits_or_went(exchange, at(15)) == []


def test_rule_46_nothing_goes_on_with_the_next_plan_and_nobody_is_told_of_it():
    exchange = Exchange()
    feed(exchange, NOW, "")
    one = exchange.system.records.enrollments.get(ONE)
    exchange.sign_up(one, NOW, pay=Pay.TOTAL, carries_over=True)
    feed(exchange, at(15), "death")
    new = {"plan_year": "2028", "coverage_start": "2028-01-01", "billed_through": "2028-01"}
    feed(exchange, at(5, month="2027-12"), "", enrollment_id=NEXT, **new)
    assert standing(exchange, NEXT) == ()
    assert exchange.mails("renewal") == []
    assert death_cases(exchange).keys() == {ONE, NEXT}


def test_rule_46_a_cancel_that_is_undone_after_the_death_carries_nothing_over():
    exchange = Exchange()
    feed(exchange, NOW, "")
    one = exchange.system.records.enrollments.get(ONE)
    exchange.sign_up(one, NOW, pay=Pay.TOTAL, carries_over=True)
    [mandate] = standing(exchange)
    mandating, when = exchange.system.mandating, at(2, month="2027-12")
    mandating.cancel(exchange.standing(ONE, when), mandate.mandate_id, None, when)
    new = {"plan_year": "2028", "coverage_start": "2028-01-01", "billed_through": "2028-01"}
    feed(exchange, at(3, month="2027-12"), "", enrollment_id=NEXT, **new)
    feed(exchange, at(4, month="2027-12"), "death", plan_name="Gold")
    when = at(5, month="2027-12")
    mandating.undo(exchange.standing(ONE, when), mandate.mandate_id, when)
    assert standing(exchange, NEXT) == ()
    assert exchange.mails("carried") == []


def test_rule_46_another_subscriber_is_not_touched(exchange):
    feed(
        exchange, at(12), "", enrollment_id=NEXT, subscriber_id="SUB2", billing_account="700000009"
    )
    feed(exchange, at(15), "death")
    assert not has_died(exchange, NEXT)


class Interrupted(MemoryStore):
    """A store in which something happens before a write."""

    def __init__(self):
        super().__init__()
        self.waits, self.happens = 0, None

    def before_write(self, n, happens):
        self.waits, self.happens = n, happens

    def write(self, *writes):
        self.waits -= 1
        if self.waits == 0:
            self.happens()
        super().write(*writes)


def interrupted(n, happens):
    """Two plans are known; something happens before the n-th write from then on."""
    exchange = Exchange(Interrupted())
    feed(exchange, NOW, "")
    feed(exchange, at(2), "", enrollment_id=DENTAL, plan="dental")
    exchange.store.before_write(n, lambda: happens(exchange))
    return exchange


def a_row_comes(exchange, hour, reason, **row):
    line = f"{csv_line(a_feed_row(**{**ROW, **row}))},{reason}"
    when, columns = at(15, hour), (*COLUMNS, END_REASON)
    order = f"{when.isoformat()}#a.csv#2"
    exchange.system.enrolling.import_row(parse_row(line, columns), line.encode(), order, when, when)


def test_rule_46_a_worker_killed_between_two_plans_reaches_both_when_it_comes_again():
    def kill(_):
        raise Crash

    crashes = 0
    for n in range(1, 5):
        exchange = interrupted(n, kill)
        with suppress(Crash):
            a_row_comes(exchange, 9, "death")
            crashes -= 1
        crashes += 1
        a_row_comes(exchange, 9, "death")
        assert (has_died(exchange), has_died(exchange, DENTAL)) == (True, True), n
    assert crashes == 2  # a write for each plan


def test_rule_46_a_new_plan_whose_worker_is_killed_is_reached_when_it_comes_again():
    def kill(_):
        raise Crash

    exchange = interrupted(0, None)
    a_row_comes(exchange, 9, "death")
    exchange.store.before_write(2, lambda: kill(exchange))
    new = {"enrollment_id": NEXT, "plan_year": "2027", "coverage_start": "2027-02-01"}
    with suppress(Crash):
        a_row_comes(exchange, 10, "", **new)
    assert not has_died(exchange, NEXT)
    a_row_comes(exchange, 10, "", **new)
    assert has_died(exchange, NEXT)


def test_rule_46_a_plan_that_comes_at_the_same_moment_is_reached_too():
    exchange = interrupted(1, lambda here: a_row_comes(here, 9, "death"))
    a_row_comes(exchange, 10, "", enrollment_id=NEXT, plan_year="2026", coverage_start="2026-12-01")
    assert has_died(exchange)
    assert has_died(exchange, NEXT)


def test_rule_46_staff_take_a_mistaken_word_back(both):
    feed(both, at(15), "death")
    assert staff_take_back(both, at(16), DENTAL) == [DENTAL, ONE]
    assert not has_died(both, ONE)
    assert not has_died(both, DENTAL)
    assert death_cases(both) == {}
    assert standing(both) == ()  # the member sets up monthly payments again
    both.sign_up(both.system.records.enrollments.get(ONE), at(17))
    both.post(at(17))
    assert waits_or_went(both, at(16)) == ["confirmation"]


def test_rule_46_a_feed_that_goes_on_saying_it_does_not_outdo_staff(both):
    feed(both, at(15), "death")
    staff_take_back(both, at(16))
    feed(both, at(17), "death", plan_name="Silver")
    feed(both, at(18), "death", plan_name="Gold")
    assert not has_died(both, ONE)
    assert not has_died(both, DENTAL)


def test_rule_46_a_feed_that_says_it_anew_is_believed(exchange):
    feed(exchange, at(15), "death")
    staff_take_back(exchange, at(16))
    feed(exchange, at(17), "", plan_name="Silver")
    feed(exchange, at(18), "death", plan_name="Gold")
    assert has_died(exchange)
    assert death_cases(exchange).keys() == {ONE}
    staff_take_back(exchange, at(19))
    assert death_cases(exchange) == {}


def test_rule_46_what_staff_said_and_took_back_the_feed_may_say(exchange):
    staff_say(exchange, at(15))
    staff_take_back(exchange, at(16))
    feed(exchange, at(17), "death")
    assert has_died(exchange)


def test_rule_46_who_said_it_and_why_is_in_the_evidence_of_each_plan(both):
    staff_say(both, at(15))
    staff_take_back(both, at(16))
    for name in (ONE, DENTAL):
        [past] = both.system.records.mandates.past(name)
        acts = both.system.evidencing.of_mandate(name, past.mandate_id)["by_staff"]
        mine = [act for act in acts if act["about"] == f"enrollment#{name}"]
        assert [(act["who"], act["what"], act["why"]) for act in mine] == [
            ("Ada", "died on 2026-12-12", "her son phoned"),
            ("Grace", "lives", "another of that name"),
        ]
