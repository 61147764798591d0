"""Members set up, see, cancel, undo and replace; every answer is what then happens (18 to 26)."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.mandate import CannotUndo, EndReason, MandateState, NotThisMandate
from chalicelib.domain.paying import Frequency, Pay
from chalicelib.services.mail.mandate_mails import cancelled_mails
from chalicelib.services.page.paying import NotAsShown
from tests.bank import Bank
from tests.builders import a_contact, a_return_line
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at, charge, pay
from tests.stores import Deaf, Interrupted, mail_rows

ONE = "EN000001"
THURSDAY, NINE, AFTER = at(3), at(22), at(22, 10)
JANUARY = "2027-01"


@pytest.fixture
def exchange():
    return Exchange()


def cancel(exchange, mandate_id, now, typed=None, name=ONE):
    return exchange.system.mandating.cancel(exchange.standing(name, now), mandate_id, typed, now)


def undo(exchange, mandate_id, now, name=ONE):
    return exchange.system.mandating.undo(exchange.standing(name, now), mandate_id, now)


def upcoming(exchange, now, name=ONE):
    look = exchange.system.months.next_one(exchange.standing(name, now), now)
    return look and (look.month, str(look.on), look.cents, look.is_on_its_way)


def states(exchange, now, name=ONE):
    found = exchange.system.mandating.history(exchange.standing(name, now), now)
    return [state for _, state in found]


def freeze(exchange, month=MONTH):
    exchange.start(WITHDRAWAL, at(22, month=month))


def monthly(exchange):
    """What the last Submit said of monthly payments."""
    rows = [row for row in exchange.store.items["payments"].values() if row.get("monthly")]
    return max(rows, key=lambda row: row["submitted_at"])["monthly"][ONE]


# Setting up.


def test_rule_18_the_example_comes_out_to_the_cent(exchange):
    exchange.sign_up(exchange.enroll(owed_cents=42480), THURSDAY, cents=10000)
    plan = monthly(exchange)
    assert (plan["first_now_cents"], plan["next_cents"], plan["next_on"]) == (
        10000,
        32480,
        "2026-12-22",
    )
    assert exchange.announced() == 32480
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 32480, None)
    assert exchange.standing(ONE, AFTER).owed_cents == 0


def test_rule_18_with_the_total_now_nothing_is_taken_on_the_22nd_and_next_in_january(exchange):
    exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY, pay=Pay.TOTAL)
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision() == ("skipped", 0, None)
    charge(exchange, ONE, 21240, at(1, month=JANUARY), month=JANUARY)
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) == ("claimed", 21240, None)


@pytest.mark.parametrize("wish", [{"cents": 0}, {"pay": Pay.OTHER}])
def test_rule_18_an_amount_of_nothing_makes_no_payment_but_a_mandate(exchange, wish):
    exchange.sign_up(exchange.enroll(), THURSDAY, **wish)
    assert [line.line for line in exchange.system.records.books.lines(ONE)] == ["opening"]
    assert upcoming(exchange, THURSDAY) == (MONTH, "2026-12-22", 42480, False)


def test_rule_18_the_total_means_the_same_with_nothing_owed(exchange):
    exchange.sign_up(exchange.enroll(owed_cents=0), THURSDAY, pay=Pay.TOTAL)
    assert states(exchange, THURSDAY) == [MandateState.ACTIVE]
    assert exchange.announced() == 0


def test_rule_18_none_leaves_the_enrollment_and_its_mandate_alone(exchange):
    enrollment = exchange.enroll()
    exchange.sign_up(enrollment, THURSDAY)
    before = exchange.here.kept()["mandates"]
    with pytest.raises(NotAsShown):
        exchange.sign_up(enrollment, THURSDAY, pay=Pay.NONE)
    assert exchange.here.kept()["mandates"] == before


def test_rule_19_at_most_one_mandate_a_new_one_replaces_the_old_in_one_transaction(exchange):
    enrollment = exchange.enroll()
    old = exchange.sign_up(enrollment, THURSDAY)
    new = exchange.sign_up(enrollment, at(4), number="000987654321")
    assert monthly(exchange)["replaces_last4"] == "6789"
    assert states(exchange, at(4)) == [MandateState.ENDED, MandateState.ACTIVE]
    [mandate] = exchange.system.records.mandates.of(ONE).standing
    assert mandate.mandate_id == new != old
    exchange.tell()
    exchange.withdraw()
    entries = exchange.store.items["entries"].values()
    [entry] = [each for each in entries if each.get("kind") == "withdrawal"]
    assert entry["account"]["last4"] == "4321"


def test_rule_24_a_mandate_made_after_the_freeze_begins_next_month(exchange):
    enrollment = exchange.enroll(plan_year=2027)
    freeze(exchange)
    exchange.sign_up(enrollment, AFTER)
    plan = monthly(exchange)
    assert (plan["is_this_month"], plan["from_month"], plan["next_on"]) == (
        False,
        JANUARY,
        "2027-01-22",
    )
    exchange.work()
    assert exchange.decision() is None
    assert (
        exchange.announced() is exchange.announced(month=JANUARY) is None
    )  # the notice will tell it


def test_a_mandate_made_on_the_29th_begins_next_month_also_without_a_freeze(exchange):
    exchange.sign_up(exchange.enroll(plan_year=2027), at(29))
    assert monthly(exchange)["from_month"] == JANUARY


def test_when_the_month_freezes_between_review_and_submit_nothing_is_written(exchange):
    """Interrupted at each call: set up for this month, or shown again, never something between."""
    outcomes = set()
    for n in range(1, 60):
        exchange, met = Exchange(), []
        enrollment = exchange.enroll()

        def act(other=exchange, met=met):
            met.append(True)
            freeze(other)

        member = exchange.again(Interrupted(exchange.store, n, act))
        try:
            member.sign_up(enrollment, at(22, 8, 59))
            here = exchange.system.records.mandates.of(ONE).active_in(MONTH)
            assert monthly(exchange)["is_this_month"] == (here is not None)
            outcomes.add("this month" if here else "next month")
        except NotAsShown:
            assert exchange.system.records.mandates.of(ONE).standing == ()
            assert exchange.mails("confirmation") == []
            outcomes.add("shown again")
        if not met:
            break
    assert outcomes == {"this month", "next month", "shown again"}


def test_a_cancel_between_review_and_submit_is_never_submitted_as_a_replacement(exchange):
    """Wherever it comes between two calls of the Submit: shown again, or it had replaced it."""
    for n in range(1, 60):
        exchange = Exchange()
        enrollment = exchange.enroll()
        mandate_id = exchange.sign_up(enrollment, THURSDAY)

        def act(other=exchange, mandate_id=mandate_id):
            with suppress(NotThisMandate):
                cancel(other, mandate_id, at(5))

        seen = Interrupted(exchange.store, n, act)
        with suppress(NotAsShown):
            exchange.again(seen).sign_up(enrollment, at(5), cents=0)
        said = monthly(exchange)["replaces_last4"]
        assert bool(said) == bool(exchange.mails("replaced"))
        if seen.left > 0:
            break
    assert n > 8


# Cancel and undo.


@pytest.mark.parametrize("act", [cancel, undo])
def test_the_same_click_twice_at_once_is_answered_twice_and_every_page_shows_the_mandate(act):
    """Wherever the second comes between two calls of the first, or of a page."""
    for look in (False, True):
        for n in range(1, 60):
            exchange = Exchange()
            mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
            if act is undo:
                cancel(exchange, mandate_id, at(5))

            def twin(exchange=exchange, mandate_id=mandate_id):
                act(exchange, mandate_id, at(6))

            seen = Interrupted(exchange.store, n, twin)
            if look:
                assert len(states(exchange.again(seen), at(6))) == 1
            else:
                assert act(exchange.again(seen), mandate_id, at(6)).mandate.mandate_id == mandate_id
            if seen.left > 0:
                break
            assert len(exchange.mails("cancelled" if act is cancel else "undone")) == 1
        assert n > 3


def test_rule_20_a_cancel_before_the_freeze_stops_this_months_payment(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    change = cancel(exchange, mandate_id, at(22, 8, 59))
    assert (change.coming, change.in_flight) == (MONTH, None)
    assert states(exchange, at(22, 8, 59)) == [MandateState.ENDED]
    exchange.withdraw()
    assert exchange.decision() is None
    assert exchange.mail("cancelled")["still_cents"] is None


@pytest.mark.parametrize("owed", [42480, 0, -500])
def test_rule_22_the_mail_of_a_cancel_says_what_is_owed_now(exchange, owed):
    mandate_id = exchange.sign_up(exchange.enroll(owed_cents=owed), THURSDAY)
    cancel(exchange, mandate_id, at(5))
    facts = exchange.mail("cancelled")
    assert (facts["owed_cents"], facts["due_on"]) == (owed, "2026-12-23")


def test_rules_22_35_of_a_plan_that_never_began_nothing_is_asked(exchange):
    enrollment = exchange.enroll()
    mandate_id = exchange.sign_up(enrollment, THURSDAY)
    never = replace(enrollment, coverage_end_on=enrollment.coverage_start_on)
    cancelled = cancelled_mails(
        exchange.system.records.mandates.find(ONE, mandate_id),
        *(never, MONTH, None, 42480, date(2026, 12, 23), None, None, at(5)),
    )
    assert [mail.facts["owed_cents"] for mail in cancelled] == [0]


@pytest.mark.parametrize("worked", [False, True])
def test_rule_20_a_cancel_after_the_freeze_says_what_is_taken_all_the_same(exchange, worked):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    freeze(exchange)
    if worked:
        exchange.work()
    change = cancel(exchange, mandate_id, AFTER)
    assert (change.coming, change.in_flight.cents) == (JANUARY, 42480)
    assert change.in_flight.on == date(2026, 12, 22)
    ending = MandateState.ENDED if worked else MandateState.ENDING
    assert states(exchange, AFTER) == [ending]
    facts = exchange.mail("cancelled")
    assert (facts["still_cents"], facts["still_on"]) == (42480, "2026-12-22")
    assert facts["owed_cents"] == 0  # once that is taken
    exchange.work()
    assert exchange.decision() == ("claimed", 42480, None)
    assert states(exchange, AFTER) == [MandateState.ENDED]
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) is None


def paid(exchange):
    pay(exchange, ONE, 42480, at(21))


def hold(exchange):
    exchange.spoil(standing=[dict(row, held=True) for row in row_of(exchange)["standing"]])


def row_of(exchange):
    return next(r for k, r in exchange.store.items["mandates"].items() if k[1] == f"live#{ONE}")


def withdraw_announcement(exchange):
    announced = next(
        key for key in exchange.store.items["mandates"] if str(key[1]).startswith("announced#")
    )
    exchange.forget("mandates", *announced)


def stop(exchange):
    mandate_id = row_of(exchange)["standing"][0]["mandate_id"]
    exchange.system.running.stop(f"withdrawal#{MONTH}", mandate_id, "stopped")


@pytest.mark.parametrize("why", [paid, hold, withdraw_announcement, stop])
def test_rule_20_when_nothing_is_taken_a_late_cancel_does_not_say_that_something_is(exchange, why):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    why(exchange)
    shown = exchange.standing(ONE, AFTER)  # before the run decides
    exchange.withdraw()
    assert exchange.decision()[0] in ("skipped", "excluded")
    change = exchange.system.mandating.cancel(shown, mandate_id, None, AFTER)
    assert change.in_flight is None


@pytest.mark.parametrize("why", [paid, hold, withdraw_announcement])
def test_rule_20_nor_does_one_that_comes_between_freeze_and_claim(exchange, why):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    why(exchange)
    freeze(exchange)
    assert cancel(exchange, mandate_id, AFTER).in_flight is None
    assert upcoming(exchange, AFTER) is None


def test_rule_22_the_mail_goes_to_the_address_kept_and_to_a_new_one(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    cancel(exchange, mandate_id, at(4), typed=a_contact(email="new@example.com"))
    rows = [row for row in mail_rows(exchange.store) if row["kind"] == "cancelled"]
    assert sorted(row["to"] for row in rows) == ["en000001@example.com", "new@example.com"]


def test_rule_22_the_same_address_gets_it_once(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    cancel(exchange, mandate_id, at(4), typed=a_contact(email="EN000001@Example.com"))
    assert exchange.mails("cancelled") == [ONE]


def test_rule_22_a_replacement_is_told_to_the_address_kept_with_the_old_one(exchange):
    enrollment = exchange.enroll()
    exchange.sign_up(enrollment, THURSDAY)
    row = row_of(exchange)
    old = [
        dict(each, contact={"email": "old@example.com", "phone": "1"}) for each in row["standing"]
    ]
    exchange.spoil(standing=old)
    exchange.sign_up(enrollment, at(4))
    rows = [row for row in mail_rows(exchange.store) if row["kind"] == "replaced"]
    assert sorted(row["to"] for row in rows) == ["en000001@example.com", "old@example.com"]


def test_rule_21_undo_before_the_freeze_brings_the_same_mandate_back_and_tells_it(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    exchange.tell()
    cancel(exchange, mandate_id, at(14))
    charge(exchange, ONE, 5000, at(14, 12))
    change = undo(exchange, mandate_id, at(15))
    assert (change.mandate.mandate_id, change.mandate.version) == (mandate_id, 3)
    assert states(exchange, at(15)) == [MandateState.ACTIVE]
    facts = exchange.mail("undone")
    assert (facts["cents"], facts["on"]) == (47480, "2026-12-22")
    assert exchange.announced() == 47480  # rule 25: what it shows counts as announced
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 47480, None)


def test_rule_29_undoing_the_cancel_of_a_held_mandate_promises_no_withdrawal(exchange):
    mandate = exchange.member(mandate={"held": True})
    cancel(exchange, mandate.mandate_id, at(14))
    undo(exchange, mandate.mandate_id, at(15))
    assert states(exchange, at(15)) == [MandateState.HELD]
    facts = exchange.mail("undone")
    assert (facts["cents"], facts["not_taken"], facts["owed_cents"]) == (0, "held", 42480)
    assert exchange.announced() == 0


@pytest.mark.parametrize(
    ("facts", "owed_cents", "why"),
    [({"held": True}, 42480, "held"), ({}, 2_000_001, "above_ceiling")],
)
@pytest.mark.parametrize("announced", [False, True])
def test_what_a_run_will_exclude_is_promised_by_no_page(
    exchange, facts, owed_cents, why, announced
):
    exchange.member(owed_cents=owed_cents, mandate=facts)
    if announced:
        exchange.tell()
    look = exchange.system.months.next_one(exchange.standing(ONE, at(11)), at(11))
    assert (look.cents, look.why_not, look.owed_cents) == (0, why, owed_cents)


def test_rule_21_a_late_cancel_is_undone_for_the_month_after(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    exchange.withdraw()
    cancel(exchange, mandate_id, AFTER)
    assert undo(exchange, mandate_id, at(23)).coming == JANUARY
    charge(exchange, ONE, 21240, at(1, month=JANUARY), month=JANUARY)
    exchange.tell(month=JANUARY)
    exchange.withdraw(month=JANUARY)
    assert exchange.decision(month=JANUARY) == ("claimed", 21240, None)


def test_rule_21_what_an_undo_tells_of_next_month_is_not_what_is_on_its_way(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    freeze(exchange)
    cancel(exchange, mandate_id, AFTER)
    undo(exchange, mandate_id, AFTER)
    assert exchange.mail("undone")["cents"] == 0


def test_rule_21_a_freeze_after_the_cancel_makes_it_final(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    cancel(exchange, mandate_id, at(21))
    freeze(exchange)
    with pytest.raises(CannotUndo):
        undo(exchange, mandate_id, AFTER)


def test_rule_21_undo_is_refused_for_what_was_replaced_or_has_a_successor(exchange):
    enrollment = exchange.enroll()
    first = exchange.sign_up(enrollment, THURSDAY)
    exchange.sign_up(enrollment, at(4))
    with pytest.raises(CannotUndo):
        undo(exchange, first, at(5))
    third = exchange.sign_up(enrollment, at(5))
    cancel(exchange, third, at(6))
    exchange.sign_up(enrollment, at(7))
    with pytest.raises(CannotUndo):
        undo(exchange, third, at(8))


def test_rule_23_undo_is_refused_when_coverage_has_no_22nd_left(exchange):
    enrollment = exchange.enroll()
    mandate_id = exchange.sign_up(enrollment, THURSDAY)
    cancel(exchange, mandate_id, at(4))
    known = exchange.system.records.enrollments.known(ONE)
    ends = replace(enrollment, coverage_end_on=date(2026, 12, 21))
    after = replace(known, enrollment=ends, version=known.version + 1, feed_order="later")
    exchange.store.write(*exchange.system.records.enrollments.changing(after, known))
    with pytest.raises(CannotUndo):
        undo(exchange, mandate_id, at(5))
    assert exchange.mails("undone") == []


@pytest.mark.parametrize("ends", [None, date(2026, 12, 31)])
def test_rule_23_after_the_freeze_of_its_last_month_there_is_nothing_to_cancel_or_undo(
    exchange, ends
):
    mandate_id = exchange.sign_up(exchange.enroll(coverage_end_on=ends), THURSDAY)
    freeze(exchange)
    assert states(exchange, AFTER) == [MandateState.ACTIVE]  # its last month is not decided
    with pytest.raises(NotThisMandate):
        cancel(exchange, mandate_id, AFTER)
    exchange.work()
    assert states(exchange, AFTER) == [MandateState.ENDED]
    with pytest.raises(NotThisMandate):
        cancel(exchange, mandate_id, AFTER)
    with pytest.raises(CannotUndo):
        undo(exchange, mandate_id, AFTER)
    assert exchange.mails("cancelled") == exchange.mails("undone") == []


def test_rule_23_a_cancel_is_not_undone_for_a_month_that_the_plan_year_does_not_have(exchange):
    enrollment = exchange.enroll()
    cancelled = {
        "through_month": MONTH,
        "end_reason": EndReason.CANCELLED,
        "ended_at": AFTER,
        "undo_before": JANUARY,
    }
    mandate = exchange.authorize(enrollment, **cancelled)
    freeze(exchange)
    with pytest.raises(CannotUndo):
        undo(exchange, mandate.mandate_id, AFTER)


def test_only_ones_own_live_mandate_can_be_cancelled(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    exchange.sign_up(exchange.enroll("EN000002"), THURSDAY)
    for name, wrong in ((ONE, "NOBODY"), ("EN000002", mandate_id)):
        with pytest.raises(NotThisMandate):
            cancel(exchange, wrong, at(4), name=name)
    cancel(exchange, mandate_id, at(4))
    assert exchange.mails("cancelled") == [ONE]


def test_invariant_6_the_same_cancel_again_is_answered_as_the_first_and_tells_nobody_twice(
    exchange,
):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    first = cancel(exchange, mandate_id, at(4))
    again = cancel(exchange, mandate_id, at(4, 10))
    assert again.mandate == first.mandate
    assert undo(exchange, mandate_id, at(5)).mandate == undo(exchange, mandate_id, at(6)).mandate
    assert (exchange.mails("cancelled"), exchange.mails("undone")) == ([ONE], [ONE])


@pytest.mark.parametrize("change", ["cancelled", "undone"])
def test_invariant_8_a_change_whose_reply_was_lost_is_answered_as_done(exchange, change):
    """botocore sends it again, and its own first try refuses it."""
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    if change == "undone":
        cancel(exchange, mandate_id, at(4))
    deaf = exchange.again(Deaf(exchange.store, lambda write: write.table == "mandates"))
    act = cancel if change == "cancelled" else undo
    assert act(deaf, mandate_id, at(5)).mandate.mandate_id == mandate_id
    assert exchange.mails(change) == [ONE]


def test_rule_20_a_mandate_that_was_replaced_is_not_answered_as_cancelled(exchange):
    enrollment = exchange.enroll()
    old = exchange.sign_up(enrollment, THURSDAY)
    exchange.sign_up(enrollment, at(4), number="000999999999")
    with pytest.raises(NotThisMandate):
        cancel(exchange, old, at(5))


def test_rule_20_cancelled_and_undone_as_often_as_one_likes_before_the_freeze(exchange):
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    for n in range(4):
        cancel(exchange, mandate_id, at(4) + timedelta(hours=n))
        undo(exchange, mandate_id, at(4) + timedelta(hours=n, minutes=1))
    exchange.tell()
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 42480, None)
    assert (len(exchange.mails("cancelled")), len(exchange.mails("undone"))) == (4, 4)
    audit = [row for row in exchange.store.items["audit"] if row[0] == f"mandates#{ONE}"]
    assert len(audit) == 9  # I22


# What comes next.


def test_rule_26_the_next_withdrawal_follows_owed_notice_and_decision():
    exchange = Bank()
    exchange.sign_up(exchange.enroll(plan_year=2027), THURSDAY)
    assert upcoming(exchange, at(4)) == (MONTH, "2026-12-22", 42480, False)
    charge(exchange, ONE, 5000, at(5))
    assert upcoming(exchange, at(6)) == (
        MONTH,
        "2026-12-22",
        47480,
        False,
    )  # as told
    exchange.tell()
    assert upcoming(exchange, at(11)) == (MONTH, "2026-12-22", 47480, False)
    pay(exchange, ONE, 7480, at(12))
    assert upcoming(exchange, at(13)) == (MONTH, "2026-12-22", 40000, False)
    freeze(exchange)
    assert upcoming(exchange, AFTER) == (MONTH, "2026-12-22", 40000, True)
    exchange.work()
    assert upcoming(exchange, AFTER) == (MONTH, "2026-12-22", 40000, True)
    exchange.noon(at(22, 12))
    assert upcoming(exchange, at(24)) == (MONTH, "2026-12-22", 40000, True)
    assert upcoming(exchange, at(25)) == (JANUARY, "2027-01-22", 0, False)


def came_back(exchange, when, name=ONE, month=MONTH):
    """The bank took the withdrawal back."""
    taken = exchange.system.records.books.line(name, f"withdrawal#{month}")
    back = a_return_line(-taken.amount_cents, taken.payment_id, enrollment_id=name, at=when)
    exchange.store.write(exchange.system.records.books.adding_line(back))


def test_rule_29_a_withdrawal_that_came_back_is_not_called_on_its_way(exchange):
    enrollment = exchange.enroll(plan_year=2027)
    mandate_id = exchange.sign_up(enrollment, THURSDAY)
    exchange.withdraw()
    came_back(exchange, at(24, 8))
    assert upcoming(exchange, at(24, 10)) == (JANUARY, "2027-01-22", 42480, False)
    exchange.sign_up(enrollment, at(24, 10), number="000987654321")
    facts = exchange.mail("replaced")
    assert (facts["coming"], facts["still_cents"], facts["still_on"]) == (JANUARY, None, None)
    [mandate] = [
        m for m in exchange.system.records.mandates.of(ONE).standing if m.from_month == JANUARY
    ]
    assert mandate.mandate_id != mandate_id
    change = cancel(exchange, mandate.mandate_id, at(24, 11))
    assert (change.coming, change.in_flight) == (JANUARY, None)
    assert exchange.mail("cancelled")["still_cents"] is None


def test_rule_26_without_a_mandate_there_is_no_next_withdrawal(exchange):
    exchange.enroll()
    assert upcoming(exchange, THURSDAY) is None


def test_rule_23_after_its_last_22nd_a_mandate_has_no_next_withdrawal():
    exchange = Bank()
    exchange.sign_up(exchange.enroll(), THURSDAY)
    exchange.withdraw()
    exchange.noon(at(22, 12))
    assert upcoming(exchange, at(26)) is None
    assert states(exchange, at(1, month=JANUARY)) == [MandateState.ENDED]


def test_rule_26_paying_once_leaves_the_mandate_as_it_is(exchange):
    enrollment = exchange.enroll()
    exchange.sign_up(enrollment, THURSDAY)
    exchange.sign_up(enrollment, at(15), frequency=Frequency.ONCE, cents=10000)
    assert upcoming(exchange, at(15)) == (MONTH, "2026-12-22", 32480, False)
    exchange.withdraw()
    assert exchange.decision() == ("claimed", 32480, None)


def test_the_evidence_is_kept_with_a_mandate_that_ended(exchange):
    """Regulation E, Nacha: to be produced for two years after it ends."""
    mandate_id = exchange.sign_up(exchange.enroll(), THURSDAY)
    cancel(exchange, mandate_id, at(4))
    [past] = exchange.system.records.mandates.past(ONE)
    assert past.mandate_id == mandate_id
    assert past.end_reason is EndReason.CANCELLED
    words = " ".join(past.evidence.text)
    for said in ("$424.80", "December 22", "cancel", "22nd"):
        assert said in words
    assert past.evidence.source_address
    assert past.evidence.user_agent
    assert past.account.last4 == "6789"
