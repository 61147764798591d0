"""`python -m infra.offline.month`: one whole month in the terminal, and whether its sums agree.

MONTH (2027-01; default: the one that comes, but December, in which no bill is new), MEMBERS (300)
and MANDATES (100) say otherwise. The members set up monthly payments the day before; then the
calendar does what it does.
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.banking_days import NEW_YORK, local_day
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import SLOTS, Enrollment
from chalicelib.domain.mandate import last_withdrawal_month
from chalicelib.domain.money import dollars
from chalicelib.domain.paying import Frequency, Pay, Standing, standing
from chalicelib.domain.withdrawal import Exclusion
from infra.offline import sign_up
from infra.offline.__main__ import BadOption, number
from infra.offline.engine import Call
from infra.offline.sign_up import Wish
from infra.offline.sums import Post, Row, rows
from infra.offline.world import World

Tell = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""

FIRST_SHARE_CENTS = 10_000
SAID_BY = ("run", "ledger", "mails")
UNREADABLE_EVERY, STOPPED_EVERY, CANCEL_EVERY, PAY_EVERY = 50, 40, 12, 9


@dataclass(frozen=True, slots=True)
class Options:
    """What the environment asks for."""

    month: str
    members: int
    mandates: int

    @classmethod
    def read(cls, environ: Mapping[str, str], now: datetime) -> "Options":
        """Raises BadOption."""
        month = environ.get("MONTH", "").strip() or _coming(now)
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
            raise BadOption("MONTH must be a month like 2026-12.")
        return cls(
            month,
            number(environ, "MEMBERS", 300, 1, 100_000),
            number(environ, "MANDATES", 100, 1, 100_000),
        )


def _coming(now: datetime) -> str:
    month = month_after(month_of(local_day(now)))
    return month_after(month) if month.endswith("-12") else month


@dataclass
class Month:
    """One month of a world: each act moves the clock, and says how far it is."""

    world: World
    month: str
    tell: Tell
    mandates: dict[str, str] = field(default_factory=dict)
    """Enrollment -> mandate."""
    told_cents: int = 0

    def __post_init__(self) -> None:
        self.post = Post(self.world.engine, self.world.clock)
        self._act = ("", 0, 0)
        self.world.engine.on_call(after=self._notice)

    def set_up(self, count: int) -> None:
        """Members authorize monthly payments: with something paid now, with nothing, with all."""
        chosen = self._usable()[:count]
        self.tell("Monthly payments", 0, len(chosen))
        for n, enrollment in enumerate(chosen, start=1):
            now = self.world.clock.now()
            made = sign_up.submit(self.world.system, enrollment, _wish(n), now)
            self.mandates[enrollment.enrollment_id] = str(made)
            self.tell("Monthly payments", n, len(chosen))
        self.world.pump.settle()

    def bill(self) -> None:
        """The 1st: every covered month is charged."""
        self._play("Bills, the 1st", 1, 1)

    def announce(self) -> None:
        """The 10th to the 12th: every member is told."""
        self._play("Notices, the 10th", 12, 3)
        told = (self.world.system.mandates.told(each, self.month) for each in self.mandates)
        self.told_cents = sum(each.cents for each in told if each)

    def live(self) -> None:
        """The 15th: some cancel, one of two of them undoes it, some pay; staff stop a mandate."""
        system = self.world.system
        self._move(15)
        for n, (enrollment_id, mandate_id) in enumerate(self.mandates.items(), start=1):
            books, now = self._books(enrollment_id), self.world.clock.now()
            if n % CANCEL_EVERY == 0:
                system.mandating.cancel(books, mandate_id, None, now)
                if n % (2 * CANCEL_EVERY) == 0:
                    system.mandating.undo(books, mandate_id, now)
            elif n % PAY_EVERY == 0 and books.owed_cents > 0:
                once = Wish(frequency=Frequency.ONCE, pay=Pay.TOTAL)
                sign_up.submit(system, books.enrollment, once, now)
            elif n % STOPPED_EVERY == 0:
                system.running.stop(f"withdrawal#{self.month}", mandate_id, Exclusion.STOPPED)
            self.tell("Changes, the 15th", n, len(self.mandates))
        self.world.pump.settle()

    def withdraw(self) -> None:
        """The 22nd, and the days to catch up."""
        self._play("Withdrawal, the 22nd", 28, 1)

    def end(self) -> None:
        """What the bank answers and the reconciliation of each evening come as time goes on."""
        last = date.fromisoformat(f"{month_after(self.month)}-01") - timedelta(days=1)
        self.tell("To the month's end", 0, 1)
        self._move(last.day)
        self.tell("To the month's end", 1, 1)

    def _play(self, what: str, until_day: int, runs: int) -> None:
        whole = runs * self.world.system.settings.run_shards
        self._act = (what, 0, whole)
        self.tell(what, 0, whole)
        self._move(until_day)
        self.tell(what, whole, whole)
        self._act = ("", 0, 0)

    def _move(self, day: int) -> None:
        on = date.fromisoformat(f"{self.month}-{day:02}")
        self.world.pump.move(datetime.combine(on, time(21), NEW_YORK))

    def _notice(self, call: Call) -> None:
        """A shard has reported: its last checkpoint was put."""
        what, done, whole = self._act
        if what and call.operation == "PutItem" and b'"reported": {"BOOL": true}' in call.body:
            self._act = (what, done + 1, whole)
            self.tell(*self._act)

    def _usable(self) -> list[Enrollment]:
        """Who can still be withdrawn from in this month, in a steady order."""
        now, system = self.world.clock.now(), self.world.system
        found = [each for n in range(SLOTS) for each in system.enrollments.in_slot(n).values()]
        usable = [
            each
            for each in found
            if each.can_be_paid(now)
            and not each.has_ended(local_day(now))
            and last_withdrawal_month(each) >= self.month
        ]
        return sorted(usable, key=lambda each: each.enrollment_id)

    def _books(self, enrollment_id: str) -> Standing:
        system = self.world.system
        enrollment = system.enrollments.get(enrollment_id)
        assert enrollment, "who set up monthly payments is enrolled"
        return standing(enrollment, system.books.lines(enrollment_id), self.world.clock.now())


def _wish(n: int) -> Wish:
    if n % UNREADABLE_EVERY == 0:
        return Wish(sealed_about="somebody else")
    return (Wish(), Wish(cents=FIRST_SHARE_CENTS), Wish(pay=Pay.TOTAL))[n % 3]


def eve(month: str) -> datetime:
    """The afternoon before a month: what the demo file leaves unbilled is due on the next day."""
    last = date.fromisoformat(f"{month}-01") - timedelta(days=1)
    return datetime.combine(last, time(16), NEW_YORK)


def play(options: Options, tell: Tell) -> list[Row]:
    """A world of its own, from the eve of a month to its end; the figures it leaves."""
    start = World.start(
        now=eve(options.month), count=options.members, in_background=False, progress=tell
    )
    with start as world:
        month = Month(world, options.month, tell)
        month.set_up(options.mandates)
        for act in (month.bill, month.announce, month.live, month.withdraw, month.end):
            act()
        return rows(world, month.post, options.month, month.told_cents)


def summary(month: str, figures: list[Row]) -> Table:
    """Who says what, side by side."""
    table = Table(title=f"{month}: every figure, by everybody who knows it", title_justify="left")
    table.add_column("", no_wrap=True)
    for name in (*SAID_BY, "and"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("agree", no_wrap=True)
    for row in figures:
        said = [_shown(row, name) for name in SAID_BY]
        others = [f"{_shown(row, name)} {name}" for name in row.said if name not in SAID_BY]
        agrees = "[green]yes[/]" if row.agrees else "[bold red]NO[/]"
        table.add_row(row.what, *said, ", ".join(others), agrees)
    return table


def _shown(row: Row, name: str) -> str:
    if name not in row.said:
        return ""
    return dollars(row.said[name]) if row.is_money else f"{row.said[name]:,}"


def main() -> int:
    """0 when all sums agree, 1 when they don't, 2 when an option can't be used."""
    console = Console(highlight=False)
    try:
        options = Options.read(os.environ, SystemClock().now())
    except BadOption as bad:
        console.print(str(bad), style="red", markup=False)
        return 2
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=whole)
            bars.update(tasks[what], completed=min(done, whole), total=whole)

        figures = play(options, tell)
    console.print(summary(options.month, figures))
    agree = all(row.agrees for row in figures)
    console.print("All sums agree." if agree else "SOME SUMS DO NOT AGREE.", style="bold")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
