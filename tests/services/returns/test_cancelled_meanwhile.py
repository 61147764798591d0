"""A debit comes back while the member cancels and undoes: undo never brings back what it must not.

(Rules 21, 29; decision 0018.)
"""

import itertools
from contextlib import suppress

import pytest

from chalicelib.domain.mandate import CannotUndo, NotThisMandate
from tests.bank import Bank
from tests.builders import a_charge
from tests.monthly import MONTH, WITHDRAWAL, at, charge
from tests.stores import Interrupted

ONE = "EN000001"
JANUARY = "2027-01"
RUN = f"withdrawal#{MONTH}"
ENDS, HOLDS = ["R02", "R07", "R10", "R14"], ["R08", "R12", "R13", "R29"]


@pytest.fixture
def bank():
    return Bank()


def begun(bank):
    """A first payment and a mandate, in the bank's hands; $212.40 more are owed and announced."""
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    charge(bank, ONE, 21240, at(5))
    bank.tell()
    return payment_id


def mandate_id(bank):
    [found] = [
        *bank.system.records.mandates.past(ONE),
        *bank.system.records.mandates.of(ONE).standing,
    ]
    return found.mandate_id


def cancel(bank, when):
    bank.system.mandating.cancel(bank.standing(ONE, when), mandate_id(bank), None, when)


def undo(bank, when):
    bank.system.mandating.undo(bank.standing(ONE, when), mandate_id(bank), when)


def state(bank, when):
    [(_, found)] = bank.system.mandating.history(bank.standing(ONE, when), when)
    return str(found)


def returned(bank, payment_id, code, when):
    bank.receive(bank.answer((payment_id, code), when=when), when)


@pytest.mark.parametrize("code", ENDS)
def test_rule_21_what_a_return_ended_after_the_cancel_is_not_undone(bank, code):
    payment_id = begun(bank)
    cancel(bank, at(11))
    returned(bank, payment_id, code, at(14))
    with pytest.raises(CannotUndo):
        undo(bank, at(15))
    bank.withdraw()
    assert bank.decision() is None


@pytest.mark.parametrize("code", HOLDS)
def test_rule_29_what_a_return_held_after_the_cancel_comes_back_held(bank, code):
    payment_id = begun(bank)
    cancel(bank, at(11))
    returned(bank, payment_id, code, at(14))
    assert state(bank, at(14)) == "ended"
    undo(bank, at(15))
    assert state(bank, at(15)) == "held"
    bank.withdraw()
    assert bank.decision() == ("excluded", 0, "held")


@pytest.mark.parametrize("code", ["R01", "R09", "R18"])
def test_rule_29_a_return_that_touches_no_mandate_leaves_the_undo(bank, code):
    payment_id = begun(bank)
    cancel(bank, at(11))
    returned(bank, payment_id, code, at(14))
    undo(bank, at(15))
    assert state(bank, at(15)) == "active"


def test_a_cancel_that_no_undo_takes_back_any_more_stays_the_member_s_own(bank):
    payment_id = begun(bank)
    cancel(bank, at(11))
    bank.withdraw()
    before = bank.system.records.mandates.past(ONE), bank.system.records.mandates.of(ONE)
    returned(bank, payment_id, "R10", at(28))
    assert (bank.system.records.mandates.past(ONE), bank.system.records.mandates.of(ONE)) == before


@pytest.mark.parametrize("code", [*ENDS, *HOLDS])
def test_the_mail_does_not_say_that_the_bank_ended_what_the_member_had_cancelled(bank, code):
    payment_id = begun(bank)
    cancel(bank, at(11))
    returned(bank, payment_id, code, at(14))
    facts = bank.mail("not_paid")
    assert (facts["mandate_ended"], facts["mandate_held"]) == (False, False)
    assert facts["will_take_cents"] is None


# After the freeze: the cancelled mandate is still in this month's run.


@pytest.mark.parametrize("code", [*ENDS, *HOLDS])
def test_rule_29_cancelled_after_the_freeze_and_returned_before_the_claim_it_is_excluded(
    bank, code
):
    payment_id = begun(bank)
    bank.start(WITHDRAWAL, at(22))
    cancel(bank, at(22, 9, 1))
    assert state(bank, at(22, 9, 1)) == "ending"
    returned(bank, payment_id, code, at(22, 9, 2))
    bank.work()
    verdict, cents, reason = bank.decision()
    assert (verdict, cents) == ("excluded", 0)
    assert reason in ("returned", "held")
    assert bank.counts(RUN)[:4] == (1, 0, 0, 1)


@pytest.mark.parametrize("code", [*ENDS, *HOLDS])
def test_rule_21_cancelled_after_the_freeze_and_returned_after_it_no_undo_debits_again(bank, code):
    payment_id = begun(bank)
    bank.withdraw()
    cancel(bank, at(22, 10))
    returned(bank, payment_id, code, at(28))
    with suppress(CannotUndo):
        undo(bank, at(29))
    assert state(bank, at(29)) == ("ended" if code in ENDS else "held")
    next_month(bank)
    assert bank.decision(month=JANUARY) == (None if code in ENDS else ("excluded", 0, "held"))


def next_month(bank):
    """Something is owed, and the 22nd comes."""
    bank.store.write(bank.system.records.books.adding_line(a_charge("2027-02")))
    bank.tell(month=JANUARY)
    bank.withdraw(month=JANUARY)


# Any order, twice, at the same moment (I12).

ORDERS = [
    order
    for order in itertools.permutations(["cancel", "undo", "back", "again"])
    if order.index("back") < order.index("again")
]


@pytest.mark.parametrize("code", ["R02", "R08"])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("first_day", [11, 22])
def test_rule_29_in_whatever_order_nothing_is_debited_again(bank, order, code, first_day):
    payment_id = begun(bank)
    if first_day == 22:
        bank.withdraw()
    for hour, what in enumerate(order, start=10):
        when = at(first_day, hour)
        with suppress(CannotUndo, NotThisMandate):
            if what in ("back", "again"):
                returned(bank, payment_id, code, when)
            else:
                {"cancel": cancel, "undo": undo}[what](bank, when)
    taken = set(bank.payment_ids())
    bank.withdraw()
    next_month(bank)
    assert set(bank.payment_ids()) == taken
    assert bank.owed() == 42480 + 21240 + (21240 if first_day == 11 else 0)
    assert bank.mails("not_paid") == [ONE]


@pytest.mark.parametrize("code", ["R02", "R08"])
@pytest.mark.parametrize("acts", [["cancel"], ["cancel", "undo"]], ids="-".join)
@pytest.mark.parametrize("was_cancelled", [False, True])
def test_invariant_12_a_cancel_or_undo_between_any_two_calls_of_the_return_hides_nothing(
    code, acts, was_cancelled
):
    """Whoever is second sees what the first one did."""
    for n in range(1, 100):
        bank = Bank()
        payment_id = begun(bank)
        if was_cancelled:
            cancel(bank, at(11))
        body = bank.answer((payment_id, code), when=at(14))

        def meanwhile(bank=bank):
            for what in acts if not was_cancelled else ["undo", *acts]:
                with suppress(CannotUndo, NotThisMandate):
                    {"cancel": cancel, "undo": undo}[what](bank, at(14))

        seen = Interrupted(bank.store, n, meanwhile)
        Bank(bank.store, s3=bank.s3, seen=seen).receive(body, at(14))
        with suppress(CannotUndo):
            undo(bank, at(15))
        assert state(bank, at(16)) == ("ended" if code == "R02" else "held")
        bank.withdraw()
        assert bank.decision() == (None if code == "R02" else ("excluded", 0, "held"))
        if seen.left > 0:
            assert n > 8, "there were calls to come between"
            return
    raise AssertionError("the return never ended")


def test_a_return_that_is_read_only_after_the_next_freeze_counts_from_the_month_after(bank):
    payment_id = begun(bank)
    bank.withdraw()
    body = bank.answer((payment_id, "R02"), when=at(28))
    next_month(bank)
    bank.receive(body, at(28))  # the news had lain among the dead letters
    assert bank.state(payment_id) == "not_paid"
    assert state(bank, at(23, month=JANUARY)) == "ended"
