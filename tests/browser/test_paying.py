"""Members pay in Chromium, with and without JavaScript (shows 2)."""

import re

import pytest

from tests.browser.walk import Walk
from tests.journeys.people import a_row, next_year

pytestmark = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])


def confirmed(walk):
    """The number on the page, once all that was sent has been read back."""
    assert walk.heading() == "We received your payment request"
    return re.search(r"HC-[A-Z0-9]{4}-[A-Z0-9]{4}", walk.page.inner_text("main"))[0]


def test_found_by_the_enrollment_id_a_member_pays_the_total(walk):
    walk.find("enrollment_id")
    walk.contact()
    walk.billing("Total you owe: $212.40")
    assert "$212.40" in walk.page.get_by_role("button", name="Submit payment of").inner_text()
    walk.review()
    number = confirmed(walk)
    assert walk.person.payments == [-21240]
    assert walk.person.owed_cents == 0
    [mail] = walk.person.mails
    assert number in mail["subject"]
    assert "$212.40" in mail["text"]
    assert "$212.40" in mail["html"]
    walk.page.reload()
    assert confirmed(walk) == number
    walk.page.go_back()
    walk.page.reload()
    assert confirmed(walk) == number, "Back leads to the payment that was made"
    assert walk.person.payments == [-21240]


def test_found_by_the_social_security_number_another_pays_another_amount(walk):
    walk.find("ssn")
    walk.contact()
    walk.billing("Another amount", amount="$100.50")
    assert "After this payment you still owe $111.90" in walk.page.inner_text("main")
    walk.review()
    confirmed(walk)
    assert walk.person.payments == [-10050]
    assert walk.person.owed_cents == 11190
    [mail] = walk.person.mails
    assert "$100.50" in mail["text"]


def test_found_by_the_billing_account_a_third_pays_two_plan_years(page, join):
    this_year = a_row(balance="212.41")
    walk = Walk(page, join(this_year, next_year(this_year)))
    walk.find("billing_account")
    walk.contact()
    assert "You have a plan in two years" in page.inner_text("main")
    walk.choose("Total you owe: $212.41", card=0)
    walk.choose("Total you owe: $231.07", card=1)
    walk.fill_bank()
    walk.press("Continue to review")
    walk.review()
    confirmed(walk)
    note = "Your bank statement will show two payments: $212.41 and $231.07."
    assert note in page.inner_text("main")
    assert walk.person.payments == [-21241]
    [mail] = walk.person.mails
    assert note in mail["text"]


def test_an_error_is_mended_and_the_payment_goes_on(walk):
    walk.find(last_name="Somebody Else")
    assert "We could not find your account" in walk.page.inner_text("main")
    walk.type(last_name=walk.person.row["last_name"])
    walk.press("Continue")
    walk.contact()
    walk.billing("Another amount", amount="nothing")
    assert walk.page.title().startswith("Error: ")
    walk.page.get_by_role("link", name="Enter an amount in dollars and cents").click()
    walk.choose("Another amount", amount="300")
    walk.press("Continue to review")
    walk.page.get_by_label("Yes, I want to pay this amount").check()
    walk.press("Continue to review")
    walk.page.get_by_role("button", name="Refresh").click()
    walk.review()
    confirmed(walk)
    assert walk.person.payments == [-30000]
