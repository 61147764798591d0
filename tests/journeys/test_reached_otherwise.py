"""A member changes email or phone of monthly payments on the page (rules 22, 56, 57, 58)."""

import html
import re

import pytest

from tests.journeys.people import a_row, another_visit, next_year

QUESTION = "How do we reach you about these monthly payments?"
NEW = {
    "email": "new.one@example.org",
    "email_again": "New.One@example.org",
    "phone": "617 555 0199",
}
BUTTON = "Change email or phone"


@pytest.fixture
def member(join):
    """Pays monthly from December 22 on; found again, in another browser."""
    person = join(next_year(a_row()))
    person.paid(frequency="monthly")
    return comes_back(person)


def comes_back(person):
    again = another_visit(person)
    again.get("/find?to=recurring")
    assert again.post("/find", **again.claim(to="recurring")).location == "/recurring"
    return again


def mandate_of(person):
    [one] = person.ask(f"/mandates/{person.enrollment_id}")
    return one["mandate_id"]


def boxes(answer):
    """What stands in the boxes."""
    names = ("email", "email_again", "phone")
    found = {name: re.search(rf'name="{name}"[^>]*?value="([^"]*)"', answer.html) for name in names}
    return {name: html.unescape(match[1]) for name, match in found.items() if match}


def told(person, address):
    """What an address was mailed about this person's contact."""
    about = "how we reach you has changed"
    mails = person.ask("/mail")
    return [mail for mail in mails if mail["to"] == address and about in mail["subject"]]


def is_question(answer):
    assert answer.status == 422
    assert QUESTION in answer.text
    assert "There is a problem" not in answer.text
    assert "<title>Error" not in answer.html
    return True


def test_rules_22_56_the_button_asks_with_empty_boxes_and_changes_nothing(member):
    shown = member.get("/recurring")
    assert f"{BUTTON} Health plan 2027" in shown.text
    asked = member.post("/recurring", contact=mandate_of(member))
    assert is_question(asked)
    assert boxes(asked) == {"email": "", "email_again": "", "phone": ""}
    assert 'name="cancel"' not in asked.html  # one question at a time
    assert '<a class="usa-button usa-button--outline" href="/recurring">No, keep' in asked.html
    for page in (shown, asked):  # nothing that is kept (rule 22)
        assert member.email not in page.html
        assert "0123" not in page.text.replace("617-555-0123", "")  # the hint's own
    assert told(member, member.email) == []


def test_rule_22_changed_it_is_said_to_both_addresses_and_letters_go_to_the_new_one(member):
    one = mandate_of(member)
    member.get("/recurring")
    for _ in range(2):  # the answer may have been lost
        done = member.post("/recurring", contact=one, **NEW)
        assert (done.status, done.location) == (303, "/recurring")
        assert done.headers["Location"].endswith("/recurring?says=changed")
    said = member.get("/recurring?says=changed")
    assert "Your change is made" in said.text
    for address in (member.email, NEW["email"]):
        [mail] = told(member, address)
        whole = mail["text"] + html.unescape(mail["html"])
        assert f"Old email address: {member.email[0]}…@example.com" in mail["text"]
        assert "New email address: n…@example.org" in mail["text"]
        for never in (member.email, NEW["email"], "0199", "555-0123"):
            assert never not in whole
    assert mandate_of(member) == one
    member.post("/recurring", cancel=one, confirm_cancel="yes")
    cancelled = [mail["to"] for mail in member.ask("/mail") if "are cancelled" in mail["subject"]]
    assert NEW["email"] in cancelled
    assert member.email not in cancelled


def test_rule_58_the_link_of_what_went_to_the_old_address_is_gone(member):
    [mail] = member.mails
    [link] = re.findall(r"/state/\S+", mail["text"])
    assert member.get(link).status == 200
    member.get("/recurring")
    member.post("/recurring", contact=mandate_of(member), **NEW)
    assert member.get(link).status == 404
    assert "/state/" not in told(member, member.email)[0]["text"]
    [link] = re.findall(r"/state/\S+", told(member, NEW["email"])[0]["text"])
    assert member.get(link).status == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "", "email_again": "", "phone": ""}, "Enter an email address, like"),
        ({**NEW, "email": "nobody"}, "Enter an email address, like"),
        ({**NEW, "email_again": "x@example.org"}, "The two email addresses are not the same"),
        ({**NEW, "phone": "12"}, "Enter a phone number with area code"),
        ({**NEW, "phone": "6" * 121}, "Enter fewer letters or numbers here"),
        ({"email": "new.one@example.org"}, "The two email addresses are not the same"),
    ],
)
def test_a_mistake_is_one_and_what_was_typed_stays(member, typed, said):
    member.get("/recurring")
    answer = member.post("/recurring", contact=mandate_of(member), **typed)
    assert answer.status == 422
    assert "<title>Error: " in answer.html
    assert said in answer.text
    assert QUESTION in answer.text
    assert boxes(answer) == {"email": "", "email_again": "", "phone": "", **typed}
    assert answer.html.count('id="question"') == 0
    assert told(member, member.email) == []


def test_rule_57_an_address_that_is_one_slip_away_is_asked_about_once_then_taken(member):
    slip = {**NEW, "email": "name@gmail.con", "email_again": "name@gmail.con"}
    member.get("/recurring")
    asked = member.post("/recurring", contact=mandate_of(member), **slip)
    assert is_question(asked)
    assert "almost like one that ends in gmail.com" in asked.text
    assert boxes(asked) == slip
    assert asked.html.count('id="question"') == 1
    assert told(member, slip["email"]) == []
    done = member.post("/recurring", contact=mandate_of(member), confirm_email="yes", **slip)
    assert done.location == "/recurring"
    assert len(told(member, slip["email"])) == 1


@pytest.mark.parametrize("typed", [{}, NEW, {**NEW, "phone": ""}])
def test_rule_22_another_s_or_an_ended_one_can_t_be_changed(member, join, typed):
    other = join(next_year(a_row()))
    other.paid(frequency="monthly")
    own = mandate_of(member)
    member.get("/recurring")
    member.post("/recurring", cancel=own, confirm_cancel="yes")
    assert BUTTON not in member.get("/recurring").text
    for one in (mandate_of(other), own, "", "x"):
        answer = member.post("/recurring", contact=one, **typed)
        assert answer.status == 422
        assert "These monthly payments have changed. Look at the list again" in answer.text
        assert answer.text.count("There is a problem on this page") == 1
        assert boxes(answer) == {}
    assert told(member, other.email) == told(member, member.email) == []
