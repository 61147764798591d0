"""The demo population, by seed: as a real exchange's members are, and nobody in particular.

The file lies outside the application (rule 33). `python -m infra.offline.members` writes it; the
first three members in it are good ones to try: by enrollment id, by SSN, by billing account number.
"""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.feed import COLUMNS
from chalicelib.domain.money import plain_dollars
from infra.offline import clock
from infra.offline.names import FIRST_NAMES, LAST_NAMES, PLANS, SUFFIXES
from infra.offline.stories import (
    DECK,
    IN_SEASON,
    OFF_SEASON,
    TRIED_FIRST,
    Story,
    Told,
    is_renewal_season,
    local,
    told,
)

Row = dict[str, str]

FILE = Path(__file__).parents[2] / "build" / "offline" / "members.csv"
COUNT = 2_000
SEED = 7
SELDOM = 0.04
MOST_YEARS = 2  # plan years of one plan that a member has at a time
AREAS = (*range(1, 666), *range(667, 900))  # of Social Security numbers


def population(now: datetime, count: int = COUNT, seed: int = SEED) -> list[Row]:
    """Rows of the feed for so many members; the same arguments always give the same rows."""
    numbers = Numbers()
    season = IN_SEASON if is_renewal_season(local(now)) else OFF_SEASON
    deck = [*DECK, *season]
    Random(seed).shuffle(deck)  # noqa: S311 - examples, not secrets
    rows: list[Row] = []
    for n in range(count):
        chance = Random(f"{seed}/{n}")  # noqa: S311 - the same person, whatever the time
        is_tried = n < len(TRIED_FIRST)
        plans, story = TRIED_FIRST[n] if is_tried else (_plans(chance), deck[n % len(deck)])
        rows.extend(_member(now, plans, story, chance, numbers.by(chance)))
    return rows


class Numbers:
    """Numbers that are well formed and never the same twice."""

    def __init__(self, chance: Random | None = None, given: set[str] | None = None) -> None:
        self._chance = chance or Random()  # noqa: S311 - examples, not secrets
        self._given = set() if given is None else given

    def by(self, chance: Random) -> "Numbers":
        """Drawn by this one from now on; still never twice."""
        return Numbers(chance, self._given)

    def ssn(self) -> str:
        """Nine digits as they are given out: no 000, 666 or 9xx, no 00, no 0000."""
        return self._once(self._ssn)

    def enrollment_id(self) -> str:
        """Easily read over the phone."""
        return self._once(lambda: f"E{self._chance.randrange(10**8, 10**9)}")

    def subscriber_id(self) -> str:
        """The exchange's own."""
        return self._once(lambda: f"S{self._chance.randrange(10**8, 10**9)}")

    def billing_account(self) -> str:
        """Nine digits; the first is a 7."""
        return self._once(lambda: f"7{self._chance.randrange(10**8):08}")

    def _ssn(self) -> str:
        area = self._chance.choice(AREAS)
        return f"{area:03}{self._chance.randrange(1, 100):02}{self._chance.randrange(1, 10**4):04}"

    def _once(self, make: Callable[[], str]) -> str:
        while (number := make()) in self._given:
            pass
        self._given.add(number)
        return number


def _member(
    now: datetime, plans: Sequence[str], story: Story, chance: Random, numbers: Numbers
) -> Iterator[Row]:
    who = {
        "subscriber_id": numbers.subscriber_id(),
        "ssn": numbers.ssn(),
        "first_name": chance.choice(FIRST_NAMES),
        "last_name": _last_name(chance),
        "birth_date": str(_birthday(chance)),
    }
    for plan in plans:
        plan_name, issuer = chance.choice(PLANS[plan])
        what = {
            "plan": plan,
            "plan_name": plan_name,
            "issuer": issuer,
            "billing_account": numbers.billing_account(),  # one bill a plan, whatever the year
        }
        premium_cents = _premium_cents(plan, chance)
        ids = [numbers.enrollment_id() for _ in range(MOST_YEARS)]
        for own_id, facts in zip(ids, told(story, now, premium_cents, chance), strict=False):
            yield _row(who, facts, enrollment_id=own_id, **what)


def _row(who: Row, facts: Told, **texts: str) -> Row:
    row = {
        **who,
        **texts,
        "plan_year": str(facts.plan_year),
        "premium": plain_dollars(facts.premium_cents),
        "balance": plain_dollars(facts.balance_cents),
        "billed_through": facts.billed_through,
        "coverage_start": str(facts.coverage_start_on),
        "coverage_end": str(facts.coverage_end_on or ""),
        "selected_at": clock.written(facts.selected_at),
    }
    return {column: row[column] for column in COLUMNS}


def _plans(chance: Random) -> tuple[str, ...]:
    return chance.choices([("health",), ("health", "dental"), ("dental",)], weights=[50, 35, 15])[0]


def _last_name(chance: Random) -> str:
    name = chance.choice(LAST_NAMES)
    if chance.random() < SELDOM:
        return f"{name} {chance.choice(SUFFIXES)}"
    if chance.random() < SELDOM:
        return f"{name} {chance.choice(LAST_NAMES)}"
    return name


def _birthday(chance: Random) -> date:
    return date(1960, 1, 1) + timedelta(days=chance.randrange(46 * 365))


def _premium_cents(plan: str, chance: Random) -> int:
    low, high = (3_800, 68_000) if plan == "health" else (1_650, 6_400)
    return chance.randrange(low, high)


def write(rows: Sequence[Row], file: Path = FILE) -> Path:
    """The feed as a CSV file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return file


def read(file: Path = FILE) -> list[Row]:
    """The rows of such a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def main() -> None:
    """Write the demo file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=COUNT)
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--now", type=clock.read, default=SystemClock().now())
    options.add_argument("--to", type=Path, default=FILE)
    asked = options.parse_args()
    rows = population(asked.now, asked.count, asked.seed)
    print(f"{len(rows)} enrollments of {asked.count} members: {write(rows, asked.to)}")


if __name__ == "__main__":
    main()
