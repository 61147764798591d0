"""Who there is, by the seed: made-up members, their plans, when the exchange tells of them.

What is written down here is what the outside knows: what was fed, asked for and answered. The
checks hold the books against it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from chalicelib.domain.coverage import month_after
from tests.builders import a_feed_row
from tests.monthly import at

FIRST = "2026-12"
HABITS = ("monthly", "once", "sometimes", "never")
WEIGHTS = (60, 15, 15, 10)
LAST_TO_COME = 10  # months after the first: nobody comes in the last one
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Fed:
    """What one row of a feed said, and when it came."""

    at: datetime
    premium_cents: int
    end: str


@dataclass
class Coverage:
    """An enrollment as the exchange has it; `fed` is what it told of it so far."""

    enrollment_id: str
    plan: str
    year: int
    start: str
    end: str
    premium_cents: int
    balance_cents: int
    billed_through: str
    month: str  # in which the first row comes
    day: int
    fed: list[Fed] = field(default_factory=list)
    monthly: bool = False  # as the member believes

    @property
    def arrives(self) -> datetime:
        """The feed of that morning."""
        return at(self.day, 4, month=self.month)

    def is_on(self, month: str) -> bool:
        """Whether some of it is covered, or paid for in advance."""
        return self.month <= month and bool(self.fed) and month <= self.end[:7]


@dataclass
class Person:
    """A member; one browser at a time."""

    number: int
    habit: str
    coverages: list[Coverage]

    def row(self, coverage: Coverage) -> dict[str, str]:
        """As the feed tells it now."""
        return a_feed_row(
            enrollment_id=coverage.enrollment_id,
            subscriber_id=f"SUB{self.number}",
            plan=coverage.plan,
            plan_year=str(coverage.year),
            billing_account=f"7{self.number:05}{int(coverage.enrollment_id[-1]):03}",
            ssn=f"412-81-{1000 + self.number}",
            last_name=f"Peña {LETTERS[self.number // 26 % 26]}{LETTERS[self.number % 26]}",
            premium=f"{coverage.premium_cents / 100:.2f}",
            balance=f"{coverage.balance_cents / 100:.2f}",
            billed_through=coverage.billed_through,
            coverage_start=coverage.start,
            coverage_end=coverage.end,
            selected_at="2025-11-20T15:00:00Z",
        )


@dataclass
class Asked:
    """A payment that a member submitted; `sure` where the answer came."""

    enrollment_id: str
    cents: int
    at: datetime
    sure: bool


@dataclass
class Cancelled:
    """A cancel that was answered; `is_late` when the page said that money is still taken."""

    enrollment_id: str
    mandate_id: str
    at: datetime
    is_late: bool = False
    undone: bool = False


@dataclass
class Diary:
    """All that members, staff and the exchange did, and what they were answered."""

    asked: list[Asked] = field(default_factory=list)
    cancelled: list[Cancelled] = field(default_factory=list)
    perhaps_cancelled: set[str] = field(default_factory=set)  # enrollments
    stopped: list[tuple[str, str]] = field(default_factory=list)  # month, mandate
    bounced: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)
    set_up: dict[str, datetime] = field(default_factory=dict)  # enrollment -> when answered
    counts: Counter[str] = field(default_factory=Counter)


def town(seed: int, members: int) -> list[Person]:
    """Everybody who will ever come in the year."""
    return [_person(Random(f"{seed}|person|{n}"), n) for n in range(members)]


def _person(randomness: Random, n: int) -> Person:
    habit = randomness.choices(HABITS, WEIGHTS)[0]
    late = randomness.random() < 0.25
    month = month_after(FIRST, randomness.randrange(1, LAST_TO_COME)) if late else FIRST
    day = randomness.randrange(4, 15) if late else 1
    plans = randomness.choices((("health",), ("dental",), ("health", "dental")), (80, 6, 14))[0]
    coverages = []
    for place, plan in enumerate(plans):
        premium = randomness.randrange(3_000, 9_000) if plan == "dental" else _premium(randomness)
        start = f"{max(month_after(month), '2027-01')}-01"
        coverages.append(_new(randomness, f"EN{n:05}{place}", plan, start, premium, month, day))
        if not late and randomness.random() < 0.1:  # and this year's plan, to its end
            coverages.append(
                Coverage(
                    f"EN{n:05}{place + 5}", plan, 2026, "2026-01-01", "2026-12-31", premium,
                    randomness.choice((0, premium)), "2026-12", month, 1,
                )
            )  # fmt: skip
    return Person(n, habit, coverages)


def _premium(randomness: Random) -> int:
    """Nothing at all for a few, as for who has the whole of it from the state."""
    return 0 if randomness.random() < 0.03 else randomness.randrange(9_000, 62_000)


def _new(
    randomness: Random, name: str, plan: str, start: str, premium: int, month: str, day: int
) -> Coverage:
    """The first month is in the balance, or it is not billed yet; a few bring a credit."""
    billed = randomness.random() < 0.7
    balance = premium if billed else 0
    if randomness.random() < 0.05:
        balance -= randomness.randrange(1_000, 20_000)
    through = start[:7] if billed else month_after(start[:7], -1)
    if billed and randomness.random() < 0.3:
        through = ""  # which means: the first month of coverage
    return Coverage(name, plan, 2027, start, "2027-12-31", premium, balance, through, month, day)
