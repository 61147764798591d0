"""What makes up what is owed: told in this one way on pages, in letters and to staff (rule 38)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.billing import posted_by_month
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import OF_A_MONTH, Line, LineKind, owed

MOST_ITEMS = 6  # where there is little room; what lies before them is one sum


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumChange:
    """A posted month that costs something else since; all of it is taken back at 0."""

    on: date
    cents: int  # of the month in all
    more_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem:
    """A month of coverage with all its changes, or a line about anything else."""

    kind: LineKind  # of a month: charge
    month: str | None  # of coverage, or of the withdrawal
    on: date
    amount_cents: int  # what it adds to what is owed
    first_cents: int = 0  # of a month: what it cost before its changes
    changes: tuple[PremiumChange, ...] = ()
    reason: str | None = None  # of an adjustment; the reference of a refund paid elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was owed before, and all that came since."""

    carried_cents: int
    items: tuple[StatementItem, ...]

    @property
    def owed_cents(self) -> int:
        """What is owed after all of it; negative is credit."""
        return self.carried_cents + sum(item.amount_cents for item in self.items)

    def latest(self) -> "Statement":
        """As much of it as is told where there is little room."""
        latest = self.items[-MOST_ITEMS:]
        before_cents = self.owed_cents - sum(item.amount_cents for item in latest)
        return Statement(carried_cents=before_cents, items=latest)


def statement(enrollment: Enrollment, lines: Sequence[Line], since: int = 0) -> Statement:
    """What the lines say, those before number `since` as one sum; lines are in order."""
    before, after = lines[:since], lines[since:]
    items = tuple(_items(enrollment, before, after))
    return Statement(carried_cents=owed(before), items=items)


def since_settled(enrollment: Enrollment, lines: Sequence[Line]) -> Statement:
    """What makes up what is owed now: from the last time on that nothing was."""
    sums = list(accumulate(line.amount_cents for line in lines))
    settled = max((n for n, cents in enumerate(sums, start=1) if cents == 0), default=0)
    return statement(enrollment, lines, settled)


def _items(
    enrollment: Enrollment, before: Sequence[Line], after: Sequence[Line]
) -> Iterator[StatementItem]:
    """A month stands where its first line does, so that no amount is apart from its premium."""
    posted, months = posted_by_month(enrollment, before), dict[str, StatementItem]()
    for line in after:
        if line.kind in OF_A_MONTH:
            month = str(line.month)
            months[month] = _with(months.get(month), line, posted[month])
            posted[month] += line.amount_cents
    for line in after:
        if line.kind in OF_A_MONTH:
            if item := months.pop(str(line.month), None):
                yield item
        elif line.amount_cents or line.kind is not LineKind.WITHDRAWAL:
            yield StatementItem(
                kind=line.kind,
                month=line.month,
                on=local_day(line.at),
                amount_cents=line.amount_cents,
                reason=_reason(line),
            )


def _reason(line: Line) -> str | None:
    """Under which reference the exchange paid credit back, or why it adjusted (36, 37)."""
    is_elsewhere = line.kind is LineKind.REFUND and line.payment_id is None
    is_adjusted = line.kind is LineKind.ADJUSTMENT and line.of_payment is None
    return line.reason if is_elsewhere or is_adjusted else None


def _with(item: StatementItem | None, line: Line, posted_cents: int) -> StatementItem:
    """A month, with one more of its lines."""
    on, cents = local_day(line.at), line.amount_cents
    if item is None and line.kind is LineKind.CHARGE:
        return _month(line, first_cents=cents, amount_cents=cents)
    item = item or _month(line, first_cents=posted_cents, amount_cents=0)
    change = PremiumChange(on=on, cents=posted_cents + cents, more_cents=cents)
    return replace(item, amount_cents=item.amount_cents + cents, changes=(*item.changes, change))


def _month(line: Line, *, first_cents: int, amount_cents: int) -> StatementItem:
    return StatementItem(
        kind=LineKind.CHARGE,
        month=line.month,
        on=local_day(line.at),
        amount_cents=amount_cents,
        first_cents=first_cents,
    )
