"""`make faults`: every point, in two processes, with a bar for each part; and the table of it.

python -m tests.faults.run                                  all of it, and docs/reliability.md
python -m tests.faults.run --core                           a sample of a minute, by its seed
python -m tests.faults.run --only submit_two:17:answer_lost one point, by its name
python -m tests.faults.run --only machine:17                a run of the machine, by its seed
python -m tests.faults.run --only year:3                    a year, by its seed
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.pool import Pool

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.faults import limits, machine, matrix, neighbours, races, spoiled, table
from tests.faults.flows import FLOWS
from tests.faults.matrix import Found, Point
from tests.faults.simulation import on_moto, year
from tests.small import shrink

CORE_SECONDS = 60
SEED = 11
PAIRED = (
    *("submit_one", "submit_two", "set_up", "replace", "cancel", "undo"),
    *("retry", "propose", "release", "drop", "mail_sender", "send_again"),
)
PAIRS_OF_A_FLOW = 300
WHOLE = 200  # lines of one point
CHUNK, AHEAD = 8, 64  # points of a worker at once, and of all

Part = tuple[str, Callable[[str], Found], list[str]]
# Points that take long: one at a time, and so many ahead.
SLOW = {neighbours.NAME: 8, machine.NAME: 8, year.NAME: 16, on_moto.NAME: 2}
# By the first word of a point; all others are calls of a flow.
PLAYERS = {
    part.NAME: part.play for part in (neighbours, machine, races, limits, spoiled, year, on_moto)
}


@dataclass
class Report:
    """What was found, by part and flow."""

    points: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: dict[str, int] = field(default_factory=dict)
    violations: list[Found] = field(default_factory=list)
    copies: int = 0

    def add(self, found: Found) -> None:
        """One more point."""
        self.points[found.part, found.name] += 1
        self.copies += found.second_copies
        if found.violations:
            self.violations.append(found)


def play(text: str) -> Found:
    """In a process of its own."""
    return matrix.play(Point.read(text))


def single() -> list[str]:
    """Every call of every flow, in every way."""
    return [str(point) for name in FLOWS for point in matrix.points(name)]


def double(seed: int) -> list[str]:
    """Pairs of faults in the short flows: so many of each, by the seed."""
    chosen = random.Random(seed)
    found = []
    for name in PAIRED:
        every = list(matrix.pairs(name))
        found += chosen.sample(every, min(PAIRS_OF_A_FLOW, len(every)))
    return [str(point) for point in found]


def parts(seed: int) -> list[Part]:
    """All there is."""
    return [
        ("matrix", play, single()),
        ("pairs", play, double(seed)),
        (neighbours.NAME, neighbours.play, neighbours.points()),
        (machine.NAME, machine.play, machine.points()),
        (races.NAME, races.play, races.points()),
        (limits.NAME, limits.play, limits.points()),
        (spoiled.NAME, spoiled.play, spoiled.sample(seed)),
        (year.NAME, year.play, year.points()),
    ]


def sampled(every: Sequence[Part], seed: int) -> list[Part]:
    """In an order by the seed, so that a minute sees a bit of everything; a year is too long."""
    chosen = random.Random(seed)
    short = [part for part in every if part[0] != year.NAME]
    return [(name, act, chosen.sample(points, len(points))) for name, act, points in short]


def run(every: Sequence[Part], workers: int, seconds: float, console: Console) -> Report:
    """Plays all, or as much as so many seconds allow, each part its share of them."""
    report = Report()
    names = {name for name, *_ in every}  # what is calm is made once, before there are processes
    if "matrix" in names:
        report.calls = {name: len(matrix.calm(name).calls) for name in FLOWS}
    if neighbours.NAME in names:
        neighbours.calm()
    columns = (
        TextColumn("{task.description:<11}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("{task.fields[wrong]} violations"),
    )  # fmt: skip
    total = sum(len(points) for _, _, points in every)
    with (
        multiprocessing.Pool(workers, shrink) as pool,
        Progress(*columns, console=console, disable=not console.is_terminal) as bars,
    ):
        tasks = [bars.add_task(name, total=len(points), wrong=0) for name, _, points in every]
        for task, (name, act, points) in zip(tasks, every, strict=True):
            until = time.monotonic() + seconds * len(points) / total
            for found in _played(pool, act, points, until, SLOW.get(name)):
                report.add(found)
                bars.update(task, advance=1, wrong=len(report.violations))
    return report


def _played(
    pool: Pool, act: Callable[[str], Found], points: Sequence[str], until: float, slow: int | None
) -> Iterator[Found]:
    """In order, a few chunks ahead."""
    chunk, ahead = (1, slow) if slow else (CHUNK, AHEAD)
    for first in range(0, len(points), ahead):
        if time.monotonic() > until:
            return
        yield from pool.map(act, points[first : first + ahead], chunksize=chunk)


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.run")
    asked.add_argument("--core", action="store_true", help=f"a sample of {CORE_SECONDS} seconds")
    asked.add_argument("--only", default=os.environ.get("ONLY", ""), help="one point, or a flow")
    asked.add_argument("--seed", type=int, default=int(os.environ.get("SEED", SEED)))
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    shrink()
    if act := _player(given.only):
        found = act(given.only)
        console.print(matrix.short(found, lines=WHOLE), markup=False)
        return int(bool(found.violations))
    began = time.monotonic()
    every = parts(given.seed)
    if given.only:
        every = [
            (n, act, [p for p in found if p.startswith(f"{given.only}:")])
            for n, act, found in every
        ]
    if given.core:
        every = sampled(every, given.seed)
    whole = not given.core and not given.only
    report = run(every, given.workers, CORE_SECONDS if given.core else float("inf"), console)
    return _tell(report, time.monotonic() - began, whole, given.seed, console)


def _player(only: str) -> Callable[[str], Found] | None:
    """Who plays this point; None where it names no single one, but all of a part or flow."""
    kind, *rest = only.split(":")
    needed = 1 if kind in (machine.NAME, year.NAME, on_moto.NAME) else 2
    return PLAYERS.get(kind, play) if len(rest) >= needed else None


def _tell(report: Report, seconds: float, whole: bool, seed: int, console: Console) -> int:
    for found in report.violations[:20]:
        console.print(matrix.short(found), style="red", markup=False)
        console.print(f'    again: make faults ONLY="{found.point}"', markup=False)
    points = sum(report.points.values())
    console.print(
        f"{points} points, {len(report.violations)} violations, "
        f"{report.copies} second copies of a mail, in {seconds:.0f} s, seed {seed}"
    )
    if whole:
        table.write(report, seconds, seed)
    return int(bool(report.violations))


if __name__ == "__main__":
    sys.exit(main())
