"""Paste, keyboard, double click, the warning before the time-out, print (facts: page 2)."""

import pytest

from tests.browser.walk import Walk
from tests.journeys.people import a_row

TWICE = {
    "/find": [("ssn", "400-81-1234"), ("enrollment_id", "E 123"), ("billing_account", "712345678")],
    "/contact": [("email", "name@example.com")],
    "/billing": [("account", "0001-2345 6789"), ("routing", "0110-0001-5")],
}


CHOICES = ("enrollment_id", "ssn", "billing_account")


def paste_into(page, name, text):
    """Copies the text out of a box and pastes it with the keyboard, as a person does."""
    page.locator("[name=first_name], [name=phone], [name=account_name]").first.fill(text)
    page.locator("[name=first_name], [name=phone], [name=account_name]").first.press("Control+a")
    page.keyboard.press("Control+c")
    kind = name.removesuffix("_again")
    if kind in CHOICES:
        page.locator(f"[name=id_type][value={kind}]").check()
    page.locator(f"[name={name}]").focus()
    page.keyboard.press("Control+v")
    return page.locator(f"[name={name}]").input_value()


def test_paste_works_in_every_box_that_is_typed_twice(walk):
    page = walk.page
    walk.goto("/find")
    for name, text in TWICE["/find"]:
        assert paste_into(page, name, text) == text
    assert paste_into(page, "ssn_again", "400-81-1234") == "400-81-1234"
    walk.find()
    for name in ("email", "email_again"):
        assert paste_into(page, name, "name@example.com") == "name@example.com"
    walk.contact()
    for name in ("account", "account_again", "routing", "routing_again"):
        assert paste_into(page, name, "0110-0001-5") == "0110-0001-5"


def test_nothing_that_is_typed_twice_is_hidden_or_cleared(walk):
    walk.to_review()
    walk.goto("/billing")
    for name in ("account", "account_again", "routing", "routing_again"):
        assert walk.page.locator(f"[name={name}]").get_attribute("type") == "text"


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(walk):
    page = walk.page
    walk.goto("/find")
    page.evaluate("document.querySelector('[value=ssn]').click()")  # the focus stays at the top
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.name || document.activeElement.className")
        )
    assert seen[0] == "usa-skipnav"
    fields = [name for name in seen if name in {n for n, *_ in _boxes(page)}]
    order = [name for name, *_ in _boxes(page)]
    assert list(dict.fromkeys(fields)) == list(dict.fromkeys(order))


def _boxes(page):
    return [
        (each.get_attribute("name"),)
        for each in page.locator("main [name]:not([type=hidden])").all()
        if each.is_visible()
    ]


def test_the_skip_link_leads_past_the_header(walk):
    walk.goto("/find")
    walk.page.keyboard.press("Tab")
    walk.page.keyboard.press("Enter")
    assert walk.page.evaluate("document.activeElement.id") == "main"


def test_a_whole_payment_by_keyboard_alone(walk):
    walk.to_review()
    walk.answer()
    with walk.page.expect_navigation():
        walk.page.locator("[name=captcha_answer]").press("Enter")
    assert walk.heading() == "We received your payment request"
    assert walk.person.payments == [-21240]


def test_the_links_of_the_error_summary_lead_to_the_boxes(walk):
    walk.goto("/find")
    walk.press("Continue")
    page = walk.page
    links = page.locator("#error-summary a")
    assert links.count() == 4
    for n in range(4):
        target = links.nth(n).get_attribute("href").removeprefix("#")
        links.nth(n).click()
        assert page.evaluate("document.activeElement.id") == target
        message = page.locator(f"#{target}-error")
        assert message.is_visible()


def test_a_double_click_on_submit_sends_one_form(walk):
    posts = []
    walk.page.on(
        "request", lambda request: posts.append(request.url) if request.method == "POST" else 0
    )
    walk.to_review()
    posts.clear()
    walk.answer()
    walk.page.get_by_role("button", name="Submit payment of").dblclick(no_wait_after=True)
    walk.page.wait_for_url("**/done")
    assert len(posts) == 1
    assert walk.person.payments == [-21240]


def test_two_minutes_before_the_end_one_button_gives_all_the_time_again(walk, axe):
    page = walk.page
    page.clock.install()
    walk.to_review()
    token = page.locator("#captcha-token").get_attribute("value")
    page.get_by_label("I agree").check()
    page.clock.fast_forward(27 * 60 * 1000)
    assert not page.locator("#time-out").is_visible()
    page.clock.fast_forward(61 * 1000)
    dialog = page.get_by_role("alertdialog")
    assert "this page closes in 2 minutes. No payment has been made" in dialog.inner_text()
    assert page.evaluate("document.activeElement.id") == "time-out-extend"
    axe("the warning")
    page.get_by_role("button", name="Give me 30 more minutes").click()
    dialog.wait_for(state="hidden")
    assert page.locator("#captcha-token").get_attribute("value") != token, "a new picture"
    assert page.get_by_label("I agree").is_checked(), "nothing is lost"
    walk.review()
    assert walk.person.payments == [-21240]


def test_when_the_time_is_over_the_warning_says_so_and_lets_the_page_go_on(walk, axe):
    page = walk.page
    page.clock.install()
    walk.find()
    page.clock.fast_forward(28 * 60 * 1000)
    dialog = page.get_by_role("alertdialog")
    assert "closes in 2 minutes" in dialog.inner_text()
    page.clock.fast_forward(121 * 1000)
    assert "2 minutes" not in dialog.inner_text()
    assert "The time for this page is over\n\nNo payment has been made" in dialog.inner_text()
    axe("the time is over")
    assert page.evaluate("document.activeElement.id") == "time-out-close"
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    walk.contact()
    assert walk.heading().endswith("Billing information"), "the server's own time goes on"


def test_a_computer_that_slept_is_not_promised_two_minutes(walk):
    page = walk.page
    page.clock.install()
    walk.find()
    page.clock.fast_forward(40 * 60 * 1000)
    assert "The time for this page is over" in page.get_by_role("alertdialog").inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_print_is_offered_where_it_works(walk, javascript):
    walk.to_review()
    walk.review()
    assert walk.page.get_by_role("button", name="Print this page").is_visible() is javascript


def test_the_audio_can_be_played(walk):
    walk.to_review()
    seconds = walk.page.evaluate(
        "new Promise((good, bad) => { const a = document.querySelector('audio');"
        " a.onloadedmetadata = () => good(a.duration); a.onerror = () => bad(a.error);"
        " a.preload = 'metadata'; a.load(); })"
    )
    assert 4 < seconds < 20


def test_the_words_are_readable_at_twice_the_size(walk):
    walk.page.set_viewport_size({"width": 640, "height": 480})  # 1280 at 200 %
    walk.goto("/find")
    assert walk.page.evaluate("document.documentElement.scrollWidth") == 640


def test_a_name_with_markup_is_only_a_name(page, join):
    name = "<b>Bold</b> & Sons"
    walk = Walk(page, join(a_row(plan_name='Gold <i>1000</i> & "More"', last_name=name)))
    walk.to_review()
    text = page.inner_text("main")
    assert name in text
    assert 'Gold <i>1000</i> & "More"' in text
    assert page.locator("main b, main i").count() == 0
