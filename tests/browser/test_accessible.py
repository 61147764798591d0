"""No page and no error state has anything that axe finds, or scrolls sideways at 320 px.

In English and in the pseudo language, where nothing English is left either.
"""

import re
from dataclasses import dataclass, field

import pytest

from tests.browser.walk import Walk
from tests.journeys.people import BANK, a_row, next_year
from tests.pseudo import PSEUDO, accented, english_on, pseudo

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}


@dataclass
class Speaking:
    """The language of a walk, and the names that are the same in each."""

    language: str
    names: list[str] = field(default_factory=lambda: ["Ana Pérez", BANK["account_name"]])

    @property
    def is_pseudo(self):
        return self.language == PSEUDO

    def part(self, text):
        return accented(text) if self.is_pseudo else text

    def person(self, person):
        """Who walks without a browser, in this language."""
        self.names += [person.row[name] for name in ("plan_name", "first_name", "last_name")]
        if self.is_pseudo:
            person.lang = person.cookies["__Host-lang"] = PSEUDO
        return person

    def __call__(self, walk):
        """The walk, in this language."""
        self.person(walk.person)
        if self.is_pseudo:
            walk.part, walk.whole = accented, pseudo
            walk.goto(f"/?lang={PSEUDO}")
        return walk


@pytest.fixture(params=["en", PSEUDO])
def speaking(request):
    if request.param == PSEUDO:
        request.getfixturevalue("speaks_pseudo")
    return Speaking(request.param)


@pytest.fixture
def walk(walk, speaking):
    return speaking(walk)


@pytest.fixture
def fine(page, axe, speaking):
    """Asserts that a state is well made, wide and narrow."""

    def fine(state, *, is_error=False):
        axe(state)
        page.set_viewport_size(PHONE)
        wide = page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
            " && e.getBoundingClientRect().right > innerWidth + 1"
            " && !e.closest('.usa-sr-only, .usa-skipnav, .first-button'))"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(DESK)
        assert (width, wide) == (320, []), state
        assert (speaking.part("Error:") in page.title()) == is_error, state
        if speaking.is_pseudo:
            assert english_on(page.content(), *speaking.names, "Somebody") == set(), state
        focused = page.evaluate("document.activeElement.id")
        assert (focused == "error-summary") == is_error, state

    return fine


def test_start_and_find(walk, fine):
    walk.goto("/")
    fine("start")
    walk.goto("/about/terms")
    fine("a text that is missing")
    walk.goto("/find")
    fine("find")
    walk.press("Continue")
    fine("find, all empty", is_error=True)
    walk.fill_find("ssn")
    walk.type(ssn_again="123")
    walk.press("Continue")
    fine("find, the two numbers differ", is_error=True)
    walk.find(last_name="Somebody")
    fine("no match", is_error=True)


def test_wait_and_refusals(walk, fine):
    for _ in range(5):
        walk.person.found(last_name=f"{walk.person.row['last_name']} x")
    walk.find()
    assert walk.part("Wait before you try again") in walk.heading()
    fine("wait")
    walk.goto("/captcha/none/audio")
    fine("not found")
    walk.goto("/nowhere")
    assert walk.heading() == "Page not found"  # the gateway's own page
    walk.goto("/find")
    walk.page.evaluate("document.querySelector('[name=csrf]').value = 'x'")
    walk.press("Continue")
    assert walk.part("could not be sure") in walk.heading()
    fine("refused")


def test_what_is_behind_the_link_of_a_mail(walk, fine):
    walk.person.paid()
    [mail] = walk.person.mails
    walk.goto(re.search(r"/state/\S+", mail["text"])[0])
    assert walk.heading() == walk.whole("What our email told you about")
    fine("the state behind a mail's link")
    with walk.page.expect_navigation():
        walk.page.get_by_role("link", name=walk.part("Find your account")).click()
    assert walk.page.url.endswith("/find")


def test_contact_and_billing(page, join, speaking, fine):
    owed = a_row(balance="424.80")
    walk = speaking(Walk(page, join(owed, next_year(owed))))
    walk.find()
    fine("contact")
    walk.press("Continue")
    fine("contact, all empty", is_error=True)
    walk.contact()
    fine("billing")
    page.get_by_role("link", name=walk.part("See what makes up what you owe")).first.click()
    assert walk.heading() == walk.whole("What makes up what you owe")
    fine("statement")
    page.go_back()
    walk.press("Continue to review")
    fine("billing, all empty", is_error=True)
    walk.choose("Another amount", card=0, amount="500")
    walk.choose("Another amount", card=1, amount="1")
    walk.fill_bank()
    walk.press("Continue to review")
    fine("billing, asked about both amounts")


def test_another_email_or_phone_of_monthly_payments(page, join, speaking, fine):
    walk = speaking(Walk(page, join(next_year(a_row()))))
    walk.person.paid(frequency="monthly")
    page.set_default_timeout(10_000)
    walk.goto("/find?to=recurring")
    walk.fill_find()
    walk.press("Continue")
    fine("monthly payments")
    walk.press("Change email or phone")
    assert page.evaluate("document.activeElement.id") == "question"
    fine("the question how a member is reached")
    walk.press("Change email or phone")
    fine("how a member is reached, all empty", is_error=True)
    speaking.names += ["gmail.com"]
    walk.type(email="ana@gmail.con", email_again="ana@gmail.con", phone="617-555-0199")
    walk.press("Change email or phone")
    fine("how a member is reached, an address that is one slip away")


def test_billing_of_other_kinds(page, join, wait, speaking, fine):
    ended = a_row(coverage_end="2026-08-31", balance="-50.00")
    walk = speaking(Walk(page, join(ended)))
    walk.find()
    walk.contact()
    assert walk.part("Your coverage ended") in page.inner_text("main")
    fine("billing, ended and in credit")
    walk = speaking(Walk(page, join(a_row(balance="424.80"))))
    for submit in (True, False):
        walk.find()
        walk.contact()
        walk.billing("Another amount", amount="10.00")
        if submit:
            walk.review()
    fine("billing, paid today")
    wait(minutes=31)
    walk.press("Continue to review")
    assert walk.part("Nothing was paid after it") in page.inner_text("main")
    fine("find, after a time-out")


def test_review_and_done(walk, fine):
    walk.to_review("Another amount", amount="100.00")
    fine("review")
    walk.press("Submit payment of")
    fine("review, all empty", is_error=True)
    for _ in range(3):
        walk.page.get_by_label(walk.part("I agree")).check()
        walk.type(captcha_answer="WRONG7")
        walk.press("Submit payment of")
    assert walk.part("say this reference") in walk.page.inner_text("main")
    fine("review, three misses", is_error=True)
    walk.page.get_by_role("link", name=walk.part("bank account")).click()
    assert walk.part("Account ending") in walk.page.inner_text("main")
    fine("billing, the account is kept")
    walk.press("Continue to review")
    walk.review()
    fine("done")


def test_the_mail_reads_well_on_a_phone(page, person, speaking, axe):
    speaking.person(person).paid()
    [mail] = person.mails
    page.set_viewport_size(PHONE)
    page.set_content(mail["html"])
    # Its dark ground is the browser's own, which axe takes for white.
    axe("the confirmation mail", schemes=["light"])
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
