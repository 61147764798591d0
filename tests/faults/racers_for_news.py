"""Who races for a message or a file: it is delivered twice, late, and several times at once."""

import json
from collections.abc import Callable
from datetime import datetime

from tests.builders import a_feed
from tests.faults.racers import PAIRS, Act, race
from tests.faults.town import FOUR, ONE, THREE, TWO, row
from tests.faults.world import FEEDS, INBOUND, RECEIVES, World
from tests.monthly import at

# --- messages ----------------------------------------------------------------------------------


def left_in(queue: str, handler: str, when: datetime) -> Callable[[World], None]:
    """A function is woken, and what it tells a queue is held back for the actors."""

    def before(world: World) -> None:
        world.closed.add(queue)
        world.fire(handler, when)
        world.quiet()
        world.closed.clear()
        hold(world, queue)

    return before


def hold(world: World, queue: str) -> None:
    world.state.notes["held"] = [message.body for message in world.state.queues[queue]]
    world.state.queues[queue].clear()
    assert world.state.notes["held"]


def hands_over(world: World, queue: str, bodies: list[str]) -> None:
    """As SQS does, until it is taken."""
    for _ in range(RECEIVES):
        failed = world.hand_over(queue, bodies)
        bodies = [body for n, body in enumerate(bodies) if n in failed]
        if not bodies:
            return
    world.state.dead += [(queue, body) for body in bodies]


def takes(queue: str, *, only: int | None = None) -> Callable[[World, int], Act]:
    """The n-th takes the messages in another order, from the n-th on."""

    def actor(world: World, n: int) -> Act:
        held = world.state.notes["held"]
        held = held if only is None else held[:only]
        first = n % len(held)

        def act() -> None:
            for body in [*held[first:], *held[:first]]:
                hands_over(world, queue, [body])

        return act

    return actor


def takes_its_shard(world: World, n: int) -> Act:
    return lambda: hands_over(world, "work", [world.state.notes["held"][n % 2]])


_started = left_in("work", "withdraw", at(22, 9))
race("shard", "withdrawal", takes("work", only=1), before=_started)
race("two_shards", "withdrawal", takes_its_shard, before=_started, alone=PAIRS)
race("notice_shards", "notice", takes("work"), before=left_in("work", "notify", at(10, 9)))
race("bill_shards", "billing", takes("work"), before=left_in("work", "bill", at(1, 6)))
race("proofs", "settling", takes("bank"), before=left_in("bank", "settle", at(8, 20)))


def held_mails(world: World) -> None:
    world.state.notes["held"] = [json.dumps(each) for each in world.state.notes["told"]]


def takes_a_batch(world: World, _: int) -> Act:
    return lambda: hands_over(world, "mail", world.state.notes["held"])


race("mail_batch", "mail_sender", takes_a_batch, before=held_mails, may_copy=True)
race("mails", "mail_sender", takes("mail"), before=held_mails, may_copy=True)


# --- files -------------------------------------------------------------------------------------


def answers_lie_there(day: int) -> Callable[[World], None]:
    """The bank has put its files there; nobody was told yet."""

    def before(world: World) -> None:
        assert world.state.counter
        world.reach(at(day, 7, 55))
        for each in world.state.counter.deliveries(at(day, 8, 1)):
            key = f"{INBOUND}{each.name}"
            version = world.state.drop(key, each.data)
            world.state.notes.setdefault("files", []).append((key, version, len(each.data)))
        assert world.state.notes["files"]

    return before


def is_told(world: World, _: int) -> Act:
    files = world.state.notes["files"]
    return lambda: [world.told(*each) for each in files]


def takes_a_chunk(world: World, _: int) -> Act:
    bodies = [
        json.dumps({"kind": "returns", "key": key, "version": version, "start": 0,
                    "at": world.now().isoformat()})
        for key, version, _ in world.state.notes["files"]
    ]  # fmt: skip
    return lambda: [hands_over(world, "bank", [body]) for body in bodies]


for _name, _flow, _day in (
    ("return", "returned", 8),
    ("account_closed", "account_closed", 8),
    ("noc", "corrected", 8),
    ("withdrawal_return", "withdrawal_returned", 24),
    ("withdrawal_refused", "withdrawal_refused", 24),
):
    race(_name, _flow, is_told, before=answers_lie_there(_day))
    race(f"{_name}_chunk", _flow, takes_a_chunk, before=answers_lie_there(_day))


def a_feed_lies_there(world: World) -> None:
    world.reach(at(2, 4))
    bad = row(FOUR, enrollment_id="EN000009", birth_date="1980-02-31", ssn="412-81-1009")
    rows = (row(ONE, premium="231.00"), row(TWO, plan_name="Gold"), bad, row(THREE), row(FOUR))
    body = a_feed(*rows)
    key = f"{FEEDS}next.csv"
    world.state.notes["files"] = [(key, world.state.drop(key, body), len(body))]


def its_parts(world: World) -> None:
    a_feed_lies_there(world)
    world.closed.add("feed")
    for each in world.state.notes["files"]:
        world.told(*each)
    world.closed.clear()
    hold(world, "feed")


race("feed", "feed", is_told, before=a_feed_lies_there)
race("feed_part", "feed", takes("feed"), before=its_parts)
