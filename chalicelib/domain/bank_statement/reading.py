"""A statement in whatever form: what the bank network moved on our account, by day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from types import ModuleType

from chalicelib.domain.bank_statement import bai2, camt053
from chalicelib.domain.bank_statement.movements import AccountStatement, NotAStatement

OURS = "USD"
_BEFORE = b"\xef\xbb\xbf \t"  # a byte order mark, and blanks


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDay:
    """What a statement says of a day, whichever file it is in."""

    on: date
    cents: int  # of all ACH movements; below zero more left than came
    movements: int


def form_of(first: bytes) -> ModuleType | None:
    """The reader of a file that begins with this line; None where it is no statement."""
    begins = first.lstrip(_BEFORE)
    return next((form for form in (bai2, camt053) if begins.startswith(form.FIRST)), None)


def statements(lines: Iterable[bytes]) -> Sequence[AccountStatement]:
    """All of it, once its own sums agree. Raises NotAStatement."""
    every = iter(lines)
    first = next((line for line in every if line.strip()), b"").lstrip(_BEFORE)
    form = form_of(first)
    if form is None:
        raise NotAStatement(1, "it is neither BAI2 nor camt.053")
    return list(form.read(chain([first], every)))


def stated_days(lines: Iterable[bytes], account: str | None) -> list[StatedDay]:
    """By day, what moved on our account in USD; where none is set, on the only one in it.

    What is not over is no day yet. Raises NotAStatement, also where no account of ours is in it.
    """
    ours = [each for each in statements(lines) if account in (None, each.account)]
    if not ours:
        raise NotAStatement(0, "our account is not in it")
    if len({each.account for each in ours}) > 1:
        raise NotAStatement(0, "it has several accounts, and no setting names ours")
    found = {day.on: day for one in ours if one.is_final for day in _by_day(one)}
    if len(found) < sum(len(list(_by_day(one))) for one in ours if one.is_final):
        raise NotAStatement(0, "it states a day twice")
    return sorted(found.values(), key=lambda day: day.on)


def _by_day(one: AccountStatement) -> Iterator[StatedDay]:
    moved = [each for each in one.movements if each.currency == OURS]
    for on in {*([one.on] if one.on else []), *(each.on for each in moved)}:
        ach = [each.cents for each in moved if each.on == on and each.is_ach]
        yield StatedDay(on=on, cents=sum(ach), movements=len(ach))
