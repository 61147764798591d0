"""A settlement day: what we say moved on our account, and what the bank's statements say (48)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.bank_statement.reading import StatedDay
from chalicelib.domain.banking_days import banking_day_after
from chalicelib.domain.money import dollars

LATEST = 2  # banking days after its own by which a statement has come


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One day: what we say of it, what statements say, and what people accepted."""

    day: date
    expected_cents: int
    stated: Sequence[StatedDay]
    accepted: str | None

    @property
    def stands_as(self) -> str:
        """Both sides in words: what people accept, and no other difference."""
        said = " and ".join(dollars(each.cents) for each in self.stated)
        ours = f"our files and returns say {dollars(self.expected_cents)}"
        return f"the statement says {said}, {ours}" if said else f"no statement has come, {ours}"

    @property
    def is_seen(self) -> bool:
        """Whether the bank says what we say, or two people take it as it is."""
        agrees = {each.cents for each in self.stated} == {self.expected_cents}
        return agrees or self.accepted == self.stands_as

    @property
    def differs(self) -> bool:
        """Whether a statement says otherwise, and nobody has accepted that."""
        return bool(self.stated) and not self.is_seen

    def is_missing(self, today: date) -> bool:
        """Whether its statement should have come, and nobody has accepted that it has not."""
        is_due = today >= banking_day_after(self.day, LATEST)
        return is_due and not self.stated and not self.is_seen
