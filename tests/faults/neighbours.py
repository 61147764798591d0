"""A neighbour stays down: for a call, an hour, a day, from the 22nd to the 28th; and is back.

The end is that of the month without, or each difference has the name of a rule; whoever is
concerned was told; and an alarm rang.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from chalicelib.store import TABLES
from tests.faults import story, truths
from tests.faults.matrix import Found
from tests.faults.state import State
from tests.faults.town import signed
from tests.faults.world import READERS, World
from tests.monthly import at

NAME = "down"
ALARMS = Path(__file__).parents[2] / "infra" / "alarms.yaml"
FOR_STAFF = ("stale_transmission#", "uncertain_send#")
NEIGHBOURS = (*READERS, "bus", "ses", "s3", "kms", *(table for table in TABLES if table != "keys"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE_CALL = timedelta(0)
WINDOWS: Mapping[str, tuple[datetime, timedelta]] = {
    "a call on the 1st": (at(1, 6), ONE_CALL),
    "a call on the 3rd": (at(3, 18), ONE_CALL),
    "a call on the 10th": (at(10, 9), ONE_CALL),
    "a call on the 22nd": (at(22, 9), ONE_CALL),
    "an hour at billing": (at(1, 5, 30), HOUR),
    "an hour at the page": (at(3, 9, 30), HOUR),
    "an hour at the collection": (at(3, 17, 30), HOUR),
    "an hour in the evening": (at(8, 19, 30), HOUR),
    "an hour at the notices": (at(10, 8, 30), HOUR),
    "an hour at the freeze": (at(22, 8, 30), HOUR),
    "an hour at noon": (at(22, 11, 30), HOUR),
    "an hour at the answers": (at(24, 7, 30), HOUR),
    "the 1st": (at(1, 4, 30), DAY),
    "the 3rd": (at(3, 4, 30), DAY),
    "the 10th": (at(10, 4, 30), DAY),
    "the 22nd": (at(22, 4, 30), DAY),
    "the 22nd to the 28th": (at(22, 0), 7 * DAY),
}


def points() -> list[str]:
    """By name."""
    return [
        f"{NAME}:{each}:{window.replace(' ', '_')}" for window in WINDOWS for each in NEIGHBOURS
    ]


@dataclass
class Outage:
    """Nobody gets through to the neighbour; then staff send again what was given up."""

    neighbour: str
    begins: datetime
    lasts: timedelta
    spent: bool = False
    sent_again: int = 0

    def takes(self, world: World, neighbour: str) -> bool:
        """Whether this call does not get through."""
        if neighbour != self.neighbour or world.now() < self.begins:
            return False
        if self.lasts == ONE_CALL:
            first, self.spent = not self.spent, True
            return first
        return world.now() < self.begins + self.lasts

    def redrive(self, world: World) -> None:
        """What the runbook says of dead letters, when the neighbour is back."""
        if world.now() < self.begins + self.lasts:
            return
        given_up, world.state.dead = world.state.dead, []
        self.sent_again += len(given_up)
        for queue, body in given_up:
            if queue == "event":
                act = world.acts[body]
                world._event(body, act)
            else:
                world.state.put_again(queue, body)
        world.quiet()
        self._release(world)

    def _release(self, world: World) -> None:
        """An uncertain send, and files too late for a job: staff ask the bank, and say so."""
        open_cases = [key[1] for key in world.state.store.items["cases"] if key[0] == "open"]
        for case in (case for case in open_cases if case.startswith(FOR_STAFF)):
            name = case.partition("#")[2]
            by = signed(world)
            world.commands(
                f"release {name}",
                lambda here, n=name, by=by: here.releasing.bank_has_not(
                    here.records.transmissions.get(n), by
                ),
            )
            world.quiet()


@lru_cache
def calm() -> State:
    """The month without."""
    world = story.start()
    before = world.state.copy()
    story.play(world)
    assert not world.failures, f"the story fails by itself: {world.failures[0].__cause__!r}"
    wrong = truths.broken(world.state, before)
    assert not wrong, f"the story is wrong by itself: {wrong}"
    return world.state


def play(text: str) -> Found:
    """One neighbour, for one time."""
    _, neighbour, window = text.split(":")
    begins, lasts = WINDOWS[window.replace("_", " ")]
    without = calm()
    world = story.start()
    before = world.state.copy()
    outage = Outage(neighbour, begins, lasts)
    world.gate.is_down = partial(outage.takes, world)
    try:
        story.play(world, outage.redrive)
    except AssertionError as stuck:
        return Found(NAME, text, "-", (f"stuck: {stuck}",))
    wrong = truths.broken(world.state, before)
    wrong += [f"differs: {line}" for line in unnamed(world.state, without, window)]
    wrong += list(untold(world.state))
    if wrong_end(world.state, without) and not rang(world, outage, without):
        wrong.append("no alarm: it ended otherwise, and nothing rang")
    return Found(NAME, text, f"{world.gate.refused} calls", tuple(wrong))


# --- what may differ, by which rule ------------------------------------------------------------

WEEK = "the_22nd_to_the_28th"
TOO_LATE = "rule 27: after the 28th nothing is taken for that month, and a mail says so"
PROVED = (
    "the evening's proof named what had not gone, or the run that was not closed; staff close it"
)
PHONED = "rule 32: five tries did not deliver a mail; a case has the phone number"
NAMED: Sequence[tuple[str, str, str]] = (
    (".*", r"mail later \S+: 1 not 0", "rule 27: it went later, and a mail said so"),
    (".*", r"mail notice \S+: 2 not 1", "rule 24: the run repeats daily, and reaches who was not"),
    (".*", r"case mail_failed \S+: \d not 0", PHONED),
    (".*", r"case (run|bank) None: \d not 0", PROVED),
    (WEEK, r"(case|mail) excluded \S+: 1 not 0", TOO_LATE),
    (WEEK, r"line \S+ withdrawal 0: 1 not 0", TOO_LATE),
    (WEEK, r"line \S+ withdrawal -\d+: 0 not 1", TOO_LATE),
    (WEEK, r"entry .* 27 \d+: 0 not 1", TOO_LATE),
    (WEEK, r"mail (paid|withdrawal) \S+: (1 not 2|0 not 1)", TOO_LATE),
    (WEEK, r"mail reminder \S+: 1 not 0", "rule 44: what was not taken (27) is owed, and late"),
    (WEEK, r"owed \S+: \d+ not \d+", TOO_LATE),
)
"""Window, difference, and the rule that names it."""


def summary(state: State) -> Counter[tuple[str, ...]]:
    """What a member, the bank and staff would call the outcome; no instants."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in state.store.items["ledger"].values():
        name = row["enrollment_id"]
        found["owed", name] += row["amount_cents"]
        found["line", name, row["kind"], str(row["amount_cents"])] += 1
    for entry in (entry for kept in state.has.values() for entry in kept):
        found["entry", entry.person.strip(), entry.code, str(entry.cents)] += 1
    for row in state.store.items["outbox"].values():
        if "state" in row:
            found["mail", row["kind"], row["enrollment_id"]] += 1
    for row in state.store.items["mandates"].values():
        if row["mandate"].startswith("live#"):
            found["mandate", row["enrollment_id"]] += len(row["standing"])
    for key, row in state.store.items["cases"].items():
        if key[0] == "open":
            found["case", row["kind"], str(row.get("enrollment_id"))] += 1
    return found


def unnamed(here: State, there: State, window: str) -> Iterator[str]:
    """Differences of the outcome that no rule names."""
    rules = [each for when, each, _ in NAMED if re.fullmatch(when, window)]
    now, then = summary(here), summary(there)
    for what in sorted({*now, *then}):
        line = f"{' '.join(what)}: {now[what]} not {then[what]}"
        if now[what] != then[what] and not any(re.fullmatch(each, line) for each in rules):
            yield line


def wrong_end(here: State, there: State) -> bool:
    """Whether anybody can see that something was down, by a rule or not."""
    return summary(here) != summary(there)


def rang(world: World, outage: Outage, without: State) -> bool:
    """A function or a page failed, something was given up, or a figure that rings came.

    The thresholds of some are for the size of an exchange; here each figure rings.
    """
    now, then = world.state.metrics.counts, without.metrics.counts
    came = any(now[figure] > then[figure] for figure in figures_that_ring())
    return bool(world.failures or world.page_errors or outage.sent_again or came)


@lru_cache
def figures_that_ring() -> frozenset[str]:
    """Each that an alarm is on."""
    alarms = yaml.safe_load(ALARMS.read_text())["alarms"].values()
    return frozenset(alarm["metric"].removeprefix("PremiumPay ") for alarm in alarms)


def untold(state: State) -> Iterator[str]:
    """Debits that settled after the date that was told, without a mail that names the real one."""
    rows = [row for row in state.store.items["outbox"].values() if "state" in row]
    # Of a mail that did not leave, staff have a case with the phone number.
    told = {(row["enrollment_id"], _date_in(row)) for row in rows if row["state"] != "pending"}
    excluded = {row["enrollment_id"] for row in rows if row["kind"] == "excluded"}
    lines = list(state.store.items["ledger"].values())
    moved = {row["payment_id"]: row["enrollment_id"] for row in lines if row.get("payment_id")}
    for entry in (entry for kept in state.has.values() for entry in kept):
        who, on = moved.get(entry.person_id.strip()), entry.settles_on.isoformat()
        if entry.is_debit and entry.cents and (who, on) not in told:
            yield f"untold: {entry.person_id} of {who} settled on {on}"
    for row in lines:
        if row.get("verdict") == "excluded" and row["enrollment_id"] not in excluded:
            yield f"untold: {row['enrollment_id']} was excluded: {row.get('reason')}"


def _date_in(row: Mapping[str, Any]) -> str:
    facts = row["facts"]
    return str(facts.get("now_on") or facts.get("effective_on") or facts.get("on"))
