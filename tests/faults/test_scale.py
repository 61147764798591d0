"""The 22nd for many: its shape, and that poison and killed workers change nothing (shows 5)."""

import random
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass

import pytest
from rich.console import Console
from rich.table import Table

from chalicelib.domain.run import RunState
from infra.offline import bulk
from infra.offline.memory_store import MemoryStore
from tests.aws import built
from tests.faults.crowd import Crowd
from tests.faults.metered import Metered
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at
from tests.stores import Crash

RUN = f"withdrawal#{MONTH}"
SHARDS = 64
WATCHED = 0  # the shard whose memory is weighed
KILLS = 10
POISON_EVERY = 1000
MEGABYTE = 1 << 20


@dataclass
class Played:
    """One run, weighed."""

    crowd: Crowd
    meter: Metered
    seconds: float
    peak_bytes: int
    died: int

    def row(self, name):
        size, meter = self.crowd.size, self.meter
        return (
            name,
            f"{self.seconds:.1f}",
            f"{1e3 * self.seconds / size:.2f}",
            f"{meter.total:,}",
            f"{meter.total / size:.2f}",
            f"{meter.read_units / size:.2f}",
            f"{meter.write_units / size:.2f}",
            f"{self.peak_bytes / MEGABYTE:.2f}",
            str(self.died),
        )


def play(size, *, poison_every=0, crash_at=(), slots=1024, weighed=True):
    """A whole run; whoever dies is followed by a fresh process that gets the same message."""
    store = MemoryStore()
    crowd = Crowd(store, size, poison_every=poison_every, slots=slots)
    meter = Metered(store, crash_at=crash_at)
    exchange = Exchange(store, seen=meter, run_shards=SHARDS)
    died, peak = 0, 0
    before = time.process_time()
    exchange.start(WITHDRAWAL, at(22))
    while exchange.queue.messages:
        message = exchange.queue.messages[0]
        watched = weighed and message["shard"] == WATCHED
        try:
            peak = max(peak, weigh(exchange, message) if watched else _work(exchange, message))
        except Crash:
            died += 1
            exchange = exchange.again(seen=meter)
            continue
        exchange.queue.messages.pop(0)
    seconds = time.process_time() - before
    run = exchange.system.records.runs.get(RUN)
    assert run.state is RunState.CLOSED
    assert exchange.counts(RUN)[:4] == crowd.check()
    reports = [
        each.shard for each in exchange.system.records.runs.checkpoints(RUN) if each.reported
    ]
    assert reports == list(range(SHARDS))
    return Played(crowd, meter, seconds, peak, died)


def _work(exchange, message):
    exchange.deliver(message)
    return 0


def weigh(exchange, message):
    """The most a worker held at any moment beyond what it left in the store."""
    tracemalloc.start()
    try:
        exchange.deliver(message)
        stays, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - stays


def told(*played):
    """The table, on the terminal."""
    titles = ["", "CPU s", "ms each", "calls", "calls each", "read units", "write units"]
    table = Table(*titles, "peak MB", "died", title="The run of the 22nd, on MemoryStore")
    for name, each in played:
        table.add_row(*each.row(name))
    Console(width=120).print(table)


def per_mandate(small, large):
    """Calls and units of each mandate more."""
    more = large.crowd.size - small.crowd.size
    names = ("total", "read_units", "write_units")
    return [(getattr(large.meter, n) - getattr(small.meter, n)) / more for n in names]


def kills(calls):
    """Ten moments of a run, the same ones each time."""
    return random.Random(22).sample(range(30, calls), KILLS)


def test_two_thousand_with_poison_and_killed_workers_are_all_decided_once():
    played = play(2000, poison_every=100, crash_at=kills(14_000), weighed=False)
    assert played.died == KILLS
    assert len(played.crowd.poison) == 20


@pytest.mark.slow
def test_the_shape_of_the_run_from_a_thousand_to_a_hundred_thousand():
    thousand = play(1000, poison_every=POISON_EVERY)
    ten = play(10_000, poison_every=POISON_EVERY)
    calls = ten.meter.total * 9
    hundred = play(100_000, poison_every=POISON_EVERY, crash_at=kills(calls))
    # A thousand in a slot, as a million mandates have in each of theirs.
    dense = play(20_000, poison_every=POISON_EVERY, slots=20)
    names = ("1,000", "10,000", "100,000", "20,000 in 20 slots")
    told(*zip(names, (thousand, ten, hundred, dense), strict=True))
    assert hundred.died == KILLS
    assert len(hundred.crowd.poison) == 100
    small, large = per_mandate(thousand, ten), per_mandate(ten, hundred)
    for few, many in zip(small, large, strict=True):
        assert many == pytest.approx(few, rel=0.15), "calls and units of a mandate are constant"
    each = [play_.seconds / play_.crowd.size for play_ in (ten, hundred)]
    assert each[1] < 1.5 * each[0], "time is linear"
    assert max(p.peak_bytes for p in (thousand, ten, hundred, dense)) < 16 * MEGABYTE


@pytest.mark.slow
def test_the_dynamodb_adapter_itself_at_five_thousand():
    memory = MemoryStore()
    crowd = Crowd(memory, 5000, poison_every=POISON_EVERY)
    with built() as aws:
        bulk.pour(memory)
        called = Counter()
        aws.engine.on_call(after=lambda call: called.update([call.operation]))
        exchange = Exchange(memory, seen=aws.store, run_shards=SHARDS)
        exchange.start(WITHDRAWAL, at(22))
        exchange.work()
        system = exchange.system
        assert system.records.runs.get(RUN).state is RunState.CLOSED
        counts = exchange.counts(RUN)
        assert (counts[0], counts[3]) == (5000, len(crowd.poison))
        assert counts[0] == sum(counts[1:4])
        found = {case.enrollment_id: case.reason for case in system.records.cases.open()}
        assert found == crowd.poison
        for name, amount in list(crowd.amounts.items())[::50]:
            line = system.records.books.line(name, RUN)
            assert -line.amount_cents == amount
        assert called.total() < 5 * 5000 + 7 * 1024, "five calls a mandate, seven a slot"
        by_kind = ", ".join(f"{n:,} {what}" for what, n in called.most_common())
        Console(width=120).print(f"DynamoDB adapter on moto, 5,000: {by_kind}")
