"""Where monthly payments will take nothing, no page and no mail promises that they do (13, 29)."""

from datetime import datetime

import pytest

from chalicelib.domain.ledger import LineKind
from chalicelib.domain.timetable import NEW_YORK
from tests.builders import a_line
from tests.journeys import people
from tests.journeys.people import a_row, another_visit, next_year

STOPS = {"account": "99000008", "account_again": "99000008"}  # the bank answers R08
CLOSED = {"account": "99000002", "account_again": "99000002"}  # the bank answers R02
MONTHLY = {"frequency": "monthly"}
PHONE = "1-877-623-6765"
HOLD = "Your monthly payments are on hold. We wrote to you why."


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


def adds(world, person, cents, at):
    """More is owed meanwhile."""
    line = a_line(
        enrollment_id=person.enrollment_id,
        line="adjustment#1",
        kind=LineKind.ADJUSTMENT,
        amount_cents=cents,
        at=at,
    )
    world.system.store.write(world.system.records.books.adding_line(line))


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
    assert "came back" not in billing  # a prenote, or our own mistake, holds as well
    assert "Nothing is taken until you agree again." in billing
    assert "Pay the $424.80 you owe by Wednesday, December 23, 2026." in billing
    assert (
        f"choose “Recurring payments” below. The new ones replace these. Questions? Call {PHONE}"
        in (billing)
    )
    assert "we take $" not in billing
    _, recurring = looks(person, "recurring")
    assert "State On hold. Nothing is taken" in recurring
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
    assert "On hold. Nothing is taken" in again.get("/recurring").text


def test_rule_29_who_agrees_again_is_debited_from_the_new_account_on_the_22nd(held):
    world, person = held
    world.pump.move(on(10))
    again, _ = looks(person)
    assert again.pays_other("0.00", **MONTHLY).location == "/review"
    assert again.submit().location == "/done"
    words = "This replaces your monthly payments from the account ending 0008."
    assert words in again.get("/done").text
    world.pump.move(on(22))
    lines = person.ask(f"/ledger/{person.enrollment_id}")["lines"]
    [withdrawal] = [line for line in lines if line["kind"] == "withdrawal"]
    assert withdrawal["amount_cents"] == -42480
    assert person.owed_cents == 0


def test_rule_21_cancelled_before_the_return_they_are_cancelled_on_that_day_and_for_good(
    at_the_start,
):
    world, person = at_the_start()
    person.found()
    person.contact()
    assert person.pays_other("100.00", **MONTHLY, **CLOSED).location == "/review"
    person.submit()
    world.pump.move(on(4))
    again, recurring = looks(person, "recurring")
    assert "State On Taken from" in recurring
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    again.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    assert "Undo the cancel" in again.get("/recurring").text
    world.pump.move(on(8))
    assert mail(person, "your bank did not pay $100.00")
    _, recurring = looks(person, "recurring")
    assert "State Cancelled on Friday, December 4, 2026. Nothing more is taken" in recurring
    assert "We wrote to you why" not in recurring
    assert "Undo the cancel" not in recurring


def test_with_nothing_now_the_review_names_no_payment_after_which_all_is_still_owed(at_the_start):
    _, person = at_the_start()
    person.found()
    person.contact()
    assert person.pays_other("0.00", **MONTHLY).location == "/review"
    review = person.get("/review").text
    assert "$0.00 You owe $424.80. It is due by Wednesday, December 23, 2026." in review
    assert "After this payment" not in review
    assert person.pays_other("100.00", **MONTHLY).location == "/review"
    assert "After this payment you still owe $324.80, due by" in person.get("/review").text


# With credit, or nothing owed.


@pytest.fixture
def credited(at_the_start):
    """$57.60 of credit, after January's charge."""
    return at_the_start(balance="-270.00")


def test_with_credit_monthly_says_that_nothing_is_taken_for_there_is_credit(credited):
    _, person = credited
    person.found()
    person.contact()
    assert person.pays("total", **MONTHLY).location == "/review"
    review = person.get("/review").text
    assert "You have a credit of $57.60 for this plan." in review
    assert (
        "On Tuesday, December 22, 2026: nothing, because you have a credit. "
        "Next, on Friday, January 22, 2027: the total you owe then." in review
    )
    for wrong in ("more than you owe", "nothing is left to pay"):
        assert wrong not in review
    assert "On Tuesday, December 22, 2026 it takes nothing ($0.00). The next one is on" in review
    assert person.submit().location == "/done"
    words = "On Tuesday, December 22, 2026 nothing is taken, because you have a credit."
    assert words in person.get("/done").text
    said = mail(person, "Your monthly payments are set up")
    assert words in said
    assert "pay everything now" not in said


def test_with_credit_and_monthly_payments_billing_does_not_say_that_we_take_nothing_in_dollars(
    credited,
):
    _, person = credited
    person.found()
    person.contact()
    person.pays("total", **MONTHLY)
    person.submit()
    _, billing = looks(person)
    words = "On Tuesday, December 22, 2026 nothing is taken, because you have a credit."
    assert f"Your monthly payments are on. {words}" in billing
    assert "we take $0.00" not in billing
    assert "makes it smaller" not in billing
    assert "No payment counts yet" not in billing
    _, recurring = looks(person, "recurring")
    assert words in recurring
    assert "Next payment Nothing Tuesday, December 22, 2026" in recurring
    assert "On hold" not in recurring


def test_with_the_total_now_nothing_is_taken_because_it_is_paid(at_the_start):
    _, person = at_the_start()
    person.found()
    person.contact()
    person.pays("total", **MONTHLY)
    person.submit()
    assert "nothing is taken, because you pay everything now." in person.get("/done").text
    _, billing = looks(person)
    assert "nothing is taken, because you owe nothing now." in billing


def test_who_pays_more_than_is_owed_reads_the_same_reason_on_review_done_page_and_mail(
    at_the_start,
):
    _, person = at_the_start()
    person.found()
    person.contact()
    confirm = {f"confirm_amount_{person.enrollment_id}": "yes"}
    assert person.pays_other("500.00", **MONTHLY, **confirm).location == "/review"
    review = person.get("/review").text
    assert "On Tuesday, December 22, 2026: nothing, because you have a credit." in review
    person.submit()
    words = "On Tuesday, December 22, 2026 nothing is taken, because you have a credit."
    assert words in person.get("/done").text
    assert words in " ".join(person.mails[-1]["text"].split())


def test_rule_23_monthly_payments_that_end_with_the_year_say_so_when_nothing_is_left(at_the_start):
    _, person = at_the_start(plan_year="2026", balance="212.40", coverage_end="2026-12-31")
    person.found()
    person.contact()
    person.pays("total", **MONTHLY)
    person.submit()
    done = person.get("/done").text
    assert "nothing is taken, because nothing is left to pay. Then this coverage ends" in done
    assert "we take $0.00" not in done


# Above the ceiling.


def test_rule_13_what_grew_above_the_ceiling_is_promised_by_nothing(at_the_start):
    world, person = at_the_start()
    person.found()
    person.contact()
    assert person.pays_other("0.00", **MONTHLY).location == "/review"
    person.submit()
    world.pump.move(on(9))
    adds(world, person, 2_000_000, on(9))
    world.pump.move(on(10))
    said = mail(person, "we will take nothing on December 22")
    assert "You owe more than we may take in one payment. We will take nothing on" in said
    assert f"Please call {PHONE} to pay." in said
    _, billing = looks(person)
    assert "we take nothing, because you owe more than we may take in one payment." in billing
    assert f"Call {PHONE} to pay." in billing
    assert "we take $" not in billing
    _, recurring = looks(person, "recurring")
    assert "we take nothing, because you owe more than we may take in one payment." in recurring
    world.pump.move(on(22))
    [case] = person.ask("/cases")
    assert (case["kind"], case["reason"]) == ("excluded", "above_ceiling")
    assert f"Please call {PHONE} to pay." in mail(person, "we did not take your monthly payment")


def test_rule_25_what_came_after_the_notice_is_not_called_nothing_owed(at_the_start):
    world, person = at_the_start()
    person.found()
    person.contact()
    person.pays("total", **MONTHLY)
    person.submit()
    world.pump.move(on(10))
    adds(world, person, 5000, on(11))
    world.pump.move(on(12))
    _, billing = looks(person)
    assert "but on Tuesday, December 22, 2026 nothing is taken. Pay the $50.00 you owe by" in (
        billing
    )
    world.pump.move(on(22))
    _, history = looks(person, "history")
    assert "Nothing was taken, as we had told you" in history
    assert "Nothing was owed" not in history


def test_rule_25_what_came_on_top_of_the_notice_is_named_apart_and_paying_it_changes_nothing(
    at_the_start,
):
    world, person = at_the_start()
    person.found()
    person.contact()
    person.pays_other("0.00", **MONTHLY)
    person.submit()
    _, billing = looks(person)
    assert "we take $424.80. Paying now makes it smaller." in billing
    world.pump.move(on(10))
    adds(world, person, 5000, on(11))
    world.pump.move(on(12))
    _, billing = looks(person)
    assert (
        "On Tuesday, December 22, 2026 we take $424.80, as we told you. The other $50.00 is not "
        "taken then. Pay it by Wednesday, December 23, 2026. If you pay more than that, we take "
        "less." in billing
    )
    assert "makes it smaller" not in billing


def test_rule_25_before_the_notice_what_came_on_top_of_an_earlier_authorization_is_taken_too(
    at_the_start,
):
    world, person = at_the_start()
    person.found()
    person.contact()
    person.pays("total", **MONTHLY)
    person.submit()
    world.pump.move(on(4))
    adds(world, person, 5000, on(4))
    world.pump.move(on(9))
    _, billing = looks(person)
    assert "On Tuesday, December 22, 2026 we take $50.00. Paying now makes it smaller." in billing
    for wrong in ("nothing is taken", "as we told you"):
        assert wrong not in billing
    _, recurring = looks(person, "recurring")
    assert "Next payment $50.00 Tuesday, December 22, 2026" in recurring
    world.pump.move(on(22))
    [*_, line] = person.ask(f"/ledger/{person.enrollment_id}")["lines"]
    assert (line["kind"], line["amount_cents"]) == ("withdrawal", -5000)


def test_rule_25_before_the_notice_a_first_payment_that_came_back_is_taken_on_the_22nd(
    at_the_start,
):
    world, person = at_the_start()
    no_funds = {"account": "99000001", "account_again": "99000001"}  # the bank answers R01
    person.found()
    person.contact()
    person.pays_other("100.00", **MONTHLY, **no_funds)
    person.submit()
    world.pump.move(on(9))
    _, billing = looks(person)
    assert "On Tuesday, December 22, 2026 we take $424.80. Paying now makes it smaller." in billing
    assert "as we told you" not in billing


# What came back.


def test_rule_29_the_page_does_not_call_on_its_way_what_came_back(at_the_start):
    world, person = at_the_start()
    no_funds = {"account": "99000001", "account_again": "99000001"}  # the bank answers R01
    person.found()
    person.contact()
    person.pays_other("0.00", **MONTHLY, **no_funds)
    person.submit()
    world.pump.move(on(23))
    _, billing = looks(person)
    assert "Your monthly payment of $424.80 is on its way" in billing
    world.pump.move(on(24))
    again, billing = looks(person)
    assert "is on its way" not in billing
    assert "On Friday, January 22, 2027 we take $424.80." in billing
    assert again.pays("total").location == "/review"  # nothing is asked
    again, recurring = looks(person, "recurring")
    assert "Next payment $424.80 Friday, January 22, 2027" in recurring
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    asked = again.post("/recurring", cancel=mandate["mandate_id"]).text
    assert "This stops the payment of Friday, January 22, 2027." in asked
    again.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    assert "we still take" not in mail(person, "are cancelled").lower()


# What has ended.


AGAIN, OTHER_ACCOUNT = "Set up monthly payments again, or pay now", "Change the bank account"


def monthly(person, dollars="0.00", **account):
    person.found()
    person.contact()
    assert person.pays_other(dollars, **MONTHLY, **account).location == "/review"
    assert person.submit().location == "/done"


@pytest.mark.parametrize("end", ["", "2026-12-31"])
def test_rule_23_after_its_last_22nd_nothing_is_next_and_nothing_can_be_cancelled(
    at_the_start, end
):
    world, person = at_the_start(plan_year="2026", coverage_end=end)
    monthly(person)
    _, recurring = looks(person, "recurring")
    assert OTHER_ACCOUNT in recurring
    world.pump.move(on(22))
    again, recurring = looks(person, "recurring")
    assert "State Ended" in recurring
    assert "On its way $212.40 Tuesday, December 22, 2026" in recurring
    for wrong in ("Next payment", "Cancel monthly payments", "every month", AGAIN, OTHER_ACCOUNT):
        assert wrong not in recurring
    assert "Pay now" in recurring
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    asked = again.post("/recurring", cancel=mandate["mandate_id"]).text
    assert "have changed. Look at the list again" in asked
    assert "January 22" not in asked


def test_rule_23_in_its_last_month_no_other_withdrawal_is_promised_by_page_cancel_or_undo(
    at_the_start,
):
    _, person = at_the_start(plan_year="2026", coverage_end="2026-12-31")
    monthly(person)
    again, recurring = looks(person, "recurring")
    ends = "coverage ends on Thursday, December 31, 2026, and your monthly payments end with it."
    last = f"This is the last withdrawal: {ends}"
    assert f"Next payment $212.40 Tuesday, December 22, 2026 {last}" in recurring
    assert "every month" not in recurring
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    again.post("/recurring", cancel=mandate["mandate_id"], confirm_cancel="yes")
    assert "no monthly payment is left in this coverage" in mail(person, "are cancelled")
    again.get("/recurring")
    again.post("/recurring", undo=mandate["mandate_id"])
    assert last in mail(person, "are on again")
    assert "of each month" not in mail(person, "are on again")


def test_rule_23_from_the_freeze_of_its_last_month_on_monthly_is_not_offered(at_the_start):
    world, person = at_the_start(plan_year="2026", coverage_end="2026-12-31")
    person.found()
    person.contact()
    assert "Recurring payments" in person.get("/billing").text
    world.pump.move(on(22))
    again, billing = looks(person)
    assert "Recurring payments" not in billing
    assert again.pays("total").location == "/review"


def test_rule_23_with_two_years_the_page_says_in_which_no_22nd_is_left(world_at, canaries):
    world = world_at(people.THURSDAY)
    old = a_row(plan_year="2026")
    new = next_year(old)
    person = people.join(world, canaries, old, new)
    world.pump.move(on(22))
    _, billing = looks(person)
    assert "Recurring payments" in billing  # for the plan of 2027
    again, _ = looks(person)
    choices = {f"pay_{row['enrollment_id']}": "total" for row in (old, new)}
    refused = again.billing(**choices, **MONTHLY)
    words = (
        "There is no 22nd left in your 2026 plan. Choose one time payment, or do not pay the 2026 "
        "plan here"
    )
    assert (refused.status, words in refused.text) == (422, True)
    choices[f"pay_{old['enrollment_id']}"] = "none"
    assert again.billing(**choices, **MONTHLY).location == "/review"


def test_rule_23_on_hold_with_no_22nd_left_nobody_is_asked_to_set_up_again(at_the_start):
    world, person = at_the_start(plan_year="2026")
    monthly(person, "100.00", **STOPS)
    world.pump.move(on(22))
    said = mail(person, "we did not take your monthly payment")
    assert "Please pay on our page" in said
    assert "No monthly payment is left in this coverage." in said
    assert "set them up again" not in said
    _, recurring = looks(person, "recurring")
    assert "Pay now" in recurring
    assert AGAIN not in recurring


def test_rule_29_after_a_return_ended_them_they_are_set_up_again(at_the_start):
    world, person = at_the_start()
    monthly(person, "100.00", account="99000002", account_again="99000002")
    world.pump.move(on(8))
    _, recurring = looks(person, "recurring")
    assert "We wrote to you why" in recurring
    assert AGAIN in recurring
    for wrong in (OTHER_ACCOUNT, "We take the total you owe on the 22nd of every month"):
        assert wrong not in recurring
