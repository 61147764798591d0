"""What a feed's sender is told of it, and staff of its rejected rows: one receipt, one case."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id
from chalicelib.domain.money import plain_dollars
from chalicelib.ports import Files
from chalicelib.repositories.feeds import PartReport
from chalicelib.repositories.records import Records

FIRST_LINES = 5
MOST_REASONS = 5

Reject = tuple[int, str]
"""A line of the file, counted from 1, and why it was not taken; never what it says (rule 33)."""


Rejects = Callable[[], Iterable[Reject]]
"""All of a feed, in the order of its lines; asked for once a receipt."""


class FeedState(StrEnum):
    """What became of a feed."""

    READ = "read"  # row by row
    REFUSED = "refused"  # whole: it could not be read, or staff refused it
    HELD = "held"  # whole, until staff decide


@dataclass(slots=True)
class FeedTotals:
    """What all parts of a feed come to; of rejected rows only counts and the first ones."""

    accepted: int = 0
    premium_cents: int = 0
    balance_cents: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first_lines: list[int] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows were."""
        return self.reasons.total()

    @classmethod
    def of(cls, reports: Iterable[PartReport]) -> "FeedTotals":
        """Added up one by one."""
        seen = cls()
        for report in reports:
            seen.accepted += report.accepted
            seen.premium_cents += report.premium_cents
            seen.balance_cents += report.balance_cents
            seen.reasons.update(reason for _, reason in report.rejected)
            left = FIRST_LINES - len(seen.first_lines)
            seen.first_lines += [line for line, _ in report.rejected[:left]]
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What writing them needs of the world."""

    files: Files
    records: Records

    def write(
        self,
        key: str,
        state: FeedState,
        totals: FeedTotals,
        rejects: Rejects,
        unknown_columns: Iterable[str] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Both forms of the receipt; however many rows are rejected, memory stays flat."""
        head: dict[str, Any] = {
            "state": state,
            "rows": totals.accepted + totals.rejected,
            "accepted": totals.accepted if state is FeedState.READ else 0,
            "premium": plain_dollars(totals.premium_cents),
            "balance": plain_dollars(totals.balance_cents),
            "unknown_columns": list(unknown_columns),
            "reasons": dict(totals.reasons.most_common()),
            **(more or {}),
        }
        self.files.put_lines(report_key(key, "csv"), _csv(head, rejects()), "text/csv")
        self.files.put_lines(report_key(key), _json(head, rejects()), "application/json")

    def open_case(self, key: str, version: str, totals: FeedTotals, at: datetime) -> None:
        """Rejected rows are one case a feed, and so is a feed without a row (rule 40)."""
        rows = totals.accepted + totals.rejected
        if not rows:
            self.records.cases.open_case(
                Case(
                    case_id=case_id("feed_empty", f"{key}@{version}"),
                    kind=CaseKind.FEED_REFUSED,
                    reason=f"{file_name(key)}: it has a header row and no other",
                    opened_at=at,
                )
            )
        if not totals.rejected:
            return
        lines = ", ".join(map(str, totals.first_lines))
        counted = totals.reasons.most_common(MOST_REASONS)
        why = "; ".join(f"{reason} ({number:,})" for reason, number in counted)
        self.records.cases.open_case(
            Case(
                case_id=case_id("rows_rejected", f"{key}@{version}"),
                kind=CaseKind.ROWS_REJECTED,
                reason=f"{file_name(key)}: {totals.rejected:,} of {rows:,} rows were not taken, "
                f"first in lines {lines}: {why}",
                opened_at=at,
            )
        )


def report_key(key: str, form: str = "json") -> str:
    """Where a feed's receipt lies: inbound/enrollments/a.csv: reports/enrollments/a.csv.json."""
    return f"{key.replace('inbound/', 'reports/', 1)}.{form}"


def file_name(key: str) -> str:
    """As its sender calls it."""
    return key.rpartition("/")[2]


def _json(head: Mapping[str, Any], rejected: Iterable[Reject]) -> Iterator[bytes]:
    yield json.dumps(head).removesuffix("}").encode() + b', "rejected": ['
    before = b""
    for line, reason in rejected:
        yield before + json.dumps({"line": line, "reason": reason}).encode()
        before = b", "
    yield b"]}"


def _csv(head: Mapping[str, Any], rejected: Iterable[Reject]) -> Iterator[bytes]:
    """One table: what is said, of which line, and what."""
    yield _row("item", "line", "value")
    for name in ("state", "rows", "accepted", "premium", "balance"):
        yield _row(name, "", head[name])
    yield from (_row("held for", "", why) for why in head.get("held_for", ()))
    yield from (_row("unknown column", "", name) for name in head["unknown_columns"])
    yield from (_row("rejected", line, reason) for line, reason in rejected)


def _row(*cells: object) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
