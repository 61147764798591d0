"""`make faults-long`: a hundred years by their seeds, three of them on moto, and every mutant.

python -m tests.faults.long             all of it, and its table in docs/reliability.md: an hour
python -m tests.faults.long --seeds 10  fewer; no table

What a year showed is written and told as it ends. Begun again on the same commit, it goes on with
the years that are not written yet.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.faults import matrix, mutants, run, table
from tests.faults.matrix import Found
from tests.faults.simulation import on_moto, year
from tests.small import shrink

SEEDS = 100
PLACE = Path("out/faults-long")  # a file of each commit, a line of each year


def written(place: Path) -> dict[str, tuple[Found, int]]:
    """The years that ended, by name, with their seconds; a line cut off is one not yet played."""
    lines = place.read_text().splitlines() if place.exists() else []
    every = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["point"]: (_found(one), one["seconds"]) for one in every}


def _found(one: dict[str, Any]) -> Found:
    violations = tuple(one["violations"])
    return Found(one["part"], one["point"], one["call"], violations, one["second_copies"])


def play(act: Callable[[str], Found], place: Path, point: str) -> Found:
    """In a process of its own: what is written, or played now and written in one line."""
    if point in (ended := written(place)):
        return ended[point][0]
    began = time.monotonic()
    found = act(point)
    seconds = round(time.monotonic() - began)
    with place.open("a") as file:
        file.write("\n" + json.dumps(asdict(found) | {"seconds": seconds}))
    sys.stdout.write(f"{point}: {len(found.violations)} violations, {seconds} s\n")
    sys.stdout.flush()
    return found


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.long")
    asked.add_argument("--seeds", type=int, default=SEEDS)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    shrink()
    began = time.monotonic()
    place = PLACE / f"{table.commit()}.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True)
    if "dirty" in place.name:  # no commit: nothing says that what is written is of this code
        place.unlink(missing_ok=True)
    years = [f"{year.NAME}:{seed}" for seed in (*range(1, given.seeds + 1), *year.KEPT)]
    every = [
        (on_moto.NAME, partial(play, on_moto.play, place), on_moto.points()),
        (year.NAME, partial(play, year.play, place), list(dict.fromkeys(years))),
    ]
    report = run.run(every, given.workers, float("inf"), console)
    for found in report.violations:
        console.print(matrix.short(found), style="red", markup=False)
        console.print(f'    again: make faults ONLY="{found.point}"', markup=False)
    chosen = mutants.mutants()
    verdicts = mutants.run(chosen, given.workers, console)
    alive = [each for each in verdicts if not each.killed_by]
    for each in alive:
        console.print(mutants.told(each), style="red", markup=False)
    points, killed = sum(report.points.values()), len(chosen) - len(alive)
    console.print(
        f"{points} years, {len(report.violations)} with violations; {len(chosen)} mutants, "
        f"{len(alive)} alive; {time.monotonic() - began:.0f} s since it was begun (again)"
    )
    seconds = sum(seconds for _, seconds in written(place).values())
    if given.seeds >= SEEDS:
        table.write_long(report, killed, len(chosen), seconds)
    return int(bool(report.violations or alive))


if __name__ == "__main__":
    sys.exit(main())
