"""In Chromium through the gateway, its stage and its cookies: with JavaScript and without."""

import pytest

from tests.e2e.guest import STAGE
from tests.journeys.people import THURSDAY, a_row

pytestmark = pytest.mark.parametrize(
    "javascript", [True, False], ids=["with JavaScript", "without"]
)


@pytest.fixture(scope="module")
def cloud(deploy):
    return deploy("browser", THURSDAY)


@pytest.fixture
def walk(cloud, chromium):
    [guest] = cloud.join(a_row())
    return chromium(guest)


def test_in_chromium_a_member_pays(walk):
    walk.to_review()
    pictures = walk.page.locator("main img")
    widths = [pictures.nth(n).evaluate("img => img.naturalWidth") for n in range(pictures.count())]
    assert max(widths) > 100, "the picture to be typed off came through"
    walk.review()
    assert walk.page.url.endswith(f"{STAGE}/done")
    assert "HC-" in walk.page.locator("main").inner_text()
    assert walk.person.payments == [-21240]


def test_in_chromium_the_page_is_styled_and_its_cookie_is_kept(walk):
    walk.goto("/find")
    sheets = walk.page.evaluate("[...document.styleSheets].map(sheet => sheet.cssRules.length)")
    assert sheets
    assert all(count > 10 for count in sheets)
    [cookie] = walk.page.context.cookies()
    assert (cookie["name"], cookie["secure"]) == ("__Host-journey", True)
