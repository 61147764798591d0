"""Nacha's return rates, on demand."""

from rich.table import Table

from chalicelib.bootstrap import system
from infra.staff.terminal import AsJson, out, told


def rates(as_json: AsJson = False) -> None:
    """Say how many of the debits of the last 60 days came back, against Nacha's limits."""
    here = system()
    found = here.return_rates.measure(here.clock.now())
    if as_json:
        told(
            [
                {
                    "rate": rate.name,
                    "returned": rate.returned,
                    "sent": rate.sent,
                    "limit_per_10_000": rate.limit_per_10_000,
                    "is_near": rate.is_near,
                }
                for rate in found
            ]
        )
        return
    table = Table("Rate", "Returned", "Of debits", "Share", "Limit", "")
    for rate in found:
        share = f"{100 * rate.returned / rate.sent:.2f} %" if rate.sent else "none sent"
        limit = f"{rate.limit_per_10_000 / 100:.2f} %"
        near = "[red]near or over[/]" if rate.is_near else "[green]good[/]"
        table.add_row(rate.name, f"{rate.returned:,}", f"{rate.sent:,}", share, limit, near)
    out().print(table)
