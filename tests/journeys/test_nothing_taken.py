"""Where monthly payments will take nothing, no page and no mail promises that they do (13, 29)."""

from datetime import datetime

import pytest

from chalicelib.domain.banking_days import NEW_YORK
from tests.journeys import people
from tests.journeys.people import a_row, another_visit

STOPS = {"account": "99000008", "account_again": "99000008"}  # the bank answers R08
MONTHLY = {"frequency": "monthly"}
PHONE = "1-877-623-6765"
HOLD = "Your monthly payments are on hold, because a payment came back from your bank."


def on(day, hour=10):
    return datetime(2026, 12, day, hour, tzinfo=NEW_YORK)


@pytest.fixture
def at_the_start(world_at, canaries):
    """A world of one's own, on December 3, and somebody who owes in it."""

    def start(**row):
        world = world_at(people.THURSDAY)
        owes = {"plan_year": "2027", "coverage_end": "", "balance": "212.40", **row}
        return world, people.join(world, canaries, a_row(**owes))

    return start


@pytest.fixture
def held(at_the_start):
    """A first payment that the member stopped at the bank."""
    world, person = at_the_start()
    person.found()
    person.contact()
    assert person.pays_other("100.00", **MONTHLY, **STOPS).location == "/review"
    assert person.submit().location == "/done"
    world.pump.move(on(8))
    return world, person


def looks(person, to="pay"):
    """In another browser: /billing, or /recurring, or /history."""
    again = another_visit(person)
    again.get(f"/find?to={to}")
    again.post("/find", **again.claim(to=to))
    if to == "pay":
        again.contact()
    return again, again.get("/billing" if to == "pay" else f"/{to}").text


def mail(person, about):
    [found] = [each["text"] for each in person.mails if about in each["subject"]]
    return " ".join(found.split())


def test_rule_29_the_mail_about_a_stopped_payment_says_what_is_owed_and_how_to_agree_again(held):
    _, person = held
    said = mail(person, "your bank did not pay $100.00")
    assert "You asked your bank to stop this payment." in said
    assert "You owe $424.80. It is due by Wednesday, December 23, 2026." in said
    assert "To agree to them again, set up monthly payments again on our page." in said
    assert "will be taken" not in said


def test_rule_29_on_hold_the_pages_say_so_and_promise_nothing(held):
    _, person = held
    _, billing = looks(person)
    assert HOLD in billing
    assert "Nothing is taken until you agree again." in billing
    assert "Pay the $424.80 you owe by Wednesday, December 23, 2026." in billing
    assert f"choose “Recurring payments” below: they replace these. Questions? Call {PHONE}" in (
        billing
    )
    assert "we take $" not in billing
    _, recurring = looks(person, "recurring")
    assert "On hold, because a payment came back from your bank" in recurring
    assert "Next payment None, while they are on hold" in recurring
    assert "Pay the $424.80 you owe by Wednesday, December 23, 2026." in recurring
    assert "Set up monthly payments again, or pay now" in recurring
    assert "We take the total you owe" not in recurring


def test_rule_24_on_hold_the_notice_comes_all_the_same_and_says_that_nothing_is_taken(held):
    world, person = held
    world.pump.move(on(10))
    said = mail(person, "your monthly payments are on hold")
    assert f"{HOLD} We will take nothing on Tuesday, December 22, 2026" in said
    assert "You owe $424.80. It is due by Wednesday, December 23, 2026." in said
    assert "set up monthly payments again on our page. The new ones replace these." in said
    assert PHONE in said
    assert "We will take $" not in said


def test_rule_21_a_cancel_of_payments_on_hold_and_its_undo_name_no_withdrawal(held):
    _, person = held
    again, _ = looks(person, "recurring")
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    asked = again.post("/recurring", cancel=mandate["mandate_id"])
    assert "Nothing more is taken then." in asked.text
    assert "stops the payment of" not in asked.text
    again.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    assert "They are then on hold again" in mail(person, "are cancelled")
    again.get("/recurring")
    again.post("/recurring", undo=mandate["mandate_id"])
    said = mail(person, "your cancel is undone")
    assert HOLD in said
    assert "We will take $" not in said
    assert "On hold, because" in again.get("/recurring").text


def test_rule_29_who_agrees_again_is_debited_from_the_new_account_on_the_22nd(held):
    world, person = held
    world.pump.move(on(10))
    again, _ = looks(person)
    assert again.pays_other("0.00", **MONTHLY).location == "/review"
    assert again.submit().location == "/done"
    assert f"from {person.account[-4:]}" not in again.get("/done").text
    world.pump.move(on(22))
    lines = person.ask(f"/ledger/{person.enrollment_id}")["lines"]
    [withdrawal] = [line for line in lines if line["kind"] == "withdrawal"]
    assert withdrawal["amount_cents"] == -42480
    assert person.owed_cents == 0
