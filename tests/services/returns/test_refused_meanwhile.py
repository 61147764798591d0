"""Between our reading and our writing the bank may refuse the account: nothing begins there."""

from contextlib import suppress

import pytest

from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.mandate import CannotUndo
from chalicelib.domain.paying import Frequency
from chalicelib.domain.retry import CannotRetry
from chalicelib.domain.signature import Signature
from chalicelib.entrypoints.authorization import authorization_text, letter_facts
from chalicelib.services.page.paying import NotAsShown
from infra.offline.sign_up import HERE, Wish, begun
from tests.bank import Bank
from tests.monthly import at
from tests.stores import Interrupted

ONE, TWO, OTHER = "EN000001", "EN000002", "5550001234"
BEFORE, MORNING, AFTER = at(8, 7), at(8, 8), at(8, 9)


@pytest.fixture
def bank():
    return Bank()


def went_out(bank):
    """A payment made once, in the bank's hands; its id."""
    bank.enroll(ONE, 63720, plan_year=2027)
    payment_id = bank.pays(cents=10000)
    bank.collect(at(3, 18))
    return payment_id


def came_back(bank, payment_id, code, when=MORNING):
    bank.receive(bank.answer((payment_id, code), when=when), when)


def races(prepare, act, meanwhile):
    """`meanwhile` comes before each call of `act` in turn; each bank as it ended."""
    for n in range(1, 200):
        bank = Bank()
        told = prepare(bank)
        seen = Interrupted(bank.store, n, lambda bank=bank, told=told: meanwhile(bank, told))
        other = Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue)
        other.system.__dict__["randomness"] = bank.system.randomness
        act(other, told)
        if seen.left > 0:
            assert n > 3, "there were calls to come between"
            return
        yield bank
    raise AssertionError("it never ended")


# Submit (rule 12).


def at_review(bank, when=BEFORE, **wish):
    """Somebody chose this account on /billing, and sees the review page."""
    system = bank.system
    journey = begun(system, system.records.enrollments.get(ONE), Wish(**wish), when)
    system.store.write(system.records.journeys.starting(journey))
    return shown(bank, journey, when)


def shown(bank, journey, when):
    standings = bank.system.finding.standings(journey, when)
    shown = bank.system.paying.would_take(journey, standings, when)
    return bank.system.paying.show_review(
        journey, shown, lambda seen: authorization_text(journey, standings, seen), when
    )


def submit(bank, journey, when=AFTER):
    standings = bank.system.finding.standings(journey, when)
    return bank.system.paying.submit(
        journey, standings, HERE, lambda made: letter_facts(made, "en", ReturnWindow(0)), when
    )


@pytest.mark.parametrize("frequency", list(Frequency))
@pytest.mark.parametrize("code", ["R02", "R10"])
def test_rule_12_what_was_refused_since_billing_is_not_submitted(bank, code, frequency):
    payment_id = went_out(bank)
    journey = at_review(bank, frequency=frequency, cents=5000)
    came_back(bank, payment_id, code)
    journey = shown(bank, journey, AFTER)  # with what is owed by now
    before = bank.kept()
    with pytest.raises(NotAsShown):
        submit(bank, journey)
    assert bank.kept() == before
    assert bank.system.paying.fault(journey) == "account_refused"


@pytest.mark.parametrize("code", ["R01", "R08", "R14"])
def test_rule_12_what_says_nothing_of_the_account_stops_no_submit(bank, code):
    payment_id = went_out(bank)
    journey = at_review(bank, cents=5000)
    came_back(bank, payment_id, code)
    assert submit(bank, shown(bank, journey, AFTER))


def test_rule_12_a_return_between_any_two_calls_of_submit_leaves_no_monthly_payments():
    def prepare(bank):
        payment_id = went_out(bank)
        return at_review(bank), bank.answer((payment_id, "R02"), when=MORNING)

    def act(bank, told):
        with suppress(NotAsShown):
            submit(bank, told[0], MORNING)

    for bank in races(prepare, act, lambda bank, told: bank.receive(told[1], MORNING)):
        assert bank.system.records.mandates.of(ONE).standing == ()
        assert bank.mails("confirmation") == [ONE], "of the first payment"


# A correction, and a retry (decision 0018).


def test_a_return_between_any_two_calls_of_a_correction_moves_no_mandate_there():
    def prepare(bank):
        bank.enroll(ONE, 42480, plan_year=2027)
        first = bank.begins(cents=10000)
        once = bank.pays(when=at(3, 11), cents=5000, number=OTHER)
        bank.collect(at(3, 18))
        return [
            bank.answer((first, "C01"), when=MORNING, data=OTHER),
            bank.answer((once, "R02"), when=MORNING),
        ]

    def correct(bank, told):
        bank.receive(told[0], MORNING)

    for bank in races(prepare, correct, lambda bank, told: bank.receive(told[1], MORNING)):
        standing = bank.system.records.mandates.of(ONE).standing
        assert not any(bank.system.account_validation.is_refused(each.account) for each in standing)


def test_a_return_between_any_two_calls_of_a_retry_leaves_none():
    def prepare(bank):
        bank.enroll(ONE, 63720)
        first, second = bank.pays(cents=10000), bank.pays(cents=5000)
        bank.collect(at(3, 18))
        came_back(bank, first, "R01")
        return first, bank.answer((second, "R02"), when=at(9, 8))

    def retry(bank, told):
        with suppress(CannotRetry):
            bank.system.retrying.release(ONE, told[0], Signature(who="Ada", why="x", at=at(9)))

    for bank in races(prepare, retry, lambda bank, told: bank.receive(told[1], at(9, 8))):
        assert len(bank.payment_ids()) == 2, "no third"


# The undo of a cancel: the account was refused by a return of the other plan (rule 21).


def cancelled(bank):
    """Health's monthly payments were cancelled; dental paid once from the same account."""
    health = bank.enroll(ONE, subscriber_id="S", plan=Plan.HEALTH)
    bank.enroll(TWO, subscriber_id="S", plan=Plan.DENTAL)
    mandate_id = bank.authorize(health).mandate_id
    payment_id = bank.pays(TWO, cents=10000)
    bank.collect(at(3, 18))
    bank.system.mandating.cancel(bank.standing(ONE, at(4)), mandate_id, None, at(4))
    return mandate_id, payment_id


def undo(bank, mandate_id, when=MORNING):
    bank.system.mandating.undo(bank.standing(ONE, when), mandate_id, when)


@pytest.mark.parametrize("code", ["R02", "R07", "R12", "R15"])
def test_rule_21_no_undo_brings_back_what_would_debit_a_refused_account(bank, code):
    mandate_id, payment_id = cancelled(bank)
    came_back(bank, payment_id, code)
    before = bank.kept()
    with pytest.raises(CannotUndo):
        undo(bank, mandate_id, AFTER)
    assert bank.kept() == before


@pytest.mark.parametrize("code", ["R01", "R08"])
def test_rule_21_an_undo_stands_where_the_other_plan_s_return_was_of_one_payment(bank, code):
    mandate_id, payment_id = cancelled(bank)
    came_back(bank, payment_id, code)
    undo(bank, mandate_id, AFTER)
    bank.withdraw()
    assert bank.decision()[0] == "claimed"


def test_a_return_between_any_two_calls_of_an_undo_brings_nothing_back():
    def prepare(bank):
        mandate_id, payment_id = cancelled(bank)
        return mandate_id, bank.answer((payment_id, "R02"), when=MORNING)

    def act(bank, told):
        with suppress(CannotUndo):
            undo(bank, told[0])

    for bank in races(prepare, act, lambda bank, told: bank.receive(told[1], MORNING)):
        assert bank.system.records.mandates.of(ONE).lasting("2026-12") is None
