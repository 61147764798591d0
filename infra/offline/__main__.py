"""`python -m infra.offline`: the whole system on this machine, until Ctrl-C.

PORT (8000; the control room is beside it, at PORT + 1), NOW (the instant the clock starts at, ISO
8601 with a zone; default: the real one), MEMBERS (2000) and MEMBERS_SEED say otherwise.
BANK_STATEMENTS=on lets the bank state each day, and nothing be paid before it did (rule 48).
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from chalicelib.adapters.clock import SystemClock
from infra.offline import clock, members

if TYPE_CHECKING:
    from infra.offline.world import World

HIGHEST_PORT = 65_535 - 1  # the control room is beside it
SETTINGS = ("BANK_STATEMENTS",)  # of the system, that may be tried here
WAYS = ("enrollment_id", "ssn", "billing_account")


class BadOption(ValueError):
    """An option that can't be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the environment asks for."""

    port: int
    now: datetime
    count: int
    seed: int
    settings: Mapping[str, str]

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Options":
        """Raises BadOption."""
        return cls(
            number(environ, "PORT", 8000, 1, HIGHEST_PORT),
            _now(environ.get("NOW", "")),
            number(environ, "MEMBERS", members.COUNT, 0, 1_000_000),
            number(environ, "MEMBERS_SEED", members.SEED, 0, 2**63),
            {name: environ[name] for name in SETTINGS if environ.get(name)},
        )


def number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number from the environment. Raises BadOption."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadOption(f"{name} must be a number from {low} to {high}.")
    return int(text)


def _now(text: str) -> datetime:
    if not text.strip():
        return SystemClock().now()
    try:
        return clock.read(text)
    except clock.NoZone:
        raise BadOption("NOW needs a time zone: 2026-12-03T10:00:00-05:00, or ...Z.") from None
    except (ValueError, OverflowError):
        raise BadOption("NOW must be an instant like 2026-12-03T15:00:00Z.") from None


class Loading:
    """A bar for each thing that takes a while."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:<18}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
        )
        self.bars = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        """One step further."""
        if what not in self._tasks:
            self._tasks[what] = self.bars.add_task(what, total=whole)
        self.bars.update(self._tasks[what], completed=done, total=whole)


def main() -> int:
    """Run until told to stop; 2 when an option or a port can't be used."""
    console = Console(highlight=False)
    try:
        options = Options.read(os.environ)
        run(options, console)
    except BadOption as bad:
        console.print(str(bad), style="red", markup=False)
        return 2
    return 0


def run(options: Options, console: Console) -> None:
    """Start the world, say where it is, and wait. Raises BadOption when the port is taken."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("botocore").setLevel(logging.ERROR)
    logging.getLogger("premium-pay-log").setLevel(logging.WARNING)  # no line for each request
    loading = Loading(console)
    file = members.FILE.with_stem(f"members-{options.port}")
    from infra.offline.world import World  # noqa: PLC0415 - moto takes a second; the bar stands first

    with loading.bars:
        world = World.start(
            now=options.now,
            count=options.count,
            seed=options.seed,
            port=options.port,
            members_file=file,
            settings=options.settings,
            progress=loading,
        )
        try:
            running = world.__enter__()
        except OSError as error:
            ports = f"{options.port} and {options.port + 1}"
            why = f"Ports {ports} cannot both be had: {error.strerror}. Try PORT=9000."
            raise BadOption(why) from None
    try:
        console.print(greeting(running, options.now))
        stop.wait()
    finally:
        world.__exit__(None, None, None)
    console.print("Stopped.")


def greeting(world: "World", now: datetime) -> Panel:
    """Both addresses, and three members with all that it takes to find them."""
    table = Table.grid(padding=(0, 3))
    table.add_row("[bold]Page[/]", f"[bold]{world.page_url}/[/]")
    table.add_row("Control room", f"{world.room_url}/")
    table.add_row("Clock", clock.written(now))
    table.add_row()
    for row, way in zip(members.read(world.members_file)[: len(WAYS)], WAYS, strict=False):
        table.add_row(
            f"{row['first_name']} {row['last_name']}",
            f"{row['plan']}, {way.replace('_', ' ')} [bold]{row[way]}[/], born {row['birth_date']}",
        )
    return Panel(
        table, title="Offline, nothing here is real", subtitle="Ctrl-C stops", expand=False
    )


if __name__ == "__main__":
    sys.exit(main())
