"""One visit, one person, before a browser: several plans at once, on from there, and finished."""

import pytest

from tests.browser.walk import Walk
from tests.journeys.people import a_row, next_year

# The plan, the kind of number, the number, the names, three for the birthday; e-mail twice, phone;
# an amount for each plan, how often, the account's kind and name, its numbers twice; the picture
# and the consent. Before, a household with health and dental typed 44.
BOXES_FOR_TWO_PLANS = 8 + 3 + 9 + 2

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])


class Counting(Walk):
    """Counts the boxes that were filled when a form is sent."""

    boxes = 0

    def press(self, words):
        filled = "els => els.filter(e => e.type === 'hidden' ? false : e.checked || e.value && \
            !['radio', 'checkbox'].includes(e.type)).filter(e => !e.defaultChecked).length"
        button = self.page.get_by_role("button", name=words).last
        form = button.evaluate_handle("b => b.form").as_element()
        self.boxes += self.page.evaluate(
            f"f => ({filled})([...f.elements].filter(e => e.matches('input, select')))", form
        )
        super().press(words)


@pytest.fixture
def looks(javascript, axe):
    """Axe needs scripts; the same pages are looked at with them."""
    return axe if javascript else lambda _: None


@pytest.fixture
def household(page, join):
    page.set_default_timeout(10_000)
    health = a_row()
    dental = next_year(health, plan="dental", balance="41.00", premium="41.00")
    return Counting(page, join(health, dental))


@pytest.fixture
def all_plans(page, join):
    page.set_default_timeout(10_000)
    health = a_row(billed_through="2026-11", balance="212.40")
    dental = next_year(health, plan="dental", balance="41.00", premium="41.00")
    return Walk(page, join(health, dental, next_year(health)))


def pay_all(walk, frequency="One time payment"):
    walk.goto("/find?to=plans")
    walk.fill_find()
    walk.press("Continue")
    assert walk.heading() == "Your plans"
    walk.press("Pay the chosen plans")
    walk.contact()
    for card in range(walk.page.locator("article").count()):
        walk.choose("Total you owe", card)
    walk.fill_bank()
    walk.page.get_by_label(frequency).check()
    walk.press("Continue to review")
    walk.review()


@BOTH
def test_a_household_with_health_and_dental_fills_22_boxes(household):
    pay_all(household)
    assert household.heading() == "We received your payment request"
    assert household.boxes == BOXES_FOR_TWO_PLANS


@BOTH
def test_one_visit_pays_all_changes_the_account_cancels_undoes_and_finishes(all_plans, looks):
    walk, page = all_plans, all_plans.page
    pay_all(walk, "Recurring payments")
    assert "3 payments" in page.locator("main").inner_text()
    page.get_by_role("link", name="See, change or cancel monthly payments").click()
    page.get_by_role("button", name="Change the bank account, or pay now").first.click()
    assert walk.heading().endswith("Billing information"), "nobody asks who it is"
    walk.choose("Another amount", amount="0.00")
    walk.fill_bank()
    page.get_by_label("Recurring payments").check()
    walk.type(account="900000001", account_again="900000001")
    walk.press("Continue to review")
    assert "This replaces your monthly payments" in page.locator("main").inner_text()
    walk.answer()
    walk.press("Submit")
    assert walk.heading() == "Your monthly payments are set up"

    walk.goto("/recurring")
    page.get_by_role("button", name="Cancel monthly payments").first.click()
    assert "Error" not in page.title()
    looks("the question before a cancel")
    walk.press("Yes, cancel these payments")
    assert "Your change is made" in page.get_by_role("status").inner_text()
    looks("a cancel that is made")
    page.get_by_role("button", name="Undo the cancel").first.click()
    assert "Your change is made" in page.get_by_role("status").inner_text()

    walk.goto("/plans")
    looks("all plans")
    walk.press("Finish and clear")
    assert "You are done" in page.get_by_role("status").inner_text()
    page.go_back()
    assert walk.person.row["plan_name"] not in page.content()
    assert "900000001"[-4:] not in page.content()


@BOTH
def test_an_open_visit_is_said_and_goes_on_with_the_birthday(walk, looks):
    walk.find()
    walk.contact()
    walk.goto("/")
    looks("an open visit")
    year, _, day = walk.person.row["birth_date"].split("-")
    walk.page.get_by_label("Month").select_option("April")
    walk.page.get_by_label("Day").fill(day)
    walk.page.get_by_label("Year").fill("1955")
    walk.press("Go on")
    assert "not the birthday" in walk.page.locator("main").inner_text()
    looks("another birthday")
    walk.page.get_by_label("Month").select_option("April")
    walk.page.get_by_label("Day").fill(day)
    walk.page.get_by_label("Year").fill(year)
    walk.press("Go on")
    assert walk.heading().endswith("Billing information")


@BOTH
def test_change_on_review_comes_back_to_review(walk):
    walk.to_review()
    walk.page.get_by_role("link", name="Change email").click()
    walk.page.get_by_label("Best phone number").fill("617-555-0199")
    walk.press("Continue")
    assert walk.heading().endswith("Check your answers")


@BOTH
def test_two_people_two_tabs_one_browser_and_each_pays_for_themselves(page, join):
    page.set_default_timeout(10_000)
    ada, ben = Walk(page, join()), Walk(page.context.new_page(), join())
    ben.page.set_default_timeout(10_000)
    ada.to_review()
    ben.to_review()
    ada.answer()
    ada.press("Submit payment of")
    assert "Another visit was started in this browser" in page.locator("main").inner_text()
    ben.review()
    assert ben.heading() == "We received your payment request"
    assert ada.person.payments == []
    assert ben.person.payments == [-21240]
    assert ada.person.row["last_name"] not in ben.page.content()


def token_of(page):
    return page.locator("#captcha-token").get_attribute("value")


def test_refresh_changes_the_picture_and_nothing_else_on_the_page(walk):
    walk.to_review()
    page, before = walk.page, token_of(walk.page)
    page.get_by_label("I agree").check()
    page.locator("[name=captcha_answer]").fill("old")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Refresh").click()
    page.locator(f"#captcha-token:not([value='{before}'])").wait_for(state="attached")
    assert page.evaluate("window.same"), "it is the same page"
    assert page.get_by_label("I agree").is_checked()
    assert page.locator("[name=captcha_answer]").input_value() == ""
    walk.review()
    assert walk.heading() == "We received your payment request"


@pytest.mark.parametrize("javascript", [False], ids=["without-js"])
def test_without_javascript_refresh_comes_back_to_the_picture(walk):
    walk.to_review()
    before = token_of(walk.page)
    walk.press("Refresh")
    assert token_of(walk.page) != before
    assert walk.page.url.endswith("/review#captcha-heading")
