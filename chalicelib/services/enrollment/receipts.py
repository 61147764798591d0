"""What a feed's sender is told of it, and staff of its rejected rows: one receipt, one case."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id
from chalicelib.ports import Files
from chalicelib.repositories.feeds import PartReport
from chalicelib.repositories.records import Records

FIRST_LINES = 5
MOST_REASONS = 5

Reject = tuple[int, str]
"""A line of the file, counted from 1, and why it was not taken; never what it says (rule 33)."""


@dataclass(slots=True)
class FeedTotals:
    """What all parts of a feed come to; of rejected rows only counts and the first ones."""

    accepted: int = 0
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
            seen.reasons.update(reason for _, reason in report.rejected)
            left = FIRST_LINES - len(seen.first_lines)
            seen.first_lines += [line for line, _ in report.rejected[:left]]
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What writing them needs of the world."""

    files: Files
    records: Records

    def write(self, key: str, head: Mapping[str, object], rejected: Iterable[Reject]) -> None:
        """The receipt of the feed under this key; however many are rejected, memory stays flat."""
        self.files.put_lines(report_key(key), _json(head, rejected), "application/json")

    def open_case(self, key: str, version: str, totals: FeedTotals, at: datetime) -> None:
        """Rejected rows are one case a feed (rule 40)."""
        if not totals.rejected:
            return
        rows = totals.accepted + totals.rejected
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


def report_key(key: str) -> str:
    """Where a feed's report lies: inbound/enrollments/a.csv: reports/enrollments/a.csv.json."""
    return key.replace("inbound/", "reports/", 1) + ".json"


def file_name(key: str) -> str:
    """As its sender calls it."""
    return key.rpartition("/")[2]


def _json(head: Mapping[str, object], rejected: Iterable[Reject]) -> Iterator[bytes]:
    yield json.dumps(head).removesuffix("}").encode() + b', "rejected": ['
    before = b""
    for line, reason in rejected:
        yield before + json.dumps({"line": line, "reason": reason}).encode()
        before = b", "
    yield b"]}"
