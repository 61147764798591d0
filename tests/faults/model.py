"""What should be: a plain model of the whole system, from the rules (docs/rules.md) alone.

It is told what people, the calendar and the bank do, and which message a queue hands over; it asks
the product nothing but the names of what was made.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.faults.model_books import (
    Announcement,
    Books,
    Mandate,
    Money,
    Row,
    cents_of,
    coming_month,
    early_end,
)
from tests.faults.model_books import same_number as same
from tests.faults.model_days import (
    LAST_DAY_TO_CATCH_UP,
    collected_on,
    day_of,
    debit_day,
    is_open,
    month_after,
    month_at,
    open_after,
    paid_on,
)
from tests.faults.model_runs import Runs

LASTING = {"R02", "R03", "R04", "R07", "R10", "R16", "R20"}  # what the page refuses from then on
HOLDS, KEEPS = {"R08"}, {"R01", "R09"}
GOOD = "good"
PRENOTE_WAIT_DAYS = 3


@dataclass
class Credit:
    """Proposed by one, released by two."""

    books: Books
    of: str
    cents: int
    releases: list[str] = field(default_factory=list)
    state: str = "proposed"


class Model(Runs):
    """`names` reads the payment id of a ledger's line; `shard_of` says where an enrollment lies."""

    def __init__(
        self, names: Callable[[str, str], str | None], shard_of: Callable[[str], int]
    ) -> None:
        super().__init__(names, shard_of)
        self.feeds: dict[str, list[Row]] = {}
        self.places: dict[str, tuple[str, str]] = {}
        self.accounts: dict[tuple[str, str], str] = {}
        self.credits: dict[str, Credit] = {}
        self.sealed: set[str] = set()

    # --- the feed ---------------------------------------------------------------------------------

    def feed(self, key: str, rows: Sequence[Row], at: datetime) -> None:
        """A feed with the same content counts as of the first time."""
        self.feeds[key] = list(rows)
        self.places.setdefault(json.dumps(rows), (at.isoformat(), key))

    def _import(self, message: dict[str, Any], now: datetime) -> None:
        rows, at = self.feeds[message["key"]], datetime.fromisoformat(message["at"])
        arrived, key = self.places[json.dumps(rows)]
        start = message["line"] - 2
        for n, row in enumerate(rows[start : start + 3], start=start):
            self._import_row(row, (arrived, key, n), at, now)

    def _import_row(
        self, row: Row, order: tuple[str, str, int], at: datetime, now: datetime
    ) -> None:
        """Rules 2 and 3: what arrived earlier never replaces what came later."""
        name = row["enrollment_id"]
        before = self.books.get(name)
        if before is None:
            empty = max(month_at(at), row["coverage_start"][:7])
            books = Books(name, row, order, row["billed_through"] or empty)
            books.lines["opening"] = cents_of(row["balance"]), None
            books.says(order, row, at)
            self.books[name] = books
            books.bill(max(at, now))
        elif before.order >= order:
            if before.says(order, row, at):
                owed = before.owed
                before.bill(max(at, now))
                self._less_owed(before, owed, now)
        else:
            old, before.row, before.order = before.row, row, order
            costs = {month: before.figure(month) for _, month, _ in before.figures}
            before.says(order, row, at)
            if old != row or any(before.figure(month) != cents for month, cents in costs.items()):
                owed, moved = before.owed, old["coverage_end"] != row["coverage_end"]
                before.bill(max(at, now))
                if moved:
                    self._move_end(before, old, at, now)
                self._less_owed(before, owed, now, moved=moved)

    def _move_end(self, books: Books, old: Row, at: datetime, now: datetime) -> None:
        """Rules 23 and 45: mandates follow, and it is told to who has one, or paid in a year."""
        coming = coming_month(now, self.frozen)
        mandate, knows = books.lasting(coming), books.is_told(at)
        month = max(coming, mandate.from_month) if mandate else coming
        books.move_end(coming, now)
        announced = books.announced.get(month)
        not_taken = mandate and announced and announced.cents and not books.active_in(month)
        was, ends = early_end(old), early_end(books.row)
        if not (mandate or knows):
            return
        if was and (ends is None or ends > was):
            self.mail("coverage_back", books, books.owed)
        elif ends or not_taken:
            self.mail("coverage_ended", books, books.owed)

    def _less_owed(self, books: Books, owed: int, now: datetime, *, moved: bool = False) -> None:
        """Rule 45: what was announced becomes smaller; of what is claimed the rest is credit."""
        if books.owed >= owed:
            return
        coming, month = coming_month(now, self.frozen), month_at(now)
        undecided = day_of(now).day <= LAST_DAY_TO_CATCH_UP
        undecided = undecided and f"withdrawal#{month}" not in books.lines
        for each in [month] * (coming > month and undecided) + [coming]:
            here, announced = books.active_in(each), books.announced.get(each)
            if here is None or announced is None or here.held:
                continue
            left = max(min(books.owed, announced.cents), 0)
            if left < max(min(owed, announced.cents), 0):
                announced.cents = left
                self.mail("smaller", books, left)
        claimed = self._claimed(books, now)
        if claimed and books.owed < 0 and not moved:
            self.mail("smaller", books, claimed)

    # --- the page ---------------------------------------------------------------------------------

    def refuses(self, books: Books, account: str) -> bool:
        """Whether the bank said that this account of this subscriber takes nothing."""
        verdict = self.accounts.get((books.row["subscriber_id"], same(account)))
        return verdict not in (None, GOOD)

    def submitted(
        self, books: Books, payment: Money | None, mandate: str | None, account: str, at: datetime
    ) -> None:
        """Rules 1, 11, 18, 19, 24: the payment counts at once; a new mandate replaces the old."""
        cents = payment.cents if payment else 0
        coming = coming_month(at, self.frozen)
        still = self._still(books, coming, at)
        self.mail("confirmation", books, cents)
        if payment:
            books.lines[f"payment#{payment.name}"] = -cents, None
            books.money[payment.name] = payment
        if mandate is None:
            return
        if books.lasting(coming):
            undecided = still if still is None or still[1] else (min(still[0], max(books.owed, 0)),)
            self.mail("replaced", books, (undecided or (None,))[0] or None)
        books.end_mandates(coming, "replaced", at)
        books.mandates.append(Mandate(mandate, account, coming, books.limit))
        if coming == month_at(at):
            books.announced[coming] = Announcement(max(books.owed, 0), "authorization", at)
        known = self.accounts.get((books.row["subscriber_id"], same(account)))
        settles = open_after(collected_on(at))
        in_time = debit_day(coming) >= open_after(settles, PRENOTE_WAIT_DAYS)
        if not payment and known != GOOD and in_time:
            evening = collected_on(at)
            books.money[mandate] = Money(
                mandate, "prenote", 0, at, account, mandate, goes_on=evening
            )

    def cancelled(self, books: Books, at: datetime) -> None:
        """Rules 20 to 22; the mail says what is taken all the same."""
        coming = coming_month(at, self.frozen)
        still = self._still(books, coming, at)
        books.end_mandates(coming, "cancelled", at)
        self.mail("cancelled", books, still[0] if still else None)

    def undone(self, books: Books, mandate: Mandate, at: datetime) -> None:
        """Rule 21: what it shows counts as announced."""
        coming = coming_month(at, self.frozen)
        mandate.through = None if books.limit is None else books.limit
        mandate.why = mandate.undo_before = None
        mandate.is_past = False
        still = self._still(books, coming, at)
        left = books.owed - (still[0] if still and not still[1] else 0)
        cents = 0 if mandate.held else max(left, 0)
        books.announced[coming] = Announcement(cents, "authorization", at)
        self.mail("undone", books, cents)

    def _still(self, books: Books, coming: str, at: datetime) -> tuple[int, bool] | None:
        """Cents that a change made now does not stop, and whether they are claimed (rule 20)."""
        day, month = day_of(at), month_at(at)
        here, announced = books.asked_in(month), books.announced.get(month)
        open_still = day.day <= LAST_DAY_TO_CATCH_UP and f"withdrawal#{month}" not in books.lines
        if coming != month and open_still and here and not here.held:
            cents = min(max(books.owed, 0), announced.cents if announced else 0)
            if cents:
                return cents, False
        claimed = self._claimed(books, at)
        return (claimed, True) if claimed else None

    def _claimed(self, books: Books, at: datetime) -> int | None:
        """Cents of a withdrawal that is on its way."""
        day, month = day_of(at), month_at(at)
        for each in (month, month_after(month, -1)):
            claims = (e for e in books.money.values() if (e.kind, e.month) == ("withdrawal", each))
            for claim in claims:
                goes_on = not claim.settles_on or day <= paid_on(claim.settles_on)
                if not claim.back and goes_on:
                    return claim.cents
        return None

    # --- the calendar -----------------------------------------------------------------------------

    def fired(self, handler: str, at: datetime) -> None:
        """Rule 28. Again changes nothing."""
        day, month = day_of(at), month_at(at)
        match handler:
            case "bill":
                self.open_run(f"billing#{month}", "billing", month, at)
            case "notify":
                self.open_run(f"notice#{day}", "notice", month, at)
            case "withdraw":
                self.open_run(f"withdrawal#{month}", "withdrawal", month, at)
            case "send_same_day" if day == debit_day(month):
                self._seal(f"{day}#noon", None, day)
            case "collect" if is_open(day):
                self._seal(f"{day}", day, open_after(day))
            case "settle":
                self._settle(day)

    def _seal(self, name: str, web_of: date | None, settles_on: date) -> None:
        if name in self.sealed:
            return
        self.sealed.add(name)
        for books in self.books.values():
            for each in books.money.values():
                if each.settles_on is None and self._is_due(books, each, web_of):
                    each.settles_on = settles_on

    def _is_due(self, books: Books, money: Money, web_of: date | None) -> bool:
        if money.kind != "withdrawal":
            return web_of is not None and money.goes_on is not None and money.goes_on <= web_of
        run = self.runs[f"withdrawal#{money.month}"]
        return self.shard_of(books.name) in run.reported

    def _settle(self, day: date) -> None:
        """Rule 17: paid, and told so once."""
        for books in self.books.values():
            for each in books.money.values():
                if each.is_settled or not each.settles_on or paid_on(each.settles_on) > day:
                    continue
                each.is_settled = True
                if each.back or each.kind == "refund":
                    continue
                account = books.row["subscriber_id"], same(each.account)
                self.accounts.setdefault(account, GOOD)
                if each.kind != "prenote":
                    self.mail("paid", books, each.cents)

    # --- queues -----------------------------------------------------------------------------------

    def delivered(self, queue: str, body: str, now: datetime) -> None:
        """A message reached its reader; once more changes nothing."""
        message = json.loads(body)
        if queue == "feed":
            self._import(message, now)
        if queue == "work":
            self.work(message["run"], message["shard"], datetime.fromisoformat(message["at"]), now)
