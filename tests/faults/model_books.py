"""One enrollment as the model has it: its facts, lines, mandates, and money that moves."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.faults.model_days import (
    LAST_DAY_TO_CATCH_UP,
    NEW_YORK,
    day_of,
    last_22nd,
    month_after,
    month_at,
    month_of,
)

Row = dict[str, str]


def cents_of(dollars: str) -> int:
    return round(float(dollars) * 100)


def same_number(account: str) -> str:
    """Leading zeros don't count."""
    return account.lstrip("0")


@dataclass
class Mandate:
    """Rule 19: months decide."""

    name: str
    account: str
    from_month: str
    through: str | None
    why: str | None = None
    undo_before: str | None = None
    held: bool = False
    corrected_for: tuple[str, date] | None = None
    is_past: bool = False  # no run will meet it again

    def is_active_in(self, month: str) -> bool:
        return self.from_month <= month and (self.through is None or month <= self.through)

    def outlives(self, month: str) -> bool:
        return self.through is None or self.through >= max(month, self.from_month)

    def can_be_undone(self, coming: str) -> bool:
        cancelled = self.why == "cancelled" and self.undo_before is not None
        return cancelled and coming <= str(self.undo_before)


@dataclass
class Money:
    """An entry for the bank: payment, retry, withdrawal, refund, or a prenote of 0 cents."""

    name: str
    kind: str
    cents: int
    at: datetime
    account: str
    mandate: str | None = None
    of: str | None = None
    goes_on: date | None = None  # the evening; a withdrawal goes when its shard has reported
    month: str | None = None
    settles_on: date | None = None
    is_settled: bool = False
    back: str | None = None
    corrections: set[tuple[str, str]] = field(default_factory=set)

    @property
    def state(self) -> str:
        """Rule 17."""
        if self.back:
            return "not_paid"
        if self.is_settled:
            return "paid"
        return "sent" if self.settles_on else "received"

    @property
    def is_debit(self) -> bool:
        return self.kind in ("payment", "retry", "withdrawal")


@dataclass
class Announcement:
    """The most that is taken in a month (rule 25)."""

    cents: int
    how: str
    at: datetime


@dataclass
class Books:
    """All of one enrollment."""

    name: str
    row: Row
    order: tuple[str, str, int]
    billed_through: str
    lines: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    mandates: list[Mandate] = field(default_factory=list)
    announced: dict[str, Announcement] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=dict)
    figures: list[tuple[tuple[str, str, int], str, int]] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)  # by month of the opening balance

    def says(self, order: tuple[str, str, int], row: Row, at: datetime) -> bool:
        """Rule 34: from when on a row's premium holds. Whether it counts for any month."""
        starts, first = row["coverage_start"][:7], not self.figures
        month = starts if first else month_after(max(horizon(at), self.billed_through))
        if any(o == order or (o > order and m <= month) for o, m, _ in self.figures):
            return False
        self.figures.append((order, month, cents_of(row["premium"])))
        if first:
            covered = (m for m in _between(starts, self.billed_through) if self.covers(m))
            self.first = dict.fromkeys(covered, cents_of(row["premium"]))
        return True

    def figure(self, month: str) -> int:
        """What it costs: the newest row that speaks of it; the first one of what was before."""
        said = [each for each in self.figures if each[1] <= month]
        return max(said)[2] if said else min(self.figures, key=lambda each: each[1])[2]

    @property
    def owed(self) -> int:
        """Rule 1."""
        return sum(cents for cents, _ in self.lines.values())

    @property
    def end(self) -> date:
        year_end = date(int(self.row["plan_year"]), 12, 31)
        stated = self.row["coverage_end"]
        return min(date.fromisoformat(stated), year_end) if stated else year_end

    @property
    def limit(self) -> str | None:
        """A mandate's last month, where the feed says when coverage ends."""
        return last_22nd(self.end) if self.row["coverage_end"] else None

    def covers(self, month: str) -> bool:
        return self.row["coverage_start"][:7] <= month <= month_of(self.end)

    def has_ended(self, day: date) -> bool:
        return day > self.end

    def can_be_found(self, at: datetime) -> bool:
        """Rule 8; one enrollment a subscriber here."""
        return not self.has_ended(day_of(at)) or self.owed != 0

    def bill(self, at: datetime) -> None:
        """Rules 3 and 34: each month comes to what is wanted for it, up to next month."""
        charges = [line for line in self.lines if line.startswith("charge#")]
        stands = {line[7:14]: line for line in charges if f"un{line}" not in self.lines}
        last = max(horizon(at), *stands, "")
        for month in _between(self.row["coverage_start"][:7], last):
            wanted = self.figure(month) if self.covers(month) else 0
            posted = self.first.get(month, 0) + sum(
                cents for line, (cents, _) in self.lines.items() if _of_month(line) == month
            )
            if month <= self.billed_through or (month in stands and self.covers(month)):
                n = sum(line.startswith(f"correction#{month}") for line in self.lines) + 1
                if posted != wanted:
                    self.lines[f"correction#{month}#{n}"] = wanted - posted, None
            elif month in stands:
                self.lines[f"un{stands[month]}"] = -posted, None
            elif self.covers(month) and month <= horizon(at):
                before = sum(line[7:14] == month for line in charges)
                again = f"#{before + 1}" if before else ""
                self.lines[f"charge#{month}{again}"] = wanted, None

    # --- monthly payments -------------------------------------------------------------------------

    def active_in(self, month: str) -> Mandate | None:
        live = (each for each in self.mandates if not each.is_past)
        return next((each for each in live if each.is_active_in(month)), None)

    def asked_in(self, month: str) -> Mandate | None:
        """Whom the run of a month must decide about."""
        found = self.active_in(month)
        return found if month <= f"{self.row['plan_year']}-12" else None

    def lasting(self, coming: str) -> Mandate | None:
        live = (each for each in self.mandates if not each.is_past)
        return next((each for each in live if each.outlives(coming)), None)

    def end_mandates(self, coming: str, why: str, at: datetime) -> None:
        """From the coming month on; what is frozen stays (rule 20)."""
        for each in self.mandates:
            if not each.is_past and each.outlives(coming):
                each.through, each.why = month_after(coming, -1), why
                each.undo_before = coming if why == "cancelled" else None
        self.leave(at)

    def leave(self, at: datetime) -> None:
        for each in self.mandates:
            # A message of the 28th lives four days.
            before = month_after(month_at(at), -1)
            late = day_of(at) <= date.fromisoformat(f"{before}-28") + timedelta(days=4)
            oldest = before if late else month_at(at)
            if each.through is not None and each.through < max(oldest, each.from_month):
                each.is_past = True

    def move_end(self, coming: str, at: datetime) -> None:
        """Rule 23: the last month follows the end of coverage, never into what is frozen."""
        for each in self.mandates:
            if not each.is_past and each.outlives(coming):
                before = month_after(coming, -1)
                each.through = None if self.limit is None else max(self.limit, before)
                each.why = None if self.limit is None else "coverage_end"
        self.leave(at)

    def is_told(self, at: datetime) -> bool:
        """Rule 45: whose mandate ended with coverage, or whose money of the last year counts."""
        if self.mandates and self.mandates[-1].why == "coverage_end":
            return True
        given = Counter[str]()
        for each in self.money.values():
            if each.kind == "refund" and not each.back:
                given[str(each.of)] += each.cents
        return any(
            each.is_debit
            and not each.back
            and each.at >= at - timedelta(days=365)
            and given[each.name] < each.cents
            for each in self.money.values()
        )

    def undoable(self, coming: str) -> Mandate | None:
        """Rule 21."""
        if self.lasting(coming) or last_22nd(self.end) < coming:
            return None
        return next((each for each in self.mandates if each.can_be_undone(coming)), None)

    def concerned(self, money: Money) -> list[Mandate]:
        """Rule 29: what the bank says of an entry is true of its account, and of its mandate."""
        return [
            each
            for each in self.mandates
            if each.name == money.mandate
            or same_number(each.account) == same_number(money.account)
            or (each.corrected_for and each.corrected_for[0] == money.name)
        ]


def horizon(at: datetime) -> str:
    """Rule 3: the last month that is billed by then; next month's from 6:00 on the 1st."""
    billed = datetime.fromisoformat(f"{month_at(at)}-01T06:00").replace(tzinfo=NEW_YORK)
    return month_at(at) if at < billed else month_after(month_at(at))


def early_end(row: Row) -> date | None:
    """The last day of coverage, where it is not that of the plan year."""
    stated = row["coverage_end"]
    is_early = stated and stated < f"{row['plan_year']}-12-31"
    return date.fromisoformat(stated) if is_early else None


def _between(first: str, last: str) -> list[str]:
    found = []
    while first <= last:
        found.append(first)
        first = month_after(first)
    return found


def _of_month(line: str) -> str | None:
    """The month that a line of the premium is about: charge#2027-01#2."""
    kind, _, rest = line.partition("#")
    return rest[:7] if kind in ("charge", "uncharge", "correction") else None


def coming_month(at: datetime, frozen: set[str]) -> str:
    """Rule 20: the first month that a change counts from."""
    month = month_at(at)
    late = day_of(at).day > LAST_DAY_TO_CATCH_UP
    return month_after(month) if late or month in frozen else month
