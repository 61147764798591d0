"""One contract, two stores: what is kept on DynamoDB is kept in memory just so."""

import threading

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.store import TRIES, DynamoStore
from chalicelib.store import (
    TABLES,
    Change,
    Check,
    ConditionFailed,
    Overwrites,
    Put,
    Remove,
)
from infra.offline.faults import Kind
from infra.offline.memory_store import MemoryStore
from infra.offline.stack import STAGE


def line(number, partition="E1", **more):
    return {"collection": partition, "entry": f"charge#{number}", **more}


def kept(store, *items):
    for item in items:
        store.write(Put("entries", item))


def numbers(items):
    return [item["entry"].rpartition("#")[2] for item in items]


def test_an_item_comes_back_as_it_was_kept(store):
    item = line(
        1,
        text="Núñez",
        empty="",
        amount=-(10**12),
        zero=0,
        yes=True,
        no=False,
        raw=b"\x00\xff",
        words=["a", "b"],
        facts={"inner": {"deep": [1, None, "x"]}},
        none_listed=[],
    )
    kept(store, item)
    assert store.get("entries", ("E1", "charge#1")) == item
    assert isinstance(store.get("entries", ("E1", "charge#1"))["amount"], int)
    assert isinstance(store.get("entries", ("E1", "charge#1"))["raw"], bytes)


def test_an_item_that_is_not_there_is_none(store):
    assert store.get("entries", ("E1", "charge#1")) is None


def test_what_was_read_may_be_changed_without_changing_what_is_kept(store):
    kept(store, line(1, facts={"a": 1}))
    store.get("entries", ("E1", "charge#1"))["facts"]["a"] = 2
    assert store.get("entries", ("E1", "charge#1"))["facts"] == {"a": 1}


def test_what_was_given_may_be_changed_without_changing_what_is_kept(store):
    item = line(1, facts={"a": 1})
    kept(store, item)
    item["facts"]["a"] = 2
    assert store.get("entries", ("E1", "charge#1"))["facts"] == {"a": 1}


def test_none_is_the_absence_of_an_attribute(store):
    kept(store, line(1, reason=None))
    assert store.get("entries", ("E1", "charge#1")) == line(1)


def test_a_put_replaces_the_whole_item(store):
    kept(store, line(1, old="x"), line(1, new="y"))
    assert store.get("entries", ("E1", "charge#1")) == line(1, new="y")


def test_many_items_are_read_at_once_and_those_that_are_not_there_are_left_out(store):
    kept(store, line(1), line(2), line(3, "E2"))
    keys = [("E1", "charge#1"), ("E2", "charge#3"), ("E2", "charge#9")]
    found = store.get_many("entries", keys)
    assert sorted(numbers(found)) == ["1", "3"]


def test_reading_no_items_asks_nobody(store):
    assert store.get_many("entries", []) == []


def test_a_batch_read_holds_100_keys(store):
    kept(store, line(7))
    keys = [("E1", f"charge#{n}") for n in range(100)]
    assert numbers(store.get_many("entries", keys)) == ["7"]
    with pytest.raises(AssertionError):
        store.get_many("entries", [*keys, ("E1", "charge#100")])


def test_a_batch_read_names_each_key_once(store):
    with pytest.raises(AssertionError):
        store.get_many("entries", [("E1", "charge#1"), ("E1", "charge#1")])


def test_a_partition_is_read_in_key_order(store):
    kept(store, *(line(n) for n in (3, 1, 2)), line(0, "E2"))
    assert numbers(store.query("entries", "E1")) == ["1", "2", "3"]


def test_a_partition_that_is_not_there_is_empty(store):
    assert list(store.query("entries", "E9")) == []


def test_a_prefix_chooses_among_the_sort_keys(store):
    rows = ["charge#1", "charge#2", "charg", "chargf", "opening", "payment#1"]
    for name in rows:
        store.write(Put("entries", {"collection": "E1", "entry": name}))
    found = [row["entry"] for row in store.query("entries", "E1", prefix="charge#")]
    assert found == ["charge#1", "charge#2"]
    assert list(store.query("entries", "E1", prefix="x")) == []


def test_a_partition_is_read_on_from_where_it_was_left(store):
    kept(store, *(line(n) for n in range(1, 6)))
    assert numbers(store.query("entries", "E1", after="charge#2")) == ["3", "4", "5"]
    assert numbers(store.query("entries", "E1", prefix="charge#", after="charge#4")) == ["5"]
    assert numbers(store.query("entries", "E1", after="charge#25")) == ["3", "4", "5"]
    assert numbers(store.query("entries", "E1", after="charge#5")) == []


@pytest.mark.parametrize(("limit", "found"), [(0, 0), (1, 1), (4, 4), (5, 5), (9, 5)])
def test_no_more_items_are_read_than_asked_for(store, limit, found):
    kept(store, *(line(n) for n in range(1, 6)))
    assert numbers(store.query("entries", "E1", limit=limit)) == ["1", "2", "3", "4", "5"][:found]


def test_a_limit_counts_from_where_reading_goes_on(store):
    kept(store, *(line(n) for n in range(1, 6)))
    assert numbers(store.query("entries", "E1", after="charge#2", limit=2)) == ["3", "4"]


def test_a_partition_of_more_than_a_megabyte_is_read_whole(store):
    kept(store, *(line(f"{n:02}", text="x" * 300_000) for n in range(9)))
    assert len(list(store.query("entries", "E1"))) == 9
    assert len(list(store.query("entries", "E1", limit=7))) == 7


def test_sort_keys_may_be_numbers(store):
    for epoch in (10, 9, 1):
        store.write(Put("keys", {"purpose": "draft", "epoch": epoch}))
    assert [row["epoch"] for row in store.query("keys", "draft")] == [1, 9, 10]
    assert [row["epoch"] for row in store.query("keys", "draft", limit=1)] == [1]
    assert store.get("keys", ("draft", 9)) == {"purpose": "draft", "epoch": 9}


def test_a_table_may_have_a_partition_key_only(store):
    store.write(Put("journeys", {"journey": "P1", "amount_cents": 5}))
    assert store.get("journeys", ("P1",)) == {"journey": "P1", "amount_cents": 5}
    store.write(Remove("journeys", ("P1",)))
    assert store.get("journeys", ("P1",)) is None


CONDITIONS = [
    ({"state": "open"}, True),
    ({"state": "closed"}, False),
    ({"state": None}, False),
    ({"absent": None}, True),
    ({"absent": "x"}, False),
    ({"state": ("open", "closed")}, True),
    ({"state": ("closed", None)}, False),
    ({"absent": (None, "open")}, True),
    ({"count": 3}, True),
    ({"count": 4}, False),
    ({"state": "open", "count": 3}, True),
    ({"state": "open", "count": 4}, False),
    ({"state": ("open",), "count": (3, 4), "absent": None}, True),
    ({"collection": None}, False),
    ({"size": 3}, False),  # reserved words of DynamoDB are only names here
    ({"values": None, "size": None}, True),
]


@pytest.mark.parametrize(("when", "holds"), CONDITIONS)
@pytest.mark.parametrize("beside", [(), (Put("runs", {"run_id": "r", "part": "p"}),)])
@pytest.mark.parametrize(
    "make",
    [
        lambda when: Put("entries", line(1, done=1), when=when),
        lambda when: Change("entries", ("E1", "charge#1"), set={"done": 1}, when=when),
        lambda when: Remove("entries", ("E1", "charge#1"), when=when),
        lambda when: Check("entries", ("E1", "charge#1"), when=when),
    ],
    ids=["put", "change", "remove", "check"],
)
def test_a_write_happens_only_when_its_conditions_hold(store, make, when, holds, beside):
    stood = line(1, state="open", count=3)
    kept(store, stood)
    write = make(when)
    if holds:
        store.write(write, *beside)
        assert (store.get("runs", ("r", "p")) is not None) == bool(beside)
    else:
        with pytest.raises(ConditionFailed) as refused:
            store.write(write, *beside)
        assert refused.value.writes == (write,)
        assert store.get("entries", ("E1", "charge#1")) == stood
        assert store.get("runs", ("r", "p")) is None


@pytest.mark.parametrize(("when", "holds"), [({"state": None}, True), ({"state": "open"}, False)])
def test_an_item_that_is_not_there_has_no_attributes(store, when, holds):
    write = Check("entries", ("E1", "charge#1"), when=when)
    if holds:
        store.write(write)
    else:
        with pytest.raises(ConditionFailed):
            store.write(write)


def test_a_change_sets_some_attributes_and_leaves_the_others(store):
    kept(store, line(1, a=1, b=2, c=3))
    store.write(Change("entries", ("E1", "charge#1"), set={"a": 9, "b": None, "d": "x"}))
    assert store.get("entries", ("E1", "charge#1")) == line(1, a=9, c=3, d="x")


def test_a_change_adds_to_numbers_and_starts_from_nothing(store):
    change = Change("entries", ("web#1", "#header"), set={"state": "open"}, add={"count": 2})
    store.write(change)
    store.write(change)
    store.write(Change("entries", ("web#1", "#header"), add={"count": -1}))
    assert store.get("entries", ("web#1", "#header")) == {
        "collection": "web#1", "entry": "#header", "state": "open", "count": 3,
    }  # fmt: skip


def test_removing_what_is_not_there_is_done_already(store):
    store.write(Remove("entries", ("E1", "charge#1")))


def test_what_was_removed_is_read_no_more(store):
    kept(store, line(1), line(2))
    store.write(Remove("entries", ("E1", "charge#1")))
    assert numbers(store.query("entries", "E1")) == ["2"]
    kept(store, line(1))
    assert numbers(store.query("entries", "E1")) == ["1", "2"]


def test_of_a_transaction_all_is_kept_or_nothing(store):
    kept(store, line(1, state="old"), line(2, state="old"))
    good = Change("entries", ("E1", "charge#1"), set={"state": "new"})
    bad = Put("entries", line(2), when={"entry": None})
    worse = Check("entries", ("E1", "charge#9"), when={"state": "open"})
    with pytest.raises(ConditionFailed) as refused:
        store.write(good, bad, Remove("entries", ("E1", "charge#2x")), worse)
    assert refused.value.writes == (bad, worse)
    assert {row["state"] for row in store.query("entries", "E1")} == {"old"}


def test_a_refusal_says_where_but_never_what(store):
    kept(store, line(1))
    with pytest.raises(ConditionFailed) as refused:
        store.write(Put("entries", line(1, typed="123-45-6789"), when={"entry": None}))
    assert str(refused.value) == "refused: entries"


def test_a_transaction_touches_an_item_once(store):
    with pytest.raises((AssertionError, ClientError)):
        store.write(Put("entries", line(1)), Change("entries", ("E1", "charge#1"), add={"n": 1}))
    assert store.get("entries", ("E1", "charge#1")) is None


def test_a_transaction_holds_1_to_100_writes(store):
    puts = [Put("entries", line(f"{n:03}")) for n in range(101)]
    with pytest.raises(AssertionError):
        store.write(*puts)
    with pytest.raises(AssertionError):
        store.write()
    assert list(store.query("entries", "E1")) == []
    store.write(*puts[:100])
    assert len(list(store.query("entries", "E1"))) == 100


@pytest.mark.parametrize("beside", [False, True])
def test_of_eight_threads_that_write_the_same_line_one_wins(store, beside):
    won = race(
        8,
        lambda n: store.write(
            Put("entries", line(1, by=n), when={"entry": None}),
            *([Put("entries", line(2, by=n))] if beside else []),
        ),
    )
    assert len(won) == 1
    assert {row["by"] for row in store.query("entries", "E1")} == set(won)


def test_no_addition_is_lost_between_threads(store):
    header = ("web#1", "#header")
    won = race(8, lambda _: store.write(Change("entries", header, add={"count": 1})))
    assert len(won) == 8
    assert store.get("entries", header)["count"] == 8


def race(runners, act):
    """Lets all act at the same moment; says who was not refused."""
    gate, won = threading.Barrier(runners), []

    def run(n):
        gate.wait()
        try:
            act(n)
        except ConditionFailed:
            return
        won.append(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


places = st.sampled_from([("E1", "charge#1"), ("E1", "charge#2"), ("E2", "charge#1")])
values = st.none() | st.integers(0, 2)
attributes = st.dictionaries(st.sampled_from(["a", "b"]), values, max_size=2)
conditions = st.dictionaries(
    st.sampled_from(["a", "b", "entry"]), values | st.tuples(values, values), min_size=1, max_size=2
)
writes = st.one_of(
    st.builds(
        lambda key, more, when: Put(
            "entries", {"collection": key[0], "entry": key[1], **more}, when=when
        ),
        places,
        attributes,
        st.just({}) | conditions,
    ),
    st.builds(
        lambda key, more, add, when: Change(
            "entries", key, set={**more, "touched": 1}, add={"n": add}, when=when
        ),
        places,
        attributes,
        st.integers(-2, 2),
        st.just({}) | conditions,
    ),
    st.builds(lambda key, when: Remove("entries", key, when=when), places, conditions),
    st.builds(lambda key, when: Check("entries", key, when=when), places, conditions),
)
transactions = st.lists(
    st.lists(writes, min_size=1, max_size=3, unique_by=lambda write: str(where(write))),
    max_size=6,
)


def where(write):
    if isinstance(write, Put):
        return (write.item["collection"], write.item["entry"])
    return write.key


def tried(store, transaction):
    try:
        store.write(*transaction)
    except ConditionFailed as refused:
        return refused.writes
    return None


@given(transactions)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_the_same_history_leaves_the_same_in_both_stores(aws, history):
    aws.empty()
    memory = MemoryStore()
    for transaction in history:
        assert tried(memory, transaction) == tried(aws.store, transaction)
    for partition in ("E1", "E2"):
        assert list(memory.query("entries", partition)) == list(
            aws.store.query("entries", partition)
        )


# What only the real store meets.


@pytest.mark.parametrize(
    "writes",
    [
        (Put("entries", line(1)), Put("entries", line(2))),
        (Put("entries", line(1)),),
        (Change("entries", ("E1", "charge#1"), add={"n": 1}),),
        (Remove("entries", ("E1", "charge#1")),),
        (Check("entries", ("E1", "charge#1"), when={"entry": None}),),
    ],
)
def test_a_conflict_of_transactions_is_tried_again_with_a_growing_pause(aws, writes):
    aws.engine.plan_fault(1, Kind.CONFLICT, times=3)
    aws.store.write(*writes)
    assert len(aws.pauses) == 3
    assert all(0 <= pause <= 0.025 * 2**attempt for attempt, pause in enumerate(aws.pauses, 1))


def test_invariant_12_no_pause_is_longer_than_a_second_and_no_two_of_them_are_alike(aws):
    """Who meets once would meet again and again."""
    for _ in range(20):
        aws.engine.plan_fault(1, Kind.CONFLICT, times=TRIES - 1)
        aws.store.write(Put("entries", line(1)), Put("entries", line(2)))
        aws.engine.reset_calls()
    assert max(aws.pauses) <= 1
    assert len(set(aws.pauses)) == len(aws.pauses) == 20 * (TRIES - 1)


class Busy:
    """DynamoDB whose transactions are cancelled once for this reason."""

    def __init__(self, client, *reasons):
        self._client = client
        self._reasons = list(reasons)

    def transact_write_items(self, **call):
        if self._reasons:
            codes = [{"Code": "None"}, {"Code": self._reasons.pop()}]
            said = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": codes}
            raise ClientError(said, "TransactWriteItems")
        return self._client.transact_write_items(**call)


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_was_throttled_is_tried_again(aws, reason):
    store = DynamoStore(Busy(aws.dynamodb, reason), STAGE, pause=aws.pauses.append)
    store.write(Put("entries", line(1)), Put("entries", line(2)))
    assert numbers(aws.store.query("entries", "E1")) == ["1", "2"]


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_a_transaction_that_is_wrong_is_not_tried_again(aws, reason):
    store = DynamoStore(Busy(aws.dynamodb, reason), STAGE, pause=aws.pauses.append)
    with pytest.raises(ClientError):
        store.write(Put("entries", line(1)), Put("entries", line(2)))
    assert aws.pauses == []


@pytest.mark.parametrize(
    "writes", [(Put("entries", line(1)), Put("entries", line(2))), (Put("entries", line(1)),)]
)
def test_a_conflict_that_does_not_end_is_no_refusal(aws, writes):
    aws.engine.plan_fault(1, Kind.CONFLICT, times=TRIES)
    with pytest.raises(ClientError):
        aws.store.write(*writes)
    assert aws.engine.number == TRIES
    assert list(aws.store.query("entries", "E1")) == []


def test_a_conflict_and_then_a_refusal_is_a_refusal(aws):
    kept(aws.store, line(1))
    aws.engine.plan_fault(2, Kind.CONFLICT)
    with pytest.raises(ConditionFailed):
        aws.store.write(Put("entries", line(1), when={"entry": None}), Put("entries", line(2)))


def test_another_failure_is_not_hidden(aws):
    aws.engine.plan_fault(1, Kind.HTTP_500, times=50)
    with pytest.raises(ClientError):
        aws.store.write(Put("entries", line(1)))


@pytest.mark.parametrize(
    ("act", "tables"),
    [
        (lambda store: store.get("entries", ("E1", "charge#1")), ("entries",)),
        (lambda store: store.get_many("entries", [("E1", "charge#1")]), ("entries",)),
        (lambda store: list(store.query("entries", "E1")), ("entries",)),
        (lambda store: store.write(Put("entries", line(1))), ("entries",)),
        (
            lambda store: store.write(
                Put("entries", line(1)), Check("audit", ("x", "y"), when={"entry": None})
            ),
            ("audit", "entries"),
        ),
    ],
)
def test_a_failure_carries_the_tables_it_was_about(aws, act, tables):
    aws.engine.plan_fault(1, Kind.DENIED)
    with pytest.raises(ClientError) as failure:
        act(aws.store)
    assert failure.value.tables == tables


class Sparing:
    """DynamoDB on a busy day: it answers for one key of a batch and hands the others back."""

    def __init__(self, client, answers=1):
        self._client = client
        self._answers = answers
        self.asked = []

    def batch_get_item(self, RequestItems):  # noqa: N803 - boto3's name
        (table, wanted), *_ = RequestItems.items()
        assert wanted["ConsistentRead"]
        keys, back = wanted["Keys"][: self._answers], wanted["Keys"][self._answers :]
        self.asked.append(len(wanted["Keys"]))
        said = {"Responses": {table: []}}
        if keys:
            said = self._client.batch_get_item(RequestItems={table: {**wanted, "Keys": keys}})
        left = {table: {**wanted, "Keys": back}} if back else {}
        return {**said, "UnprocessedKeys": left}


def test_keys_that_were_not_answered_are_asked_for_again(aws):
    kept(aws.store, line(1), line(2), line(3))
    client = Sparing(aws.dynamodb)
    store = DynamoStore(client, STAGE, pause=aws.pauses.append)
    found = store.get_many("entries", [("E1", f"charge#{n}") for n in (1, 2, 3)])
    assert sorted(numbers(found)) == ["1", "2", "3"]
    assert client.asked == [3, 2, 1]
    assert len(aws.pauses) == 2


def test_keys_that_are_never_answered_are_not_taken_for_absent(aws):
    store = DynamoStore(Sparing(aws.dynamodb, answers=0), STAGE, pause=aws.pauses.append)
    with pytest.raises(TimeoutError):
        store.get_many("entries", [("E1", "charge#1")])


def test_every_read_is_strong(aws):
    aws.store.get("entries", ("E1", "charge#1"))
    aws.store.get_many("entries", [("E1", "charge#1")])
    list(aws.store.query("entries", "E1"))
    assert aws.engine.number == 3
    assert all(b'"ConsistentRead": true' in call.body for call in aws.engine.calls)


def test_one_write_is_one_plain_call_and_more_are_one_transaction(aws):
    aws.store.write(Put("entries", line(1)))
    aws.store.write(Put("entries", line(2)), Remove("entries", ("E1", "charge#1")))
    assert [call.operation for call in aws.engine.calls] == ["PutItem", "TransactWriteItems"]


KEYS = {"ledger": ("E1", "charge#1"), "audit": ("case#1", "now"), "payments": ("P1",)}


def as_item(table):
    return dict(zip(TABLES[table], KEYS[table], strict=True))


@pytest.mark.parametrize("table", KEYS)
def test_invariants_5_and_22_a_put_that_could_overwrite_what_is_kept_is_never_sent(store, table):
    """PutItem replaces, and no policy can forbid just that."""
    for when in ({}, {"state": "open"}, {TABLES[table][-1]: "x"}):
        with pytest.raises(Overwrites):
            store.write(Put(table, as_item(table), when=when), Put("entries", line(1)))
    assert store.get(table, KEYS[table]) is None
    assert store.get("entries", ("E1", "charge#1")) is None
    store.write(Put(table, as_item(table), when={TABLES[table][-1]: None}))
    assert store.get(table, KEYS[table]) == as_item(table)


@pytest.mark.parametrize("table", ["ledger", "audit"])
def test_invariants_5_and_22_what_is_kept_is_neither_changed_nor_removed(store, table):
    store.write(Put(table, as_item(table), when={TABLES[table][-1]: None}))
    for write in (Change(table, KEYS[table], set={"a": 1}), Remove(table, KEYS[table])):
        with pytest.raises(Overwrites):
            store.write(write)
    assert store.get(table, KEYS[table]) == as_item(table)
