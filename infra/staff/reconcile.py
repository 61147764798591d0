"""The books are proved on demand: every manifest, file, collection and ledger."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.bootstrap import System, system
from chalicelib.domain.proof import Difference, Findings, Proof
from chalicelib.services.reconciliation.reconciling import Step
from chalicelib.services.reconciliation.snapshot import Snapshot
from infra.staff import balance
from infra.staff.sheets import sheet
from infra.staff.terminal import WRONG, AsJson, aside, bars, out, told

Out = Annotated[Path | None, typer.Option("--out", help="A CSV file of all differences.")]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Only what was not settled by that day."),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Readers at once.")]


def reconcile(
    out_file: Out = None, since: Since = None, workers: Workers = 8, as_json: AsJson = False
) -> None:
    """Prove that ledgers, entries, files and runs say the same. Ends with 1 when they do not."""
    here = system()
    with aside().status("Reading manifests ..."):
        day = since.date() if since else None
        snapshot = here.reconciling.snapshots.take(here.clock.now(), day)
    findings, kept = Findings(), list[Difference]()
    with ExitStack() as files:
        names = [field.name for field in fields(Difference)]
        table = files.enter_context(sheet(out_file, names)) if out_file else None
        for found in _found(here, snapshot, findings, workers):
            if as_json or len(kept) < balance.SHOWN:
                kept.append(found)
            if table:
                table.write(asdict(found))
    if as_json:
        told(balance.plain(snapshot, findings, kept))
    else:
        for part in balance.shown(snapshot, findings, kept):
            out().print(part)
        aside().print("Nothing was written to the books.", style="bold")
    if findings.differences:
        raise typer.Exit(WRONG)


def _found(
    here: System, snapshot: Snapshot, findings: Findings, workers: int
) -> Iterator[Difference]:
    """Step by step, some at once; no more is held than what is being read."""
    with ThreadPoolExecutor(workers) as readers, bars() as progress:
        for kind, steps in here.reconciling.steps(snapshot).items():
            done = progress.add_task(kind, total=len(steps))
            for proof in _some_at_once(readers, steps, workers):
                progress.advance(done)
                yield from findings.take(proof)
    yield from findings.take(findings.closing(snapshot.whole_runs()))


def _some_at_once(
    readers: ThreadPoolExecutor, steps: Sequence[Step], workers: int
) -> Iterator[Proof]:
    for first in range(0, len(steps), workers):
        yield from readers.map(lambda step: step(), steps[first : first + workers])
