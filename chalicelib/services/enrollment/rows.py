"""What the rows of a file do: of the enrollment feed, and of adjustments (rules 36, 40)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chalicelib.domain.adjustment import Adjustment, AdjustmentLimits
from chalicelib.domain.feed import BadRow, FeedRow
from chalicelib.domain.feed_file import ADJUSTMENTS, numbered
from chalicelib.domain.feed_judgement import RowEffect
from chalicelib.repositories.feeds import Feed
from chalicelib.services.enrollment.adjusting import Adjusting
from chalicelib.services.enrollment.enrolling import Enrolling
from chalicelib.services.enrollment.judging import FeedJudge


class Rows(Protocol):
    """Of one kind of file."""

    def take(self, row: Any, line: bytes, order: str, at: datetime, now: datetime) -> None:
        """One row, once. Raises BadRow, or WaitsForStaff: then nothing of it is taken."""

    def faults(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> Sequence[str]:
        """Why the file is held; nothing where it is read."""

    def effects(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> Iterator[RowEffect]:
        """What each row would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentRows:
    """Who is enrolled in what."""

    enrolling: Enrolling
    feed_judge: FeedJudge

    def take(self, row: FeedRow, line: bytes, order: str, at: datetime, now: datetime) -> None:
        """One row, once. Raises WaitsForStaff."""
        self.enrolling.import_row(row, line, order, at, now)

    def faults(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> list[str]:
        """By what is known."""
        return self.feed_judge.faults(lines, feed, at)

    def effects(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> Iterator[RowEffect]:
        """What each row would do."""
        return self.feed_judge.effects(lines, feed, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRows:
    """What is to be owed otherwise."""

    adjusting: Adjusting
    adjustment_limits: AdjustmentLimits

    def take(self, row: Adjustment, _line: bytes, order: str, at: datetime, now: datetime) -> None:
        """One row, once. Raises BadRow."""
        self.adjusting.post(row, order, at, now)

    def faults(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> list[str]:
        """By the number of rows, and by their amounts whatever their sign."""
        rows = cents = 0
        for effect in self.effects(lines, feed, at):
            rows, cents = rows + 1, cents + abs(effect.balance_cents)
        return self.adjustment_limits.faults(rows, cents)

    def effects(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> Iterator[RowEffect]:
        """By its form alone; what is known is asked when it is read."""
        for number, row in numbered(ADJUSTMENTS, lines, feed.columns, at):
            if isinstance(row, BadRow):
                yield RowEffect(line=number, reason=row.code)
            else:
                name, cents = row.enrollment_id, row.amount_cents
                yield RowEffect(line=number, enrollment_id=name, balance_cents=cents)
