"""A month in which nothing is paid before the bank's statement shows its money (rule 48)."""

import re
from datetime import datetime

import pytest

from chalicelib.domain.paying import Frequency
from chalicelib.domain.signature import Signature
from chalicelib.domain.timetable import NEW_YORK
from infra.offline import sign_up
from infra.offline.acts import Month, eve
from infra.offline.world import World
from tests.journeys.conftest import EIGHT_SHARDS, is_in_memory

JANUARY = "2027-01"
PLACE = "inbound/statements/statement-"


def at(day, hour=20, minute=5):
    return datetime(2027, 1, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture(scope="module")
def edits():
    """What the bank does to the statement of a day, once it is to be left."""
    return {}


@pytest.fixture(scope="module")
def month(request, edits):
    """Monthly payments of 51 members, magic accounts among them; and their first payments."""
    with World.start(
        now=eve(JANUARY),
        count=60,
        in_background=False,
        in_memory=is_in_memory(request),
        settings={"BANK_STATEMENTS": "on", **EIGHT_SHARDS},
    ) as world:
        bank, drop = world.pump.bank, world.pump.bank.drop

        def edited(key, body):
            found = re.fullmatch(rf"{PLACE}(\d{{8}})\.bai", key)
            for n, each in enumerate(edits.get(found and found[1], lambda it: [it])(body)):
                drop(f"{key}{n or ''}", each)

        bank.drop = edited
        month = Month(world, JANUARY, lambda *_: None)
        month.set_up(51)
        yield month


def states(world):
    """How each file stands, by the day it settles on."""
    sent = world.system.records.transmissions.all()
    return {each.settles_on: str(each.state) for each in sent if each.files}


def differences(world, day):
    return [
        case.reason
        for case in world.system.records.cases.open()
        if case.case_id in (f"settlement#{day}", f"statement_missing#{day}")
    ]


def short_by_a_cent(body):
    text = body.decode()
    cents = int(re.search(r"\n16,166,(\d+),", text)[1])
    total = int(re.search(r"\n49,(\d+),", text)[1])
    text = text.replace(f"16,166,{cents},", f"16,166,{cents - 1},")
    text = re.sub(r"(100,)(\d+)(,,,400)", lambda m: f"{m[1]}{int(m[2]) - 1}{m[3]}", text)
    return [text.replace(f",{total},", f",{total - 2},").encode()]


def test_rule_48_a_month_with_statements_seen_missing_short_and_twice(month, edits):
    """The first payments settle on January 4; who pays on the 15th, on the 20th, which is lost;
    who pays on the 20th, on the 21st, of which a cent is missing; the 22nd is stated twice."""
    world, lost, short, twice = month.world, at(20).date(), at(21).date(), at(22).date()
    edits |= {"20270120": lambda _: [], "20270121": short_by_a_cent}
    edits["20270122"] = lambda body: [body, body]
    month.bill()
    world.pump.move(at(7))
    assert (states(world), differences(world, at(4).date())) == ({at(4).date(): "settled"}, [])
    month.announce()
    month.live()
    world.pump.move(at(20, 12))
    payer = next(each for each in month._usable() if each.enrollment_id not in month.mandates)
    wish = sign_up.Wish(frequency=Frequency.ONCE, cents=1000)
    sign_up.submit(world.system, payer, wish, world.clock.now())
    month.withdraw()
    world.pump.move(at(26))
    waits = dict.fromkeys((lost, short), "acknowledged")
    assert {day: states(world)[day] for day in (lost, short, twice)} == waits | {twice: "settled"}
    [missing], [reason] = differences(world, lost), differences(world, short)
    assert missing.startswith("2027-01-20: no statement has come, our files and returns say")
    assert reason.startswith("2027-01-21: the statement says $9.99, our files and returns say $10.")


def test_rule_48_what_was_missing_comes_and_two_people_accept_what_is_short(month):
    world, account = month.world, month.world.pump.bank._counter.account
    world.pump.bank.drop("inbound/statements/late.bai", account.statement(at(20).date()))
    world.pump.settle()
    for who in ("Ada", "Ben"):
        signed = Signature(who=who, why="the bank mends it", at=world.clock.now())
        world.system.settlement_proof.accept(at(21).date(), signed)
    world.pump.move(at(27))
    assert set(states(world).values()) == {"settled"}
    # Each day on which money moved was seen, those of returns too.
    moved = {day for day, each in account._moved.items() if each}
    assert all(world.system.settlement_proof.of(day).is_seen for day in moved)
    assert len(moved) > 4
    assert world.system.reconciling.differences(world.clock.now()) == []
