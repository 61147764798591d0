"""What each step of the page asks of the tables: calls, and what DynamoDB would charge for them.

    make bench ROW=page                  the table
    make bench ROW=page ARGS=--json      the same for programs

Counts, from one walk in the offline world: a member with a health plan and a dental one. Sealing,
queues and mail are not among them. To reach: a look-up 10 with its ticket, a GET 4, Submit 5 and
one more for each further enrollment.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.offline import world as offline
from infra.offline.memory_store import MemoryStore
from tests.faults.metered import Metered
from tests.journeys.canaries import Canaries
from tests.journeys.people import Person, a_row, join, next_year

NOW = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
LOOK_UP, GET, SUBMIT = 10, 4, 5


class Meter(Metered):  # type: ignore[misc] # untyped, as tests are
    """The memory store, metered; what only the offline world asks of it is not counted."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@dataclass(frozen=True)
class Step:
    """One request: what it took, and what it should at most."""

    step: str
    calls: int
    read_units: int
    write_units: int
    at_most: int | None

    @property
    def reached(self) -> str:
        """Computed, never typed."""
        if self.at_most is None:
            return ""
        return "yes" if self.calls <= self.at_most else "no"


def walk(person: Person, names: Sequence[str], meter: Meter) -> Iterable[Step]:
    """Every step, in the order of a payment for both plans, monthly; then what can be seen."""

    def took(step: str, at_most: int | None, send: Any) -> Step:
        before = meter.total, meter.read_units, meter.write_units
        send()
        after = meter.total, meter.read_units, meter.write_units
        calls, reads, writes = (a - b for a, b in zip(after, before, strict=True))
        return Step(step, calls, reads, writes, at_most)

    claim = {**person.claim(), "to": "plans"}
    person.get("/find")
    wrong = {**claim, "last_name": "Somebody Else"}
    person.post("/find", **wrong)  # a process that is warm has its keys
    yield took("POST /find, a miss", LOOK_UP, lambda: person.post("/find", **wrong))
    yield took("POST /find, a hit", LOOK_UP, lambda: person.post("/find", **claim))
    yield took("GET /plans", GET, lambda: person.get("/plans"))
    chosen = {f"choose_{name}": "yes" for name in names}
    yield took("POST /plans", None, lambda: person.post("/plans", **chosen))
    yield took("GET /contact", GET, lambda: person.get("/contact"))
    mail = {"email": person.email, "email_again": person.email, "phone": "617-555-0123"}
    yield took("POST /contact", None, lambda: person.post("/contact", **mail))
    yield took("GET /billing", GET, lambda: person.get("/billing"))
    pays = {f"pay_{name}": "total" for name in names}
    yield took("POST /billing", None, lambda: person.billing(**pays, frequency="monthly"))
    yield took("GET /review", GET, lambda: person.get("/review"))
    yield took("Submit, two monthly", SUBMIT + 1, person.submit_as_shown)
    for address in ("/done", "/recurring", "/history"):
        yield took(f"GET {address}", GET, lambda address=address: person.get(address))
    yield took("GET /statement", GET, lambda: person.get(f"/statement?enrollment_id={names[0]}"))


def main(asked: Iterable[str]) -> None:
    """The table, or JSON."""
    logging.disable(logging.INFO)
    meters: list[Meter] = []

    def metered() -> Meter:
        meters.append(Meter(MemoryStore()))
        return meters[-1]

    # The world makes its own store; here it makes one that counts.
    offline.MemoryStore = metered  # type: ignore[misc, assignment]
    with offline.World.start(now=NOW, count=0, in_background=False, in_memory=True) as world:
        health = a_row()
        dental = next_year(health, plan="dental", plan_year="2026", premium="41.00")
        dental |= {"coverage_start": "2026-01-01", "coverage_end": "2026-12-31"}
        person = join(world, Canaries(), health, dental)
        names = [row["enrollment_id"] for row in (health, dental)]
        steps = list(walk(person, names, meters[-1]))
    if "--json" in asked:
        print(json.dumps([{**asdict(each), "reached": each.reached} for each in steps]))
        return
    table = Table("step", "calls", "read units", "write units", "at most", "reached")
    for each in steps:
        most = "" if each.at_most is None else str(each.at_most)
        counts = map(str, (each.calls, each.read_units, each.write_units))
        table.add_row(each.step, *counts, most, each.reached)
    Console(highlight=False).print(table)
