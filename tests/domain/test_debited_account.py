"""What a return does to the mandates of an enrollment (rules 21, 29)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.debited_account import DebitedAccount, after_correction, after_return
from chalicelib.domain.mandate import CannotUndo, Debited, EndReason, MandateState
from chalicelib.domain.payment import AccountType
from tests.builders import a_mandate
from tests.domain.test_mandate import AFTER, DECEMBER, FEBRUARY, JANUARY, NOVEMBER, THIRD, of, on

FIRST = a_mandate(from_month=NOVEMBER, plan_year=2040)
OTHER = a_mandate(
    mandate_id="OTHER",
    from_month=NOVEMBER,
    plan_year=2040,
    account=replace(FIRST.account, fingerprint="other"),
)
ENTRY = Debited(payment_id="ENTRY", settles_on=date(2026, 12, 4))
ITS = DebitedAccount(account=FIRST.account, mandate_id=FIRST.mandate_id, entry=ENTRY)
ITS_ACCOUNT = DebitedAccount(account=FIRST.account, mandate_id=None, entry=ENTRY)
ELSEWHERE = DebitedAccount(account=OTHER.account, mandate_id=None, entry=ENTRY)
END, HOLD, KEEP = OnMandate.END, OnMandate.HOLD, OnMandate.KEEP


def returned(mandates, effect, past=(), *, debited=ITS, coming=DECEMBER, when=THIRD):
    return after_return(mandates, past, debited, effect, coming, when)


def test_rule_29_what_goes_on_is_ended():
    changed, past = returned(of(FIRST), END)
    assert changed.standing == ()
    [ended] = past
    assert (ended.end_reason, ended.ended_at, ended.version) == (EndReason.RETURNED, THIRD, 2)


def test_rule_29_what_goes_on_is_held():
    changed, past = returned(of(FIRST), HOLD)
    assert changed.standing == (replace(FIRST, held=True, version=2),)
    assert past == ()


@pytest.mark.parametrize("effect", [END, HOLD])
def test_rule_21_a_cancel_before_the_freeze_is_marked_where_it_lies(effect):
    changed, past = of(FIRST).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    after, marked = returned(changed, effect, past, when=on(5))
    assert after == changed
    [mandate] = marked
    ended = (mandate.end_reason, mandate.ended_at)
    assert ended == (EndReason.CANCELLED, THIRD), "by its member, on that day"
    assert mandate.state([], DECEMBER) is MandateState.ENDED
    if effect is END:
        with pytest.raises(CannotUndo):
            after.with_undone(marked, FIRST.mandate_id, DECEMBER, None)
    else:
        _, undone = after.with_undone(marked, FIRST.mandate_id, DECEMBER, None)
        assert undone.state([], DECEMBER) is MandateState.HELD


@pytest.mark.parametrize("effect", [END, HOLD])
def test_rule_20_a_cancel_after_the_freeze_is_marked_and_stays_in_this_month_s_run(effect):
    changed, _ = of(FIRST).ended_by(EndReason.CANCELLED, JANUARY, AFTER)
    after, past = returned(changed, effect, coming=JANUARY, when=on(23))
    assert past == ()
    [ending] = after.standing
    assert [ending.is_active_in(month) for month in (DECEMBER, JANUARY)] == [True, False]
    assert ending.state([], DECEMBER) is MandateState.ENDING
    assert ending.can_be_undone(JANUARY) is (effect is HOLD)
    assert ending.held is (effect is HOLD)


@pytest.mark.parametrize("effect", [END, HOLD])
def test_rule_21_a_cancel_that_is_final_is_left_alone(effect):
    changed, past = of(FIRST).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    assert returned(changed, effect, past, coming=JANUARY, when=on(23)) is None


def test_rule_21_both_of_two_cancels_of_one_month_are_marked():
    """Either could still be undone."""
    once, first = of(FIRST).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    second, _ = once.with_new(OTHER, THIRD)
    twice, other = second.ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    _, marked = returned(twice, END, (*first, *other))
    assert [each.mandate_id for each in marked] == [FIRST.mandate_id]


@pytest.mark.parametrize("effect", [END, HOLD])
@pytest.mark.parametrize("reason", sorted(set(EndReason) - {EndReason.CANCELLED}))
def test_what_ended_otherwise_is_left_alone(effect, reason):
    changed, past = of(FIRST).ended_by(reason, DECEMBER, THIRD)
    assert returned(changed, effect, past) is None


@pytest.mark.parametrize("debited", [ITS, ITS_ACCOUNT])
@pytest.mark.parametrize("effect", [END, HOLD])
def test_rule_29_whoever_asked_for_an_entry_its_account_decides(effect, debited):
    assert returned(of(FIRST), effect, debited=debited) is not None


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ({"routing": "121042882"}, False),
        ({"fingerprint": "another"}, False),
        ({"account_type": AccountType.SAVINGS}, True),
        ({"holder_name": "Somebody Else"}, True),
        ({"sealed_number": "sealed again", "last4": "6789"}, True),
    ],
)
def test_an_account_is_its_number_at_its_bank(changed, is_same):
    debited = DebitedAccount(
        account=replace(FIRST.account, **changed), mandate_id=None, entry=ENTRY
    )
    assert debited.concerns(FIRST) is is_same


def test_a_mandate_whose_account_was_corrected_since_is_still_the_one_it_was_made_under():
    corrected = replace(FIRST, account=OTHER.account)
    assert ITS.concerns(corrected)
    assert not ITS_ACCOUNT.concerns(corrected)


@pytest.mark.parametrize("effect", [END, HOLD])
def test_a_payment_from_elsewhere_touches_no_mandate(effect):
    assert returned(of(FIRST), effect, debited=ELSEWHERE) is None


@pytest.mark.parametrize("effect", [END, HOLD])
def test_a_mandate_that_it_does_not_concern_is_left_alone(effect):
    assert returned(of(OTHER), effect) is None


def test_want_of_funds_changes_nothing():
    assert returned(of(FIRST), KEEP) is None


@pytest.mark.parametrize("effect", [END, HOLD])
def test_twice_is_once(effect):
    changed, past = returned(of(FIRST), effect)
    assert returned(changed, effect, past) is None


def test_a_held_mandate_can_still_be_ended():
    changed, _ = returned(of(FIRST), HOLD)
    _, [ended] = returned(changed, END)
    assert ended.end_reason is EndReason.RETURNED


def test_rule_20_what_is_replaced_after_the_freeze_stays_in_this_month_s_run():
    new = replace(OTHER, from_month=JANUARY)
    changed, _ = of(FIRST).with_new(new, AFTER)
    assert returned(changed, END, coming=JANUARY, when=AFTER) is None
    assert changed.active_in(FEBRUARY) == new


# Corrections.

RIGHT = replace(FIRST.account, fingerprint="right", routing="121042882")


def corrected(mandates, past=(), *, debited=ITS, coming=DECEMBER):
    return after_correction(mandates, past, debited, lambda _: RIGHT, coming)


@pytest.mark.parametrize("debited", [ITS, ITS_ACCOUNT])
def test_what_goes_on_is_corrected_in_its_next_version(debited):
    changed, past = corrected(of(FIRST), debited=debited)
    after = replace(FIRST, account=RIGHT, version=2, corrected_for=ENTRY)
    assert changed.standing == (after,)
    assert past == ()


@pytest.mark.parametrize("debited", [ITS, ITS_ACCOUNT])
def test_the_same_entry_still_speaks_of_what_was_corrected_for_it(debited):
    [after] = corrected(of(FIRST), debited=debited)[0].standing
    assert debited.concerns(after)
    assert not debited.is_outdated_by(after)


@pytest.mark.parametrize(("day", "is_outdated"), [(3, False), (4, False), (5, True)])
def test_a_correction_for_an_entry_that_settles_later_outdates_one(day, is_outdated):
    other = Debited(payment_id="OTHER", settles_on=date(2026, 12, day))
    assert ITS.is_outdated_by(replace(FIRST, corrected_for=other)) is is_outdated


def test_rule_21_what_an_undo_could_bring_back_is_corrected():
    changed, past = of(FIRST).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    after, marked = corrected(changed, past)
    again, _ = after.with_undone(marked, FIRST.mandate_id, DECEMBER, None)
    assert again.active_in(DECEMBER).account == RIGHT


def test_what_is_over_for_good_is_not_corrected():
    changed, past = of(FIRST).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    assert corrected(changed, past, coming=JANUARY) is None
    changed, past = of(FIRST).ended_by(EndReason.REPLACED, DECEMBER, THIRD)
    assert corrected(changed, past) is None


def test_what_another_account_pays_is_not_corrected():
    assert corrected(of(OTHER)) is None


def test_what_was_corrected_before_stays():
    changed, past = corrected(of(FIRST))
    assert corrected(changed, past) is None
