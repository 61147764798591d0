"""Thirty minutes idle, four hours in all: what was typed waits, no money moved (rule 16)."""

import re

from tests.journeys.people import BANK, confirmation_of

NO_MONEY = "We had to start again to keep you safe. No payment was made."


def value_of(answer, name):
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*\bvalue="([^"]*)"', answer.html)
    assert found, name
    return found[1]


def test_rule_16_a_late_post_goes_back_to_find_which_says_that_no_payment_was_made(person, wait):
    person.found()
    person.get("/contact")
    wait(minutes=30)
    assert person.post("/contact", email="a@example.com").location == "/find"
    shown = person.get("/find")
    assert NO_MONEY in shown.text
    assert value_of(shown, "first_name") == "", "whoever sits there now is not told the name"
    assert "José" not in shown.text


def test_rule_16_what_a_late_post_brought_fills_the_form_after_the_next_match(person, wait):
    person.found()
    person.get("/contact")
    wait(minutes=31)
    late = {"email": "late@example.com", "email_again": "late@example.con", "phone": "555"}
    person.post("/contact", **late)
    assert person.found().location == "/contact"
    shown = person.get("/contact")
    assert {name: value_of(shown, name) for name in late} == late
    assert NO_MONEY not in shown.text


def test_rule_16_the_account_is_never_filled_in_again(person, wait):
    person.found()
    person.contact()
    person.get("/billing")
    wait(minutes=31)
    person.billing(**{f"pay_{person.enrollment_id}": "total"})
    person.found("ssn")
    assert value_of(person.get("/contact"), "email") == person.email
    person.contact()
    shown = person.get("/billing")
    assert value_of(shown, "routing") == BANK["routing"]
    assert value_of(shown, "account_name") == "Maria López"
    assert value_of(shown, "account") == ""
    assert value_of(shown, "account_again") == ""
    assert "Account ending" not in shown.text
    assert person.account not in shown.html
    nothing = {"account": "", "account_again": ""}
    answer = person.billing(**{f"pay_{person.enrollment_id}": "total"}, **nothing)
    assert "Enter an account number" in answer.text


def test_rule_16_the_social_security_number_is_never_filled_in_again(person):
    person.found("ssn")
    shown = person.get("/find")
    assert value_of(shown, "ssn") == ""
    assert value_of(shown, "ssn_again") == ""
    assert person.row["ssn"] not in shown.html
    assert value_of(shown, "last_name") == "", "who looks may be another person (rule 55)"


def test_what_one_member_typed_is_not_shown_to_the_next_at_the_same_computer(person, join, wait):
    person.found()
    person.contact()
    wait(minutes=31)
    person.post("/contact", email="secret@example.com")
    next_one = join()
    next_one.cookies = dict(person.cookies)
    next_one.found()
    assert value_of(next_one.get("/contact"), "email") == ""
    assert "secret@example.com" not in next_one.get("/contact").html


def test_a_member_who_is_at_work_is_not_timed_out_before_four_hours(person, wait):
    person.found()
    for _ in range(9):
        wait(minutes=25)
        assert person.get("/contact").status == 200
    wait(minutes=15)
    assert person.get("/contact").location == "/find", "four hours in all"


def test_after_submit_the_time_out_says_the_number_and_not_that_no_payment_was_made(person, wait):
    number = person.paid()
    wait(minutes=31)
    assert person.get("/done").location == "/find"
    assert person.post("/review", agree="yes").location == "/find"
    shown = person.get("/find").text
    assert f"You already sent this payment. Your confirmation number is {number}." in shown
    assert "No payment was made" not in shown
    assert person.payments == [-21240]


def test_a_late_submit_takes_nothing_and_starts_again(person, wait):
    person.at_review()
    wait(minutes=30)
    assert person.submit_as_shown().location == "/find"
    assert NO_MONEY in person.get("/find").text
    assert person.payments == []
    assert person.paid().startswith("HC-")
    assert person.payments == [-21240]


def test_done_can_be_loaded_again_while_the_journey_lives(person, wait):
    number = person.paid()
    wait(minutes=29)
    assert confirmation_of(person.get("/done")) == number


def test_each_page_with_a_form_says_how_long_there_is_and_that_no_money_moved(person):
    pages = [person.get("/find")]
    person.found()
    pages.append(person.get("/contact"))
    person.contact()
    pages.append(person.get("/billing"))
    person.pays()
    pages.append(person.get("/review"))
    for page in pages:
        assert "You have 30 minutes on" in page.text
        assert "No money moves until you choose “Submit payment”" in page.text
        assert 'data-after-seconds="1680"' in page.html, "the warning, two minutes before"
