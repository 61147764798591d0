"""What a month of coverage costs: each row of the feed says a figure from a month on (rule 34)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.coverage import billing_horizon, month_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Premium:
    """A figure, from a month on, until a newer row says another for that month."""

    from_month: str
    cents: int
    order: str  # of the row that said so


History = tuple[Premium, ...]
"""By month, and so by order: what a newer row replaced is gone."""


def with_figure(history: Iterable[Premium], said: Premium) -> History:
    """The history with one more figure in its place; a late one may change nothing.

    One that a newer row replaced from the same month on, or an earlier one, counts for no month.
    """
    every = {*history, said}
    counts = (
        each
        for each in every
        if not any(
            other.order > each.order and other.from_month <= each.from_month for other in every
        )
    )
    return tuple(sorted(counts, key=lambda each: (each.from_month, each.order)))


def figure(history: History, month: str) -> int:
    """Cents of a month: as the newest row said; the first figure holds for earlier months, too."""
    said = [each for each in history if each.from_month <= month]
    return (said[-1] if said else history[0]).cents


def from_month_of(stated: str | None, billed_through: str, at: datetime) -> str:
    """From which month on a row of a known enrollment speaks.

    Where it does not say: the first month whose billing is still ahead when its file comes.
    """
    if stated:
        return stated
    return month_after(max(billing_horizon(at), billed_through))
