"""What the page does better with JavaScript, and with room; and colours that the member chose."""

import gzip

import pytest

from chalicelib.entrypoints.answers import STATIC
from tests.browser.walk import Walk
from tests.journeys.people import a_row, next_year

MOST_BYTES = 25_000  # of the first visit, compressed, without the fonts
NUMBERS = ("enrollment_id", "ssn", "ssn_again", "billing_account")


def shown(page, names=NUMBERS):
    return [name for name in names if page.locator(f"[name={name}]").is_visible()]


def test_the_boxes_of_a_number_open_when_its_kind_is_chosen(walk):
    walk.goto("/find")
    assert shown(walk.page) == []
    walk.page.get_by_label("Social Security number", exact=True).check()
    assert shown(walk.page) == ["ssn", "ssn_again"]
    walk.page.get_by_label("Billing Account Number", exact=True).check()
    assert shown(walk.page) == ["billing_account"]
    walk.press("Continue")
    assert shown(walk.page) == ["billing_account"], "as it was sent"


@pytest.mark.parametrize("javascript", [False], ids=["without-js"])
def test_without_javascript_all_boxes_are_open(walk):
    walk.goto("/find")
    assert shown(walk.page) == list(NUMBERS)


def test_back_shows_the_boxes_of_what_was_chosen(walk):
    walk.find("ssn")
    walk.page.go_back()
    assert walk.page.locator("[name=id_type]:checked").count() == len(shown(walk.page)[:1])


@pytest.fixture
def two_years(page, join):
    page.set_default_timeout(10_000)
    owed = a_row(balance="424.80")
    walk = Walk(page, join(owed, next_year(owed)))
    walk.find()
    walk.contact()
    return walk


def test_typing_an_amount_chooses_it(two_years):
    card = two_years.page.locator("article").nth(1)
    card.get_by_label("Amount in dollars and cents").type("1")
    assert card.get_by_label("Another amount").is_checked()


def test_a_total_is_said_once_two_plans_are_paid(two_years):
    total = two_years.page.locator("#running-total")
    assert not total.is_visible()
    two_years.choose("Total you owe", card=0)
    assert not total.is_visible(), "the card has said it"
    two_years.choose("Another amount", card=1, amount="$1,000.5")
    assert total.inner_text().strip() == "Total to pay now: $1,425.30"
    for text in ("a few", "1,2", "-5", "."):
        two_years.choose("Another amount", card=1, amount=text)
        assert not total.is_visible(), "the server says what is wrong with it"
    two_years.choose("Do not pay", card=1)
    assert not total.is_visible()


@pytest.mark.parametrize("javascript", [False], ids=["without-js"])
def test_without_javascript_no_total_is_said_that_nobody_adds_up(two_years):
    two_years.choose("Total you owe", card=0)
    two_years.choose("Total you owe", card=1)
    assert not two_years.page.locator("#running-total").is_visible()


PAIRS = {
    "/find": [("first_name", "last_name")],
    "/contact": [("email", "email_again")],
    "/billing": [("account", "account_again"), ("routing", "routing_again")],
}


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (320, False)])
def test_what_belongs_together_stands_side_by_side_where_there_is_room(walk, width, beside):
    walk.to_review()
    walk.page.set_viewport_size({"width": width, "height": 900})
    for address, pairs in PAIRS.items():
        walk.goto(address)
        for pair in pairs:
            one, other = (walk.page.locator(f"[name={name}]").bounding_box() for name in pair)
            assert (one["y"] == other["y"]) is beside, pair


def test_colours_that_the_member_chose_hide_no_choice(walk):
    walk.page.emulate_media(forced_colors="active")
    walk.goto("/find")
    radio = walk.page.get_by_label("Health plan")
    assert radio.evaluate("e => getComputedStyle(e).opacity") == "1", "the browser's own sign"
    radio.check()
    widths = "e => getComputedStyle(e).borderTopWidth"
    assert walk.page.get_by_role("button", name="Continue").evaluate(widths) == "2px"
    assert walk.page.locator(".site-header").evaluate(widths) == "1px"


def test_paper_stays_white(walk):
    walk.page.emulate_media(color_scheme="dark")
    walk.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert walk.page.evaluate(ground) == "rgb(20, 24, 31)"
    walk.page.emulate_media(color_scheme="dark", media="print")
    assert walk.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_the_first_visit_brings_few_bytes():
    sizes = [len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ("app.css", "app.js")]
    assert sum(sizes) < MOST_BYTES
