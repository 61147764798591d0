"""Members set up, see, replace, cancel and undo monthly payments in Chromium."""

import re

import pytest

from tests.browser.walk import Walk
from tests.journeys.people import a_row
from tests.member import BANK

EITHER_WAY = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])

YEAR = {
    "plan_year": "2027",
    "premium": "424.80",
    "balance": "424.80",
    "billed_through": "2027-01",
    "coverage_start": "2027-01-01",
    "coverage_end": "",
    "selected_at": "2026-11-20T15:00:00Z",
}


def set_up(walk, amount, account):
    """Step 4 and review; a first payment of less than the total is asked about once."""
    walk.choose("Another amount", amount=amount)
    walk.fill_bank()
    walk.page.get_by_label("Recurring payments").check()
    walk.type(account=account, account_again=account, routing=BANK["routing"])
    go_on(walk)
    if "We have a question" in walk.page.inner_text("main"):
        walk.page.locator("[name^=confirm_amount_]").check()
        if not walk.page.locator("[name=account]").input_value():
            walk.type(account=account, account_again=account)
        go_on(walk)
    assert walk.heading().endswith("Check your answers")


def go_on(walk):
    walk.press("Continue to review")


def submit(walk):
    walk.answer()
    with walk.page.expect_navigation():
        walk.page.get_by_role("button", name=re.compile("Submit|Set up")).last.click()
    assert "HC-" in walk.page.inner_text("main")


def mandates(walk):
    found = walk.person.ask(f"/mandates/{walk.person.row['enrollment_id']}")
    return [(each["state"], each["account_last4"]) for each in found]


@pytest.fixture
def member(page, join):
    page.set_default_timeout(10_000)
    return Walk(page, join(a_row(**YEAR)))


@EITHER_WAY
def test_rule_18_the_example_comes_out_to_the_cent_and_everything_can_be_changed(member):
    member.find()
    member.contact()
    set_up(member, "100.00", "000123456789")
    review = member.page.inner_text("main")
    assert "Now: $100.00" in review
    assert "Next, on Tuesday, December 22, 2026: $324.80" in review
    submit(member)
    assert member.person.payments == [-10000]
    assert member.person.owed_cents == 32480
    assert mandates(member) == [("active", "6789")]
    [mail] = member.person.mails
    assert "On Tuesday, December 22, 2026 we take $324.80" in mail["text"]

    # Comes back, sees it, replaces the account.
    member.goto("/recurring")
    assert "Account ending 6789" in member.page.inner_text("main")
    assert member.heading() == "Your monthly payments"
    member.press("Change the bank account")
    set_up(member, "0.00", "555500001111")
    text = member.page.inner_text("main")
    assert "This replaces your monthly payments from the account ending 6789" in text
    submit(member)
    assert mandates(member) == [("ended", "6789"), ("active", "1111")]

    # Cancels in two clicks, and undoes.
    member.goto("/recurring")
    with member.page.expect_navigation():
        member.page.get_by_role("button", name="Cancel monthly payments").click()
    assert "This stops the payment of Tuesday, December 22, 2026" in member.page.inner_text("main")
    with member.page.expect_navigation():
        member.page.get_by_role("button", name="Yes, cancel these payments").click()
    assert mandates(member)[-1] == ("ended", "1111")
    with member.page.expect_navigation():
        member.page.get_by_role("button", name="Undo the cancel").click()
    assert mandates(member)[-1] == ("active", "1111")
    assert "$324.80" in member.page.inner_text("main")
    subjects = " / ".join(mail["subject"] for mail in member.person.mails)
    for word in ("set up", "have changed", "cancelled", "on again"):
        assert word in subjects, subjects


@EITHER_WAY
def test_rule_22_email_and_phone_are_changed_with_a_mistake_on_the_way(member):
    member.person.paid(frequency="monthly")
    member.goto("/find?to=recurring")
    member.fill_find()
    member.press("Continue")
    member.press("Change email or phone")
    new = "new.one@example.org"
    member.type(email=new, email_again=new, phone="12")
    member.press("Change email or phone")
    assert "There is a problem" in member.page.inner_text("main")
    assert member.page.locator("[name=email]").input_value() == new
    member.type(phone="617-555-0199")
    member.press("Change email or phone")
    assert "Your change is made" in member.page.inner_text("main")
    assert "how we reach you has changed" in member.person.mails[-1]["subject"]


def test_the_pages_of_monthly_payments_are_accessible(member, axe):
    member.find()
    member.contact()
    set_up(member, "0.00", "000123456789")
    axe("review of monthly payments")
    submit(member)
    axe("monthly payments are set up")
    member.goto("/recurring")
    axe("monthly payments")
    member.page.get_by_role("button", name="Cancel monthly payments").click()
    axe("the question before a cancel")
    member.goto("/history")
    axe("the history")
