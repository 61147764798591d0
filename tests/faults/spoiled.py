"""One field of one stored record can't be read: one member's matter, and nobody else's (I15).

Each field of each record at a busy moment is once of a wrong type, once an unknown word, once
missing. The month goes on: others end as without; the one whose record it is may be left out, with
a case or an error that rings; no amount is ever wrong.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any

from chalicelib import bootstrap
from chalicelib.store import TABLES
from tests.faults import matrix, truths
from tests.faults.matrix import Found
from tests.faults.neighbours import figures_that_ring
from tests.faults.state import State
from tests.faults.town import on
from tests.faults.world import World, pausing

NAME = "spoiled"
MOMENTS = ("billing", "feed", "notice", "collection", "settling", "withdrawal")
SAMPLE = 1000  # of about 11,000
UNKNOWN, OTHER_TYPE = "no such word", {"not": "this"}
EVERYBODY = "everybody"
HOLDS_ANYWAY = ("I1", "I3", "I16", "I23")

Row = Mapping[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Spoil:
    """What is done to which field of which record."""

    moment: str
    table: str
    key: tuple[Any, ...]
    path: Path
    how: str

    def __str__(self) -> str:
        key = "/".join(map(str, self.key))
        return f"{NAME}:{self.moment}:{self.table}/{key}:{'.'.join(map(str, self.path))}:{self.how}"

    def on(self, state: State) -> None:
        """Does it."""
        rows = state.store.items[self.table]
        rows[self.key] = _changed(rows[self.key], self.path, self.how)


class Unhurried(World):
    """Nobody really waits for what never comes."""

    def adapt(self, system: bootstrap.System) -> None:
        """As it says."""
        pausing(system, lambda _: None)


def _changed(value: Any, path: Path, how: str) -> Any:
    if not path:
        spoiled = OTHER_TYPE if not isinstance(value, dict) else 7
        return UNKNOWN if how == "unknown" else spoiled
    first, *rest = path
    copy = value.copy()
    if not rest and how == "missing":
        copy.pop(first)
    else:
        copy[first] = _changed(value[first], tuple(rest), how)
    return copy


def _fields(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each field, also of what lies inside; of a list its first."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1]
    for name, each in inner:
        yield (*path, name), each
        if isinstance(each, (dict, list)):
            yield from _fields(each, (*path, name))


@lru_cache
def spoils(moment: str) -> dict[str, Spoil]:
    """By name."""
    found = {}
    for table, rows in matrix.calm(moment).before.store.items.items():
        for key, row in rows.items():
            for path, value in _fields(row):
                if path[0] in TABLES[table]:
                    continue
                hows = ["other_type", *(["unknown"] if isinstance(value, str) else [])]
                hows += [] if isinstance(path[-1], int) else ["missing"]
                for how in hows:
                    spoil = Spoil(moment, table, key, path, how)
                    found[str(spoil)] = spoil
    return found


def points() -> list[str]:
    """Every field of every record, in every way."""
    return [name for moment in MOMENTS for name in spoils(moment)]


def sample(seed: int) -> list[str]:
    """So many of them, by the seed; of each moment and table in turn, for some have many fields."""
    chosen, groups = random.Random(seed), dict[tuple[str, str], list[str]]()
    for moment in MOMENTS:
        for name, spoil in spoils(moment).items():
            groups.setdefault((moment, spoil.table), []).append(name)
    mixed = [chosen.sample(group, len(group)) for group in groups.values()]
    in_turn = (name for some in zip_longest(*mixed) for name in some if name)
    return list(islice(in_turn, SAMPLE))


def play(text: str) -> Found:
    """One field is spoiled; the flow and the rest of its month."""
    moment = text.split(":")[1]
    spoil, without = spoils(moment)[text], matrix.calm(moment)
    flow = without.flow
    world = Unhurried(without.before.now, **flow.settings)
    world.state = without.before.copy()
    spoil.on(world.state)
    spoiled = world.state.copy()
    whose = owner(spoil, without.before)
    try:
        flow.act(world)
        for end in matrix.ends(flow, world.now()):
            world.lives(end, on(*flow.days))
    except AssertionError as stuck:
        return Found(NAME, text, whose, (f"stuck: {stuck}",))
    return Found(NAME, text, whose, tuple(wrong(world, spoil, whose, spoiled)))


def wrong(world: World, spoil: Spoil, whose: str, spoiled: State) -> Iterator[str]:
    """What must not be."""
    calm = matrix.calm(spoil.moment).end
    now, then = outcome(world.state, calm, spoil), outcome(calm, calm, spoil)
    differ = sorted({what for what in {*now, *then} if now[what] != then[what]})
    for who, *what in differ:
        line = f"{who} {' '.join(what)}: {now[who, *what]} not {then[who, *what]}"
        if what[0] == "entry" and now[who, *what] > then[who, *what]:
            yield f"wrong amount: {line}"
        elif who not in {whose, EVERYBODY} and whose != EVERYBODY:
            yield f"others: {line}"
    if differ and not rang(world, calm):
        yield f"silence: {differ[0]}"
    for name, truth in truths.TRUTHS:
        if name in HOLDS_ANYWAY:
            yield from (f"{name}: {each}" for each in _asked(truth, world.state, spoiled))


def _asked(truth: Any, state: State, before: State) -> list[str]:
    try:
        return list(truth(state, before))
    except (KeyError, TypeError, AttributeError):
        return []  # it meets the spoiled row


def rang(world: World, calm: State) -> bool:
    """A case that was not there, a function that failed, or a figure that rings."""
    cases = _cases(world.state) - _cases(calm)
    now, then = world.state.metrics.counts, calm.metrics.counts
    came = any(now[figure] > then[figure] for figure in figures_that_ring())
    return bool(cases or world.failures or world.state.dead or world.page_errors or came)


def _cases(state: State) -> set[tuple[str, str]]:
    rows = state.store.items["cases"]
    return {(key[1], str(row.get("reason"))) for key, row in rows.items()}


def owner(spoil: Spoil, state: State) -> str:
    """Whose record it is."""
    row = state.store.items[spoil.table][spoil.key]
    named = row.get("enrollment_id")
    if named and named != "-":
        return str(named)
    found = re.search(r"EN\d{6}", f"{spoil.key} {row.get('payment_ids')} {row}")
    if found and spoil.table in {"payments", "audit", "mandates", "outbox"}:
        return found[0]
    ids = row.get("payment_ids") or [spoil.key[-1].rpartition("#")[2]]
    of = _owners(state)
    return next((of[each] for each in ids if each in of), EVERYBODY)


def _owners(state: State) -> dict[str, str]:
    lines = state.store.items["ledger"]
    return {row["payment_id"]: key[0] for key, row in lines.items() if row.get("payment_id")}


def outcome(state: State, calm: State, spoil: Spoil) -> Counter[tuple[str, ...]]:
    """What each member, and the bank of each, would call the end; but for the spoiled record."""
    found: Counter[tuple[str, ...]] = Counter()
    whose = _owners(calm)
    for entry in (entry for kept in state.has.values() for entry in kept):
        name = entry.person_id.strip()
        found[whose.get(name, EVERYBODY), "entry", name, str(entry.cents)] += 1
    for table, facts in SEEN.items():
        for key, row in state.store.items[table].items():
            if (table, key) != (spoil.table, spoil.key) and _is_seen(table, key, row):
                who = _whose(table, key, row)
                found[who, table, *(str(row.get(fact)) for fact in facts)] += 1
    return found


SEEN: Mapping[str, Sequence[str]] = {
    "ledger": ("line", "kind", "amount_cents", "verdict"),
    "outbox": ("kind", "state"),
    "mandates": ("mandate",),
    "enrollments": ("plan_name", "premium_cents"),
}


def _is_seen(table: str, key: tuple[Any, ...], row: Row) -> bool:
    return "state" in row if table == "outbox" else True


def _whose(table: str, key: tuple[Any, ...], row: Row) -> str:
    if table == "ledger":
        return str(key[0])
    found = re.search(r"EN\d{6}", f"{row.get('enrollment_id')} {key[-1]}")
    return found[0] if found else EVERYBODY
