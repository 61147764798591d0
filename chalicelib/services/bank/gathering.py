"""Which entries go to the bank together: the page's days that are due, and shards of runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain import banking_days
from chalicelib.domain.ach.writer import MOST_TRACES
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.entry import Batch, Entry, web_collections
from chalicelib.domain.sealing import Part, Sealing, with_traces
from chalicelib.ports import Books, Cases, Runs, Sealings
from chalicelib.services.bank.file_making import FileMaker

LOOK_BACK_DAYS = 10  # a day whose job never ran is collected by the next one

Taken = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What gathering needs of the world."""

    books: Books
    runs: Runs
    sealings: Sealings
    maker: FileMaker
    cases: Cases

    def seal(self, name: str, taken: Sequence[Taken], effective_on: date, at: datetime) -> None:
        """Fixes which entries, with which traces and which date; once."""
        collections = [each for group, key in taken for each in _collections(group, key)]
        left_out: list[str] = []
        counted = [part for each in collections for part in self._count(each, left_out, at)]
        counter = self.sealings.next_trace()
        entries = sum(part.entries for part in counted)
        # Seven digits: the numbers begin again; a return is looked for in the newest file first.
        first = counter if counter + entries - 1 <= MOST_TRACES else 1
        sealing = Sealing(
            sealing=name,
            sealed_at=at,
            effective_on=effective_on,
            first_trace=first,
            parts=with_traces(counted, first),
            left_out=tuple(left_out),
        )
        self.sealings.keep(sealing, taken, counter, first + entries)

    def web_days(self, today: date) -> list[Taken]:
        """The days whose page collections are due and not taken; each is closed first."""
        taken = self.sealings.taken("web")
        days = [today - timedelta(days=back) for back in range(LOOK_BACK_DAYS, -1, -1)]
        due = [d for d in days if banking_days.is_banking_day(d) and d.isoformat() not in taken]
        for day in due:
            self.books.close_web(day)
        return [("web", day.isoformat()) for day in due]

    def shards(self, today: date) -> list[Taken]:
        """Shards of this month's run, and of the last one's, that have reported and are not taken.

        The last catch-up of a February may be on a weekend that ends in March.
        """
        months = (month_after(month_of(today), -1), month_of(today))
        return [taken for month in months for taken in self._shards_of(month)]

    def _shards_of(self, month: str) -> list[Taken]:
        group = f"run#{month}"
        taken = self.sealings.taken(group)
        reported = [
            f"{each.shard:03}"
            for each in self.runs.checkpoints(f"withdrawal#{month}")
            if each.reported
        ]
        return [(group, shard) for shard in reported if shard not in taken]

    def _count(self, collection: str, left_out: list[str], at: datetime) -> list[Part]:
        """Counts a collection by batch; what no bank would take is left out and becomes a case."""
        parts: dict[Batch, Part] = {}
        for entry in self.books.entries(collection):
            if self.maker.refuses(entry):
                left_out.append(entry.payment_id)
                self._open_case(entry, at)
                continue
            part = parts.get(entry.batch, Part.empty(collection, entry.batch))
            parts[entry.batch] = part.with_one(entry)
        return list(parts.values())

    def _open_case(self, entry: Entry, at: datetime) -> None:
        self.cases.open_case(
            Case(
                case=f"left_out#{entry.payment_id}",
                kind=CaseKind.BANK,
                enrollment_id=entry.enrollment_id,
                reason="no bank would take this entry, or its account number does not open",
                opened_at=at,
            )
        )


def _collections(group: str, key: str) -> list[str]:
    """web, 2026-12-03: its 64 shards; run#2026-12, 007: itself."""
    if group == "web":
        return web_collections(date.fromisoformat(key))
    return [f"{group}#{key}"]
