"""A member agrees later that monthly payments go on, or switches it off again (rule 42)."""

from dataclasses import replace

import pytest

from chalicelib.domain.mandate import NotThisMandate
from tests.builders import a_submission
from tests.monthly import at
from tests.renewals import DECEMBER, JANUARY, NEW, ONE, TWO, agreed, feed, standing

WORDS = replace(a_submission().evidence, text=("When a plan ends",))


@pytest.fixture
def exchange():
    """Who pays 2027 monthly, and did not agree that it goes on."""
    return agreed(carries_over=False)


def agree(exchange, when, mandate=None):
    name = (mandate or standing(exchange, ONE)[-1]).mandate_id
    old = exchange.system.records.enrollments.get(ONE)
    exchange.system.going_on.agree(old, name, WORDS, when)


def audit(exchange):
    rows = exchange.store.items["audit"].values()
    mine = [row for row in rows if row["subject"] == f"mandates#{ONE}"]
    return [row["what"].rpartition(" ")[0] for row in sorted(mine, key=lambda row: row["line"])]


def test_rule_42_who_agrees_later_is_carried_over_and_the_words_go_with_it(exchange):
    agree(exchange, at(3, month=DECEMBER))
    [old] = standing(exchange, ONE)
    assert (old.carry_over, old.carry_over_evidence, old.version) == (True, WORDS, 2)
    assert audit(exchange)[-1] == "goes on with the plan that follows"
    feed(exchange, at(5, month=DECEMBER), NEW)
    [new] = standing(exchange)
    assert (new.carry_over, new.carry_over_evidence) == (True, WORDS)
    shown = exchange.system.evidencing.of_mandate(TWO, new.mandate_id)
    assert shown["agreed_later_to_go_on"]["text"] == ["When a plan ends"]
    assert shown["authorization"]["text"] == list(old.evidence.text)


def test_rule_42_agreed_after_the_plan_that_follows_came_it_goes_on_at_once(exchange):
    feed(exchange, at(4, month=DECEMBER), NEW)
    assert exchange.mails("renewal") == [ONE]
    agree(exchange, at(5, month=DECEMBER))
    [new] = standing(exchange)
    assert (new.from_month, new.plan_name) == (DECEMBER, "Gold Care 100")
    assert exchange.announced(TWO, DECEMBER) == exchange.mail("carried", TWO)["cents"] == 28000
    exchange.withdraw(month=DECEMBER)
    assert exchange.decision(TWO, DECEMBER) == ("claimed", 28000, None)


def test_rule_42_also_where_coverage_ended_the_monthly_payments_before(exchange):
    feed(exchange, at(4, month=DECEMBER), NEW)
    agree(exchange, at(20, month=JANUARY))
    assert [each.from_month for each in standing(exchange)] == ["2028-02"]


def test_rule_42_agreeing_again_changes_nothing(exchange):
    for day in (3, 4):
        agree(exchange, at(day, month=DECEMBER))
    assert audit(exchange).count("goes on with the plan that follows") == 1


def test_rule_42_switched_off_again_it_does_not_go_on(exchange):
    agree(exchange, at(3, month=DECEMBER))
    [mandate] = standing(exchange, ONE)
    old = exchange.system.records.enrollments.get(ONE)
    exchange.system.going_on.stay(old, mandate.mandate_id, at(4, month=DECEMBER))
    feed(exchange, at(5, month=DECEMBER), NEW)
    assert standing(exchange) == ()
    assert exchange.mails("renewal") == [ONE]


def test_rule_42_who_pays_the_new_plan_already_keeps_those_payments(exchange):
    feed(exchange, at(4, month=DECEMBER), NEW)
    exchange.sign_up(exchange.system.records.enrollments.get(TWO), at(4, 12, month=DECEMBER))
    before = standing(exchange)
    agree(exchange, at(5, month=DECEMBER))
    assert standing(exchange) == before
    assert exchange.mails("carried") == []


@pytest.mark.parametrize("case", ["held", "cancelled", "over", "off", "unknown"])
def test_rule_42_what_could_not_go_on_is_not_agreed_to(exchange, case):
    [mandate] = standing(exchange, ONE)
    when = at(3, month=DECEMBER)
    if case == "held":
        key = next(k for k, row in exchange.store.items["mandates"].items() if "standing" in row)
        row = exchange.store.items["mandates"][key]
        exchange.spoil(ONE, standing=[{**each, "held": True} for each in row["standing"]])
    if case == "cancelled":
        seen = exchange.standing(ONE, when)
        exchange.system.mandating.cancel(seen, mandate.mandate_id, None, when)
    if case == "over":  # nothing can follow that began more than 45 days later
        when = at(16, month="2028-02")
    if case == "off":
        exchange = agreed(carries_over=False, carry_over=False)
    if case == "unknown":
        mandate = replace(mandate, mandate_id="NOBODYS")
    with pytest.raises(NotThisMandate):
        agree(exchange, when, mandate)
