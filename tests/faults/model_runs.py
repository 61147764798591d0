"""Runs as the model has them: opened by the calendar, worked by shards, stopped by staff."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.faults.model_books import Announcement, Books, Mandate, Money
from tests.faults.model_days import LAST_DAY_TO_CATCH_UP, day_of, month_at, month_of

SHARDS = 2


@dataclass
class Run:
    """Opened by the calendar, worked by shards."""

    kind: str
    period: str
    started_at: datetime
    state: str = "open"
    reported: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


class Runs:
    """Rules 3, 24 to 28: what each run does to each enrollment, once."""

    def __init__(
        self, names: Callable[[str, str], str | None], shard_of: Callable[[str], int]
    ) -> None:
        self.names, self.shard_of = names, shard_of
        self.books: dict[str, Books] = {}
        self.frozen: set[str] = set()
        self.runs: dict[str, Run] = {}
        self.stops: dict[str, set[str]] = {}
        self.mails: Counter[tuple[str, str, object]] = Counter()
        self.cases: dict[str, str] = {}

    def mail(self, kind: str, books: Books, figure: object = None) -> None:
        """One is promised; its figure is what it says in cents."""
        self.mails[kind, books.name, figure] += 1

    def open_run(self, name: str, kind: str, period: str, at: datetime) -> None:
        """Once; what it is about is frozen, and where nobody ever had a mandate nothing waits."""
        run = self.runs.setdefault(name, Run(kind, period, at))
        if run.kind == "withdrawal" and run.state == "open":
            self.frozen.add(period)
        if run.kind in ("withdrawal", "notice") and run.state == "open":
            filled = {self.shard_of(each.name) for each in self.books.values() if each.mandates}
            run.reported |= set(range(SHARDS)) - filled
            self._close(run)

    def work(self, name: str, shard: int, planned: datetime, now: datetime) -> None:
        """A shard of an open run, once; of reminders the model knows nothing (`agreeing`)."""
        if name.startswith("reminder#"):
            return
        run = self.runs[name]
        stopped = {"run", f"shard#{shard:03}"} & self.stops.get(name, set())
        if run.state != "open" or shard in run.reported or stopped:
            return
        late = day_of(now).day > LAST_DAY_TO_CATCH_UP or month_at(now) != month_at(planned)
        at = max(planned, now) if late else planned
        for books in self.books.values():
            if self.shard_of(books.name) == shard:
                self._work_one(run, name, books, at)
        run.reported.add(shard)
        self._close(run)

    def _close(self, run: Run) -> None:
        if len(run.reported) == SHARDS:
            run.state = "closed"

    def _work_one(self, run: Run, name: str, books: Books, at: datetime) -> None:
        if run.kind == "billing":
            books.bill(run.started_at)
            self._close_books(books, run.started_at)
            return
        mandate = books.asked_in(run.period)
        if mandate and run.kind == "notice":
            self._notice(run, books, mandate)
        elif mandate:
            self._decide(run, self.stops.get(name, set()), books, mandate, at)

    def _close_books(self, books: Books, at: datetime) -> None:
        """Rule 4: credit is given back, debt is asked for once."""
        if books.has_ended(day_of(at)) and books.owed < 0:
            self.cases[f"refund#{books.name}"] = "open"
        elif books.has_ended(day_of(at)):
            self.credit_is_gone(books)
        mailed = any(key[:2] == ("ended_debt", books.name) for key in self.mails)
        if books.has_ended(day_of(at)) and books.owed > 0 and books.mandates and not mailed:
            self.mail("ended_debt", books, books.owed)

    def credit_is_gone(self, books: Books) -> None:
        """Rule 4: the case of what was left at the end of coverage has nothing to wait for."""
        if books.owed >= 0 and f"refund#{books.name}" in self.cases:
            self.cases[f"refund#{books.name}"] = "closed"

    def _notice(self, run: Run, books: Books, mandate: Mandate) -> None:
        """Rule 24: once, and what was shown since the notices began counts as announced."""
        announced = books.announced.get(run.period)
        first = run.started_at.replace(day=10)
        if announced and (announced.how == "notice" or announced.at >= first):
            run.counts["skipped"] += 1
            return
        cents = 0 if mandate.held else max(books.owed, 0)
        books.announced[run.period] = Announcement(cents, "notice", run.started_at)
        self.mail("notice", books, cents)
        run.counts["claimed"] += 1

    def _decide(
        self, run: Run, stops: set[str], books: Books, mandate: Mandate, at: datetime
    ) -> None:
        """Rules 25 to 27: the smaller of what is owed and what was announced."""
        month = run.period
        line = f"withdrawal#{month}"
        if line not in books.lines:
            why = self._exclusion(month, stops, books, mandate, at)
            announced = books.announced.get(month)
            cents = 0 if why or not announced else max(min(books.owed, announced.cents), 0)
            books.lines[line] = -cents, why or ("claimed" if cents else "skipped")
            if cents:
                name = self.names(books.name, line) or "none"
                books.money[name] = Money(
                    name, "withdrawal", cents, at, mandate.account, mandate.name, month=month
                )
                self.mail("withdrawal", books, cents)
        verdict = str(books.lines[line][1])
        run.counts[verdict if verdict in ("claimed", "skipped") else "excluded"] += 1
        if verdict not in ("claimed", "skipped"):
            self.mail("excluded", books, books.owed)
            self.cases[f"excluded#{month}#{books.name}"] = "open"

    def _exclusion(
        self, month: str, stops: set[str], books: Books, mandate: Mandate, at: datetime
    ) -> str | None:
        day = day_of(at)
        if month_of(day) != month or day.day > LAST_DAY_TO_CATCH_UP:
            return "too_late"
        if mandate.name in stops:
            return "stopped"
        if mandate.held:
            return "held"
        return "no_notice" if month not in books.announced else None

    # --- staff ------------------------------------------------------------------------------------

    def stop(self, run: str, what: str) -> None:
        """A kill switch."""
        self.stops.setdefault(run, set()).add(what)
        if what == "run" and run in self.runs and self.runs[run].state == "open":
            self.runs[run].state = "stopped"

    def go_on(self, run: str, what: str) -> None:
        """It is taken back."""
        self.stops[run].discard(what)
        if what == "run" and run in self.runs and self.runs[run].state == "stopped":
            self.runs[run].state = "open"
