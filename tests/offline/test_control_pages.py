"""The control room for people: New York's time, amounts in dollars, runs in words, a whole case."""

import http.client
import json
import re
from datetime import UTC, datetime

import pytest

from chalicelib.domain.case import CaseKind
from chalicelib.domain.run import RunKind
from infra.offline import sign_up
from infra.offline.control_pages import RUNS, new_york, run_name
from infra.offline.sign_up import Wish
from infra.offline.world import World
from tests.builders import a_case

NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    with World.start(now=NOW, count=12, in_background=False, in_memory=True) as world:
        yield world


@pytest.fixture(scope="module")
def ask(world):
    def ask(path, accept="text/html"):
        connection = http.client.HTTPConnection("127.0.0.1", world.room.server_port, timeout=60)
        connection.request("GET", path, headers={"Accept": accept})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return (answer.status, json.loads(body)) if accept != "text/html" else body

    return ask


@pytest.fixture(scope="module")
def members(world):
    """Two who paid."""
    slots = map(world.system.records.enrollments.in_slot, range(1024))
    found = [each for slot in slots for each in slot.values()][:2]
    for each in found:
        sign_up.submit(world.system, each, Wish(cents=123_456), NOW)
    world.pump.settle()
    return [each.enrollment_id for each in found]


@pytest.fixture(scope="module")
def payment(world, members):
    lines = world.system.records.books.lines(members[0])
    return next(line for line in lines if line.payment_id)


def test_an_instant_is_told_in_new_york_too(ask, members):
    assert new_york("2026-12-03T15:00:00Z") == "10:00 a.m., Thursday, December 3, 2026, in New York"
    for path in ("/", "/clock", "/mail", f"/ledger/{members[0]}"):
        assert "a.m., Thursday, December 3, 2026, in New York" in ask(path), path


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("withdrawal#2026-12", "Withdrawals of December 2026"),
        ("billing#2027-01", "Charges of January 2027"),
        ("notice#2026-12-10", "Notices of Thursday, December 10, 2026"),
        ("reminder#2026-12-20", "Reminders of Sunday, December 20, 2026"),
        ("collection#2026-12-03", "Collection of Thursday, December 3, 2026"),
        ("collection#2026-12-22#noon", "Collection of Tuesday, December 22, 2026, at noon"),
    ],
)
def test_a_run_is_named_in_words(run, name):
    assert run_name(run) == name


def test_each_kind_of_run_has_its_words(ask, world):
    assert RUNS.keys() == set(RunKind)
    world.pump.move(datetime(2026, 12, 4, tzinfo=UTC))
    assert "Collection of Thursday, December 3, 2026" in ask("/runs")


@pytest.mark.usefixtures("members")
def test_sums_are_in_dollars_for_people_and_in_cents_for_programs(world, ask):
    world.pump.move(NOW.replace(day=4))
    assert "$2,469.12" in ask("/bank/files")
    status, [file] = ask("/bank/files", accept="application/json")
    assert (status, file["debit_cents"]) == (200, 246_912)


@pytest.fixture
def case(world, members, payment):
    case = a_case(
        case_id=f"return#{payment.payment_id}#R10",
        kind=CaseKind.RETURN,
        enrollment_id=members[0],
        opened_at=NOW,
    )
    world.system.records.cases.open_case(case)
    return case


def link(page, case):
    [found] = re.findall(rf'<a class="id" href="([^"]+)">{case.case_id}</a>', page)
    return found


def test_a_case_leads_to_its_payment_and_to_the_mails_of_its_member_only(
    ask, case, payment, members
):
    assert link(ask("/staff"), case) == link(ask("/cases"), case)
    page = ask(link(ask("/cases"), case))
    assert f'href="/ledger/{members[0]}#payment%23{payment.payment_id}"' in page
    assert f'id="payment#{payment.payment_id}"' in ask(f"/ledger/{members[0]}")
    assert "-$1,234.56" in page
    confirmations = re.findall(r"<strong>We received your payment request: (HC-\S+)</strong>", page)
    assert len(confirmations) == 1, "the other member's is not here"


def test_a_case_that_a_mail_names_leads_to_that_payment(world, ask, members, payment):
    confirmation = world.system.records.books.payment(payment.payment_id).confirmation
    case = a_case(case_id=f"phone_member#confirmation.{confirmation}", enrollment_id=members[0])
    world.system.records.cases.open_case(case)
    assert payment.payment_id in ask(link(ask("/cases"), case))


def test_a_case_of_a_file_has_neither_and_one_that_is_not_there_is_404(world, ask):
    case = a_case(case_id="feed_held#inbound/enrollments/a.csv@1", enrollment_id=None)
    world.system.records.cases.open_case(case)
    page = ask(link(ask("/cases"), case))
    assert "It names no payment." in page
    assert ask("/cases/nothing", accept="application/json")[0] == 404
