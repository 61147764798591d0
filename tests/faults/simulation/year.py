"""A year by its seed: everybody acts, things fail, and after each month the books are held.

The failing seed is printed, and kept in KEPT; `make simulate SEED=n` plays it again, call by call.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from chalicelib.domain.coverage import month_after
from tests.faults.matrix import Found
from tests.faults.simulation import checks, weather
from tests.faults.simulation.months import Act, Town
from tests.faults.simulation.people import FIRST, Diary, town
from tests.faults.simulation.walks import Refused, TurnedAway
from tests.faults.simulation.weather import Year
from tests.monthly import at

NAME = "year"
SEEDS = range(1, 11)
KEPT: tuple[int, ...] = (18, 19, 49, 54)
"""Seeds that once broke something; a test plays them ever after."""

MEMBERS, MONTHS = 200, 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST_VISIT_DAY = 28
CALM_HOURS = 6  # of the last night of a month: nothing fails, and all comes to rest


@dataclass
class Played:
    """What came of it."""

    seed: int
    town: Town
    months: int = 0
    violations: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Of all that is kept at the end; the same seed has the same."""
        said = hashlib.sha256()
        for table, rows in sorted(self.town.world.state.store.items.items()):
            for key, row in sorted(rows.items(), key=str):
                said.update(json.dumps([table, key, row], sort_keys=True, default=str).encode())
        return said.hexdigest()[:12]


def points() -> list[str]:
    """By name."""
    return [f"{NAME}:{seed}" for seed in dict.fromkeys((*SEEDS, *KEPT))]


def play(point: str) -> Found:
    """One year, by its name."""
    played = simulate(int(point.partition(":")[2]))
    calls = f"{played.months} months, {played.town.world.gate.struck_times} faults"
    return Found(NAME, point, calls, tuple(played.violations))


def settings(seed: int) -> dict[str, int]:
    """How many work on a run, and whether the bank wants small files."""
    randomness = Random(f"{seed}|settings")
    shards, lines = randomness.choice((1, 2, 4)), randomness.choice((10_000, 10_000, 40))
    return {"run_shards": shards, "bank_most_lines": lines, "feed_rows_a_part": 40}


def simulate(
    seed: int,
    members: int = MEMBERS,
    months: int = MONTHS,
    show: Callable[[int, int], None] = lambda *_: None,
    store: Any = None,
) -> Played:
    """Month after month, to the end of the first one in which something was wrong."""
    world = Year(seed, at(1, 3, month=FIRST), **settings(seed))
    world.state.store = store or world.state.store
    here = Town(seed, world, town(seed, members), Diary())
    played = Played(seed, here)
    month = FIRST
    while played.months < months and not played.violations:
        before = world.state.copy()
        world.begin(weather.rate(seed), weather.outages(seed, month))
        _month(here, month, played)
        _night(world, month)
        played.violations += checks.broken(here, before, month)
        played.months += 1
        show(played.months, len(played.violations))
        month = month_after(month)
    return played


def _month(here: Town, month: str, played: Played) -> None:
    """Whoever was turned away comes again the next day, at the same hour."""
    waiting = here.acts(month)
    while waiting:
        now = waiting[0].at
        here.world.lives(now)
        here.world.redrive()
        due = [act for act in waiting if act.at == now]
        waiting = [act for act in waiting if act.at != now]
        for act in due:
            if _done(here, act, played):
                continue
            if act.again and now.day < LAST_VISIT_DAY:
                waiting.append(Act(now + DAY, act.name, act.act))
        waiting.sort(key=lambda act: (act.at, act.name))


def _done(here: Town, act: Act, played: Played) -> bool:
    try:
        act.act()
    except TurnedAway:
        here.diary.counts["turned away"] += 1
        return False
    except Refused as no:
        here.diary.counts["refused by a page"] += 1
        played.refused.append(f"{act.at:%Y-%m-%d} {act.name}: {no}")
    return True


def _night(world: Year, month: str) -> None:
    """The last evening of a month, and the night: what waits is done, by calendar and staff."""
    midnight = at(1, 0, month=month_after(month))
    world.lives(midnight - 3 * HOUR)
    world.begin(0.0, [])
    world.redrive()
    for n in range(1, CALM_HOURS + 1):
        world.lives(midnight + (n - 3) * HOUR)
        world.redrive()
