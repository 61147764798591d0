"""Runs are listed, shown, stopped and released: a switch for a run, a shard, or one mandate."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chalicelib.bootstrap import System, system
from chalicelib.domain.money import dollars
from chalicelib.domain.payment import CODE_SIGNS, PAYMENT_ID_SIGNS
from chalicelib.domain.run import Checkpoint, Counts, Run, RunKind, RunState
from chalicelib.domain.withdrawal import Exclusion
from infra.staff.terminal import (
    AsJson,
    By,
    Reason,
    Yes,
    ask,
    bars,
    out,
    signature,
    told,
    when,
    wrong,
)

WORKED = [kind for kind in RunKind if kind is not RunKind.COLLECTION]  # in shards, by workers
RUN_ID = re.compile(rf"({'|'.join(WORKED)})#\d{{4}}-\d\d(-\d\d)?")
MANDATE_ID = re.compile(rf"[{CODE_SIGNS}]{{{PAYMENT_ID_SIGNS}}}")

commands = typer.Typer(help="One run.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="RUN", help="Such as withdrawal#2026-12.")]
Shard = Annotated[int | None, typer.Option(min=0, help="Only this shard.")]
OneMandate = Annotated[str | None, typer.Option("--mandate", help="Only this mandate's debit.")]


def runs(as_json: AsJson = False) -> None:
    """List the runs, oldest first."""
    here = system()
    with bars() as progress:
        every = progress.track(here.records.runs.all(), description="Counting")
        found = [(run, here.running.counts(run.run_id)) for run in every]
    if as_json:
        told([_plain(run, counts) for run, counts in found])
        return
    if not found:
        out().print("No run was opened yet.")
        return
    table = Table("Run", "State", *("Active", "Claimed", "Skipped", "Excluded", "Total"))
    for column in table.columns[2:]:
        column.justify = "right"
    for run, counts in found:
        table.add_row(run.run_id, _coloured(run.state), *_figures(counts))
    out().print(table)


@commands.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """How far a run is, shard by shard, and what of it is stopped."""
    here = system()
    run, stops = here.records.runs.get(name), here.records.runs.stops(name)
    if run is None:
        if stops and not as_json:
            out().print(_stopped(stops))
        raise wrong(f"There is no run {name} yet. `runs` lists those there are.")
    checkpoints = here.records.runs.checkpoints(name)
    counts = sum((each.counts for each in checkpoints), Counts())
    reported = sorted(each.shard for each in checkpoints if each.reported)
    if as_json:
        shards = {"of": run.shards, "reported": reported}
        told({**_plain(run, counts), "shards": shards, "stops": stops})
        return
    table = Table.grid(padding=(0, 3))
    table.add_row("Run", f"{run.run_id}, of {run.period}")
    table.add_row("State", _coloured(run.state))
    table.add_row("Opened", when(run.started_at))
    table.add_row("Shards", f"{len(reported)} of {run.shards} have reported")
    for label, figure in zip(LABELS, _figures(counts), strict=True):
        table.add_row(label, figure)
    out().print(table)
    if stops:
        out().print(_stopped(stops))
    _tell_unfinished(run, checkpoints)


@commands.command()
def stop(
    name: Name,
    reason: Reason,
    shard: Shard = None,
    mandate: OneMandate = None,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Stop a run, one shard of it, or one mandate in it, from the next page on."""
    here = system()
    what, words = _what(here, name, shard, mandate)
    run = here.records.runs.get(name)
    if run and run.state is RunState.CLOSED:
        raise wrong(f"{name} is closed; nothing is left to stop.")
    signed = signature(by, reason, here.clock.now())
    ask(f"Stop {words}?", yes)
    # The ledger line and the member's letter name a mandate's reason: it is one of ours (rule 27).
    kept = str(Exclusion.STOPPED) if mandate else signed.why
    here.running.stop(name, what, kept, signed)
    out().print(f"Stopped: {words}. What is decided already stays.")
    if run is None:
        out().print("This run has not begun; the stop waits for it.")


@commands.command()
def release(
    name: Name,
    reason: Reason,
    shard: Shard = None,
    mandate: OneMandate = None,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Take a stop back; the run goes on where it was."""
    here = system()
    what, words = _what(here, name, shard, mandate)
    if what not in here.records.runs.stops(name):
        raise wrong(f"{words[0].upper()}{words[1:]} is not stopped.")
    signed = signature(by, reason, here.clock.now())
    ask(f"Release {words}?", yes)
    here.running.release(name, what, signed.at, signed)
    out().print(f"Released: {words}.")


LABELS = ("Active", "Claimed", "Skipped", "Excluded", "Total")


def _what(here: System, name: str, shard: int | None, mandate: str | None) -> tuple[str, str]:
    """The key of a stop, and how people say it. Raises typer.Exit."""
    if not RUN_ID.fullmatch(name):
        raise wrong(f"{name} is no run. A run is named like withdrawal#2026-12.")
    if shard is not None and mandate:
        raise wrong("Name a shard or a mandate, not both.")
    if mandate:
        if not MANDATE_ID.fullmatch(mandate):
            raise wrong(f"{mandate} is no mandate id: {PAYMENT_ID_SIGNS} letters and digits.")
        return mandate, f"mandate {mandate} in {name}"
    if shard is None:
        return "run", f"the whole run {name}"
    run = here.records.runs.get(name)
    shards = run.shards if run else here.settings.run_shards
    if shard >= shards:
        raise wrong(f"{name} has {shards} shards: 0 to {shards - 1}.")
    return f"shard#{shard:03}", f"shard {shard} of {name}"


def _stopped(stops: Mapping[str, str]) -> Table:
    table = Table("Stopped", "Why")
    for what, reason in sorted(stops.items()):
        table.add_row(what, escape(reason))
    return table


def _tell_unfinished(run: Run, checkpoints: list[Checkpoint]) -> None:
    """The shards that hold a run open, and those whose counts do not agree."""
    begun = {each.shard: each for each in checkpoints}
    table = Table("Shard", "Where it is", *LABELS)
    for shard in range(run.shards):
        place = begun.get(shard)
        if place and place.reported and place.counts.agree:
            continue
        if place is None:
            table.add_row(str(shard), "not begun", *[""] * len(LABELS))
        else:
            where = "[red]counts disagree[/]" if place.reported else f"in slot {place.slot}"
            table.add_row(str(shard), where, *_figures(place.counts))
    if table.row_count:
        out().print(table)


def _figures(counts: Counts) -> list[str]:
    numbers = (counts.active, counts.claimed, counts.skipped, counts.excluded)
    return [*(f"{number:,}" for number in numbers), dollars(counts.cents)]


def _plain(run: Run, counts: Counts) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "kind": str(run.kind),
        "period": run.period,
        "state": str(run.state),
        "active": counts.active,
        "claimed": counts.claimed,
        "skipped": counts.skipped,
        "excluded": counts.excluded,
        "total_cents": counts.cents,
    }


def _coloured(state: RunState) -> str:
    colours = {RunState.OPEN: "yellow", RunState.STOPPED: "red", RunState.CLOSED: "green"}
    return f"[{colours[state]}]{state}[/]"
