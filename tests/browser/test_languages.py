"""Show 4: the button of a language, pressed at every step with all boxes filled, loses nothing."""

import pytest

from tests.pseudo import PSEUDO, accented, pseudo

BOXES = "main input:not([type=hidden]), main select"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def javascript(request):
    return request.param


@pytest.fixture
def change(walk, speaks_pseudo):
    """Presses the button; all that was filled in is there again, save what is `left_out`."""

    def filled():
        return {
            box.get_attribute("id"): box.is_checked() if box.is_checkable else box.input_value()
            for box in map(Box, walk.page.locator(BOXES).all())
        }

    def change(*left_out):
        before = filled()
        with walk.page.expect_navigation():
            walk.page.get_by_role("button", name=pseudo("English"), exact=True).click()
        assert walk.page.locator("html").get_attribute("lang") == speaks_pseudo
        assert walk.page.locator("#error-summary, #question").count() == 0
        after = filled()
        emptied = {name for name, was in before.items() if was and after[name] != was}
        assert emptied == set(left_out)
        assert sum(map(bool, before.values())) > 1
        walk.part, walk.whole = accented, pseudo

    return change


class Box:
    """A box of a form, of whichever kind."""

    def __init__(self, located):
        self.located = located
        self.is_checkable = located.get_attribute("type") in ("radio", "checkbox")

    def __getattr__(self, name):
        return getattr(self.located, name)


def test_on_find_and_from_there_on(walk, change):
    walk.goto("/find")
    walk.fill_find("ssn")
    change()
    walk.press("Continue")
    walk.contact()
    walk.billing()
    assert walk.heading().endswith(pseudo("Check your answers"))
    walk.review()
    assert walk.heading() == pseudo("We received your payment request")


def test_on_contact(walk, change):
    walk.find()
    walk.type(email="not yet", email_again=walk.person.email, phone="12")
    change()
    walk.contact()
    assert walk.heading().endswith(pseudo("Billing information"))


def test_on_billing(walk, change):
    walk.find()
    walk.contact()
    walk.choose("Another amount", amount="12.34")
    walk.fill_bank()
    change("account", "account_again")
    assert accented("Account ending") + f" {walk.person.account[-4:]}" in walk.page.inner_text(
        "main"
    )
    walk.press("Continue to review")
    walk.review()
    assert walk.person.payments == [-1234]


def test_on_review(walk, change):
    walk.to_review()
    walk.answer()
    change("agree", "captcha_answer")  # both are of what was shown
    walk.review()
    [mail] = walk.person.mails
    assert mail["subject"].startswith(f"[{accented('We received your payment request')}")


def test_on_the_start_page_of_an_open_visit(walk, change):
    walk.find()
    walk.goto("/")
    year, month, day = walk.person.row["birth_date"].split("-")
    walk.type(birth_day=day, birth_year=year)
    walk.page.locator("[name=birth_month]").select_option(str(int(month)))
    change()
    walk.press("Go on")
    assert walk.heading().endswith(pseudo("Contact information"))


def test_on_plans(walk, change):
    walk.find()
    walk.goto("/plans")
    [box] = walk.page.locator("main input[type=checkbox]").all()
    box.uncheck()
    with walk.page.expect_navigation():
        walk.page.get_by_role("button", name=pseudo("English"), exact=True).click()
    assert not walk.page.locator("main input[type=checkbox]").is_checked()


def test_a_choice_on_the_start_page_is_kept(walk, speaks_pseudo):
    walk.goto("/")
    walk.page.get_by_role("link", name=pseudo("English"), exact=True).click()
    walk.part, walk.whole = accented, pseudo
    walk.page.get_by_role("link", name=accented("Start a payment")).click()
    assert walk.heading().endswith(pseudo("Find your enrollment"))
    assert walk.page.locator("html").get_attribute("lang") == PSEUDO
