"""A withdrawal is called on its way, with its date, for as long as it may be taken (20, 26, 27)."""

import pytest

from tests.bank import THURSDAY, Bank
from tests.monthly import MONTH, WITHDRAWAL, at, charge, pay

ONE = "EN000001"
JANUARY, FEBRUARY = "2027-01", "2027-02"


@pytest.fixture
def bank():
    """Somebody with monthly payments, who was told what is taken."""
    bank = Bank()
    bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    bank.tell()
    return bank


def mandate_id(bank):
    return bank.system.records.mandates.of(ONE).standing[0].mandate_id


def upcoming(bank, when):
    look = bank.system.months.next_one(bank.standing(ONE, when), when)
    return look and (look.month, str(look.on), look.cents, look.is_on_its_way, look.is_late)


def cancel(bank, when):
    """What the cancel said that is taken all the same: cents, date, and whether it is late."""
    bank.system.mandating.cancel(bank.standing(ONE, when), mandate_id(bank), None, when)
    facts = bank.mail("cancelled")
    return facts["still_cents"], facts["still_on"], facts["still_late"]


def stalled(bank):
    """The month is frozen on the 22nd, and nobody works."""
    bank.start(WITHDRAWAL, at(22))
    bank.queue.messages.clear()


@pytest.mark.parametrize(
    ("when", "on", "late"),
    [
        (at(22, 9, 5), "2026-12-22", False),
        (at(22, 13), "2026-12-23", True),  # the same-day files have gone
        (at(23, 10), "2026-12-24", True),
        (at(26, 10), "2026-12-29", True),
        (at(28, 10), "2026-12-29", True),
    ],
)
def test_rule_20_as_long_as_the_run_may_catch_up_a_cancel_says_that_it_is_in_flight(
    bank, when, on, late
):
    stalled(bank)
    assert upcoming(bank, when) == (MONTH, on, 42480, True, late)
    assert cancel(bank, when) == (42480, on, late)
    bank.withdraw(28)
    assert bank.decision() == ("claimed", 42480, None)


def test_rule_27_after_the_28th_nothing_of_that_month_is_on_its_way(bank):
    stalled(bank)
    assert upcoming(bank, at(29)) == (JANUARY, "2027-01-22", 42480, False, False)
    assert cancel(bank, at(29)) == (None, None, False)
    bank.withdraw(29)
    assert bank.decision() == ("excluded", 0, "too_late")


@pytest.mark.parametrize(("day", "on"), [(23, "2026-12-24"), (28, "2026-12-29")])
def test_rule_27_a_late_claim_has_the_date_of_its_entry(bank, day, on):
    bank.withdraw(day)
    assert bank.mail("withdrawal")["on"] == on
    assert upcoming(bank, at(day, 10)) == (MONTH, on, 42480, True, False)
    assert cancel(bank, at(day, 11)) == (42480, on, False)


def test_rule_17_a_claim_is_on_its_way_until_it_is_paid(bank):
    bank.withdraw(28)
    bank.collect(at(28, 18))
    assert upcoming(bank, at(31, 10)) == (MONTH, "2026-12-29", 42480, True, False)
    bank.evening(at(31, 20))
    assert bank.mails("paid") == [ONE]
    assert upcoming(bank, at(1, month=JANUARY))[:2] == (JANUARY, "2027-01-22")


def test_rule_50_a_claim_is_on_its_way_while_its_return_may_still_travel():
    bank = Bank(bank_return_days=1)
    bank.member()
    bank.tell()
    bank.withdraw(28)
    bank.collect(at(28, 18))
    january = at(4, 10, month=JANUARY)  # the last day on which it can come back
    assert upcoming(bank, january) == (MONTH, "2026-12-29", 42480, True, False)


def test_rule_27_a_claim_of_last_month_is_on_its_way_when_its_date_is_in_this_one(bank):
    """The last catch-up of a February is a Sunday: its debits are of March 2."""
    bank.tell(month=FEBRUARY)
    bank.withdraw(28, month=FEBRUARY)
    march = at(1, 10, month="2027-03")
    assert upcoming(bank, march) == (FEBRUARY, "2027-03-02", 42480, True, False)
    assert cancel(bank, march) == (42480, "2027-03-02", False)
    assert upcoming(bank, march) == (FEBRUARY, "2027-03-02", 42480, True, False)


def test_rule_27_a_claim_that_no_file_has_by_its_date_is_late_and_not_forgotten():
    bank = Bank(bank_daily_limit_cents=42479)
    bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    assert upcoming(bank, at(28)) == (MONTH, "2026-12-29", 42480, True, True)
    assert cancel(bank, at(28)) == (42480, "2026-12-29", True)


def test_rule_27_the_date_is_that_of_the_file_where_it_goes_later_than_its_entry_says(bank):
    bank.withdraw()
    bank.collect(at(22, 18))  # the noon files were missed
    assert bank.mail("later")["now_on"] == "2026-12-23"
    assert upcoming(bank, at(22, 19)) == (MONTH, "2026-12-23", 42480, True, False)


# Before the notice and after it: what is promised is what the run takes (rules 24, 25).


def owes_more(bank, when):
    charge(bank, ONE, 5000, when)


def pays(bank, when):
    pay(bank, ONE, 10000, when)


def pays_all(bank, when):
    pay(bank, ONE, bank.standing(ONE, when).owed_cents, when)


def cancels_and_undoes(bank, when):
    cancel(bank, when)
    mandate = mandates(bank)[-1].mandate_id
    bank.system.mandating.undo(bank.standing(ONE, when), mandate, when)


def replaces(bank, when):
    enrollment = bank.system.records.enrollments.get(ONE)
    bank.sign_up(enrollment, when, number="000987654321")


def mandates(bank):
    found = [
        *bank.system.records.mandates.past(ONE),
        *bank.system.records.mandates.of(ONE).standing,
    ]
    return sorted(found, key=lambda each: each.created_at)


STORIES = [
    [],
    [(4, owes_more)],
    [(8, owes_more)],
    [(9, pays), (9, owes_more)],
    [(5, pays_all), (8, owes_more)],
    [(5, cancels_and_undoes), (8, owes_more)],
    [(5, pays_all), (6, cancels_and_undoes), (8, owes_more)],
    [(5, replaces), (8, owes_more)],
    [(11, owes_more)],
    [(11, pays), (14, owes_more)],
    [(11, pays_all), (14, owes_more)],
    [(11, owes_more), (14, cancels_and_undoes)],
    [(11, owes_more), (14, cancels_and_undoes), (15, pays)],
    [(11, owes_more), (14, replaces)],
]
LOOKS = [at(4, 12), at(9, 12), at(10, 8), at(10, 10), at(12, 12), at(13), at(21, 23)]


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("story", STORIES)
def test_rule_25_whenever_one_looks_the_page_promises_what_the_run_then_takes(story, announced):
    bank, seen = Bank(), []
    bank.sign_up(bank.enroll(plan_year=2027), THURSDAY)
    moments = [(at(day, 11), act) for day, act in story] + [(when, None) for when in LOOKS]
    moments += [(at(10), lambda bank, _: bank.tell())] if announced else []
    for when, act in sorted(moments, key=lambda each: each[0]):
        if act:
            act(bank, when)
        else:
            seen.append((when, upcoming(bank, when)))
    bank.withdraw()
    verdict, cents, _ = bank.decision()
    assert verdict in ("claimed", "skipped")
    last = max([at(day, 11) for day, _ in story], default=at(1))
    sure = [look for when, look in seen if when > last and (announced or when > at(13))]
    assert sure
    assert {look[2] for look in sure} == {cents}


def test_rule_25_what_an_undo_in_december_told_of_january_waits_for_january_s_notice(bank):
    bank.withdraw()
    bank.noon(at(22, 12))
    cancels_and_undoes(bank, at(23))
    assert bank.announced(month=JANUARY) == 0
    charge(bank, ONE, 21240, at(1, month=JANUARY), month=JANUARY)
    for when in (at(4, month=JANUARY), at(9, 23, month=JANUARY)):
        assert upcoming(bank, when) == (JANUARY, "2027-01-22", 21240, False, False)
    bank.tell(month=JANUARY)
    bank.withdraw(month=JANUARY)
    assert bank.decision(month=JANUARY) == ("claimed", 21240, None)


def test_rule_24_who_was_told_nothing_by_the_12th_is_promised_nothing(bank):
    keys = bank.store.items["mandates"]
    announced = next(key for key in keys if str(key[1]).startswith("announced#"))
    bank.forget("mandates", *announced)
    assert upcoming(bank, at(12, 20)) == (MONTH, "2026-12-22", 42480, False, False)
    assert upcoming(bank, at(13)) == (MONTH, "2026-12-22", 0, False, False)
    bank.withdraw()
    assert bank.decision() == ("excluded", 0, "no_notice")


def test_rule_20_what_is_in_flight_comes_from_the_account_that_was_claimed(bank):
    """The bank corrects the number after the claim; the entry has gone out with the old one."""
    bank.withdraw()
    bank.noon(at(22, 12))
    [withdrawal] = bank.payment_ids()
    body = bank.answer((withdrawal, "C01"), when=at(22, 14), data="77001234")
    bank.receive(body, at(22, 14))
    cancel(bank, at(22, 15))
    facts = bank.mail("cancelled")
    assert facts["still_account"]["last4"] == "6789"
    assert facts["account"]["last4"] == "1234"


@pytest.mark.parametrize(
    ("day", "on"), [(23, "2026-12-24"), (26, "2026-12-29"), (28, "2026-12-29")]
)
def test_rule_27_where_no_run_came_on_the_22nd_no_date_that_is_past_is_promised(day, on):
    """Nothing is frozen: what is set up now counts from this month, and a run may catch up."""
    bank = Bank()
    bank.sign_up(bank.enroll(plan_year=2027), at(day, 8), cents=0)
    assert upcoming(bank, at(day, 8)) == (MONTH, on, 42480, False, True)
    announced = bank.system.records.mandates.announced(ONE, MONTH)
    assert (announced.cents, str(announced.on)) == (42480, on)
    said = " ".join(bank.mail("confirmation")["monthly"])
    assert "December 22" not in said
    bank.withdraw(day)
    assert bank.mail("withdrawal")["on"] == on


# New monthly payments that come after the freeze.


def confirmed(bank):
    """What the confirmation says of monthly payments."""
    return " ".join(bank.mail("confirmation")["monthly"])


STILL = (
    "This month's payment of $424.80 still comes from the account ending 6789, on Tuesday, "
    "December 22, 2026. The first one from this account is on Friday, January 22, 2027"
)
PAY_NOW = "To pay on time for this month, pay what you owe now."


@pytest.mark.parametrize("worked", [False, True])
def test_rule_20_the_confirmation_of_new_ones_says_what_the_old_account_still_pays(bank, worked):
    bank.start(WITHDRAWAL, at(22))
    if worked:
        bank.work()
    replaces(bank, at(22, 10))
    assert STILL in confirmed(bank)
    for wrong in (PAY_NOW, "without this account"):
        assert wrong not in confirmed(bank)
    facts = bank.mail("replaced")
    assert (facts["still_cents"], facts["still_on"]) == (42480, "2026-12-22")
    bank.work()
    assert bank.decision() == ("claimed", 42480, None)


def test_rule_20_also_where_the_old_ones_were_cancelled_meanwhile(bank):
    bank.withdraw()
    cancel(bank, at(22, 10))
    replaces(bank, at(22, 11))
    assert STILL in confirmed(bank)
    assert bank.mails("replaced") == []


def test_rule_26_what_is_paid_in_the_same_submit_makes_it_smaller(bank):
    stalled(bank)
    bank.sign_up(
        bank.system.records.enrollments.get(ONE), at(23, 10), cents=10000, number="000987654321"
    )
    assert "payment of $324.80 still comes from the account ending 6789, on or after" in (
        confirmed(bank)
    )
    assert bank.mail("replaced")["still_cents"] == 32480
    bank.withdraw(24)
    assert bank.decision() == ("claimed", 32480, None)


def test_rule_26_what_pays_all_leaves_nothing_to_still_take(bank):
    stalled(bank)
    bank.sign_up(
        bank.system.records.enrollments.get(ONE), at(23, 10), cents=42480, number="000987654321"
    )
    for wrong in (PAY_NOW, "still comes"):
        assert wrong not in confirmed(bank)
    assert bank.mail("replaced")["still_cents"] is None
    bank.withdraw(24)
    assert bank.decision() == ("skipped", 0, None)


@pytest.mark.parametrize(("owed_cents", "asked"), [(42480, True), (0, False)])
def test_rule_24_without_old_ones_who_owes_is_asked_to_pay_this_month(owed_cents, asked):
    bank = Bank()
    enrollment = bank.enroll(plan_year=2027, owed_cents=owed_cents)
    bank.start(WITHDRAWAL, at(22))
    bank.sign_up(enrollment, at(22, 10))
    assert "has already started without this account. The first one is on" in confirmed(bank)
    assert (PAY_NOW in confirmed(bank)) is asked
