"""Past payments read right: each state with its date, tried again, and given back (rule 17)."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature

NO_FUNDS = "99000001"


def signed(world, who="Ada"):
    return Signature(who=who, why="on the phone", at=world.clock.now())


@pytest.fixture
def past(world, person):
    """A payment that came back and was tried again, a good one, and a part of it given back."""
    system, name = world.system, person.enrollment_id
    person.paid(account=NO_FUNDS, account_again=NO_FUNDS)
    start = world.clock.now()
    world.pump.move(start.replace(day=start.day + 5, hour=15))
    first = next(line for line in system.records.books.lines(name) if line.collection)
    system.retrying.release(name, first.payment_id, signed(world))
    world.pump.move(datetime(2026, 12, 9, 2, 0, tzinfo=UTC))
    return person


def words(page):
    return " ".join(page.locator("main").inner_text().split())


def test_each_state_has_its_date_and_a_retry_its_own_words(walk, past):
    walk.goto("/find?to=history")
    walk.fill_find()
    walk.press("Continue")
    said = words(walk.page)
    assert "A payment that we tried again, as you agreed" in said
    assert "Not paid: your bank took it back: Tuesday, December 8, 2026" in said
    assert "Sent to your bank: Tuesday, December 8, 2026" in said
    assert said.count("Received: ") == 2


def test_money_that_goes_back_is_on_the_page(walk, world, person):
    person.paid()
    system, name = world.system, person.enrollment_id
    world.pump.move(world.clock.now().replace(day=18, hour=15))
    paid = next(line for line in system.records.books.lines(name) if line.collection).payment_id
    crediting = system.crediting
    made = crediting.propose(EntryKind.REFUND, WhyBack.MISTAKE, name, paid, 1234, signed(world))
    for who in ("Ada", "Grace"):
        crediting.release(made.credit_id, signed(world, who))
    walk.goto("/find?to=history")
    walk.fill_find()
    walk.press("Continue")
    said = words(walk.page)
    assert "$12.34 On its way to you" in said.replace("ON ITS WAY TO YOU", "On its way to you")
    assert "Money back to you" in said
