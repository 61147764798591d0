"""Whatever is asked, the quick way and moto's own way give the same answers and leave the same."""

from random import Random
from unittest.mock import patch

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.store import Change, Check, ConditionFailed, Put, Remove, table_name
from infra.offline import quick_answers, stack
from infra.offline.engine import Engine
from infra.offline.stack import STAGE

ENTRIES = table_name(STAGE, "entries")

PARTITIONS, SORTS = ("a", "b"), ("", *(f"charge#{n}" for n in range(5)), "payment#1")
VALUES = (0, -17, 10**12, "", "é", True, None, b"\x00\xff", [1, "x", [b"y"]], {"k": {"n": 2}}, [])


def key(randomness):
    return randomness.choice(PARTITIONS), randomness.choice(SORTS[1:])


def when(randomness):
    return randomness.choice([{}, {}, {"entry": None}, {"n": 1}, {"n": (None, 1, 2)}])


def write(randomness):
    partition, sort = key(randomness)
    match randomness.randrange(4):
        case 0 | 1:
            row = {"collection": partition, "entry": sort, "n": randomness.randrange(3)}
            return Put("entries", {**row, "v": randomness.choice(VALUES)}, when=when(randomness))
        case 2:
            values = {"v": randomness.choice(VALUES)}
            return Change(
                "entries", (partition, sort), set=values, add={"m": 2}, when=when(randomness)
            )
        case _:
            kind = randomness.choice([Remove, Check])
            return kind("entries", (partition, sort), when=when(randomness) or {"n": 0})


def asked(store, randomness):
    """One thing asked of a store, and what it said."""
    match randomness.randrange(6):
        case 0:
            return store.get("entries", key(randomness))
        case 1:
            return sorted(
                store.get_many("entries", list({key(randomness) for _ in range(3)})), key=str
            )
        case 2 | 3:
            more = {
                "prefix": randomness.choice(["", "charge#", "x"]),
                "after": randomness.choice([None, "charge#1", "charge#9"]),
                "limit": randomness.choice([None, 1, 2, 50]),
            }
            return list(store.query("entries", randomness.choice([*PARTITIONS, "none"]), **more))
        case _:
            writes = {write.item["entry"] if isinstance(write, Put) else write.key[1]: write
                      for write in (write_ for write_ in several(randomness))}  # fmt: skip
            try:
                store.write(*writes.values())
            except ConditionFailed as refused:
                return [type(each) for each in refused.writes]
            return "written"


def several(randomness):
    return [write(randomness) for _ in range(randomness.choice([1, 1, 2, 4]))]


def played(seed):
    """A history: what was said, what stands in the end, and how often AWS was called."""
    with Engine() as engine:
        stack.build()
        engine.reset_calls()
        store = DynamoStore(boto3.client("dynamodb"), STAGE)
        randomness = Random(seed)
        said = [asked(store, randomness) for _ in range(60)]
        scanned = boto3.client("dynamodb").scan(TableName=ENTRIES)["Items"]
        return said, sorted(scanned, key=str), engine.number


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_say_the_same_and_leave_the_same(seed):
    quick = played(seed)
    with patch.object(quick_answers, "answer", lambda *_: None):
        assert quick == played(seed)
    assert "written" in quick[0]
    assert len(quick[1]) > 2


@pytest.fixture
def client():
    with Engine():
        stack.build()
        yield boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))


@pytest.mark.parametrize(
    "more",
    [
        {"KeyConditionExpression": "collection = :p"},
        {"KeyConditionExpression": "#p = :p", "ScanIndexForward": False},
        {"KeyConditionExpression": "#p = :p", "ReturnConsumedCapacity": "TOTAL"},
    ],
)
def test_a_query_of_another_form_goes_the_whole_way(client, more):
    names = {"ExpressionAttributeNames": {"#p": "collection"}}
    asked = {**(names if "#p" in more["KeyConditionExpression"] else {}), **more}
    with patch.object(quick_answers, "_page", side_effect=AssertionError):
        page = client.query(
            TableName=ENTRIES, ExpressionAttributeValues={":p": {"S": "a"}}, **asked
        )
    assert page["Items"] == []


@pytest.mark.parametrize(
    ("table", "there", "code"),
    [
        ("absent", {"collection": {"S": "a"}, "entry": {"S": "b"}}, "ResourceNotFoundException"),
        (ENTRIES, {"collection": {"S": "a"}, "entry": {"S": ""}}, "ValidationException"),
        (ENTRIES, {"collection": {"S": "a"}}, "ValidationException"),
    ],
)
def test_what_dynamodb_refuses_is_refused_in_its_words(client, table, there, code):
    with pytest.raises(ClientError) as refused:
        client.get_item(TableName=table, Key=there)
    assert refused.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError) as refused:
        client.put_item(TableName=table, Item=there)
    assert refused.value.response["Error"]["Code"] == code


def test_a_page_ends_at_a_megabyte(client):
    store = DynamoStore(client, STAGE)
    for n in range(8):
        store.write(Put("entries", {"collection": "a", "entry": f"{n}", "text": "x" * 300_000}))
    pages = client.get_paginator("query").paginate(
        TableName=ENTRIES,
        KeyConditionExpression="#p = :p",
        ExpressionAttributeNames={"#p": "collection"},
        ExpressionAttributeValues={":p": {"S": "a"}},
    )
    assert [len(page["Items"]) for page in pages] == [3, 3, 2]
    assert [row["entry"] for row in store.query("entries", "a")] == [str(n) for n in range(8)]
