"""`python -m infra.offline.month`: one whole month in the terminal, and whether its sums agree.

MONTH (2027-01; default: the one that comes, but December, in which no bill is new), MEMBERS (300)
and MANDATES (100) say otherwise. The members set up monthly payments the day before; then the
calendar does what it does.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.money import dollars
from infra.offline.__main__ import BadOption, number
from infra.offline.acts import Month, Tell, eve
from infra.offline.sums import Row, rows
from infra.offline.world import World

NARROWEST = 108  # a table that is cut says nothing
SAID_BY = ("run", "ledger", "mails")


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
        return rows(world, month.post, options.month, month.announced_cents)


def summary(month: str, figures: list[Row]) -> Table:
    """Who says what, side by side."""
    title = f"{month}: every figure, by everybody who knows it"
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in (*SAID_BY, "and"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in figures:
        said = [_shown(row, name) for name in SAID_BY]
        others = [f"{_shown(row, name)} {name}" for name in row.said if name not in SAID_BY]
        agrees = "[green]agree[/]" if row.agrees else "[bold red]DIFFER[/]"
        table.add_row(row.what, *said, ", ".join(others), agrees)
    return table


def _shown(row: Row, name: str) -> str:
    if name not in row.said:
        return ""
    return dollars(row.said[name]) if row.is_money else f"{row.said[name]:,}"


def main() -> int:
    """0 when all sums agree, 1 when they don't, 2 when an option can't be used."""
    console = Console(highlight=False)
    console.width = max(console.width, NARROWEST)
    try:
        options = Options.read(os.environ, SystemClock().now())
    except BadOption as bad:
        console.print(str(bad), style="red", markup=False)
        return 2
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("premium-pay-log").setLevel(logging.ERROR)
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
