"""What a row of a feed changes about an enrollment, and about its monthly payments. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain import ledger
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month_dates import last_debit_on


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageChange:
    """The facts before and after, and the lines that the change posts."""

    before: Enrollment | None  # None where it is new
    after: Enrollment
    version: int | str  # of the facts after it; of an adjustment, which makes none, its own
    lines: Sequence[Line]
    new_lines: Sequence[Line]
    at: datetime  # of the feed

    @property
    def all_lines(self) -> list[Line]:
        """With those of the change."""
        return [*self.lines, *self.new_lines]

    @property
    def owed_cents(self) -> int:
        """After the change."""
        return ledger.owed(self.all_lines)

    @property
    def makes_less_owed(self) -> bool:
        """Whether less is owed after it."""
        return ledger.owed(self.new_lines) < 0

    @property
    def tells_death(self) -> bool:
        """Whether it is the first to say that the member has died (rule 46)."""
        return self.after.died and not (self.before and self.before.died)

    @property
    def moves_end(self) -> bool:
        """Whether coverage ends on another day than was known."""
        return bool(self.before and self.before.coverage_end_on != self.after.coverage_end_on)

    @property
    def brings_back(self) -> date | None:
        """The day on which coverage was to end, where it goes on now (rule 45)."""
        if self.before is None or self.after.never_began:
            return None
        was, ends = self.before.ends_early_on, self.after.ends_early_on
        return was if was and (ends is None or ends > was) else None

    @property
    def ends_coverage(self) -> bool:
        """Whether it ends before its plan year does, sooner than was known (rule 45)."""
        if self.before is None or self.after.ends_early_on is None or self.brings_back:
            return False
        return self.moves_end and not (self.before.never_began and self.after.never_began)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyChange:
    """The mandates of an enrollment before a change and after it."""

    before: Mandates
    after: Mandates
    coming: str  # the month that it counts from

    @property
    def going(self) -> Mandate | None:
        """The one that went on, as far as was known before."""
        return self.before.lasting(self.coming)

    @property
    def until(self) -> date | None:
        """The last withdrawal that is still to come, where coverage ends with one."""
        going = self.going
        last = self.after.active_in(max(self.coming, going.from_month)) if going else None
        return last_debit_on(last) if last else None
