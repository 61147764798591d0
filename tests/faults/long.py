"""`make faults-long`: a hundred years by their seeds, three of them on moto, and every mutant.

python -m tests.faults.long             all of it, and its table in docs/reliability.md: an hour
python -m tests.faults.long --seeds 10  fewer; no table
"""

import argparse
import sys
import time

from rich.console import Console

from tests.faults import matrix, mutants, run, table
from tests.faults.simulation import on_moto, year
from tests.faults.world import shrink

SEEDS = 100


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.long")
    asked.add_argument("--seeds", type=int, default=SEEDS)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    shrink()
    began = time.monotonic()
    years = [f"{year.NAME}:{seed}" for seed in (*range(1, given.seeds + 1), *year.KEPT)]
    every = [
        (year.NAME, year.play, list(dict.fromkeys(years))),
        (on_moto.NAME, on_moto.play, on_moto.points()),
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
        f"{len(alive)} alive; {time.monotonic() - began:.0f} s"
    )
    if given.seeds >= SEEDS:
        table.write_long(report, killed, len(chosen), time.monotonic() - began)
    return int(bool(report.violations or alive))


if __name__ == "__main__":
    sys.exit(main())
