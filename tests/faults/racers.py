"""Who races: each race has a flow's town, what happens before, and its actors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from tests.faults.flows import EVENING, FLOWS, NOON, Flow, _releases, has_monthly
from tests.faults.town import (
    ONE,
    TWO,
    found,
    live_mandate,
    on,
    payment_of,
    ready,
    signed,
    step,
)
from tests.faults.world import Member, World
from tests.monthly import at

Act = Callable[[], Any]
Orders = Sequence[tuple[int, ...]]


def nothing(_: World) -> None:
    """It can begin."""


@dataclass(frozen=True)
class Race:
    """`alone`: the orders of some of them, one by one, of which one must be what is left.

    `may_copy`: several senders have a mail at once, and SES knows no key: it may go twice (I19).
    """

    flow: str
    actors: Callable[[World], list[Act]]
    alone: Orders
    before: Callable[[World], None] = nothing
    may_copy: bool = False
    town: Flow | None = None

    @property
    def its_flow(self) -> Flow:
        """With the town."""
        return self.town or FLOWS[self.flow]


RACES: dict[str, Race] = {}
PAIRS = [(a, b) for a, b in product(range(8), repeat=2) if a % 2 != b % 2]
"""One of the even ones and one of the odd ones."""


def race(
    name: str,
    flow: str,
    actor: Callable[[World, int], Act],
    *,
    by: int = 8,
    alone: Orders = (),
    **more: Any,
) -> None:
    """Registers it; `actor` makes the n-th of them."""

    def actors(world: World) -> list[Act]:
        return [actor(world, n) for n in range(by)]

    RACES[f"{name}_by_{by}"] = Race(flow, actors, alone or [(n,) for n in range(by)], **more)


# --- members -----------------------------------------------------------------------------------


def sends(world: World, n: int) -> Act:
    """The form that is about to be sent, in another tab each."""
    cookies, csrf, source_ip, address, fields = world.state.notes["form"]
    member = Member(world, source_ip=source_ip, cookies=dict(cookies), csrf=csrf)
    return lambda: world.posts(f"sends {n}", member, address, **fields)


for _flow in ("submit_one", "submit_two", "set_up"):
    race(_flow, _flow, sends, by=64)
for _flow in ("cancel", "replace", "undo", "cancel_after_the_freeze"):
    race(_flow, _flow, sends)


# --- the calendar ------------------------------------------------------------------------------


def fires(handler: str, when: datetime) -> Callable[[World, int], Act]:
    def actor(world: World, _: int) -> Act:
        return partial(world._event, *world.firing(handler, when))

    return actor


def reaching(when: datetime) -> Callable[[World], None]:
    """It is so late, and nothing was done."""

    def before(world: World) -> None:
        world.reach(when)

    return before


for _name, _flow, _handler, _when in (
    ("bill", "billing", "bill", at(1, 6)),
    ("notify", "notice", "notify", at(10, 9)),
    ("withdraw", "withdrawal", "withdraw", at(22, 9)),
    ("withdraw_again", "catch_up", "withdraw", at(23, 9)),
    ("collect", "collection", "collect", EVENING),
    ("same_day", "same_day", "send_same_day", NOON),
    ("many_files", "many_files", "collect", EVENING),
    ("send_again", "send_again", "send_again", at(3, 19, 30)),
    ("send_later", "send_later", "send_again", at(4, 12, 30)),
    ("settle", "settling", "settle", at(8, 20)),
    ("tell_again", "tell_again", "tell_again", at(8, 9, 30)),
    ("sweep", "sweeper", "sweep", at(3, 11)),
):
    race(_name, _flow, fires(_handler, _when), before=reaching(_when), may_copy=_name == "sweep")


# --- staff -------------------------------------------------------------------------------------


def commands(what: Callable[[World, Any, Any], Any]) -> Callable[[World, int], Act]:
    """Eight people, each at a terminal."""

    def actor(world: World, n: int) -> Act:
        by = signed(world, f"Person {n}")
        return lambda: world.commands(f"command {n}", lambda here: what(world, here, by))

    return actor


def credit_of(world: World) -> str:
    rows = world.state.store.items["payments"].values()
    return next(str(each["credit_id"]) for each in rows if "credit_id" in each)


def retries(world: World, here: Any, by: Any) -> Any:
    return here.retrying.release(TWO, payment_of(world, TWO), by)


def proposes(world: World, here: Any, by: Any) -> Any:
    what = (EntryKind.REFUND, WhyBack.CREDIT, ONE, payment_of(world), 7520, by)
    return here.crediting.propose(*what)


def releases(world: World, here: Any, by: Any) -> Any:
    return here.crediting.release(credit_of(world), by)


def drops_or_releases(world: World, here: Any, by: Any) -> Any:
    act = here.crediting.drop if int(by.who[-1]) % 2 else here.crediting.release
    return act(credit_of(world), by)


def undoes(world: World, here: Any, by: Any) -> Any:
    return list(here.undoing.undo(world.state.notes["file"], by))


def is_released_by_one(world: World) -> None:
    _releases(world, "Ada")


race("retry", "retry", commands(retries))
race("propose", "propose", commands(proposes))
race("release", "release", commands(releases), before=is_released_by_one)
race("drop_or_release", "release", commands(drops_or_releases), before=is_released_by_one)
race("undo_file", "undo_file", commands(undoes))


# --- one against another -----------------------------------------------------------------------


def against(one: Callable[[World, int], Act], other: Callable[[World, int], Act]) -> Any:
    """Every second one does the other."""
    return lambda world, n: (other if n % 2 else one)(world, n)


def about_to_cancel(world: World) -> None:
    """It is nine on the 22nd; a form that cancels is about to be read."""
    has_monthly(world)
    world.lives(at(21, 23), on(4, 10))
    world.reach(at(22, 8, 55))
    member = found(world, ONE, to="recurring")
    step(world, "recurring", member, "/recurring")
    ready(world, member, "/recurring", {"cancel": live_mandate(world), "confirm_cancel": "yes"})
    world.reach(at(22, 9))


race(
    "cancel_and_withdraw",
    "cancel_after_the_freeze",
    against(sends, fires("withdraw", at(22, 9))),
    town=Flow(about_to_cancel, nothing, days=(22, 23, 24, 28)),
    alone=PAIRS,
)
race(
    "collect_and_send_again",
    "collection",
    against(fires("collect", EVENING), fires("send_again", EVENING)),
    before=reaching(EVENING),
)
