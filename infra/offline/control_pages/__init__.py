"""The control room's pages, for people."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chalicelib.adapters.catalogues import ENGLISH
from chalicelib.adapters.date_texts import day, hour, month
from chalicelib.domain.money import dollars

RUNS = {
    "billing": "Charges of",
    "notice": "Notices of",
    "reminder": "Reminders of",
    "withdrawal": "Withdrawals of",
    "collection": "Collection of",
}
MONTH = "2026-12"


def new_york(instant: str) -> str:
    """10:00 a.m., Thursday, December 3, 2026, in New York."""
    return f"{hour(ENGLISH, instant)}, {day(ENGLISH, instant)}, in New York"


def run_name(run: str) -> str:
    """Withdrawals of December 2026, of withdrawal#2026-12; a day in full."""
    kind, period, *noon = run.split("#")
    when = month(ENGLISH, period) if len(period) == len(MONTH) else day(ENGLISH, period)
    return f"{RUNS[kind]} {when}{', at noon' if noon else ''}"


_pages = Environment(
    loader=PackageLoader("infra.offline", "control_pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"dollars": dollars, "new_york": new_york, "run_name": run_name}


def render(page: str, /, **values: Any) -> str:
    """One page as HTML."""
    return _pages.get_template(page).render(**values)
