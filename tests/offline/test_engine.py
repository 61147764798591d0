"""The wrapper around moto: what is seen from outside is DynamoDB's, only quicker and in order."""

import os
import threading

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.store import table_name
from infra.offline.engine import Engine
from infra.offline.faults import Crash, Kind
from infra.offline.stack import STAGE

TABLE = table_name(STAGE, "ledger")
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine


@pytest.fixture
def client(engine):
    client = boto3.client("dynamodb", config=ONCE)
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "line", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "line", "KeyType": "RANGE"},
        ],
    )
    engine.reset_calls()
    return client


def row(key, line, **more):
    return {"id": {"S": key}, "line": {"S": line}, **{k: {"S": v} for k, v in more.items()}}


def put(key, line, condition=None, **more):
    action = {"TableName": TABLE, "Item": row(key, line, **more)}
    if condition:
        action["ConditionExpression"] = condition
    return {"Put": action}


def rows(client):
    return client.scan(TableName=TABLE)["Items"]


def test_a_transaction_that_is_refused_leaves_every_item_as_it_was(client):
    client.put_item(TableName=TABLE, Item=row("a", "1", note="old"))
    client.put_item(TableName=TABLE, Item=row("a", "2", note="goes"))
    before = rows(client)
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": row("a", "1"),
                        "UpdateExpression": "SET note = :n",
                        "ExpressionAttributeValues": {":n": {"S": "new"}},
                    }
                },
                {"Delete": {"TableName": TABLE, "Key": row("a", "2")}},
                put("b", "1"),
                put("a", "3", condition="attribute_exists(id)"),
            ]
        )
    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert reasons == ["None", "None", "None", "ConditionalCheckFailed"]
    assert rows(client) == before


def test_a_transaction_that_touches_an_item_twice_leaves_it_as_it_was(client):
    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[put("a", "1"), put("a", "1", note="x")])
    assert rows(client) == []


def test_a_transaction_that_holds_is_kept_whole(client):
    client.transact_write_items(TransactItems=[put("a", "1"), put("b", "1")])
    assert len(rows(client)) == 2


def test_a_query_sees_its_partition_in_order_page_by_page(client):
    for key in "ab":
        for n in (3, 1, 2):
            client.put_item(TableName=TABLE, Item=row(key, f"charge#{n}"))
    client.put_item(TableName=TABLE, Item=row("a", "payment#1"))
    pages = client.get_paginator("query").paginate(
        TableName=TABLE,
        KeyConditionExpression="id = :i AND begins_with(line, :p)",
        ExpressionAttributeValues={":i": {"S": "a"}, ":p": {"S": "charge#"}},
        ConsistentRead=True,
        PaginationConfig={"PageSize": 2},
    )
    found = [item["line"]["S"] for page in pages for item in page["Items"]]
    assert found == ["charge#1", "charge#2", "charge#3"]


def test_a_query_for_a_partition_that_is_not_there_finds_nothing(client):
    asked = {"KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "z"}}}
    assert client.query(TableName=TABLE, **asked)["Items"] == []


def test_calls_are_logged_and_counted(engine, client):
    client.put_item(TableName=TABLE, Item=row("a", "1"))
    rows(client)
    assert [(call.number, call.service, call.operation) for call in engine.calls] == [
        (1, "dynamodb", "PutItem"),
        (2, "dynamodb", "Scan"),
    ]
    assert engine.count("dynamodb", "Scan") == 1
    assert b"charge" not in engine.calls[0].body


def test_of_eight_threads_that_put_the_same_row_one_wins(client):
    for turn in range(10):
        wins = []
        gate = threading.Barrier(8)

        def race(n, *, wins=wins, gate=gate, turn=turn):
            gate.wait()
            try:
                client.transact_write_items(
                    TransactItems=[put("race", str(turn), "attribute_not_exists(id)", by=str(n))]
                )
                wins.append(n)
            except ClientError:
                pass

        threads = [threading.Thread(target=race, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(wins) == 1


@pytest.mark.parametrize(
    ("kind", "raised", "done"),
    [
        (Kind.CRASH_BEFORE, Crash, False),
        (Kind.CRASH_AFTER, Crash, True),
        (Kind.REPLY_LOST, ReadTimeoutError, True),
        (Kind.THROTTLED, ClientError, False),
        (Kind.HTTP_500, ClientError, False),
        (Kind.CONFLICT, ClientError, False),
        (Kind.DENIED, ClientError, False),
    ],
)
def test_a_planned_fault_strikes_the_call_it_was_planned_for(engine, client, kind, raised, done):
    engine.plan_fault(2, kind)
    client.put_item(TableName=TABLE, Item=row("a", "1"))
    with pytest.raises(raised):
        client.put_item(TableName=TABLE, Item=row("a", "2"))
    client.put_item(TableName=TABLE, Item=row("a", "3"))
    lines = [item["line"]["S"] for item in rows(client)]
    assert lines == (["1", "2", "3"] if done else ["1", "3"])


def test_a_conflict_of_transactions_is_told_with_its_reason(engine, client):
    engine.plan_fault(1, Kind.CONFLICT, operation="TransactWriteItems")
    with pytest.raises(client.exceptions.TransactionCanceledException) as conflict:
        client.transact_write_items(TransactItems=[put("a", "1")])
    assert conflict.value.response["CancellationReasons"][0]["Code"] == "TransactionConflict"


def test_two_faults_may_be_planned_and_each_strikes_its_own_call(engine, client):
    engine.plan_fault(1, Kind.CRASH_BEFORE)
    engine.plan_fault(3, Kind.CRASH_BEFORE)
    struck = []
    for n in range(4):
        try:
            client.put_item(TableName=TABLE, Item=row("a", str(n)))
        except Crash:
            struck.append(n)
    assert struck == [0, 2]


def test_hooks_hear_of_each_call_and_of_its_success(engine, client):
    asked, answered = [], []
    engine.on_call(
        before=lambda call: asked.append(call.operation),
        after=lambda call: answered.append(call.operation),
    )
    client.put_item(TableName=TABLE, Item=row("a", "1"))
    with pytest.raises(ClientError):
        client.put_item(TableName="absent", Item=row("a", "1"))
    assert (asked, answered) == (["PutItem", "PutItem"], ["PutItem"])


def test_the_process_is_given_back_as_it_was(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with Engine():
        assert "AWS_PROFILE" not in os.environ
        assert os.environ["AWS_ACCESS_KEY_ID"] == "offline"
    assert os.environ["AWS_PROFILE"] == "somebody"
    assert "AWS_ACCESS_KEY_ID" not in os.environ
