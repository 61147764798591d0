"""Rules of the machine: what members and the exchange do."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.faults.machine_base import TOWN, Base, hours, picks
from tests.faults.model_books import Books, Mandate, Money, coming_month
from tests.faults.model_days import collected_on, last_22nd, month_at
from tests.faults.town import THREE, at_review, found, step

NUMBERS = ("000123456789", "0001234567891", "0001234567892", "0001234567893")
SMALL, MORE = 1000, 5000  # cents
CHANGES: dict[str, list[str]] = {
    "premium": ["212.40", "231.00", "198.55"],
    "plan_name": ["Silver Care 500", "Gold Care"],
    "coverage_end": ["2027-12-31", "", "2027-01-31", "2027-01-15", "2027-06-30"],
}
ENDS_OF_THREE = ["2026-12-31", "2026-12-15", "2026-12-22", ""]
MINUTES = st.sampled_from([None, 0, 1, 25])  # a visit lasts for 30


class People(Base):
    """Members at the page, and the exchange with its feed."""

    # --- the exchange -----------------------------------------------------------------------------

    @rule(
        after=hours,
        names=st.lists(st.sampled_from(sorted(TOWN)), min_size=1, max_size=4, unique=True),
        what=st.sampled_from(sorted(CHANGES)),
        pick=picks,
        how=st.sampled_from(["new", "older", "again"]),
    )
    def feed(self, after: int, names: list[str], what: str, pick: int, how: str) -> None:
        """Facts change; the news may say an earlier time; or it is a file that was there before."""
        now = self.passes(after)
        rows = []
        for n, name in enumerate(names):
            choices = CHANGES[what]
            if (name, what) == (THREE, "coverage_end"):
                choices = ENDS_OF_THREE
            last = self.model.books[name].row if name in self.model.books else TOWN[name]
            rows.append({**last, what: choices[(pick + n) % len(choices)]})
        if how == "again":
            rows = self.feeds[pick % len(self.feeds)]
        self.drops(rows, now - timedelta(days=1) if how == "older" else now)
        self.did(f"feed, {how}")

    # --- members ----------------------------------------------------------------------------------

    @precondition(lambda self: self.started and self._payable(monthly=False))
    @rule(
        after=hours,
        who=picks,
        amount=st.sampled_from(["small", "part", "small", "small", "total", "more"]),
        number=picks,
        again=MINUTES,
    )
    def pays_once(self, after: int, who: int, amount: str, number: int, again: int | None) -> None:
        """Finds, and pays once."""
        self.passes(after)
        self._pays(who, amount, number, again, monthly=False)

    @precondition(lambda self: self.started and self._payable(monthly=True))
    @rule(
        after=hours,
        who=picks,
        amount=st.sampled_from(["nothing", "part", "small", "part", "total"]),
        number=picks,
        again=MINUTES,
    )
    def sets_up(self, after: int, who: int, amount: str, number: int, again: int | None) -> None:
        """Monthly payments, with and without a first one; also from another account."""
        self.passes(after)
        self._pays(who, amount, number, again, monthly=True)

    def _payable(self, *, monthly: bool) -> list[Books]:
        now = self.here.now()
        coming = coming_month(now, self.model.frozen)
        return [each for each in self.findable() if not monthly or coming <= last_22nd(each.end)]

    def _pays(self, who: int, amount: str, pick: int, again: int | None, *, monthly: bool) -> None:
        choices, now = self._payable(monthly=monthly), self.here.now()
        if not choices:
            return
        books = choices[who % len(choices)]
        account, cents = self._account(books, pick), _cents(books, amount)
        if account is None or not (cents or monthly):
            return
        replaces = monthly and books.lasting(coming_month(now, self.model.frozen))
        member, form = at_review(
            self.here, books.name, number=account, monthly=monthly, visit=f"{self.number()} ",
            pay="total" if amount == "total" else "other", amount=f"{cents / 100:.2f}",
        )  # fmt: skip
        self._submits(member, form)
        self._was_submitted(books, cents, account, now, monthly=monthly)
        self.here.quiet()
        what = "replaces" if replaces else "sets up" if monthly else "pays"
        self.did(what if cents else f"{what}, nothing now")
        if again is not None:
            self.here.lives(now + timedelta(minutes=again))
            self._submits(member, form)
            self.here.quiet()
            self.did("submits again")
        self.submits.append((member, form))

    def _submits(self, member: Any, form: dict[str, str]) -> None:
        said = self.here.posts(f"submits {self.number()}", member, "/review", **form)
        assert said == (303, "/done"), said

    def _account(self, books: Books, pick: int) -> str | None:
        """One that the page takes."""
        start = pick % len(NUMBERS)
        numbers = NUMBERS[start:] + NUMBERS[:start]
        return next((each for each in numbers if not self.model.refuses(books, each)), None)

    def _was_submitted(
        self, books: Books, cents: int, account: str, now: datetime, *, monthly: bool
    ) -> None:
        """The names of what was made are read; what it is, the model says."""
        mandate = self._new_mandate(books) if monthly else None
        payment = None
        if cents:
            lines = (
                key[1] for key in self.here.state.store.items["ledger"] if key[0] == books.name
            )
            [line] = {n for n in lines if n.startswith("payment#")} - books.lines.keys()
            name = line.partition("#")[2]
            payment = Money(
                name, "payment", cents, now, account, mandate, goes_on=collected_on(now)
            )
        self.model.submitted(books, payment, mandate, account, now)

    def _new_mandate(self, books: Books) -> str:
        rows = self.here.state.store.items["mandates"].values()
        [live] = [r for r in rows if r["mandate"] == f"live#{books.name}"]
        names = {each["mandate_id"] for each in live["standing"]}
        [name] = names - {each.name for each in books.mandates}
        return str(name)

    @precondition(lambda self: self.started and self.submits)
    @rule(after=hours, pick=picks)
    def submits_late(self, after: int, pick: int) -> None:
        """A Submit of whichever day once more: no second payment, whatever the page answers."""
        self.passes(after)
        member, form = self.submits[pick % len(self.submits)]
        self.here.posts(f"late {self.number()}", member, "/review", **form)
        self.here.quiet()
        self.did("submits late")

    @precondition(lambda self: self.started and self._cancellable())
    @rule(after=hours, pick=picks)
    def cancels(self, after: int, pick: int) -> None:
        """In two clicks, and the second of them twice."""
        now = self.passes(after)
        if choices := self._cancellable():
            books, mandate = choices[pick % len(choices)]
            fields = {"cancel": mandate.name, "confirm_cancel": "yes"}
            self._changes(books, fields, lambda: self.model.cancelled(books, now))
            frozen = month_at(now) in self.model.frozen
            self.did("cancels, after the freeze" if frozen else "cancels")

    def _cancellable(self) -> list[tuple[Books, Mandate]]:
        coming = coming_month(self.here.now(), self.model.frozen)
        lasting = [(each, each.lasting(coming)) for each in self.findable()]
        return [(b, m) for b, m in lasting if m and coming <= last_22nd(b.end)]

    @precondition(lambda self: self.started and self._undoable())
    @rule(after=hours, pick=picks)
    def undoes(self, after: int, pick: int) -> None:
        """Until the first freeze after the cancel."""
        now = self.passes(after)
        if choices := self._undoable():
            books, mandate = choices[pick % len(choices)]
            fields = {"undo": mandate.name}
            self._changes(books, fields, lambda: self.model.undone(books, mandate, now))
            self.did("undoes")

    def _undoable(self) -> list[tuple[Books, Mandate]]:
        coming = coming_month(self.here.now(), self.model.frozen)
        every = [(each, each.undoable(coming)) for each in self.findable()]
        return [(b, m) for b, m in every if m and (m.held or not self.model.refuses(b, m.account))]

    def _changes(self, books: Books, fields: dict[str, str], act: Any) -> None:
        number = self.number()
        member = found(self.here, books.name, to="recurring", visit=f"{number} ")
        step(self.here, f"recurring {number}", member, "/recurring")
        for again in ("", " again"):
            said = self.here.posts(f"changes {number}{again}", member, "/recurring", **fields)
            assert said == (303, "/recurring"), said
        act()
        self.here.quiet()


def _cents(books: Books, amount: str) -> int:
    owed = max(books.owed, 0)
    cents = {"nothing": 0, "small": SMALL, "part": max(owed // 3, SMALL), "total": owed}
    return cents.get(amount, owed + MORE)
