"""`make simulate SEED=n`: one year, month by month; 1 with the seed where something was wrong.

python -m tests.faults.simulation --seed 7
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chalicelib.domain.money import dollars
from tests.faults.simulation import weather, year
from tests.faults.simulation.year import Played
from tests.small import shrink

MOST_LINES = 20


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.simulation")
    asked.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 1))
    asked.add_argument("--members", type=int, default=year.MEMBERS)
    asked.add_argument("--months", type=int, default=year.MONTHS)
    given = asked.parse_args()
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    shrink()
    began = time.monotonic()
    columns = (
        TextColumn("months"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[wrong]} violations"),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("months", total=given.months, wrong=0)
        played = year.simulate(
            given.seed, given.members, given.months,
            lambda done, wrong: bar.update(task, completed=done, wrong=wrong),
        )  # fmt: skip
    return _tell(played, given, time.monotonic() - began, console)


def _tell(played: Played, given: argparse.Namespace, seconds: float, console: Console) -> int:
    table = Table("a year by seed", str(given.seed), box=SIMPLE)
    for what, said in _rows(played):
        table.add_row(what, said)
    console.print(table)
    for line in played.violations[:MOST_LINES]:
        console.print(line, style="red", markup=False)
    more = f"MEMBERS={given.members} MONTHS={given.months}"
    usual = (given.members, given.months) == (year.MEMBERS, year.MONTHS)
    console.print(f"{len(played.violations)} violations, {seconds:.0f} s, seed {given.seed}")
    if played.violations:
        again = f"make simulate SEED={given.seed}" + ("" if usual else f" {more}")
        console.print(f"again: {again}; and keep the seed in KEPT (year.py)", markup=False)
    return int(bool(played.violations))


def _rows(played: Played) -> Iterator[tuple[str, str]]:
    here, world = played.town, played.town.world
    lines = list(world.state.store.items["ledger"].values())
    money = [row for row in lines if row.get("collection") and row["amount_cents"]]
    yield "months", str(played.months)
    yield from ((name, str(n)) for name, n in sorted(year.settings(played.seed).items()))
    yield "members, enrollments", f"{len(here.people)}, {len({r['enrollment_id'] for r in lines})}"
    for kind in ("payment", "withdrawal", "refund"):
        its = [abs(row["amount_cents"]) for row in money if row["kind"] == kind]
        yield f"{kind}s", f"{len(its)}, {dollars(sum(its))}"
    back = [row["amount_cents"] for row in lines if row["kind"] == "return"]
    yield "returns", f"{len(back)}, {dollars(sum(back))}"
    yield "files that the bank has", str(len(world.state.has))
    yield "mails sent", str(len(world.state.sent))
    yield "functions invoked, failed", f"{world.processes}, {world.failed}"
    yield "calls", str(world.gate.passed)
    rate = f"{weather.rate(played.seed):.1%} of those that change something"
    yield "faults struck", f"{world.gate.struck_times} ({rate})"
    yield "by kind", ", ".join(f"{n} {kind}" for kind, n in sorted(world.gate.faults.items()))
    yield "neighbours away", f"{world.away} times, {world.gate.refused} calls refused"
    yield "events and messages that came twice", str(world.twice)
    sent = [mail_id for mail_id, *_ in world.state.sent]
    yield "second copies of a mail", str(len(sent) - len(set(sent)))
    yield "dead letters that staff sent again", str(world.sent_again)
    yield from ((what, str(n)) for what, n in sorted(here.diary.counts.items()))
    yield "violations", str(len(played.violations))
    yield "all that is kept, in short", played.fingerprint


if __name__ == "__main__":
    sys.exit(main())
