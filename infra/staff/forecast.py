"""What a rehearsal comes to: sums, the few that staff should look at, and how to show them."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rich.table import Table

from chalicelib.domain.money import dollars
from chalicelib.domain.month_dates import effective_on
from chalicelib.domain.run import Counts
from chalicelib.domain.timetable import WITHDRAWALS
from chalicelib.domain.withdrawal import Exclusion, Verdict
from chalicelib.services.monthly.rehearsal import ExpectedDecision

SHOWN = 10


@dataclass
class Forecast:
    """Added up as it is read: a million mandates need no more memory than ten."""

    month: str
    cents: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    decided: int = 0
    outliers: int = 0
    unannounced_cents: int = 0
    """What would be taken besides, had everybody been told."""
    largest: list[tuple[int, str, ExpectedDecision]] = field(default_factory=list)
    unannounced: list[ExpectedDecision] = field(default_factory=list)
    last: Counts | None = None
    """What last month's run did."""

    def watching(self, rows: Iterable[ExpectedDecision]) -> Iterator[ExpectedDecision]:
        """The same rows, each added on its way."""
        for row in rows:
            self._add(row)
            yield row

    @property
    def active(self) -> int:
        """Everybody the run would ask."""
        return self.verdicts.total()

    def outlying(self) -> list[ExpectedDecision]:
        """The largest of those that take much more than was to be expected."""
        return [row for _, _, row in sorted(self.largest, reverse=True)]

    def _add(self, row: ExpectedDecision) -> None:
        self.verdicts[row.verdict] += 1
        self.cents += row.cents
        self.decided += row.is_decided
        if row.verdict == Verdict.EXCLUDED:
            self.reasons[str(row.reason)] += 1
        if row.reason == Exclusion.NO_NOTICE:
            self.unannounced_cents += max(row.owed_cents, 0)
            if len(self.unannounced) < SHOWN:
                self.unannounced.append(row)
        if row.is_outlier:
            self.outliers += 1
            heapq.heappush(self.largest, (row.cents, row.enrollment_id, row))
            if len(self.largest) > SHOWN:
                heapq.heappop(self.largest)

    @property
    def debit_on(self) -> date:
        """When a run that starts on its day takes it."""
        return effective_on(self.month, WITHDRAWALS.first_of(self.month))

    def plain(self) -> dict[str, Any]:
        """For programs."""
        return {
            "month": self.month,
            "debit_on": self.debit_on.isoformat(),
            "active": self.active,
            "claimed": self.verdicts[Verdict.CLAIMED],
            "skipped": self.verdicts[Verdict.SKIPPED],
            "excluded": self.verdicts[Verdict.EXCLUDED],
            "total_cents": self.cents,
            "decided": self.decided,
            "reasons": dict(sorted(self.reasons.items())),
            "missing_notices": self.reasons[Exclusion.NO_NOTICE],
            "unannounced_cents": self.unannounced_cents,
            "outliers": self.outliers,
            "last_claimed": self.last.claimed if self.last else None,
            "last_total_cents": self.last.cents if self.last else None,
        }


def shown(seen: Forecast) -> Iterator[str | Table]:
    """For people: the sums, then whom to look at."""
    yield f"Withdrawal of {seen.month}, taken on {seen.debit_on:%A, %B %-d, %Y}"
    yield _sums(seen)
    if seen.unannounced:
        missing = f"{seen.reasons[Exclusion.NO_NOTICE]:,}"
        more = dollars(seen.unannounced_cents)
        yield f"{missing} without a notice; told in time, {more} more could be taken"
        yield _people(seen.unannounced)
    if seen.outliers:
        yield f"{seen.outliers:,} would take more than twice the usual"
        yield _people(seen.outlying())


def _sums(seen: Forecast) -> Table:
    table = Table("")
    for name in ("This month", "Last month", "Difference"):
        table.add_column(name, justify="right")
    last = seen.last
    now = Counts(
        active=seen.active,
        claimed=seen.verdicts[Verdict.CLAIMED],
        skipped=seen.verdicts[Verdict.SKIPPED],
        excluded=seen.verdicts[Verdict.EXCLUDED],
        cents=seen.cents,
    )
    for name in ("active", "claimed", "skipped", "excluded", "cents"):
        here, before = getattr(now, name), getattr(last, name) if last else None
        said = dollars if name == "cents" else "{:,}".format
        table.add_row(
            "Total" if name == "cents" else name.capitalize(),
            said(here),
            "no run" if before is None else said(before),
            "" if before is None else _change(here, before),
        )
    for reason, count in seen.reasons.most_common():
        table.add_row(f"  {reason.replace('_', ' ')}", f"{count:,}", "", "")
    if seen.decided:
        table.caption = f"{seen.decided:,} are decided already, and told as they stand."
    return table


def _change(here: int, before: int) -> str:
    if not before:
        return "" if here == before else "new"
    return f"{100 * (here - before) / before:+.1f} %"


def _people(rows: list[ExpectedDecision]) -> Table:
    table = Table("Enrollment", "Mandate")
    for name in ("Would take", "Owed", "Told", "Last month"):
        table.add_column(name, justify="right")
    for row in rows:
        money = (row.cents, row.owed_cents, row.announced_cents, row.last_cents)
        said = ["" if cents is None else dollars(cents) for cents in money]
        table.add_row(row.enrollment_id, row.mandate_id or "", *said)
    return table
