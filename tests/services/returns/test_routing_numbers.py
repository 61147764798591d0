"""R13: a routing number takes no payments; who pays there is held, told, released (rule 49)."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.mandate import EndReason
from chalicelib.domain.signature import Signature
from chalicelib.services.monthly.carrying import Pair
from chalicelib.services.returns import return_files, routing_numbers
from chalicelib.store import ConditionFailed
from tests.bank import Bank
from tests.monthly import WITHDRAWAL, at
from tests.stores import Crash, Interrupted

ONE, TWO, THREE, FOUR = (f"EN{n:06}" for n in range(1, 5))
MORNING, TOMORROW = at(8, 8), at(9)
HERE = "231380104"  # the routing number of everybody's account
ELSEWHERE = "011000015"
ALL = (ONE, TWO, THREE)


@pytest.fixture
def bank():
    return Bank()


def signed(who, when=MORNING):
    return Signature(who=who, why="the bank is merged", at=when)


def refused(bank, payment_id, when=MORNING, code="R13"):
    bank.receive(bank.answer((payment_id, code), when=when), when)


def begun(bank, *names):
    ids = [bank.begins(name) for name in names]
    bank.collect(at(3, 18))
    return ids


def state(bank, name, when=MORNING):
    return [
        str(found) for _, found in bank.system.mandating.history(bank.standing(name, when), when)
    ]


def here(bank):
    return bank.system.records.mandates.every(ONE)[0].account.routing


def settled(bank):
    while bank.follow_ups.messages:
        bank.follow_up()


def hold(bank, when=MORNING):
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.hold(here(bank), signed(who, when))
    settled(bank)


def release(bank, when=TOMORROW):
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.release(here(bank), signed(who, when))
    settled(bank)


def test_rule_49_r13_holds_the_mandate_with_one_case_and_ends_nothing(bank):
    first, second, _ = begun(bank, *ALL)
    for payment_id in (first, second):
        refused(bank, payment_id)
    assert [state(bank, each) for each in ALL] == [["held"], ["held"], ["active"]]
    [(case, reason)] = bank.cases().items()
    assert case == f"routing#{here(bank)}#2026-12"
    assert "3 enrollments" in reason
    assert "the directory is not loaded" in reason
    assert bank.mail("not_paid")["why"] == "bad_account"
    assert bank.mail("not_paid")["mandate_held"]
    assert bank.here.metrics.counts["ReturnsAlarming"] == 0


def test_rule_49_on_the_22nd_a_held_one_is_excluded_and_the_others_are_taken(bank):
    first, _ = begun(bank, ONE, TWO)
    refused(bank, first)
    bank.tell()
    bank.withdraw()
    assert bank.decision(ONE) == ("excluded", 0, "held")
    assert bank.decision(TWO) != ("excluded", 0, "held")


def test_rule_49_where_the_directory_does_not_list_it_all_others_are_held_and_told_once(bank):
    first, *_ = begun(bank, *ALL)
    bank.system.records.routing.load([ELSEWHERE])
    for _ in range(2):
        refused(bank, first)
    assert [state(bank, each) for each in ALL] == [["held"]] * 3
    assert sorted(bank.mails("routing")) == [TWO, THREE]
    assert bank.mail("routing", TWO)["held"]
    assert bank.mail("routing", TWO)["routing_last4"] == here(bank)[-4:]


def test_rule_49_one_bank_s_error_holds_nobody_else_while_the_directory_lists_it(bank):
    first, *_ = begun(bank, *ALL)
    bank.system.records.routing.load([here(bank)])
    refused(bank, first)
    assert [state(bank, each) for each in ALL] == [["held"], ["active"], ["active"]]
    [reason] = bank.cases().values()
    assert "the directory lists it" in reason
    assert bank.mails("routing") == []


def test_rule_49_it_is_so_in_a_file_that_is_booked_in_chunks_too(bank, monkeypatch):
    monkeypatch.setattr(return_files, "AT_ONCE", 1)
    first, second, _ = begun(bank, *ALL)
    bank.system.records.routing.load([ELSEWHERE])
    bank.receive(bank.answer((first, "R01"), (second, "R13"), when=MORNING), MORNING)
    settled(bank)
    assert [state(bank, each) for each in ALL] == [["held"]] * 3


def test_rule_49_a_second_return_of_one_entry_holds_nobody(bank):
    first, *_ = begun(bank, *ALL)
    bank.system.records.routing.load([ELSEWHERE])
    refused(bank, first, code="R01")
    refused(bank, first, at(9, 8))
    assert any(case.startswith("suspense#") for case in bank.cases())
    assert [state(bank, each, at(9, 9)) for each in ALL] == [["active"]] * 3


def test_rule_49_whose_account_was_refused_since_stays_held_when_its_number_is_released(bank):
    first, _ = begun(bank, ONE, TWO)
    [mandate] = bank.system.records.mandates.of(ONE).standing
    hold(bank)
    refusing = bank.system.account_validation.refusing(mandate.account, "R03", MORNING)
    bank.store.write(*refusing)
    release(bank)
    assert first
    assert [state(bank, each, at(10)) for each in (ONE, TWO)] == [["held"], ["active"]]
    assert bank.system.records.mandates.of(ONE).standing[0].held_for is None


def test_rule_49_two_people_hold_the_others(bank):
    first, *_ = begun(bank, *ALL)
    refused(bank, first)
    numbers = bank.system.routing_numbers
    assert not numbers.hold(here(bank), signed("Ada"))
    assert not numbers.hold(here(bank), signed("Ada"))
    settled(bank)
    assert state(bank, TWO) == ["active"]
    assert numbers.hold(here(bank), signed("Ben"))
    settled(bank)
    assert [state(bank, each) for each in ALL] == [["held"]] * 3


def test_rule_49_two_people_each_time(bank):
    """What two have done is done; who does it again needs a second person again."""
    begun(bank, ONE, TWO)
    hold(bank)
    release(bank)
    hold(bank, at(9, 12))
    assert not bank.system.routing_numbers.release(here(bank), signed("Ben", at(9, 13)))
    settled(bank)
    assert state(bank, TWO, at(9, 14)) == ["held"]


def test_rule_49_released_by_two_all_are_active_again_without_new_consent_and_told(bank):
    first, *_ = begun(bank, *ALL)
    refused(bank, first)
    hold(bank)
    before = [bank.system.records.mandates.of(each).standing[0].evidence for each in ALL]
    assert not bank.system.routing_numbers.release(here(bank), signed("Ada", at(9)))
    assert bank.system.routing_numbers.release(here(bank), signed("Ben", at(9)))
    settled(bank)
    assert [state(bank, each) for each in ALL] == [["active"]] * 3
    assert [bank.system.records.mandates.of(each).standing[0].evidence for each in ALL] == before
    assert sorted(bank.mails("routing")) == [ONE, TWO, TWO, THREE, THREE]
    bank.tell()
    bank.withdraw()
    assert bank.decision(ONE)[0] == "claimed"  # what came back is owed again


def test_rule_49_what_its_member_must_agree_to_again_stays_held(bank):
    first, second = begun(bank, ONE, TWO)
    refused(bank, first, code="R08")
    hold(bank)
    refused(bank, second, at(9, 8), code="R08")
    release(bank, at(10))
    assert [state(bank, each, at(10)) for each in (ONE, TWO)] == [["held"], ["held"]]


def test_rule_49_the_page_refuses_the_number_while_it_is_dead(bank):
    begun(bank, ONE)
    hold(bank)
    account = bank.system.records.mandates.of(ONE).standing[0].account
    validating = bank.system.account_validation
    assert validating.fault("a new account", account.routing) == "routing_dead"
    assert validating.fault(account.fingerprint, account.routing) == "routing_dead"
    assert validating.fault(account.fingerprint, ELSEWHERE) is None
    assert validating.is_refused(account)
    release(bank)
    assert validating.fault(account.fingerprint, account.routing) is None


def test_rule_49_what_was_submitted_already_goes(bank):
    begun(bank, ONE)
    payment_id = bank.pays(TWO, at(8, 10))
    hold(bank, at(8, 11))
    bank.collect(at(8, 18))
    bank.evening(at(11, 20))
    assert bank.state(payment_id, TWO) == "paid"


def test_rule_49_nobody_slips_between_the_row_and_those_who_were_found_there(bank):
    begun(bank, ONE)
    account = bank.system.records.mandates.of(ONE).standing[0].account
    writes = bank.system.account_validation.unless_refused(account)
    hold(bank)
    with pytest.raises(ConditionFailed):
        bank.store.write(*writes)


def test_rule_49_after_the_freeze_this_month_is_not_debited(bank):
    begun(bank, ONE)
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    hold(bank, at(22, 9, 1))
    bank.work()
    assert bank.decision()[0] == "excluded"


def test_rule_49_a_new_number_from_the_bank_sets_its_mandate_free(bank):
    first, second = begun(bank, ONE, TWO)
    hold(bank)
    data = ELSEWHERE
    bank.receive(bank.answer((first, "C02"), when=at(9, 8), data=data), at(9, 8))
    assert [state(bank, each, at(9, 9)) for each in (ONE, TWO)] == [["active"], ["held"]]
    assert second


def test_rule_49_c02_holds_nobody_and_a_case_says_how_many_others_have_the_number(bank):
    first, *_ = begun(bank, *ALL)
    old = here(bank)
    bank.receive(bank.answer((first, "C02"), when=MORNING, data=ELSEWHERE), MORNING)
    [(case, reason)] = bank.cases().items()
    assert case == f"routing_changed#{old}#2026-12"
    assert "2 other enrollments" in reason
    assert [state(bank, each) for each in ALL] == [["active"]] * 3


def test_rule_49_who_cancelled_is_not_written_to_and_comes_back_held(bank):
    begun(bank, ONE)
    [mandate] = bank.system.records.mandates.of(ONE).standing
    bank.system.mandating.cancel(bank.standing(ONE, at(4)), mandate.mandate_id, None, at(4))
    hold(bank)
    assert bank.mails("routing") == []
    undone = bank.system.mandating.undo(bank.standing(ONE, at(9)), mandate.mandate_id, at(9))
    assert undone.mandate.held
    release(bank, at(10))
    assert state(bank, ONE, at(10)) == ["active"]


def test_rule_49_more_than_one_message_can_hold_is_handed_over(bank, monkeypatch):
    monkeypatch.setattr(routing_numbers, "AT_ONCE", 2)
    names = [f"EN{n:06}" for n in range(1, 6)]
    for name in names:
        bank.member(name, plan_year=2027)
    hold(bank)
    assert [state(bank, name) for name in names] == [["held"]] * 5
    assert sorted(bank.mails("routing")) == names


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_invariant_12_messages_that_come_late_and_twice_end_as_the_number_is(order):
    bank = Bank()
    begun(bank, ONE, TWO)
    numbers, routing = bank.system.routing_numbers, here(bank)
    for hour, act in enumerate((numbers.hold, numbers.release, numbers.hold), start=9):
        act(routing, signed("Ada", at(8, hour)))
        act(routing, signed("Ben", at(8, hour)))
    messages = list(bank.follow_ups.take())
    assert len(messages) == 3
    for n in (*order, *order):
        bank.follow_up([messages[n]])
    assert [state(bank, each) for each in (ONE, TWO)] == [["held"], ["held"]]
    assert sorted(bank.mails("routing")) == [ONE, TWO]


def test_invariant_12_a_late_release_frees_nobody_whom_r13_holds_since(bank):
    first, _ = begun(bank, ONE, TWO)
    hold(bank)
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.release(here(bank), signed(who, TOMORROW))
    late = list(bank.follow_ups.take())
    refused(bank, first, at(9, 12))
    for _ in range(2):
        bank.follow_up(late)
    assert [state(bank, each, at(10)) for each in (ONE, TWO)] == [["held"], ["active"]]


def test_rule_49_all_mandates_of_that_account_are_held_and_no_other_member_s(bank):
    bank.enroll(TWO, subscriber_id=f"S{ONE}", plan_year=2027, plan=Plan.DENTAL)
    first, *_ = begun(bank, ONE, TWO, THREE)
    bank.system.records.routing.load([here(bank)])
    refused(bank, first)
    assert [state(bank, each) for each in ALL] == [["held"], ["held"], ["active"]]
    assert bank.mails("routing") == [TWO]


def test_rule_49_a_mandate_that_pays_from_elsewhere_by_now_is_not_held(bank):
    first, _ = begun(bank, ONE, TWO)
    bank.receive(bank.answer((first, "C02"), when=MORNING, data=ELSEWHERE), MORNING)
    refused(bank, first, at(9, 8))
    assert state(bank, ONE, at(9, 9)) == ["active"]
    assert not bank.mail("not_paid")["mandate_held"]


def test_rule_49_a_number_that_two_released_is_not_held_again_by_the_next_return(bank):
    first, second = begun(bank, ONE, TWO)
    bank.system.records.routing.load([ELSEWHERE])
    refused(bank, first)
    release(bank)
    refused(bank, second, at(9, 12))
    assert [state(bank, each, at(10)) for each in (ONE, TWO)] == [["active"], ["held"]]


def test_rule_49_a_directory_that_is_loaded_later_counts_for_the_next_return(bank):
    first, second, _ = begun(bank, *ALL)
    refused(bank, first)
    bank.system.records.routing.load([ELSEWHERE])
    refused(bank, second, at(9, 8))
    assert [state(bank, each, at(10)) for each in ALL] == [["held"]] * 3


def test_rule_49_an_idle_proposal_is_over_when_a_return_holds_all(bank):
    first, _ = begun(bank, ONE, TWO)
    assert not bank.system.routing_numbers.release(here(bank), signed("Ada", at(8, 7)))
    bank.system.records.routing.load([ELSEWHERE])
    refused(bank, first)
    assert not bank.system.routing_numbers.release(here(bank), signed("Ben", at(8, 9)))
    assert state(bank, TWO, TOMORROW) == ["held"]


def test_rule_49_whose_message_was_lost_says_it_again_and_it_is_done(bank):
    begun(bank, ONE, TWO)
    numbers = bank.system.routing_numbers
    for day, act, wanted in ((8, numbers.hold, "held"), (9, numbers.release, "active")):
        for who in ("Ada", "Ben"):
            act(here(bank), signed(who, at(day)))
        bank.follow_ups.take()  # lost
        assert act(here(bank), signed("Ben", at(day, 10)))
        settled(bank)
        assert [state(bank, each, at(day, 11)) for each in (ONE, TWO)] == [[wanted]] * 2


def test_invariant_15_one_that_can_not_be_read_keeps_nobody_else_from_it(bank):
    begun(bank, *ALL)
    routing = here(bank)
    key = next(k for k in bank.store.items["mandates"] if k[1] == f"live#{ONE}")
    row = bank.store.items["mandates"][key]
    bank.store.items["mandates"][key] = {**row, "standing": "spoiled"}
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.hold(routing, signed(who))
    settled(bank)
    assert [state(bank, each) for each in (TWO, THREE)] == [["held"], ["held"]]


def test_rule_49_a_mandate_whose_last_month_is_known_is_found_at_its_corrected_number(bank):
    bank.member(ONE, mandate={"ended_at": at(1), "end_reason": EndReason.COVERAGE_END}.items())
    assert bank.system.records.routing.who_pays_at(here(bank)) == [ONE]


def test_rule_49_nothing_is_carried_over_to_a_number_that_takes_no_payments(bank):
    begun(bank, ONE)
    account = bank.system.records.mandates.of(ONE).standing[0].account
    hold(bank)
    carrying = bank.system.carrying
    [mandate] = bank.system.records.mandates.of(ONE).standing
    old = bank.system.records.enrollments.get(ONE)
    pair = Pair(
        old=old,
        new=replace(old, enrollment_id=TWO, coverage_start_on=date(2028, 1, 1), plan_year=2028),
        mandate=replace(mandate, held=False, held_for=None, carry_over=True),
        mandates=bank.system.records.mandates.of(ONE),
        old_lines=[],
        new_lines=[],
    )
    assert account.routing == here(bank)
    assert carrying.judged(pair, TOMORROW, own=False) is None
    release(bank)
    assert carrying.judged(pair, at(10), own=False) is not None


def test_invariant_11_whoever_dies_over_an_r13_again_is_the_same_end():
    """Neither the case nor the others are lost with the process that posted the return."""

    def prepared():
        bank = Bank()
        first, *_ = begun(bank, *ALL)
        bank.system.records.routing.load([ELSEWHERE])
        return bank, bank.answer((first, "R13"), when=MORNING)

    def end(bank):
        return [state(bank, each) for each in ALL], sorted(bank.mails("routing")), bank.cases()

    bank, body = prepared()
    bank.receive(body, MORNING)
    wanted = end(bank)
    assert wanted[0] == [["held"]] * 3
    for n in range(1, 400):
        bank, body = prepared()
        again = Bank(bank.store, s3=bank.s3, seen=Interrupted(bank.store, n))
        again.system.__dict__["bank_queue"] = bank.follow_ups
        version = again.here.files.drop("inbound/bank/r13.ach", body, MORNING)
        try:
            again.system.inbound.receive("inbound/bank/r13.ach", version, MORNING, MORNING)
        except Crash:
            bank.receive(body, MORNING)
            assert end(bank) == wanted, n
        else:
            assert n > 20
            return


def test_invariant_11_whoever_dies_while_holding_them_again_is_the_same_end():
    def prepared():
        bank = Bank()
        begun(bank, ONE, TWO)
        bank.tell()
        bank.start(WITHDRAWAL, at(22))
        bank.system.records.routing._store.write(
            bank.system.records.routing.burying(HERE, at(22, 9, 1))
        )
        return bank

    def act(bank, seen=None):
        again = Bank(bank.store, s3=bank.s3, seen=seen)
        again.system.routing_numbers.go_on(here(bank), None, at(22, 9, 1), held=True)

    bank = prepared()
    act(bank)
    wanted = bank.kept()
    for n in range(1, 200):
        bank = prepared()
        try:
            act(bank, Interrupted(bank.store, n))
        except Crash:
            act(bank)
            assert bank.kept() == wanted
        else:
            assert n > 10
            return
