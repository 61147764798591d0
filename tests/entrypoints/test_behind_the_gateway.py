"""As API Gateway calls us: base64, a stage in the path, its word on who asks (facts: page 1.4)."""

import json
import re
from datetime import timedelta

import pytest

from chalicelib.domain.guessing import Ticket
from chalicelib.services.page.claims import said
from infra.offline.events import LambdaContext
from tests.entrypoints.gateway import Gateway
from tests.entrypoints.reading import Page
from tests.journeys import people
from tests.member import BANK, claim_of

pytestmark = pytest.mark.moto

LINK = re.compile(r'\b(?:href|src|action)="([^"]*)"')


@pytest.fixture
def staged(world):
    return Gateway(world, stage="api")


def in_stage(answer):
    """Asserts that every link of a page stays in the stage."""
    for link in LINK.findall(answer.html):
        assert link.startswith(("/api/", "#", "tel:", "data:")), link
    return answer


def test_links_location_and_cookie_are_right_under_a_stage(staged, person):
    in_stage(staged.get("/"))
    page = in_stage(staged.get("/find"))
    assert "Path=/;" in page.headers["Set-Cookie"], "__Host- asks for it"
    found = staged.post("/find", claim_of(person.row))
    assert (found.status, found.location) == (303, "/api/contact")
    in_stage(staged.get("/contact"))
    contact = {"email": person.email, "email_again": person.email, "phone": "617-555-0123"}
    in_stage(staged.post("/contact", {**contact, "phone": ""}))
    assert staged.post("/contact", contact).location == "/api/billing"
    in_stage(staged.get("/billing"))
    bank = {**BANK, f"pay_{person.enrollment_id}": "total"}
    assert staged.post("/billing", bank).location == "/api/review"
    shown = in_stage(staged.get("/review"))
    token = Page(shown.html).values["captcha_token"]
    assert f'src="/api/captcha/{token}/audio"' in shown.html
    assert staged.get(f"/captcha/{token}/audio").status == 200
    answer = {"agree": "yes", "captcha_token": token}
    answer |= {"captcha_answer": person.ask(f"/captcha/{token}")["audio"]}
    assert staged.post("/review", answer).location == "/api/done"
    in_stage(staged.get("/done"))
    assert staged.get("/billing").location == "/api/done"
    assert person.payments == [-21240]


def test_without_a_stage_in_the_path_there_is_none_in_the_links(gateway):
    links = LINK.findall(gateway.get("/find").html)
    assert links
    assert not [link for link in links if link.startswith(("/api", "/prod"))]


def test_accents_survive_a_body_in_base64(gateway, join):
    member = join(people.a_row(first_name="Zoë", last_name="Nguyễn-Łukasz"))
    gateway.get("/find")
    answer = gateway.post("/find", {**claim_of(member.row), "birth_day": ""})
    assert Page(answer.html).values["first_name"] == "Zoë"
    assert Page(answer.html).values["last_name"] == "Nguyễn-Łukasz"
    assert gateway.post("/find", claim_of(member.row)).location == "/contact"
    gateway.get("/contact")
    email = {"email": "zoë@example.com", "email_again": "zoë@example.com", "phone": "1"}
    assert Page(gateway.post("/contact", email).html).values["email"] == "zoë@example.com"


@pytest.mark.parametrize("address", ["/", "/static/app.css", "/static/PublicSans-Bold.woff2"])
def test_any_accept_header_gets_the_bytes(gateway, address):
    for accept in ("text/html", "image/webp,*/*", "text/css", "font/woff2"):
        assert gateway.get(address, Accept=accept).status == 200


class TestWhoAsks:
    """Counters go by the gateway's word on the address; a header is anybody's word."""

    def counted_address(self, world, gateway, row, **headers):
        gateway.get("/find")
        world.engine.reset_calls()
        claim = claim_of({**row, "last_name": f"{row['last_name']} x"})
        assert gateway.post("/find", claim, **headers).status == 422
        [found] = {
            name
            for call in world.engine.calls
            for name in re.findall(r"address#[0-9a-f]{64}", call.body.decode())
        }
        return found

    def test_x_forwarded_for_is_not_believed(self, world, person):
        one = Gateway(world, source_ip="203.0.113.50")
        plain = self.counted_address(world, one, person.row)
        for claim in ("198.51.100.1", "203.0.113.50, 10.0.0.1", "::1"):
            headers = {"X-Forwarded-For": claim, "X-Real-IP": claim, "Forwarded": f"for={claim}"}
            assert self.counted_address(world, one, person.row, **headers) == plain

    def test_another_address_is_counted_apart(self, world, person):
        one, two = (Gateway(world, source_ip=f"203.0.113.{n}") for n in (51, 52))
        first = self.counted_address(world, one, person.row)
        assert self.counted_address(world, two, person.row) != first

    def test_a_household_has_one_ipv6_network(self, world, person):
        one = Gateway(world, source_ip="2001:db8:1:2:aaaa::1")
        two = Gateway(world, source_ip="2001:db8:1:2:bbbb::9")
        far = Gateway(world, source_ip="2001:db8:1:3:aaaa::1")
        first = self.counted_address(world, one, person.row)
        assert self.counted_address(world, two, person.row) == first
        assert self.counted_address(world, far, person.row) != first

    def test_rule_9_after_a_hundred_misses_an_hour_an_address_waits_a_quarter(self, world, person):
        household, now = Gateway(world, source_ip="203.0.113.99"), world.clock.now()
        for n in range(100):
            other = said("ssn", f"{n}", f"Name {n}", "Somebody", ["1990", "1", "1"])
            tickets, ticket = world.system.finding.tickets, Ticket(f"try-{n}", now)
            counters = tickets.read(world.system.finding.keys(other, "203.0.113.99"), now)
            tickets.miss(tickets.take(counters, ticket), ticket)
        household.get("/find")
        answer = household.post("/find", claim_of(person.row))
        assert answer.status == 429
        assert 14 * 60 < int(answer.headers["Retry-After"]) <= 15 * 60
        assert person.found().location == "/contact", "others are not held up"
        world.clock.set(now + timedelta(minutes=15))
        assert household.post("/find", claim_of(person.row)).status == 303


def test_the_answer_is_what_lambda_can_send(world):
    gateway = Gateway(world)
    for address in ("/", "/find", "/health", "/static/favicon.svg", "/static/none.svg"):
        answer = world.app.app(gateway.event("GET", address, None, {}), LambdaContext("api"))
        assert json.loads(json.dumps(answer)) == answer
