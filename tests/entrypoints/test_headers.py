"""What goes with every answer: headers that protect, and a cookie that stays where it belongs."""

import re

import pytest
import requests

from infra.offline.events import LambdaContext
from tests.entrypoints.gateway import FORM, Gateway

CSP = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
FIXED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check(answer, cached=False):
    given = answer.headers["Content-Security-Policy"].split("; ")
    policy = dict(each.split(" ", 1) for each in given)
    assert policy.items() >= CSP.items()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert FIXED.items() <= dict(answer.headers).items()
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    cache = answer.headers["Cache-Control"]
    assert cache == ("public, max-age=31536000, immutable" if cached else "no-store")


@pytest.fixture
def broken(world, monkeypatch):
    """A system that fails in the middle of everything; the message holds what was typed."""

    class Broken:
        def __getattr__(self, name):
            raise RuntimeError("Maria López 123-45-6789")

    monkeypatch.setitem(world.system.__dict__, "finding", Broken())


def test_pages_and_redirects(person):
    check(person.get("/"))
    check(person.get("/find"))
    check(person.get("/contact"))
    check(person.found())
    for answer in (person.get("/contact"), person.contact(), person.get("/billing")):
        check(answer)
    check(person.pays())
    check(person.get("/review"))
    check(person.submit())
    check(person.get("/done"))


def test_refusals(person, gateway):
    person.get("/find")
    check(person.post("/find"))  # 422
    check(person.post("/find", unknown="1"))
    check(person.send("/find", {}))  # 403
    check(person.get("/captcha/x/audio"))  # 404
    check(person.get("/static/none.css"))
    for _ in range(5):
        person.found(last_name=f"{person.row['last_name']} x")
    answer = person.found()
    assert answer.status == 429
    check(answer)
    wrong_type = gateway.call("POST", "/find", b"{}", {"Content-Type": "application/json"})
    assert wrong_type.status == 415
    assert "No payment was made" in wrong_type.text
    check(wrong_type)
    wrong_method = gateway.call("POST", "/done", b"", {"Content-Type": FORM})
    assert wrong_method.status == 405
    check(wrong_method)


@pytest.mark.usefixtures("broken")
def test_a_fault_of_ours_is_a_page_that_says_how_to_learn_whether_money_moved(gateway, canaries):
    gateway.get("/find")
    answer = gateway.post("/find", {"plan": "health"})
    assert answer.status == 500
    assert "it shows your confirmation number when the payment was made" in answer.text
    assert "López" not in answer.html
    assert "Traceback" not in answer.html
    check(answer)
    logged = "\n".join(canaries.log)
    assert "RuntimeError" in logged
    assert "López" not in logged
    assert "123-45-6789" not in logged


def test_files_of_the_page_are_kept_for_a_year_under_an_address_that_changes_with_them(person):
    page = person.get("/")
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.html)
    assert len(addresses) == 3
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        check(person.get(address), cached=True)


@pytest.mark.parametrize(
    "name", ["../settings.py", "..%2fsettings.py", "SHA256SUMS", ".hidden", "none.css"]
)
def test_no_other_file_is_given_out(person, name):
    assert person.get(f"/static/{name}").status == 404


def test_the_cookie_is_for_this_host_only_and_no_script_reads_it(person):
    for answer in (person.get("/find"), person.found()):
        cookie = answer.headers["Set-Cookie"]
        value, *attributes = cookie.split("; ")
        assert re.fullmatch(r"__Host-journey=[A-Za-z0-9_-]{43}", value)
        assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_being_found_gives_a_new_secret(person):
    person.get("/find")
    before = dict(person.cookies)
    assert person.found().location == "/contact"
    assert person.cookies != before
    found = dict(person.cookies)
    person.cookies = before
    assert person.get("/contact").location == "/find", "the old one is no way in"
    person.cookies = found
    assert person.get("/contact").status == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "__Host-journey=", "__Host-journey=" + "A" * 42, "journey=" + "A" * 43]
)
def test_a_cookie_that_is_not_ours_is_as_none(world, cookie):
    answer = requests.get(
        f"{world.page_url}/contact",
        headers={"Cookie": cookie},
        allow_redirects=False,
        timeout=10,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/find")


def test_a_reader_without_an_accept_header_is_answered_too(world):
    gateway = Gateway(world)
    event = gateway.event("GET", "/", None, {})
    for headers in ("headers", "multiValueHeaders"):
        del event[headers]["Accept"]
    assert world.app.app(event, LambdaContext("api"))["statusCode"] == 200
