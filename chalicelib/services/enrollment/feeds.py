"""Enrollments and adjustments come in: a feed is checked whole, then read in parts by many workers.

Order: the header row of a feed stands before any row is read; each row is one transaction that
replaces older facts only; a part reports once; whoever reports last closes the feed. Any of it may
run again, in any order, and ends the same.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.errors import FeedRefused
from chalicelib.domain.feed import BadRow
from chalicelib.domain.feed_file import ADJUSTMENTS, form_of, looks_like
from chalicelib.domain.identities import case_id, joined, kind_of
from chalicelib.domain.identity_guard import WaitsForStaff
from chalicelib.domain.purposes import FEED
from chalicelib.ports import Files, Gone, Hasher, Metrics, Queue, Vault
from chalicelib.repositories.codec import UNREADABLE
from chalicelib.repositories.feeds import Feed, PartReport
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.holding import FeedHolding
from chalicelib.services.enrollment.receipts import FeedState, FeedTotals, Receipts, file_name
from chalicelib.services.enrollment.rows import AdjustmentRows, EnrollmentRows, Rows

LONGEST_LINE_BYTES = 8192
TORN = "what we keep of this enrollment can't be read"


@dataclass(frozen=True, slots=True)
class RowRange:
    """Some rows of a feed: bytes `start` to `end` of the object, the first of them line `line`."""

    part: int
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedImport:
    """What reading feeds needs of the world."""

    enrollment_rows: EnrollmentRows
    adjustment_rows: AdjustmentRows
    feed_holding: FeedHolding
    receipts: Receipts
    records: Records
    files: Files
    feed_queue: Queue
    vault: Vault
    metrics: Metrics
    feed_rows_a_part: int

    def receive(self, key: str, version: str, arrived_at: datetime) -> None:
        """Checks a whole feed and hands out its parts; one that can't be read is refused whole."""
        hasher = self.vault.hasher(FEED)
        hasher.update(form_of(key).mark)
        try:
            columns, parts = self._scan(key, version, hasher)
        except FeedRefused as refusal:
            self._refuse(key, version, refusal, arrived_at)
            return
        except Gone:  # the news came twice: the feed was read, or refused, and erased
            return
        digest, name = hasher.hexdigest(), f"{key}@{version}"
        order, released = self.records.feeds.place(digest, joined(arrived_at.isoformat(), key))
        # A released one is of the instant at which it first came.
        at = datetime.fromisoformat(kind_of(order)) if released else arrived_at
        new = Feed(feed=name, order=order, parts=len(parts), columns=columns)
        if not released and self.records.feeds.get(name) is None:
            rows = self._rows(key)
            why = rows.faults(self.files.lines(key, version), new, at)
            if why:
                effects = rows.effects(self.files.lines(key, version), new, at)
                self.feed_holding.hold(new, key, version, digest, why, effects, at)
                return
        self._hand_out(self.records.feeds.begin(new), key, version, parts, at)

    def _rows(self, key: str) -> Rows:
        return self.adjustment_rows if form_of(key) is ADJUSTMENTS else self.enrollment_rows

    def _hand_out(
        self, feed: Feed, key: str, version: str, parts: list[RowRange], at: datetime
    ) -> None:
        if feed.is_whole:
            self._close(feed, key, version, at)
            return
        self.feed_queue.send(
            *(
                {"key": key, "version": version, "at": at.isoformat(), **_fields(part)}
                for part in parts
            )
        )

    def read_part(
        self, key: str, version: str, part: RowRange, at: datetime, now: datetime
    ) -> None:
        """Imports the rows of one part, reports, and closes the feed when it is whole."""
        feed = self.records.feeds.get(f"{key}@{version}")
        if feed is None:
            return
        if not self.records.feeds.has_reported(feed.feed, part.part):
            report = self._import(feed, part, key, version, at, now)
            self.records.feeds.report_part(feed.feed, part.part, report)
        # Also of one that had reported: who did may have died before closing.
        stands = self.records.feeds.get(feed.feed)
        if stands and stands.is_whole:
            self._close(feed, key, version, at)

    def _import(
        self, feed: Feed, part: RowRange, key: str, version: str, at: datetime, now: datetime
    ) -> PartReport:
        accepted, premium_cents, balance_cents = 0, 0, 0
        rejected = list[tuple[int, str]]()
        rows, form = self._rows(key), form_of(key)
        lines = self.files.lines(key, version, part.start, part.end)
        for number, line in enumerate(lines, start=part.line):
            if not line.strip():
                continue
            try:
                row = form.parse(line.decode().rstrip("\r\n"), feed.columns, at)
                rows.take(row, line, joined(feed.order, f"{number:09}"), at, now)
            except BadRow as bad:
                rejected.append((number, bad.code))
                continue
            except WaitsForStaff as waits:
                self.records.cases.open_case(waits.case)
                rejected.append((number, waits.case.reason))
                continue
            except UNREADABLE:
                self._open_case(str(row.enrollment_id), at)
                rejected.append((number, TORN))
                continue
            accepted += 1
            premium_cents += row.premium_cents
            balance_cents += row.balance_cents
        return PartReport(
            accepted=accepted,
            premium_cents=premium_cents,
            balance_cents=balance_cents,
            rejected=tuple(rejected),
        )

    def _scan(
        self, key: str, version: str, hasher: Hasher
    ) -> tuple[tuple[str, ...], list[RowRange]]:
        """Columns and parts; raises FeedRefused before any row is imported."""
        place, part_start, first_line, number, last = 0, 0, 2, 0, b""
        columns, parts = tuple[str, ...](), list[RowRange]()
        for number, line in enumerate(self.files.lines(key, version), start=1):
            hasher.update(line)
            text = _text_of(number, line)
            place, last = place + len(line), line
            if number == 1:
                columns, part_start = _columns(key, text), place
            elif number - first_line + 1 == self.feed_rows_a_part:
                parts.append(RowRange(len(parts) + 1, part_start, place, first_line))
                part_start, first_line = place, number + 1
        if number == 0:
            raise FeedRefused(1, "the file is empty")
        _check_end(key, number, last, columns)
        if place > part_start:
            parts.append(RowRange(len(parts) + 1, part_start, place, first_line))
        return columns, parts

    def _refuse(self, key: str, version: str, refusal: FeedRefused, at: datetime) -> None:
        self.receipts.write(
            key, FeedState.REFUSED, FeedTotals(), lambda: [(refusal.line, refusal.reason)]
        )
        self.records.cases.open_case(
            Case(
                case_id=case_id("feed_refused", f"{key}@{version}"),
                kind=CaseKind.FEED_REFUSED,
                enrollment_id=None,
                reason=f"{file_name(key)}, line {refusal.line}: {refusal.reason}",
                opened_at=at,
            )
        )
        self.metrics.count("FeedsRefused")
        self.files.erase(key, version)

    def _open_case(self, enrollment_id: str, at: datetime) -> None:
        """What we keep of one can't be read, which stops no other row (I15)."""
        self.records.cases.open_case(
            Case(
                case_id=case_id("not_imported", enrollment_id),
                kind=CaseKind.NOT_BILLED,
                enrollment_id=enrollment_id,
                reason=f"{TORN}: the feed's row was not taken",
                opened_at=at,
            )
        )

    def _close(self, feed: Feed, key: str, version: str, at: datetime) -> None:
        reports = self.records.feeds.reports
        totals = FeedTotals.of(reports(feed))
        self.receipts.write(
            key,
            FeedState.READ,
            totals,
            lambda: (each for report in reports(feed) for each in report.rejected),
            form_of(key).unknown(feed.columns),
        )
        self.receipts.open_case(key, version, totals, at)
        self.metrics.count("FeedsRead")
        self.metrics.count("FeedRowsRejected", totals.rejected)
        self.files.erase(key, version)  # rule 33: rejects keep line and reason only


def _text_of(number: int, line: bytes) -> str:
    if number == 1 and (what := looks_like(line)):
        raise FeedRefused(number, f"the file is not UTF-8 text; it looks like {what}")
    if len(line) > LONGEST_LINE_BYTES:
        raise FeedRefused(number, "the line is too long to be a row; the file is not this CSV")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise FeedRefused(number, "the file is not UTF-8; it looks like Windows-1252") from None
    if "\0" in text:
        raise FeedRefused(number, "the file is not text")
    return text


def _columns(key: str, header: str) -> tuple[str, ...]:
    try:
        return form_of(key).columns_of(header)
    except BadRow as bad:
        raise FeedRefused(1, bad.what) from None


def _check_end(key: str, number: int, last: bytes, columns: tuple[str, ...]) -> None:
    """A last row without a line end is whole only when its last cell is."""
    if last.endswith((b"\n", b"\r")) or number == 1:
        return
    if form_of(key).ends_lines:
        raise FeedRefused(number, "the last row has no line end: it may be cut off")
    try:
        form_of(key).parse(last.decode(), columns, None)
    except BadRow as bad:
        if bad.column in ("line", columns[-1]):
            raise FeedRefused(number, "the file is cut off in the middle of a row") from None


def _fields(part: RowRange) -> dict[str, int]:
    return {"part": part.part, "start": part.start, "end": part.end, "line": part.line}
