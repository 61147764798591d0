"""A month's withdrawal is rehearsed: who, how much, against last month; nothing is written."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.bootstrap import System, system
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.timetable import WITHDRAWAL_DAY
from chalicelib.services.monthly.rehearsal import ExpectedDecision
from infra.staff import forecast
from infra.staff.forecast import Forecast
from infra.staff.sheets import sheet
from infra.staff.terminal import AsJson, aside, bars, out, told, wrong

Month = Annotated[str, typer.Option(help="Such as 2026-12. Default: of the 22nd that comes.")]
Out = Annotated[Path | None, typer.Option("--out", help="A CSV file of everybody.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Readers at once.")]


def rehearse(
    month: Month = "", out_file: Out = None, workers: Workers = 8, as_json: AsJson = False
) -> None:
    """Say what the 22nd would do: who, how much, outliers, missing notices. Writes nothing."""
    here = system()
    for held in here.records.held_feeds.all():
        aside().print(f"{held.name} is held: its mandates are excluded, feed_held", style="bold")
    month = month or _coming(here)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise wrong("The month must be like 2026-12.")
    seen = Forecast(month)
    rows = seen.watching(_expected(here, month, workers))
    if out_file:
        _write(out_file, rows)
    else:
        for _ in rows:
            pass
    last = f"withdrawal#{month_after(month, -1)}"
    seen.last = here.running.counts(last) if here.records.runs.get(last) else None
    if as_json:
        told(seen.plain())
    else:
        for part in forecast.shown(seen):
            out().print(part)
        aside().print("Nothing was written.", style="bold")


def _expected(here: System, month: str, workers: int) -> Iterator[ExpectedDecision]:
    """Slot by slot, some at once; no more is held than what is being read."""
    rehearsal = here.rehearsal  # made before threads ask for it
    stops = rehearsal.stops(month)
    with ThreadPoolExecutor(workers) as readers, bars() as progress:
        read = progress.add_task("Reading mandates", total=SLOTS)
        for first in range(0, SLOTS, workers):
            some = range(first, min(first + workers, SLOTS))
            for found in readers.map(lambda n: rehearsal.slot(month, n, stops), some):
                progress.advance(read)
                yield from found


def _write(file: Path, rows: Iterable[ExpectedDecision]) -> None:
    with sheet(file, [field.name for field in fields(ExpectedDecision)]) as written:
        for row in rows:
            written.write(asdict(row))


def _coming(here: System) -> str:
    today = local_day(here.clock.now())
    this = month_of(today)
    return this if today.day <= WITHDRAWAL_DAY else month_after(this)
