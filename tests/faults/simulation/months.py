"""What happens in a month, by the seed: what the exchange tells, members do and staff command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from chalicelib.domain.coverage import month_after
from tests.builders import a_feed
from tests.faults.simulation import staff
from tests.faults.simulation.people import Coverage, Diary, Fed, Person
from tests.faults.simulation.walks import OTHER, Walk
from tests.faults.simulation.weather import Year
from tests.faults.town import GOOD
from tests.faults.world import FEEDS
from tests.monthly import at

HOURS = (10, 19)  # before and after the evening's collection
NUMBERS = {
    GOOD: 80,
    OTHER: 9,
    "99000001": 4,  # R01
    "99000002": 1,
    "99000007": 1,
    "99000008": 1,
    "99000010": 1,
    "99000101": 2,  # C01
    "99000110": 1,  # R10, 45 days later
}
BAD_ROW = {"birth_date": "1980-02-31"}


@dataclass(frozen=True)
class Act:
    """Somebody does something; a member who was turned away comes again the next day."""

    at: datetime
    name: str
    act: Callable[[], None]
    again: bool = True


@dataclass
class Town:
    """Everybody and everything, while the year goes on."""

    seed: int
    world: Year
    people: list[Person]
    diary: Diary

    def randomness(self, *what: object) -> Random:
        """Of its own for each thing, so that no fault moves another's."""
        return Random("|".join(map(str, (self.seed, *what))))

    def acts(self, month: str) -> list[Act]:
        """Of a month that begins, as people stand now; oldest first."""
        found = [*self._feeds(month), *self._staff(month)]
        for person in self.people:
            for coverage in person.coverages:
                randomness = self.randomness(month, coverage.enrollment_id)
                found += self._member(person, coverage, month, randomness)
        return sorted(found, key=lambda act: (act.at, act.name))

    # --- the exchange -----------------------------------------------------------------------------

    def _feeds(self, month: str) -> Iterator[Act]:
        """Who comes, on their day; twice a month what changed; once everybody."""
        new: dict[datetime, list[tuple[Person, Coverage]]] = {}
        for person in self.people:
            for coverage in person.coverages:
                if coverage.month == month:
                    new.setdefault(coverage.arrives, []).append((person, coverage))
        for when, who in new.items():
            yield Act(when, "feed of new ones", partial(self._feed, who), again=False)
        randomness = self.randomness(month, "feeds")
        for day in randomness.sample(range(4, 28), 2):
            act = partial(self._changes, month, day)
            yield Act(at(day, 3, month=month), "feed of changes", act, again=False)
        day = randomness.randrange(4, 28)
        yield Act(at(day, 2, month=month), "feed of everybody", self._everybody, again=False)

    def _feed(self, who: list[tuple[Person, Coverage]], *more: dict[str, str]) -> None:
        now = self.world.now()
        for _, each in who:
            each.fed.append(Fed(now, each.premium_cents, each.end))
        rows = [person.row(coverage) for person, coverage in who]
        self.diary.counts["rows fed"] += len(rows)
        name = f"{FEEDS}{now:%Y%m%d-%H%M}.csv"
        self.world.arrives(name, a_feed(*rows, *more))

    def _known(self) -> list[tuple[Person, Coverage]]:
        return [(p, c) for p in self.people for c in p.coverages if c.fed]

    def _everybody(self) -> None:
        self._feed(self._known())

    def _changes(self, month: str, day: int) -> None:
        randomness = self.randomness(month, day, "changes")
        known = [(p, c) for p, c in self._known() if c.is_on(month) and c.year == 2027]
        some = randomness.sample(known, min(len(known), max(1, len(known) // 25)))
        for _, coverage in some:
            kind = randomness.random()
            if kind < 0.5:
                coverage.premium_cents = int(coverage.premium_cents * randomness.uniform(0.7, 1.3))
            elif coverage.end != "2027-12-31":
                coverage.end = "2027-12-31"  # it goes on, after all
            elif kind < 0.9:
                last = max(month_after(month, randomness.randrange(3)), coverage.start[:7])
                coverage.end = f"{last}-{randomness.choice((15, 22, 28))}"
        if some:
            person, coverage = some[0]
            self._feed(some, {**person.row(coverage), **BAD_ROW, "enrollment_id": "EN999999"})

    # --- members ----------------------------------------------------------------------------------

    def _member(
        self, person: Person, coverage: Coverage, month: str, randomness: Random
    ) -> Iterator[Act]:
        is_new = coverage.month == month
        if not is_new and not coverage.is_on(month):
            return
        first = coverage.day + 1 if is_new else 1
        day, hour = randomness.randrange(min(first, 20), 28), randomness.choice(HOURS)
        for name, after, how in _intends(person, coverage, is_new, randomness):
            when = at(min(day + after, 28), hour, month=month)
            walk = partial(self._walk, person, coverage, name, **how)
            yield Act(when, f"{name} {coverage.enrollment_id}", walk)

    def _walk(self, person: Person, coverage: Coverage, name: str, **how: Any) -> None:
        self.diary.counts["visits"] += 1
        getattr(Walk(self.world, self.diary, person), name)(coverage, **how)
        self.world.quiet()

    # --- staff, and the mail service --------------------------------------------------------------

    def _staff(self, month: str) -> Iterator[Act]:
        randomness, world, diary = self.randomness(month, "staff"), self.world, self.diary
        for _ in range(2):
            when = at(randomness.randrange(2, 28), 10, month=month)
            yield Act(when, "staff retry", partial(self._retry, randomness), again=False)
        when = at(randomness.randrange(2, 28), 10, month=month)
        yield Act(when, "staff give back", partial(self._give_back, randomness), again=False)
        yield Act(when, "mail bounces", partial(self._bounce, randomness), again=False)
        if randomness.random() < 0.5:
            stops = partial(self._stop, randomness, month)
            yield Act(at(21, 10, month=month), "staff stop one", stops, again=False)
        if randomness.random() < 0.3:
            whole = partial(staff.whole_run, world, diary, month)
            stops, goes_on = partial(whole, goes_on=False), partial(whole, goes_on=True)
            yield Act(at(22, 8, 45, month=month), "staff stop the run", stops, again=False)
            yield Act(at(22, 10, 30, month=month), "staff let it go on", goes_on)

    def _rows(self, table: str, by: str) -> list[dict[str, Any]]:
        """Those that have it, in its order: no store gives another choice than the next."""
        items = self.world.state.store.items[table]
        found = [(str(row[by]), str(key), row) for key, row in items.items() if by in row]
        return [row for *_, row in sorted(found, key=lambda each: each[:2])]

    def _retry(self, randomness: Random) -> None:
        back = [
            r for r in self._rows("ledger", "at") if r["kind"] == "return" and r["reason"] == "R01"
        ]
        if back:
            line = randomness.choice(back[-20:])
            staff.retry(self.world, self.diary, line["enrollment_id"], line["payment_id"])

    def _give_back(self, randomness: Random) -> None:
        owed: dict[str, int] = {}
        for row in self._rows("ledger", "at"):
            name = row["enrollment_id"]
            owed[name] = owed.get(name, 0) + row["amount_cents"]
        paid = [r for r in self._rows("ledger", "at") if r["kind"] in ("payment", "withdrawal")]
        paid = [r for r in paid if r["amount_cents"] and owed[r["enrollment_id"]] < 0]
        if paid:
            line = randomness.choice(paid)
            name = line["enrollment_id"]
            cents = min(-owed[name], -line["amount_cents"])
            staff.refund(self.world, self.diary, name, line["payment_id"], cents)

    def _stop(self, randomness: Random, month: str) -> None:
        live = self._rows("mandates", "enrollment_id")
        live = [row for row in live if row["mandate"].startswith("live#")]
        names = [each["mandate_id"] for row in live for each in row["standing"]]
        if names:
            staff.stop(self.world, self.diary, month, randomness.choice(names))

    def _bounce(self, randomness: Random) -> None:
        sent = [r for r in self._rows("outbox", "created_at") if r.get("state") == "sent"]
        if sent:
            mail = randomness.choice(sent[-50:])
            staff.bounce(self.world, self.diary, mail["mail_id"], mail["created_at"][:10])


Intent = tuple[str, int, dict[str, Any]]
"""What a walk is called, how many days later, and how."""


def _intends(person: Person, coverage: Coverage, is_new: bool, randomness: Random) -> list[Intent]:
    """What a member wants this month: by habit, and by what they have set up."""
    lot, after = randomness.random(), randomness.randrange(3)
    number = randomness.choices([*NUMBERS], [*NUMBERS.values()])[0]
    some = randomness.randrange(1_000, 30_000)
    if coverage.monthly:
        return _changes_mind(lot, after, number, some)
    if person.habit == "monthly" and (is_new or lot < 0.4):
        cents = randomness.choice((None, None, 0, some))
        return [("pay", 0, {"monthly": True, "cents": cents, "number": number})]
    if person.habit == "once" and lot < 0.8:
        return [("pay", 0, {"number": number})]
    if person.habit == "sometimes" and lot < 0.35:
        return [("pay", 0, {"cents": some, "number": number})]
    return []


def _changes_mind(lot: float, after: int, number: str, some: int) -> list[Intent]:
    """Who pays monthly: cancels, perhaps undoes it, pays from elsewhere, pays more, looks."""
    if lot < 0.03:
        return [("cancel", 0, {}), ("undo", after, {})]
    if lot < 0.05:
        return [("cancel", 0, {})]
    if lot < 0.09:
        cents = 0 if after else None
        return [("pay", 0, {"monthly": True, "cents": cents, "number": number})]
    if lot < 0.15:
        return [("pay", 0, {"cents": some, "number": number})]
    return [("look_around", 0, {})] if lot < 0.19 else []
