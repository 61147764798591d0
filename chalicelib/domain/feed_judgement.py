"""Whether a feed, taken whole, would change more than feeds do (rule 40)."""

from collections import Counter
from dataclasses import dataclass, field

from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.money import dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLimits:
    """From how many rows on a feed is judged, and what it may change."""

    least_rows: int
    most_percent: int  # of rejects, of earlier ends, of known enrollments that are missing
    premium_factor: int
    is_whole: bool  # whether a feed has all enrollments


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEffect:
    """What a row would do: nothing, with a reason; or something to an enrollment."""

    line: int
    enrollment_id: str = ""
    reason: str | None = None
    premium_cents: int = 0
    balance_cents: int = 0
    is_known: bool = False
    is_covered: bool = False  # known, and not ended today
    before_cents: int = 0  # wanted for next month
    after_cents: int = 0
    ends: bool = False
    lowers: bool = False
    dies: bool = False

    @property
    def harms(self) -> bool:
        """Whether the 22nd takes nothing while it is held."""
        return self.ends or self.lowers or self.dies


def ends_earlier(before: Enrollment, after: Enrollment) -> bool:
    """Whether coverage would end before it did; December 31 of the plan year is no end."""
    return after.covered_through_on < before.covered_through_on


def lowers_premium(before: Enrollment, after: Enrollment) -> bool:
    """Whether any month would cost less."""
    months = {each.from_month for each in (*before.premiums, *after.premiums)}
    return any(after.figure_cents(month) < before.figure_cents(month) for month in months)


@dataclass(slots=True)
class FeedSums:
    """What all rows of a feed would do together."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: RowEffect) -> None:
        """Counts one more."""
        self.counts.update(
            rows=1,
            rejected=row.reason is not None,
            known=row.is_known,
            covered=row.is_covered,
            before_cents=row.before_cents,
            after_cents=row.after_cents,
            ends=row.ends,
        )

    def faults(self, limits: FeedLimits, covered_in_all: int) -> list[str]:
        """Why it is held, in words with counts; nothing where it may be read."""
        seen, factor = self.counts, limits.premium_factor
        many_rows, many_known = (seen[each] >= limits.least_rows for each in ("rows", "known"))
        before, after = seen["before_cents"], seen["after_cents"]
        missing = covered_in_all - seen["covered"]
        found = [
            (
                many_rows and self._beyond(limits, "rejected", "rows"),
                f"{seen['rejected']:,} of {seen['rows']:,} rows are rejects",
            ),
            (
                many_known and (after * factor < before or after > before * factor),
                f"premiums for next month go from {dollars(before)} to {dollars(after)}",
            ),
            (
                many_known and self._beyond(limits, "ends", "known"),
                f"{seen['ends']:,} of {seen['known']:,} known enrollments would end earlier",
            ),
            (
                limits.is_whole
                and covered_in_all >= limits.least_rows
                and missing * 100 > covered_in_all * limits.most_percent,
                f"{missing:,} of {covered_in_all:,} known enrollments are missing",
            ),
        ]
        return [why for holds, why in found if holds]

    def _beyond(self, limits: FeedLimits, part: str, whole: str) -> bool:
        return self.counts[part] * 100 > self.counts[whole] * limits.most_percent
