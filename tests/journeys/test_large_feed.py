"""A large feed with bad rows in it: the good ones in, the bad ones reported, nothing twice."""

import hashlib
import itertools
import time
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from chalicelib.domain.feed import COLUMNS
from chalicelib.repositories.feeds import Feed
from chalicelib.store import Put
from infra.offline.memory_store import MemoryStore
from infra.offline.world import World
from tests.builders import a_feed
from tests.journeys.people import THURSDAY, a_row
from tests.member import Member
from tests.services.conftest import make

BAD = 50
WAYS = itertools.cycle(
    [
        ("birth_date", "1986-02-30"),
        ("premium", "a lot"),
        ("plan", "vision"),
        ("billing_account", "812345678"),
        ("ssn", "000-12-3456"),
        ("selected_at", "2026-11-20T15:00:00"),
        ("coverage_end", "2030-01-01"),
        ("last_name", "--"),
        ("plan_year", "26"),
        ("billed_through", "December"),
    ]
)


def a_large_feed(rows):
    """Rows with fifty bad ones spread among them; and which lines those are, with their column."""
    feed, bad = [a_row() for _ in range(rows)], {}
    for n in range(0, rows, rows // BAD):
        column, value = next(WAYS)
        feed[n][column] = value
        bad[n + 2] = column
    return feed, bad


def kept(world):
    """All rows of the tables that an import writes."""
    store = world.system.store
    slots = range(1024)
    enrollments = [row for slot in slots for row in store.query("enrollments", slot)]
    lines = [list(store.query("ledger", row["enrollment_id"])) for row in enrollments]
    return enrollments, lines


def test_fifty_bad_rows_among_a_thousand_are_reported_and_stop_no_other():
    rows = 1000
    feed, bad = a_large_feed(rows)
    with World.start(now=THURSDAY, count=0, in_background=False, in_memory=True) as world:
        member = Member(world.page_url, world.room_url)
        older = a_feed(*feed)
        answer = member.tell("/feed", older)
        assert answer["accepted"] == rows - BAD
        assert {e["line"]: e["reason"].partition(":")[0] for e in answer["rejected"]} == bad
        first = kept(world)
        assert len(first[0]) == rows - BAD

        # Dropped again: nothing changes.
        assert member.tell("/feed", older) == answer
        assert kept(world) == first

        # A newer one changes the premium of one; the older, dropped late, undoes nothing.
        newer = [{**feed[1], "premium": "999.99"}]
        assert member.tell("/feed", a_feed(*newer))["accepted"] == 1
        second = kept(world)
        assert second != first
        assert member.tell("/feed", older) == answer
        assert kept(world) == second


@pytest.mark.slow
def test_fifty_bad_rows_among_ten_thousand():
    rows = 10_000
    feed, bad = a_large_feed(rows)
    with World.start(now=THURSDAY, count=0, in_background=False) as world:
        answer = Member(world.page_url, world.room_url).tell("/feed", a_feed(*feed))
        assert answer["accepted"] == rows - BAD
        assert {e["line"]: e["reason"].partition(":")[0] for e in answer["rejected"]} == bad
        assert len(kept(world)[0]) == rows - BAD


@pytest.mark.slow
def test_time_grows_as_rejected_rows_do():
    """It grew as their square: 10,000 took 22 seconds, 20,000 took 99."""
    sizes, took = (10_000, 20_000, 40_000), {}
    with World.start(now=THURSDAY, count=0, in_background=False) as world:
        member = Member(world.page_url, world.room_url)
        for rows in (1000, *sizes, *sizes):  # the first warms up; of two tries the quicker counts
            feed = a_feed(*[a_row() | {"plan": "vision"} for _ in range(rows)])
            start = time.process_time()
            answer = member.tell("/feed", feed)
            seconds = (time.process_time() - start) / rows
            took[rows] = min(seconds, took.get(rows, seconds))
            assert len(answer["rejected"]) == rows
    assert all(took[more] / took[rows] <= 1.2 for rows, more in pairwise(sizes)), took


class Stream:
    """An object of so many rows that is never whole in memory."""

    def __init__(self, rows):
        self.rows = rows

    def lines(self, _key, _version, start=0, end=None):
        place = 0
        for line in self.all():
            if start <= place and (end is None or place < end):
                yield line
            place += len(line)

    def all(self):
        yield a_feed()
        row = a_feed(a_row()).splitlines(keepends=True)[1]
        for _ in range(self.rows):
            yield bytes(bytearray(row))  # a new object each time, as from a socket


class Nobody:
    def take(self, row, line, order, at, now):
        pass


def peak_of_reading(rows, memory_system):
    feeds = replace(memory_system.feed_import, files=Stream(rows), enrollment_rows=Nobody())
    tracemalloc.start()
    for part in feeds._scan("large.csv", "v1", hashlib.sha256())[1]:
        if part.part in (1, 10):
            feeds.records.feeds.begin(
                Feed(feed="large.csv@v1", order="1", parts=1000, columns=COLUMNS)
            )
            feeds.read_part("large.csv", "v1", part, THURSDAY, THURSDAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_feed():
    with World.start(now=THURSDAY, count=0, in_background=False) as world:
        peaks = {rows: peak_of_reading(rows, world.system) for rows in (1000, 1000, 10_000)}
    # The nine thousand rows more are two million bytes by themselves.
    assert peaks[10_000] - peaks[1000] < 100_000, peaks


class Sent(Stream):
    """A feed of bad rows as it comes from a bucket, which keeps what is put there."""

    def all(self):
        yield a_feed()
        row = a_feed(a_row() | {"plan": "vision"}).splitlines(keepends=True)[1]
        for _ in range(self.rows):
            yield bytes(bytearray(row))

    def put_lines(self, _key, lines, _content_type):
        for _ in lines:
            pass

    def erase(self, _key, _version):
        pass


class Elsewhere(MemoryStore):
    """Tables are not in the worker's memory: what rows reported lies in a file."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def write(self, *writes):
        super().write(*(replace(w, item=self._away(w.item)) if _says(w) else w for w in writes))

    def query(self, *place, **more):
        for row in super().query(*place, **more):
            yield row | {"report": self._back(row["report"])} if "report" in row else row

    def _away(self, item):
        start = self.file.seek(0, 2)
        return item | {"report": f"{start}:{self.file.write(item['report'])}"}

    def _back(self, place):
        start, length = map(int, place.split(":"))
        self.file.seek(start)
        return self.file.read(length)


def _says(write):
    return isinstance(write, Put) and "report" in write.item


def highest_kib():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is told by Linux")
def test_rule_40_six_hundred_thousand_bad_rows_are_held_in_flat_memory_and_linear_time(tmp_path):
    """As many rows as the exchange has members."""
    peaks, took = {}, {}
    for rows in (20_000, 40_000, 662_252):
        with (tmp_path / f"{rows}").open("w+", encoding="ascii") as file:
            here = make(Elsewhere(file))
            sent = Sent(rows)
            holding = replace(here.system.feed_holding, files=sent)
            receipts = replace(here.system.receipts, files=sent)
            holding = replace(holding, receipts=receipts)
            feeds = replace(here.system.feed_import, files=sent, feed_holding=holding)
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
            start, before = time.process_time(), highest_kib()
            feeds.receive("inbound/enrollments/large.csv", "v1", THURSDAY)
            took[rows] = (time.process_time() - start) / rows
            peaks[rows] = highest_kib() - before
            [held] = here.system.records.held_feeds.all()
            assert here.system.feed_holding.totals(held).rejected == rows
    for rows, seconds in took.items():
        Console().print(
            f"{rows:,} bad rows: {1000 * seconds:.3f} ms a row, {peaks[rows]:,} KiB more"
        )
    assert peaks[662_252] < 40_000, peaks
    assert took[662_252] / took[20_000] <= 1.2, took
