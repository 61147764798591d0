"""Members are reached otherwise, without new monthly payments; both addresses hear of it (22)."""

from dataclasses import replace

import pytest

from chalicelib.domain.mandate import MandateState, NotThisMandate
from tests.builders import a_contact
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at
from tests.stores import Deaf, Interrupted, mail_rows

ONE, TWO = "EN000001", "EN000002"
OLD = a_contact(email="en000001@example.com")  # as tests/monthly.py has it
NEW = a_contact(email="new.one@example.org", phone="+16175550199")


@pytest.fixture
def exchange():
    """Who pays 2027 monthly, beginning on December 22."""
    exchange = Exchange()
    exchange.member(plan_year=2027)
    return exchange


def change(exchange, when, typed=NEW, mandate_id=f"M{ONE}", name=ONE):
    exchange.system.contacting.change(exchange.standing(name, when), mandate_id, typed, when)


def mandate(exchange, name=ONE):
    [mandate] = exchange.system.records.mandates.of(name).standing
    return mandate


def told(exchange, kind="contact_changed"):
    """Who was mailed about it, and what."""
    rows = [row for row in mail_rows(exchange.store) if row["kind"] == kind]
    return {row["to"]: (row["phone"], row["facts"]) for row in rows}


def frozen(exchange):
    exchange.start(WITHDRAWAL, at(22))


def test_rule_22_the_same_mandate_has_another_contact_from_now_on(exchange):
    before = mandate(exchange)
    change(exchange, at(5))
    assert mandate(exchange) == replace(before, version=2, contact=NEW)
    rows = exchange.store.items["audit"].values()
    [line] = [row for row in rows if row["line"] == f"{2:06}"]
    assert (line["what"], line["at"]) == (f"reached otherwise M{ONE}", at(5).isoformat())


def test_rule_22_both_addresses_are_told_and_neither_reads_the_other(exchange):
    change(exchange, at(5))
    mails = told(exchange)
    assert {to: phone for to, (phone, _) in mails.items()} == {
        OLD.email: OLD.phone,
        NEW.email: NEW.phone,
    }
    for _, facts in mails.values():
        assert (facts["old_email"], facts["new_email"]) == ("e…@example.com", "n…@example.org")
        assert facts["new_phone"] is True
        for secret in (OLD.email, NEW.email, OLD.phone, NEW.phone):
            assert secret not in str(facts)


@pytest.mark.parametrize("email", [OLD.email, OLD.email.upper()])
def test_rule_22_another_phone_is_told_to_the_address_that_stays(exchange, email):
    change(exchange, at(5), a_contact(email=email, phone=NEW.phone))
    assert mandate(exchange).contact.phone == NEW.phone
    [[_, facts]] = told(exchange).values()
    assert (facts["old_email"], facts["new_email"]) == ("e…@example.com", None)
    assert facts["new_phone"] is True


def test_rule_22_another_email_says_nothing_of_the_phone(exchange):
    change(exchange, at(5), replace(NEW, phone=OLD.phone))
    assert {facts["new_phone"] for _, facts in told(exchange).values()} == {False}


@pytest.mark.parametrize("typed", [OLD, replace(OLD, email=OLD.email.upper())])
def test_rule_22_the_same_again_changes_nothing_and_tells_nobody(exchange, typed):
    before = exchange.here.kept()
    change(exchange, at(5), typed)
    assert exchange.here.kept() == before


def test_invariant_6_the_same_change_again_is_one(exchange):
    for hour in (9, 10):
        change(exchange, at(5, hour))
    assert (mandate(exchange).version, len(told(exchange))) == (2, 2)


def test_invariant_8_a_change_whose_reply_was_lost_is_answered_as_done(exchange):
    change(exchange.again(Deaf(exchange.store, lambda write: write.table == "mandates")), at(5))
    assert (mandate(exchange).version, len(told(exchange))) == (2, 2)


# --- which mandates -----------------------------------------------------------------------------


def test_rules_22_29_one_on_hold_can_be_changed_and_stays_so():
    exchange = Exchange()
    exchange.member(plan_year=2027, mandate={"held": True})
    change(exchange, at(5))
    assert (mandate(exchange).held, mandate(exchange).contact) == (True, NEW)


@pytest.mark.parametrize("case", ["cancelled", "another's", "unknown"])
def test_rule_22_what_has_ended_or_is_not_theirs_is_not_changed(exchange, case):
    exchange.member(TWO, plan_year=2027)
    name = {"another's": f"M{TWO}", "unknown": "NOBODYS"}.get(case, f"M{ONE}")
    if case == "cancelled":
        exchange.system.mandating.cancel(exchange.standing(ONE, at(4)), name, None, at(4))
    before = exchange.here.kept()
    for typed in (NEW, OLD):  # nor is anybody told which one is kept
        with pytest.raises(NotThisMandate):
            change(exchange, at(5), typed, name)
    assert exchange.here.kept() == before


def test_rules_20_22_one_that_is_cancelled_after_the_freeze_until_its_month_is_decided(exchange):
    exchange.tell()
    frozen(exchange)
    exchange.system.mandating.cancel(exchange.standing(ONE, at(22)), f"M{ONE}", None, at(22))
    change(exchange, at(22))
    assert mandate(exchange).contact == NEW
    exchange.work()
    assert exchange.decision() == ("claimed", 42480, None)
    with pytest.raises(NotThisMandate):
        change(exchange, at(22, 10), OLD)


# --- what goes on as it was ---------------------------------------------------------------------


def test_rules_22_25_what_was_announced_to_the_old_address_stays_announced(exchange):
    exchange.tell()
    change(exchange, at(15))
    assert exchange.announced() == 42480
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 42480, None)
    assert told(exchange, "notice").keys() == {OLD.email}
    assert told(exchange, "withdrawal").keys() == {NEW.email}


def test_rules_22_24_before_the_notice_it_goes_to_the_new_address(exchange):
    change(exchange, at(9))
    exchange.tell()
    assert told(exchange, "notice").keys() == {NEW.email}


def test_rules_20_22_the_freeze_does_not_matter_wherever_it_comes(exchange):
    for n in range(1, 40):
        exchange = Exchange()
        exchange.member(plan_year=2027)
        exchange.tell()
        seen = Interrupted(exchange.store, n, lambda here=exchange: frozen(here))
        change(exchange.again(seen), at(22))
        assert (mandate(exchange).version, len(told(exchange))) == (2, 2)
        if seen.left > 0:
            break
        exchange.work()
        assert exchange.decision() == ("claimed", 42480, None)
    assert n > 3


def test_invariant_10_a_run_takes_it_once_wherever_the_change_comes():
    for n in range(1, 80):
        exchange = Exchange()
        exchange.member(plan_year=2027)
        exchange.tell()
        frozen(exchange)
        seen = Interrupted(exchange.store, n, lambda here=exchange: change(here, at(22)))
        exchange.again(seen).work()
        assert exchange.decision() == ("claimed", 42480, None)
        assert exchange.system.records.runs.get(f"withdrawal#{MONTH}").state == "closed"
        assert len(told(exchange, "withdrawal")) == 1
        if seen.left > 0:
            break
        assert mandate(exchange).contact == NEW
    assert n > 3


def test_invariant_6_two_at_once_are_one_change():
    for n in range(1, 40):
        exchange = Exchange()
        exchange.member(plan_year=2027)
        seen = Interrupted(exchange.store, n, lambda here=exchange: change(here, at(5)))
        change(exchange.again(seen), at(5))
        assert (mandate(exchange).version, len(told(exchange))) == (2, 2)
        if seen.left > 0:
            break
    assert n > 3


def test_rules_21_22_undone_later_it_keeps_the_new_contact(exchange):
    change(exchange, at(4))
    for act, day in (("cancel", 5), ("undo", 6)):
        typed = (None,) if act == "cancel" else ()
        seen = exchange.standing(ONE, at(day))
        getattr(exchange.system.mandating, act)(seen, f"M{ONE}", *typed, at(day))
    assert mandate(exchange).contact == NEW
    states = exchange.system.mandating.history(exchange.standing(ONE, at(7)), at(7))
    assert [state for _, state in states] == [MandateState.ACTIVE]
    assert told(exchange, "cancelled").keys() == told(exchange, "undone").keys() == {NEW.email}
