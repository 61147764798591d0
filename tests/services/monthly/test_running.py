"""The machinery of any run: opened once, worked in shards, closed by its counts (I11, I12, I14)."""

from collections import Counter, defaultdict

import pytest

from chalicelib.domain.run import Counts, RunState, slots_of
from chalicelib.domain.signature import Signature
from chalicelib.ports import HAND_OVER_MS
from chalicelib.services.monthly.running import Page
from tests.concurrently import at_once
from tests.monthly import WITHDRAWAL, Exchange, at
from tests.stores import Crash, Deaf, Interrupted, die

pytestmark = pytest.mark.all_slots
RUN = "withdrawal#2026-12"
NINE = at(22)
KEYS = {3: "abcde", 4: "f", 700: "ghi", 1023: "jk"}
PAGE = 2


class Counting:
    """A job that counts letters in slots, a few a page."""

    # ruff: noqa: ARG002 - it has the arguments of a Job

    def __init__(self):
        self.begun = 0
        self.seen = Counter()
        self.error_at, self.forgets, self.recounts = "", "", False

    def identity(self, scheduled_at):
        return RUN, "2026-12"

    def begin(self, run):
        self.begun += 1

    def slots(self):
        return KEYS

    def page(self, run, place, when, stops):
        found = [key for key in KEYS.get(place.slot, "") if key > place.after][:PAGE]
        if self.error_at and self.error_at in found:
            raise RuntimeError(self.error_at)
        self.seen.update(found)
        asked = len(found) - (self.forgets in found)
        counts = Counts(active=len(found), claimed=asked, cents=100 * asked)
        return Page(found[-1] if len(found) == PAGE else None, counts)

    def active(self, run, slot):
        return len(KEYS.get(slot, "")) if self.recounts else None


@pytest.fixture
def job():
    return Counting()


@pytest.fixture
def exchange(job):
    return with_job(Exchange(run_shards=4), job)


def with_job(exchange, job):
    exchange.system.running.jobs[WITHDRAWAL] = job
    return exchange


def runs(exchange):
    return {key: dict(row) for key, row in exchange.store.items["runs"].items()}


EVERY = "".join(KEYS.values())
ALL = (len(EVERY), len(EVERY), 0, 0, 100 * len(EVERY))


def test_a_run_is_opened_worked_and_closed(exchange, job):
    run = exchange.run(WITHDRAWAL, NINE)
    assert (run.state, run.started_at) == (RunState.CLOSED, NINE)
    assert exchange.counts(RUN) == ALL
    assert job.seen == Counter(EVERY)


def test_a_closed_run_answers_at_once_and_changes_nothing(exchange, job):
    exchange.run(WITHDRAWAL, NINE)
    before = runs(exchange)
    for day in (22, 23, 28):
        assert exchange.start(WITHDRAWAL, at(day)).state is RunState.CLOSED
        assert exchange.queue.messages == []
    assert (runs(exchange), job.begun) == (before, 1)


def test_invariant_12_started_three_times_late_and_out_of_order_is_one_run(exchange, job):
    for day in (24, 22, 23):
        exchange.start(WITHDRAWAL, at(day))
    assert len(exchange.queue.messages) == 9, "one shard has nothing to decide"
    exchange.queue.messages.reverse()
    exchange.work()
    assert job.seen == Counter(EVERY)
    assert exchange.counts(RUN) == ALL
    assert exchange.system.records.runs.get(RUN).started_at == at(24)  # of the start that opened it


def test_a_message_that_comes_again_after_its_work_changes_nothing(exchange, job):
    exchange.start(WITHDRAWAL, NINE)
    messages = list(exchange.queue.messages)
    exchange.work()
    before = runs(exchange)
    for message in messages:
        exchange.deliver(message)
    assert runs(exchange) == before
    assert job.seen == Counter(EVERY)


def test_a_message_of_a_run_that_nobody_opened_is_nothing(exchange, job):
    exchange.deliver({"run": "withdrawal#2099-01", "shard": 0, "at": NINE.isoformat()})
    assert runs(exchange) == {}
    assert not job.seen


def test_with_little_time_left_a_worker_hands_over_and_the_next_goes_on_there(exchange, job):
    times = defaultdict(int)

    def remaining():
        times["asked"] += 1
        return HAND_OVER_MS - 1 if times["asked"] % 2 == 0 else HAND_OVER_MS

    exchange.start(WITHDRAWAL, NINE)
    exchange.work(remaining)
    assert job.seen == Counter(EVERY)
    assert exchange.counts(RUN) == ALL
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED
    assert times["asked"] > 2 * 6  # more than one page was handed over


def test_a_worker_without_any_time_does_nothing_but_hand_over(exchange, job):
    exchange.start(WITHDRAWAL, NINE)
    [first, *_] = exchange.queue.take()
    exchange.deliver(first, lambda: 0)
    assert exchange.queue.messages == [first]
    assert not job.seen


def test_a_shard_that_fails_holds_up_no_other_and_goes_on_when_it_can(exchange, job):
    job.error_at = "e"
    exchange.start(WITHDRAWAL, NINE)
    [first, *others] = exchange.queue.take()
    with pytest.raises(RuntimeError):
        exchange.deliver(first)
    for other in others:
        exchange.deliver(other)
    reported = [
        each.shard for each in exchange.system.records.runs.checkpoints(RUN) if each.reported
    ]
    assert reported == [1, 2, 3]
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN
    job.error_at = ""
    exchange.start(WITHDRAWAL, at(23))
    assert [message["shard"] for message in exchange.queue.messages] == [0]
    exchange.work()
    assert exchange.counts(RUN) == ALL
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED


def test_the_day_after_only_shards_without_a_report_are_sent_again(exchange):
    exchange.start(WITHDRAWAL, NINE)
    exchange.deliver(exchange.queue.take()[2])
    exchange.start(WITHDRAWAL, at(23))
    assert [message["shard"] for message in exchange.queue.messages] == [0, 2]


# Closing.


def test_invariant_14_a_run_whose_counts_disagree_stays_open_and_rings(exchange, job):
    job.forgets = "g"
    exchange.run(WITHDRAWAL, NINE)
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN
    assert exchange.cases() == {f"run#{RUN}#002": f"{RUN}, shard 2: the counts do not agree"}
    assert exchange.here.metrics.counts["RunsThatDisagree"] > 0
    exchange.withdraw(23)
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN


def test_invariant_14_a_page_cannot_vouch_for_itself(exchange, job, monkeypatch):
    """A row that no page saw is found when the shard is counted again at its end."""
    job.recounts = True
    monkeypatch.setitem(KEYS, 3, "abcdez")
    page = job.page
    job.page = lambda run, place, when, stops: hide_z(page(run, place, when, stops))

    def hide_z(page):
        lost = page.after == "z"
        counts = Counts(active=1, claimed=1, cents=100) if lost else page.counts
        return Page(page.after, counts)

    exchange.run(WITHDRAWAL, NINE)
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN
    assert exchange.cases() == {f"run#{RUN}#000": f"{RUN}, shard 0: the counts do not agree"}


def test_a_run_that_died_before_closing_is_closed_by_the_next_start(exchange, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(exchange.system.records.runs, "move", lambda *_: die())
        with pytest.raises(Crash):
            exchange.run(WITHDRAWAL, NINE)
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN
    exchange.queue.take()
    exchange.start(WITHDRAWAL, at(23))
    assert exchange.queue.messages == []
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED


def test_the_absence_of_a_run_rings_at_three(exchange):
    exchange.system.running.watch(WITHDRAWAL, at(22, 15))
    assert list(exchange.cases()) == [f"run_late#{RUN}"]
    assert exchange.here.metrics.counts["RunsLate"] == 1


def test_a_closed_run_does_not_ring(exchange):
    exchange.run(WITHDRAWAL, NINE)
    exchange.system.running.watch(WITHDRAWAL, at(22, 15))
    assert exchange.cases() == {}
    assert exchange.here.metrics.counts["RunsLate"] == 0


# Stop and release.


def test_a_stopped_run_does_nothing_more_until_it_is_released(exchange, job):
    exchange.start(WITHDRAWAL, NINE)
    exchange.deliver(exchange.queue.take()[0])
    exchange.system.running.stop(RUN, "run", "wait")
    assert exchange.start(WITHDRAWAL, at(23)).state is RunState.STOPPED
    assert exchange.queue.messages == []
    exchange.deliver({"run": RUN, "shard": 2, "at": NINE.isoformat()})
    assert "g" not in job.seen
    exchange.system.running.release(RUN, "run", at(23, 11))
    assert {message["at"] for message in exchange.queue.messages} == {at(23, 11).isoformat()}
    exchange.work()
    assert exchange.counts(RUN) == ALL
    assert exchange.system.records.runs.get(RUN).state is RunState.CLOSED


def test_a_stop_whose_first_try_refuses_the_second_stands(exchange):
    deaf = Exchange(Deaf(exchange.store, lambda write: write.table == "audit"))
    deaf.system.running.stop(RUN, "run", "wait", Signature(who="Ada", why="wait", at=NINE))
    assert exchange.system.records.runs.stops(RUN) == {"run": "wait"}


def test_a_run_may_be_stopped_before_it_begins(exchange, job):
    exchange.system.running.stop(RUN, "run", "not this month")
    exchange.run(WITHDRAWAL, NINE)
    assert not job.seen
    assert exchange.system.records.runs.get(RUN).state is not RunState.CLOSED
    exchange.system.running.release(RUN, "run", at(23))
    exchange.work()
    assert exchange.counts(RUN) == ALL


def test_a_stop_is_read_again_before_each_page(exchange, job):
    exchange.start(WITHDRAWAL, NINE)

    def remaining():
        if job.seen["b"]:
            exchange.system.running.stop(RUN, "shard#000", "look at it")
        return HAND_OVER_MS

    exchange.work(remaining)
    assert "".join(sorted(job.seen)) == "abghijk"
    assert exchange.system.records.runs.get(RUN).state is RunState.OPEN
    exchange.system.running.release(RUN, "shard#000", at(22, 10))
    exchange.work()
    assert exchange.counts(RUN) == ALL


def test_what_must_stand_before_stands_also_after_a_start_that_died_and_a_release(exchange, job):
    """Staff stop a run whose start died on the way: before it goes on, all slots are frozen."""
    job.begin, begin = (lambda _: die()), job.begin
    with pytest.raises(Crash):
        exchange.start(WITHDRAWAL, NINE)
    job.begin = begin
    exchange.system.running.stop(RUN, "run", "it died")
    exchange.system.running.release(RUN, "run", at(22, 10))
    assert job.begun == 1
    exchange.work()
    assert exchange.counts(RUN) == ALL


# Crashes and company.


def until_done(exchange, job, n):
    """Starts and works; whenever the process dies, a fresh one gets the same message again."""
    store, died = exchange.store, 0
    here = with_job(exchange.again(Interrupted(store, n)), job)
    for _ in range(10):
        try:
            here.run(WITHDRAWAL, NINE)
        except Crash:
            died += 1
            here = with_job(here.again(), job)
        else:
            return died
    raise AssertionError("it never ends")


def test_invariant_11_a_worker_killed_at_any_call_is_followed_by_one_who_finishes():
    calm = with_job(Exchange(run_shards=4), Counting())
    calm.run(WITHDRAWAL, NINE)
    for n in range(1, 200):
        exchange = Exchange(run_shards=4)
        died = until_done(exchange, Counting(), n)
        assert runs(exchange) == runs(calm), n
        if not died:
            break
    assert n > 20


def test_invariant_11_a_worker_whose_step_was_kept_unheard_goes_on_all_the_same(job):
    """botocore writes again, and is refused by what the first try wrote."""
    store = Exchange(run_shards=1).store
    deaf = Deaf(store, lambda write: write.item.get("shard") == 0 and write.item["slot"] == 3)
    exchange = with_job(Exchange(store, seen=deaf, run_shards=1), job)
    assert exchange.run(WITHDRAWAL, NINE).state is RunState.CLOSED
    assert exchange.counts(RUN) == ALL
    assert not deaf.which(None), "the answer was lost"


def test_two_workers_of_one_shard_at_any_moment_are_one(job):
    """The second does all its work while the first is about to make its n-th call."""
    calm = with_job(Exchange(run_shards=4), Counting())
    calm.run(WITHDRAWAL, NINE)
    for n in range(1, 200):
        exchange = with_job(Exchange(run_shards=4), job)
        exchange.start(WITHDRAWAL, NINE)
        messages = exchange.queue.take()
        met = []

        def second(other=exchange, messages=messages, met=met):
            met.append(True)
            for message in messages:
                other.deliver(message)

        first = with_job(exchange.again(Interrupted(exchange.store, n, second)), job)
        for message in messages:
            first.deliver(message)
        assert runs(exchange) == runs(calm), n
        if not met:
            break
    assert n > 20


def test_workers_in_threads_are_one_too(job):
    calm = with_job(Exchange(run_shards=4), Counting())
    calm.run(WITHDRAWAL, NINE)
    for _ in range(5):
        exchange = with_job(Exchange(run_shards=4), job)
        exchange.start(WITHDRAWAL, NINE)
        messages = 3 * exchange.queue.take()
        ended = at_once([lambda m=m: exchange.deliver(m) for m in messages])  # noqa: B023 - at once
        assert ended == [None] * len(messages)
        assert runs(exchange) == runs(calm)


def test_an_empty_run_closes_too():
    exchange = Exchange(run_shards=16)
    run = exchange.run(WITHDRAWAL, NINE)
    assert run.state is RunState.CLOSED
    assert exchange.counts(run.run_id) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("shards", [1, 4, 64])
def test_however_many_shards_all_are_counted_once(shards, job):
    exchange = with_job(Exchange(run_shards=shards), job)
    exchange.run(WITHDRAWAL, NINE)
    assert exchange.counts(RUN) == ALL
    assert len(exchange.system.records.runs.checkpoints(RUN)) == shards
    assert slots_of(shards - 1, shards).stop == 1024
