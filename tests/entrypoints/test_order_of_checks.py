"""csrf 403; journey 303; unknown or doubled field 422; wait 429; fields; rules (design 5)."""

import pytest

from chalicelib.entrypoints import http_request
from tests.entrypoints.gateway import Gateway
from tests.entrypoints.reading import Page
from tests.journeys.people import another_visit
from tests.member import BANK

STEPS = ["/find", "/contact", "/billing", "/review"]
NO_FORM = "We could not read that form"


@pytest.fixture
def at(person):
    """The person at a step; all before it are done."""

    def at(step):
        person.get("/find")
        if step != "/find":
            person.found()
        if step in ("/billing", "/review"):
            person.contact()
        if step == "/review":
            person.pays()
        assert person.get(step).status == 200
        return person

    return at


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("csrf", [None, "", "x", "é" * 43, "A" * 43])
def test_a_csrf_that_is_missing_or_wrong_is_403_before_all_else(at, step, csrf):
    person = at(step)
    fields = {} if csrf is None else {"csrf": csrf}
    answer = person.send(step, {**fields, "unknown": "1"})
    assert answer.status == 403
    assert "No payment was made" in answer.text


@pytest.mark.parametrize("step", STEPS)
def test_the_csrf_of_another_browser_is_wrong(at, step):
    person = at(step)
    theirs = another_visit(person)
    theirs.get("/find")
    assert person.send(step, {"csrf": theirs.csrf, "lang": "en"}).status == 403


@pytest.mark.parametrize("step", STEPS)
def test_without_a_cookie_no_csrf_is_right(at, step):
    person = at(step)
    person.cookies.clear()
    assert person.post(step).status == 403


@pytest.mark.parametrize("step", STEPS[1:])
def test_without_a_journey_an_unknown_field_is_not_looked_at(person, step):
    person.get("/find")
    answer = person.post(step, unknown="1")
    assert (answer.status, answer.location) == (303, "/find")


@pytest.mark.parametrize("step", STEPS[2:])
def test_out_of_order_an_unknown_field_is_not_looked_at(at, step):
    answer = at("/contact").post(step, unknown="1")
    assert (answer.status, answer.location) == (303, "/contact")


@pytest.mark.parametrize("step", STEPS)
def test_an_unknown_field_is_422_before_the_fields(at, step):
    answer = at(step).post(step, unknown="1")
    assert answer.status == 422
    assert NO_FORM in answer.text


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", ["csrf", "lang", "first"])
def test_a_doubled_field_is_422_also_when_both_say_the_same(at, step, name):
    person = at(step)
    first = {"/find": "plan", "/contact": "email", "/billing": "account", "/review": "agree"}[step]
    pairs = [("csrf", person.csrf), ("lang", "en"), (first, "yes")]
    again = {"csrf": person.csrf, "lang": "en", "first": "yes"}[name]
    answer = person.send(step, [*pairs, (first if name == "first" else name, again)])
    assert answer.status == 422
    assert NO_FORM in answer.text


@pytest.mark.parametrize("step", STEPS)
def test_a_language_that_we_do_not_speak_is_422(at, step):
    assert NO_FORM in at(step).post(step, lang="xx").text


def test_the_fields_of_another_members_enrollment_are_unknown(at, join):
    other = join()
    person = at("/billing")
    fields = {f"pay_{person.enrollment_id}": "total", f"pay_{other.enrollment_id}": "total"}
    answer = person.billing(**fields)
    assert answer.status == 422
    assert NO_FORM in answer.text


def test_an_unknown_field_comes_before_the_wait_and_the_wait_before_the_fields(at):
    person = at("/find")
    for _ in range(5):
        person.found(last_name=f"{person.row['last_name']} x")
    assert person.find(person.claim(), unknown="1").status == 422
    assert person.find(person.claim(first_name="")).status == 429
    assert person.get("/contact").location == "/find"


def test_the_fields_come_before_the_rules(at, join):
    person = at("/billing")
    amount = {f"amount_{person.enrollment_id}": "500.00"}  # more than owed: asked about
    answer = person.pays("other", **amount, routing="1", routing_again="1")
    assert set(Page(answer.html).summary) >= {"routing"}
    assert answer.status == 422


def test_submit_is_refused_without_agreement_whatever_else_is_right(at):
    person = at("/review")
    assert person.submit(agree="").status == 422
    assert person.payments == []


@pytest.mark.parametrize("body", [b"", b"&", b"a" * 10_000, b"csrf", b"\xff\xfe"])
def test_a_body_that_is_no_form_is_403(at, gateway, body):
    gateway.cookies = at("/billing").cookies
    assert gateway.post("/billing", body).status == 403


def test_more_fields_than_any_form_has_are_refused(at):
    person = at("/billing")
    pairs = [("csrf", person.csrf), *((f"f{n}", "") for n in range(500))]
    assert person.send("/billing", pairs).status == 403


def test_every_post_that_goes_on_is_303(person):
    assert person.found().status == 303
    assert person.contact().status == 303
    assert person.pays(**BANK).status == 303
    assert person.submit().status == 303


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "https://example.org.elsewhere.example"},
    ],
)
def test_a_form_that_the_browser_says_came_from_elsewhere_is_403_whatever_its_token(
    world, step, headers
):
    gateway = Gateway(world)
    gateway.get("/find")
    assert gateway.post(step, {}, **headers).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://example.org"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_our_own_page_passes(world, headers):
    gateway = Gateway(world)
    gateway.get("/find")
    assert gateway.post("/find", {}, **headers).status == 422  # nothing was filled in


def test_a_form_above_64_kilobytes_is_refused_before_it_is_parsed(world, monkeypatch):
    gateway = Gateway(world)
    gateway.get("/find")
    monkeypatch.setattr(http_request, "parse_qsl", None)
    answer = gateway.post("/find", {"first_name": "x" * 70_000})
    assert answer.status == 413
    assert "No payment was made" in answer.text
