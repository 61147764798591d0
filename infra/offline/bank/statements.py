"""What is on the customer's account at this bank, and the statement of each day of it, in BAI2."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from infra.offline.bank.answers import Answer, delivered
from infra.offline.bank.opening_days import EASTERN, open_after, open_from
from infra.offline.bank.papers import Customer, Judgement, Taken

NUMBER = "4000123456"  # of the account that our files are settled on
CAME, WENT = "166", "466"  # ACH settlement of a file: its debits, its credits
CAME_BACK = {True: "557", False: "257"}  # a single return, of a debit and of a credit


class Account:
    """By day, what moved; from the bytes of the files that came, and what was sent back."""

    def __init__(self, customer: Customer, since: datetime | None = None) -> None:
        self._customer = customer
        self._moved: dict[date, list[tuple[str, int, str]]] = defaultdict(list)
        self._stated = since.astimezone(EASTERN).date() if since else None

    def settle(self, judgement: Judgement, entries: Iterable[Taken]) -> None:
        """A file was taken: all its entries settle, also those that come back at once."""
        sums: dict[tuple[date, str], int] = defaultdict(int)
        for entry in (*entries, *(taken for taken, _ in judgement.returned)):
            sums[entry.settles_on, CAME if entry.is_debit else WENT] += entry.cents
        for (day, code), cents in sums.items():
            self._moved[day].append((code, cents, f"SETTLEMENT {'/'.join(judgement.key)[:16]}"))

    def give_back(self, answers: Iterable[Answer]) -> None:
        """Returns settle on the day on which they are handed over; what only tells moves none."""
        for answer in answers:
            entry, day = answer.entry, answer.at.astimezone(EASTERN).date()
            if entry.cents and not answer.code.startswith("C"):
                code = CAME_BACK[entry.is_debit]
                self._moved[day].append((code, entry.cents, f"RETURN {answer.code}"))

    def next_at(self) -> datetime | None:
        """When it states the next day: at eight, on the next open one (Friday's on Monday)."""
        return delivered(open_after(open_from(self._stated))) if self._stated else None

    def statements(self, until: datetime) -> Iterator[tuple[datetime, date, bytes]]:
        """Those that are due up to this instant: when, of which day, and their bytes."""
        while (at := self.next_at()) and at <= until and self._stated:
            day = open_from(self._stated)
            yield at, day, self.statement(day)
            self._stated = open_after(day)

    def statement(self, day: date) -> bytes:
        """One day, as it is stated on the next open one."""
        written = delivered(open_after(day)).astimezone(EASTERN)
        moved = self._moved[day]
        debits = sum(cents for code, cents, _ in moved if code >= "400")
        credits_ = sum(cents for code, cents, _ in moved if code < "400")
        total = 2 * (debits + credits_)  # once in the totals of the account, once line by line
        group = f"{self._customer.odfi},{self._customer.origin.strip()}"
        rows = [
            f"01,{group},{written:%y%m%d},{written:%H%M},1,80,,2/",
            f"02,{self._customer.origin.strip()},{self._customer.odfi},1,{day:%y%m%d},,USD,2/",
            f"03,{NUMBER},USD,100,{credits_},,,400,{debits},,/",
            *(f"16,{code},{cents},0,,,{text}/" for code, cents, text in moved),
            f"49,{total},{len(moved) + 2}/",
            f"98,{total},1,{len(moved) + 4}/",
            f"99,{total},1,{len(moved) + 6}/",
        ]
        return "".join(f"{row}\r\n" for row in rows).encode("ascii")
