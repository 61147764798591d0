"""A whole December with the real calendar: members, staff and the bank, whoever else is down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.builders import a_feed
from tests.faults.town import FOUR, ONE, THREE, TWO, at_review, found, live_mandate, row, step
from tests.faults.world import FEEDS, World
from tests.monthly import at

HOUR = timedelta(hours=1)
LAST = at(9, 12, month="2027-01")  # what was taken on the last days is paid


@dataclass(frozen=True)
class Act:
    """Somebody does something; who was turned away comes again each hour, for twelve days."""

    name: str
    at: datetime
    act: Callable[[World], None]
    until: datetime | None = None  # after it nobody wants it any more


class TurnedAway(Exception):
    """A page or a command did not work."""


def start() -> World:
    """Four members are enrolled; three owe for January, one is billed for it on the 1st."""
    world = World(at(1, 4), patient=True)
    unbilled = row(TWO, balance="0.00", billed_through="2026-12")
    world.arrives(f"{FEEDS}town.csv", a_feed(row(ONE), unbilled, row(THREE), row(FOUR)))
    world.quiet()
    world.later.clear()
    return world


def _pays(name: str, **how: object) -> Callable[[World], None]:
    def act(world: World) -> None:
        member, form = at_review(world, name, **how)
        said = world.posts(f"pays {name}", member, "/review", **form)
        if said != (303, "/done"):
            raise TurnedAway(said)

    return act


def _cancels(world: World) -> None:
    member = found(world, THREE, to="recurring")
    step(world, "recurring", member, "/recurring")
    fields = {"cancel": live_mandate(world, THREE), "confirm_cancel": "yes"}
    said = world.posts("cancels", member, "/recurring", **fields)
    if said != (303, "/recurring"):
        raise TurnedAway(said)


def _feed(world: World) -> None:
    world.arrives(f"{FEEDS}next.csv", a_feed(row(ONE, plan_name="Gold Care"), row(FOUR)))


ACTS = (
    Act("a feed comes", at(2, 4), _feed),
    Act("one pays", at(3, 10), _pays(ONE)),
    Act("two sets up", at(3, 10), _pays(TWO, monthly=True, pay="other", amount="100.00")),
    Act("three sets up", at(3, 11), _pays(THREE, monthly=True, pay="other", amount="50.00")),
    Act("four sets up", at(3, 11), _pays(FOUR, monthly=True, pay="other", amount="60.00")),
    Act("three cancels", at(14, 10), _cancels),
)


def play(world: World, meanwhile: Callable[[World], None] = lambda _: None) -> None:
    """To the end; `meanwhile` is done before each act and each hour."""
    waiting = sorted(ACTS, key=lambda act: act.at)
    hours = [at(1, 5) + n * HOUR for n in range(int((LAST - at(1, 5)) / HOUR) + 1)]
    for now in hours:
        meanwhile(world)
        world.lives(now)
        meanwhile(world)
        for each in [each for each in waiting if each.at <= now]:
            try:
                each.act(world)
            except Exception:  # noqa: BLE001, S112 - a page that fails, however it does
                continue
            waiting.remove(each)
        world.quiet()
    assert not waiting, f"{waiting[0].name}: turned away for weeks"
