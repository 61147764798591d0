"""For what the operator returns a single entry, and when it settles the others."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache

from infra.offline.bank.opening_days import EASTERN, open_after, open_from
from infra.offline.bank.papers import Taken

LAST_SAME_DAY_WINDOW = time(16, 45)
MOST_SAME_DAY_CENTS = 100_000_000  # a million dollars

# Tens: 2 checking, 3 savings. Ones: 1 to 4 credits, 6 to 9 debits; 1 and 6 come back.
CODES = frozenset(tens + ones for tens in "23" for ones in "12346789")
_WITHOUT_MONEY = "3489"
_WEIGHTS = (3, 7, 1) * 3


def whole(text: str) -> int | None:
    """A number of plain digits, or None."""
    return int(text) if text.isascii() and text.isdigit() else None


def is_debit(text: str) -> bool:
    """Of an entry's row."""
    return text[2] in "6789"


def is_return(text: str) -> bool:
    """Whether the row is a return or a notification of change."""
    return text[2] in "16"


class Desk:
    """Looks at entries one by one, on the day the file came."""

    def __init__(self, received_at: datetime, lists_bank: Callable[[str], bool]) -> None:
        local = received_at.astimezone(EASTERN)
        self.today = open_from(local.date())
        in_time = local.date() < self.today or local.time() <= LAST_SAME_DAY_WINDOW
        self.tomorrow = open_after(self.today)
        self.same_day = in_time
        self.lists_bank = lists_bank

    def entry(self, line: int, head: str, text: str, addenda: Sequence[str]) -> tuple[Taken, str]:
        """The entry, and the code under which it goes back at once; "" when it is taken."""
        taken = Taken(
            line=line,
            settles_on=self.settles_on(head, text),
            company=head[4:20],
            company_id=head[40:50],
            entry_class=head[50:53],
            description=head[53:63],
            effective=head[69:75],
            code=text[1:3],
            routing=text[3:12],
            account=text[12:29].strip(),
            cents=whole(text[29:39]) or 0,
            person_id=text[39:54],
            person=text[54:76],
            extra=text[76:78],
            trace=text[79:94],
        )
        return taken, next(self.wrong(head, text, addenda), "")

    def wrong(self, head: str, text: str, addenda: Sequence[str]) -> Iterator[str]:
        """Every code that fits."""
        routing, cents = text[3:12], whole(text[29:39])
        if whole(text[3:11]) is None or not text[3:11].strip("0"):
            yield "R13"
        elif whole(text[11]) is None or _remainder(routing):
            yield "R28"
        elif not self.lists_bank(routing):
            yield "R13"
        if cents is None or (text[1:3] in CODES and not _amount_fits(text[2], cents)):
            yield "R19"
        if head[50:53] in {"WEB", "TEL"} and not text[54:76].strip(" 0"):
            yield "R26"
        if not is_return(text):
            yield from _addenda(text, addenda)
        elif head[50:53] == "COR" and [text[78], *(row[1:3] for row in addenda)] != ["1", "98"]:
            yield "R25"
        if whole(text[79:94]) is None:
            yield "R27"
        day = _day(head[69:75])
        if is_debit(text) and day is not None and day > self.tomorrow:
            yield "R18"

    def settles_on(self, head: str, text: str) -> date:
        """The effective entry date where it can be kept; silently the next open day where not."""
        day = _day(head[69:75])
        if day is None or day < self.today:
            return self.tomorrow
        if day == self.today:
            small = (whole(text[29:39]) or 0) <= MOST_SAME_DAY_CENTS
            return self.today if self.same_day and small else self.tomorrow
        return open_from(day)


def _addenda(text: str, addenda: Sequence[str]) -> Iterator[str]:
    # WEB and PPD entries: one at most, of type 05, number 0001, under the entry's own number.
    if text[78] != str(len(addenda)):
        yield "R25"
    for row in addenda:
        if row[1:3] != "05" or row[83:87] != "0001":
            yield "R25"
        elif row[87:94] != text[87:94]:
            yield "R27"


def _amount_fits(ones: str, cents: int) -> bool:
    """Money in a live entry, none in a prenote; a return carries what it brings back."""
    return ones in "16" or (cents == 0) == (ones in _WITHOUT_MONEY)


@lru_cache(maxsize=64)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"20{text[:2]}-{text[2:4]}-{text[4:]}")
    except ValueError:
        return None


def _remainder(routing: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, routing, strict=True)) % 10
