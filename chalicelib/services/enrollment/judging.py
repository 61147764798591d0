"""A feed is judged whole before a row of it is imported (rule 40)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.feed import BadRow, FeedRow
from chalicelib.domain.feed_file import ENROLLMENTS, numbered
from chalicelib.domain.feed_judgement import (
    FeedLimits,
    FeedSums,
    RowEffect,
    ends_earlier,
    lowers_premium,
)
from chalicelib.domain.identities import joined
from chalicelib.domain.identity_guard import identity_fault
from chalicelib.repositories.enrollments import Known
from chalicelib.repositories.feeds import Feed
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.enrolling import as_it_would_be

AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJudge:
    """What judging needs of the world; it only reads."""

    records: Records
    feed_limits: FeedLimits

    def faults(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> list[str]:
        """Why this feed is held; nothing where it is read."""
        sums = FeedSums()
        for effect in self.effects(lines, feed, at):
            sums.add(effect)
        covered = self._covered(at) if self.feed_limits.is_whole else 0
        return sums.faults(self.feed_limits, covered)

    def effects(self, lines: Iterable[bytes], feed: Feed, at: datetime) -> Iterator[RowEffect]:
        """Of each row, in order; a hundred at once are looked up."""
        rows = numbered(ENROLLMENTS, lines, feed.columns, at)
        while some := list(islice(rows, AT_ONCE)):
            names = {row.enrollment_id for _, row in some if isinstance(row, FeedRow)}
            known = self.records.enrollments.known_of(sorted(names))
            for number, row in some:
                if isinstance(row, BadRow):
                    yield RowEffect(line=number, reason=row.code)
                else:
                    yield _effect(number, row, feed.order, known.get(row.enrollment_id), at)

    def _covered(self, at: datetime) -> int:
        today, in_slot = local_day(at), self.records.enrollments.in_slot
        return sum(
            each is not None and not each.has_ended(today)
            for slot in range(SLOTS)
            for each in in_slot(slot).values()
        )


def _effect(number: int, row: FeedRow, order: str, known: Known | None, at: datetime) -> RowEffect:
    name, sums = row.enrollment_id, (row.premium_cents, row.balance_cents)
    if known is None:
        return RowEffect(
            line=number, enrollment_id=name, premium_cents=sums[0], balance_cents=sums[1]
        )
    before = known.enrollment
    if fault := identity_fault(row, before):
        return RowEffect(line=number, enrollment_id=name, reason=f"{fault}: is another's")
    after = as_it_would_be(row, joined(order, f"{number:09}"), known, at)
    today = local_day(at)
    next_month = month_after(month_of(today))
    return RowEffect(
        line=number,
        enrollment_id=name,
        premium_cents=sums[0],
        balance_cents=sums[1],
        is_known=True,
        is_covered=not before.has_ended(today),
        before_cents=before.wanted_cents(next_month),
        after_cents=after.wanted_cents(next_month),
        ends=ends_earlier(before, after),
        lowers=lowers_premium(before, after),
        dies=after.died and not before.died,
    )
