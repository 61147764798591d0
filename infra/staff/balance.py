"""What a reconciliation comes to: sums, three numbers of each run, differences."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from chalicelib.domain.money import dollars
from chalicelib.domain.proof import Book, Difference, Findings
from chalicelib.services.reconciliation.snapshot import Snapshot
from infra.staff.terminal import when

SHOWN = 50


def plain(
    snapshot: Snapshot, findings: Findings, differences: Sequence[Difference]
) -> dict[str, Any]:
    """For programs."""
    totals = findings.totals
    return {
        "at": when(snapshot.at),
        "since": snapshot.since.isoformat() if snapshot.since else None,
        "agrees": not findings.differences,
        "transmissions": len(snapshot.transmissions),
        "files": totals.files,
        "entries": totals.entries,
        "debit_cents": totals.debit_cents,
        "credit_cents": totals.credit_cents,
        "returns": totals.returns,
        "returned_cents": totals.returned_cents,
        "open_claims": totals.open_claims,
        "open_cents": totals.open_cents,
        "of_runs": [_of_run(run.run_id, findings) for run in snapshot.runs.values()],
        "of_transmissions": [
            {
                "transmission_id": each.transmission_id,
                "files_cents": totals.says(each.transmission_id, Book.FILES),
                "sealed_cents": totals.says(each.transmission_id, Book.SEALED),
            }
            for each in snapshot.transmissions
        ],
        "differences": [asdict(each) for each in differences],
    }


def shown(
    snapshot: Snapshot, findings: Findings, differences: Sequence[Difference]
) -> Iterator[str | Table]:
    """For people: the sums, the three numbers of each run, then what differs."""
    scope = f"since {snapshot.since}" if snapshot.since else "everything"
    yield f"The books at {when(snapshot.at)}, {scope}"
    yield _sums(snapshot, findings)
    if snapshot.runs:
        yield _runs(snapshot, findings)
    if not differences:
        yield "[green]They agree.[/]"
        return
    count = findings.differences
    yield f"[red]{count:,} {'difference' if count == 1 else 'differences'}[/]"
    yield _differences(differences)
    if more := count - len(differences):
        yield f"{more:,} more are not shown; --out writes them all."


def _sums(snapshot: Snapshot, findings: Findings) -> Table:
    totals = findings.totals
    table = Table("", *("Count", "Total"))
    for column in table.columns[1:]:
        column.justify = "right"
    sealed = sum(totals.says(each.transmission_id, Book.SEALED) for each in snapshot.transmissions)
    table.add_row("Transmissions, debits", f"{len(snapshot.transmissions):,}", dollars(sealed))
    table.add_row("Files, debits", f"{totals.files:,}", dollars(totals.debit_cents))
    table.add_row("Files, credits", "", dollars(totals.credit_cents))
    table.add_row("Entries in files", f"{totals.entries:,}", "")
    table.add_row("Returns", f"{totals.returns:,}", dollars(totals.returned_cents))
    table.add_row("Open claims", f"{totals.open_claims:,}", dollars(totals.open_cents))
    return table


def _runs(snapshot: Snapshot, findings: Findings) -> Table:
    """A run that goes on, or whose files are older than `since`, has no three numbers yet."""
    table = Table("Run", "Claimed", "Sealed", "Left out", "Open", "Ledger", "")
    for column in table.columns[1:-1]:
        column.justify = "right"
    whole = snapshot.whole_runs()
    for run in snapshot.runs.values():
        said = _of_run(run.run_id, findings)
        cents = [dollars(said[name]) for name in NUMBERS]
        claimed, sealed, posted = findings.totals.of_run(run.run_id)
        agrees = "[green]agree[/]" if claimed == sealed == posted else "[red]DIFFER[/]"
        table.add_row(run.run_id, *cents, agrees if run.run_id in whole else "not whole")
    return table


def _differences(differences: Sequence[Difference]) -> Table:
    table = Table("Payment", "Enrollment", "Where", "What", "Expected", "Found")
    for name in (2, 3):
        table.columns[name].overflow = "fold"
    for name in (4, 5):
        table.columns[name].justify = "right"
    for each in differences:
        cents = (each.expected_cents, each.found_cents)
        table.add_row(
            escape(each.payment_id or ""),
            escape(each.enrollment_id or ""),
            escape(each.where),
            escape(each.what),
            *("" if amount is None else dollars(amount) for amount in cents),
        )
    return table


NUMBERS = ("claimed_cents", "sealed_cents", "left_out_cents", "open_cents", "ledger_cents")


def _of_run(run: str, findings: Findings) -> dict[str, Any]:
    books = (Book.RUN, Book.SEALED, Book.LEFT_OUT, Book.OPEN, Book.LEDGER)
    cents = [findings.totals.says(run, book) for book in books]
    return {"run": run, **dict(zip(NUMBERS, cents, strict=True))}
