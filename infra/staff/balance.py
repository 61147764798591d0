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
    survey: Snapshot, findings: Findings, differences: Sequence[Difference]
) -> dict[str, Any]:
    """For programs."""
    tally = findings.tally
    return {
        "at": when(survey.at),
        "since": survey.since.isoformat() if survey.since else None,
        "agrees": not findings.differences,
        "transmissions": len(survey.transmissions),
        "files": tally.files,
        "entries": tally.entries,
        "debit_cents": tally.debit_cents,
        "credit_cents": tally.credit_cents,
        "returns": tally.returns,
        "returned_cents": tally.returned_cents,
        "open_claims": tally.open_claims,
        "open_cents": tally.open_cents,
        "of_runs": [_of_run(run.run, findings) for run in survey.runs.values()],
        "of_transmissions": [
            {
                "transmission_id": each.transmission_id,
                "files_cents": tally.says(each.transmission_id, Book.FILES),
                "sealed_cents": tally.says(each.transmission_id, Book.SEALED),
            }
            for each in survey.transmissions
        ],
        "differences": [asdict(each) for each in differences],
    }


def shown(
    survey: Snapshot, findings: Findings, differences: Sequence[Difference]
) -> Iterator[str | Table]:
    """For people: the sums, the three numbers of each run, then what differs."""
    scope = f"since {survey.since}" if survey.since else "everything"
    yield f"The books at {when(survey.at)}, {scope}"
    yield _sums(survey, findings)
    if survey.runs:
        yield _runs(survey, findings)
    if not differences:
        yield "[green]They agree.[/]"
        return
    count = findings.differences
    yield f"[red]{count:,} {'difference' if count == 1 else 'differences'}[/]"
    yield _differences(differences)
    if more := count - len(differences):
        yield f"{more:,} more are not shown; --out writes them all."


def _sums(survey: Snapshot, findings: Findings) -> Table:
    tally = findings.tally
    table = Table("", *("Count", "Total"))
    for column in table.columns[1:]:
        column.justify = "right"
    sealed = sum(tally.says(each.transmission_id, Book.SEALED) for each in survey.transmissions)
    table.add_row("TransmissionBook, debits", f"{len(survey.transmissions):,}", dollars(sealed))
    table.add_row("Files, debits", f"{tally.files:,}", dollars(tally.debit_cents))
    table.add_row("Files, credits", "", dollars(tally.credit_cents))
    table.add_row("Entries in files", f"{tally.entries:,}", "")
    table.add_row("Returns", f"{tally.returns:,}", dollars(tally.returned_cents))
    table.add_row("Open claims", f"{tally.open_claims:,}", dollars(tally.open_cents))
    return table


def _runs(survey: Snapshot, findings: Findings) -> Table:
    """A run that goes on, or whose files are older than `since`, has no three numbers yet."""
    table = Table("Run", "Claimed", "Sealed", "Left out", "Open", "Ledger", "")
    for column in table.columns[1:-1]:
        column.justify = "right"
    whole = survey.whole_runs()
    for run in survey.runs.values():
        said = _of_run(run.run, findings)
        cents = [dollars(said[name]) for name in NUMBERS]
        claimed, sealed, posted = findings.tally.of_run(run.run)
        agrees = "[green]agree[/]" if claimed == sealed == posted else "[red]DIFFER[/]"
        table.add_row(run.run, *cents, agrees if run.run in whole else "not whole")
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
    cents = [findings.tally.says(run, book) for book in books]
    return {"run": run, **dict(zip(NUMBERS, cents, strict=True))}
