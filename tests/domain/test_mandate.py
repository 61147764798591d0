"""Months decide: what a change does to a mandate, before and after the freeze (rules 18 to 23)."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.coverage import month_after, oldest_month_worked
from chalicelib.domain.mandate import (
    CannotUndo,
    EndReason,
    Mandates,
    MandateState,
)
from chalicelib.domain.timetable import NEW_YORK
from tests import builders

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = "2026-11", "2026-12", "2027-01", "2027-02"


def on(day, hour=10):
    """An hour of a day of December 2026 in New York; from 32 on it is January."""
    month, day = (12, day) if day <= 31 else (13, day - 31)
    return datetime(2026 + month // 13, (month - 1) % 12 + 1, day, hour, tzinfo=NEW_YORK)


THIRD, AFTER = on(3), on(22, 12)


def a_mandate(**changed):
    """Of a plan year that ends after all that these tests look at."""
    return builders.a_mandate(**{"plan_year": 2040, **changed})


def of(*standing, **changed):
    return Mandates(enrollment_id="EN000001", version=1, standing=standing, **changed)


def active(mandates, *months):
    """Whom the run of each month meets."""
    found = [mandates.active_in(month) for month in months]
    return [each.mandate_id if each else None for each in found]


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (DECEMBER, None, [DECEMBER, JANUARY, "2031-07"]),
        (DECEMBER, DECEMBER, [DECEMBER]),
        (DECEMBER, JANUARY, [DECEMBER, JANUARY]),
        (DECEMBER, NOVEMBER, []),
        (JANUARY, None, [JANUARY, "2031-07"]),
    ],
)
def test_a_mandate_is_active_from_its_first_month_through_its_last(first, last, months):
    mandate = a_mandate(from_month=first, through_month=last)
    asked = [NOVEMBER, DECEMBER, JANUARY, "2031-07"]
    assert [month for month in asked if mandate.is_active_in(month)] == months


STATES = [
    # from, through, held, this month, decided: state
    (DECEMBER, None, False, DECEMBER, [], MandateState.ACTIVE),
    (DECEMBER, None, False, DECEMBER, [DECEMBER], MandateState.ACTIVE),
    (JANUARY, None, False, DECEMBER, [DECEMBER], MandateState.ACTIVE),
    (DECEMBER, None, True, DECEMBER, [], MandateState.HELD),
    (NOVEMBER, DECEMBER, False, DECEMBER, [NOVEMBER], MandateState.ENDING),
    (NOVEMBER, DECEMBER, True, DECEMBER, [], MandateState.ENDING),
    (NOVEMBER, DECEMBER, False, DECEMBER, [DECEMBER], MandateState.ENDED),
    (NOVEMBER, DECEMBER, False, JANUARY, [], MandateState.ENDED),
    (NOVEMBER, FEBRUARY, False, DECEMBER, [DECEMBER], MandateState.ENDING),
    (DECEMBER, NOVEMBER, False, DECEMBER, [], MandateState.ENDED),
    (JANUARY, DECEMBER, False, DECEMBER, [], MandateState.ENDED),  # never active at all
]


@pytest.mark.parametrize(("first", "last", "held", "this", "decided", "state"), STATES)
def test_rule_19_the_state_follows_from_months_alone(first, last, held, this, decided, state):
    why = EndReason.CANCELLED if last else None
    mandate = a_mandate(from_month=first, through_month=last, held=held, end_reason=why)
    assert mandate.state(decided, this) is state


def test_rule_23_a_plan_that_ends_with_its_year_makes_a_new_mandate_no_less_active():
    mandate = a_mandate(from_month=NOVEMBER, through_month=DECEMBER)  # known when it was set up
    assert mandate.state([NOVEMBER], DECEMBER) is MandateState.ACTIVE
    assert mandate.state([DECEMBER], DECEMBER) is MandateState.ENDED
    moved = mandate.limited(DECEMBER, NOVEMBER, THIRD)  # by a later feed
    assert moved.state([NOVEMBER], DECEMBER) is MandateState.ENDING


def test_rule_19_every_state_is_reached():
    assert {case[-1] for case in STATES} == set(MandateState)


# Cancel.


def test_rule_20_a_cancel_before_the_freeze_takes_this_month_away():
    changed, past = of(a_mandate()).ended_by(EndReason.CANCELLED, DECEMBER, THIRD)
    assert active(changed, DECEMBER, JANUARY) == [None, None]
    [ended] = past
    assert ended.state([], DECEMBER) is MandateState.ENDED
    assert (ended.ended_at, ended.undo_before, ended.version) == (THIRD, DECEMBER, 2)


def test_rule_20_a_cancel_after_the_freeze_leaves_this_month_as_it_was():
    before = of(a_mandate(from_month=NOVEMBER))
    changed, past = before.ended_by(EndReason.CANCELLED, JANUARY, AFTER)
    assert past == ()
    assert active(changed, DECEMBER, JANUARY) == [a_mandate().mandate_id, None]
    [ending] = changed.standing
    assert ending.account == before.standing[0].account
    assert ending.state([], DECEMBER) is MandateState.ENDING
    assert ending.state([DECEMBER], DECEMBER) is MandateState.ENDED


def test_a_mandate_that_begins_next_month_and_is_cancelled_was_never_active():
    changed, past = of(a_mandate(from_month=JANUARY)).ended_by(EndReason.CANCELLED, JANUARY, AFTER)
    assert changed.standing == ()
    assert not any(past[0].is_active_in(month) for month in (DECEMBER, JANUARY, FEBRUARY))


def test_only_a_cancel_can_be_undone():
    for reason in EndReason:
        [ended] = of(a_mandate()).ended_by(reason, DECEMBER, THIRD)[1]
        assert (ended.undo_before is None) == (reason is not EndReason.CANCELLED)


# Replace.


def a_second(**changed):
    account = replace(a_mandate().account, last4="4321")
    return a_mandate(mandate_id="SECOND", account=account, **changed)


def test_rule_19_a_replacement_before_the_freeze_takes_over_this_month():
    changed, past = of(a_mandate()).with_new(a_second(), THIRD)
    assert active(changed, DECEMBER, JANUARY) == ["SECOND", "SECOND"]
    assert [each.end_reason for each in past] == [EndReason.REPLACED]


def test_rule_20_a_replacement_after_the_freeze_begins_next_month():
    first = a_mandate(from_month=NOVEMBER)
    changed, past = of(first).with_new(a_second(from_month=JANUARY), AFTER)
    assert past == ()
    assert active(changed, DECEMBER, JANUARY) == [first.mandate_id, "SECOND"]
    assert changed.active_in(DECEMBER).account == first.account


def test_a_replacement_of_a_replacement_in_one_frozen_month_leaves_two_standing():
    first = a_mandate(from_month=NOVEMBER)
    once, _ = of(first).with_new(a_second(from_month=JANUARY), AFTER)
    third = a_mandate(mandate_id="THIRD", from_month=JANUARY)
    twice, past = once.with_new(third, on(23))
    assert active(twice, DECEMBER, JANUARY) == [first.mandate_id, "THIRD"]
    assert [each.mandate_id for each in past] == ["SECOND"]
    assert len(twice.standing) == 2


def test_next_month_what_ended_leaves():
    first = a_mandate(from_month=NOVEMBER)
    frozen, _ = of(first).with_new(a_second(from_month=JANUARY), AFTER)
    third = a_mandate(mandate_id="THIRD", from_month=JANUARY)
    changed, past = frozen.with_new(third, on(35))
    assert [each.mandate_id for each in past] == [first.mandate_id, "SECOND"]
    assert active(changed, JANUARY) == ["THIRD"]


@pytest.mark.parametrize(
    ("day", "oldest"),
    [
        ("2027-01-01", DECEMBER),
        ("2027-01-02", JANUARY),
        ("2027-03-04", FEBRUARY),
        ("2027-03-05", "2027-03"),
        ("2026-12-02", NOVEMBER),
        ("2026-12-03", DECEMBER),
    ],
)
def test_invariant_14_a_mandate_stays_while_a_message_of_the_28th_may_still_be_worked(day, oldest):
    assert oldest_month_worked(date.fromisoformat(day)) == oldest


def test_on_new_year_s_day_what_december_s_run_may_still_meet_stays():
    first = a_mandate(from_month=NOVEMBER)
    frozen, _ = of(first).with_new(a_second(from_month=JANUARY), AFTER)
    changed, past = frozen.with_new(a_mandate(mandate_id="THIRD", from_month=JANUARY), on(32))
    assert [each.mandate_id for each in past] == ["SECOND"]
    assert active(changed, DECEMBER) == [first.mandate_id]


# Undo.


def cancelled(coming=DECEMBER, at=THIRD, **facts):
    return of(a_mandate(from_month=NOVEMBER, **facts)).ended_by(EndReason.CANCELLED, coming, at)


def test_rule_21_undo_brings_back_the_same_mandate_in_its_next_version():
    changed, past = cancelled()
    again, mandate = changed.with_undone(past, a_mandate().mandate_id, DECEMBER, None)
    before = a_mandate(from_month=NOVEMBER)
    assert mandate == replace(before, version=3)
    assert active(again, DECEMBER, FEBRUARY) == [before.mandate_id] * 2


def test_rule_21_a_cancel_after_the_freeze_is_undone_until_the_next_one():
    changed, past = cancelled(JANUARY, AFTER)
    again, _ = changed.with_undone(past, a_mandate().mandate_id, JANUARY, None)
    assert active(again, DECEMBER, JANUARY) == [a_mandate().mandate_id] * 2
    with pytest.raises(CannotUndo):
        changed.with_undone(past, a_mandate().mandate_id, FEBRUARY, None)


def test_rule_21_a_freeze_makes_a_cancel_final():
    changed, past = cancelled(DECEMBER)
    with pytest.raises(CannotUndo):
        changed.with_undone(past, a_mandate().mandate_id, JANUARY, None)


@pytest.mark.parametrize("reason", sorted(set(EndReason) - {EndReason.CANCELLED}))
def test_rule_21_what_ended_otherwise_is_not_undone(reason):
    changed, past = of(a_mandate()).ended_by(reason, DECEMBER, THIRD)
    with pytest.raises(CannotUndo):
        changed.with_undone(past, a_mandate().mandate_id, DECEMBER, None)


def test_rule_21_undo_is_refused_when_there_is_another_live_mandate():
    changed, past = cancelled()
    other, _ = changed.with_new(a_second(), THIRD)
    with pytest.raises(CannotUndo):
        other.with_undone(past, a_mandate().mandate_id, DECEMBER, None)


def test_undo_of_a_mandate_that_is_not_cancelled_or_not_there_is_refused():
    standing = of(a_mandate())
    for mandate_id in (a_mandate().mandate_id, "NOBODY"):
        with pytest.raises(CannotUndo):
            standing.with_undone((), mandate_id, DECEMBER, None)


def test_rule_23_undo_does_not_outlive_coverage():
    changed, past = cancelled()
    _, mandate = changed.with_undone(past, a_mandate().mandate_id, DECEMBER, DECEMBER)
    assert mandate.through_month == DECEMBER
    assert mandate.state([], DECEMBER) is MandateState.ACTIVE


def test_rule_23_undo_is_refused_when_no_22nd_of_coverage_is_left():
    changed, past = cancelled()
    with pytest.raises(CannotUndo):
        changed.with_undone(past, a_mandate().mandate_id, DECEMBER, NOVEMBER)


# Coverage.


@pytest.mark.parametrize(
    ("limit", "coming", "through"),
    [
        (JANUARY, DECEMBER, JANUARY),
        (DECEMBER, DECEMBER, DECEMBER),
        (NOVEMBER, DECEMBER, NOVEMBER),
        ("2026-06", DECEMBER, NOVEMBER),  # the past stays as it was
        (NOVEMBER, JANUARY, DECEMBER),  # and so does what is frozen
        (None, DECEMBER, None),
    ],
)
def test_rule_23_a_mandate_is_limited_but_never_in_a_frozen_month(limit, coming, through):
    mandate = a_mandate(from_month="2026-06").limited(limit, coming, THIRD)
    assert mandate.through_month == through
    ended = (EndReason.COVERAGE_END, THIRD) if limit else (None, None)
    assert (mandate.end_reason, mandate.ended_at) == ended


def test_rule_23_an_end_that_moves_moves_the_mandates_end():
    mandates = of(a_mandate(from_month="2026-06"))
    shorter, _ = mandates.with_coverage(DECEMBER, DECEMBER, THIRD)
    assert active(shorter, DECEMBER, JANUARY) == [a_mandate().mandate_id, None]
    longer, _ = shorter.with_coverage(JANUARY, DECEMBER, THIRD)
    assert active(longer, JANUARY, FEBRUARY) == [a_mandate().mandate_id, None]
    endless, _ = longer.with_coverage(None, DECEMBER, THIRD)
    assert active(endless, FEBRUARY) == [a_mandate().mandate_id]
    assert endless.standing[0].end_reason is endless.standing[0].ended_at is None


def test_rule_23_coverage_does_not_bring_back_what_was_cancelled():
    changed, _ = cancelled(JANUARY, AFTER)
    after, _ = changed.with_coverage(None, JANUARY, AFTER)
    assert active(after, JANUARY) == [None]


def test_rule_20_coverage_that_goes_on_does_not_bring_back_a_mandate_that_has_ended():
    """Its last month is past, or was decided: a month after it is never debited (rule 23)."""
    ended = a_mandate(
        from_month="2026-03", through_month="2026-06", end_reason=EndReason.COVERAGE_END
    )
    after, _ = of(ended).with_coverage(None, DECEMBER, THIRD)
    assert active(after, "2026-07", DECEMBER) == [None, None]
    frozen = replace(ended, through_month=DECEMBER)
    after, _ = of(frozen).with_coverage(None, JANUARY, AFTER)
    assert active(after, DECEMBER, JANUARY) == [a_mandate().mandate_id, None]


# A walk: any member, any feed, any freeze; held against a calendar kept by hand.

STEPS = ("create", "cancel", "undo", "freeze", "next month", "coverage", "no coverage end")


class Walk:
    """The mandates of one enrollment, and beside them what each month's run was shown."""

    def __init__(self):
        self.mandates, self.past = of(), {}
        self.month, self.frozen, self.limit, self.made = NOVEMBER, False, None, 0
        self.met = {}  # month -> whom its run meets, from its freeze on
        self.gone = {}  # mandate id -> the first month that an uncancelled end took away

    @property
    def at(self):
        day = 23 if self.frozen else 5
        return datetime.fromisoformat(f"{self.month}-{day:02}T15:00:00+00:00")

    @property
    def coming(self):
        return month_after(self.month) if self.frozen else self.month

    def step(self, what):
        getattr(self, what.replace(" ", "_"))()

    def _settle(self, changed, past):
        self.mandates = changed
        self.past.update({each.mandate_id: each for each in past})

    def create(self):
        self.made += 1
        new = a_mandate(mandate_id=f"M{self.made}", from_month=self.coming, created_at=self.at)
        old = self.mandates.lasting(self.coming)
        if old:
            self.gone[old.mandate_id] = self.coming
        self._settle(*self.mandates.with_new(new, self.at))

    def cancel(self):
        old = self.mandates.lasting(self.coming)
        self._settle(*self.mandates.ended_by(EndReason.CANCELLED, self.coming, self.at))
        assert self.mandates.lasting(self.coming) is None
        if old:
            self.gone[old.mandate_id] = self.coming

    def undo(self):
        for mandate_id in [f"M{n}" for n in range(1, self.made + 1)]:
            try:
                again = self.mandates.with_undone(
                    self.past.values(), mandate_id, self.coming, self.limit
                )
            except CannotUndo:
                continue
            self.mandates = again[0]
            self.past.pop(mandate_id, None)
            assert self.gone.pop(mandate_id) == self.coming

    def freeze(self):
        if not self.frozen:
            self.met[self.month] = self.mandates.active_in(self.month)
        self.frozen = True

    def next_month(self):
        self.month, self.frozen = month_after(self.month), False

    def coverage(self):
        self.limit = self.coming
        self._settle(*self.mandates.with_coverage(self.limit, self.coming, self.at))

    def no_coverage_end(self):
        self.limit = None
        self._settle(*self.mandates.with_coverage(None, self.coming, self.at))

    def check(self):
        later = [self.coming, JANUARY, FEBRUARY, "2027-06"]
        for month in {self.month, *later}:
            asked = [each for each in self.mandates.standing if each.is_active_in(month)]
            assert len(asked) <= 1, "a run meets one mandate of an enrollment at most"
        if self.frozen:
            now, then = self.mandates.active_in(self.month), self.met[self.month]
            assert (now and now.mandate_id) == (then and then.mandate_id)
            assert (now and now.account) == (then and then.account)
        for mandate_id, first in self.gone.items():
            for each in [*self.mandates.standing, *self.past.values()]:
                if each.mandate_id == mandate_id:
                    assert not any(each.is_active_in(m) for m in later if m >= first)
        for each in self.past.values():
            assert each.state([], self.month) is MandateState.ENDED
        assert not {each.mandate_id for each in self.mandates.standing} & self.past.keys()


@given(st.lists(st.sampled_from(STEPS), max_size=14))
@settings(max_examples=300, deadline=None)
def test_rule_20_whatever_happens_after_the_freeze_its_run_meets_the_same_mandate(steps):
    walk = Walk()
    for step in steps:
        walk.step(step)
        walk.check()


@pytest.mark.parametrize(
    ("month", "active"), [(NOVEMBER, False), (DECEMBER, True), (JANUARY, False)]
)
def test_rule_23_no_mandate_reaches_beyond_its_plan_year(month, active):
    assert a_mandate(plan_year=2026, from_month=DECEMBER).is_active_in(month) is active
