"""Answers DynamoDB's calls from moto's tables without moto's web server in between.

A call through moto costs two milliseconds, of which the table takes a tenth; a run over all slots
makes thousands. Reads of the forms that our store sends (a partition, a prefix, a key) are answered
here; writes are moto's own functions, called at once. Whatever else is asked, and whatever is
refused, goes the whole way, and a test holds both ways to the same answers.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

PAGE_BYTES = 1_000_000  # DynamoDB ends a page of a query at one megabyte
PARTITION = "#p = :p"
PREFIX = "#p = :p AND begins_with(#s, :s)"
MOST_KEYS = 100

GET = {"TableName", "Key", "ConsistentRead"}
QUERY = {
    "TableName",
    "ConsistentRead",
    "KeyConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ExclusiveStartKey",
    "Limit",
}

CONDITION = {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
WRITES: Mapping[str, tuple[Callable[[DynamoHandler], object], set[str]]] = {
    "PutItem": (DynamoHandler.put_item, {"TableName", "Item"} | CONDITION),
    "UpdateItem": (
        DynamoHandler.update_item,
        {"TableName", "Key", "UpdateExpression"} | CONDITION,
    ),
    "DeleteItem": (DynamoHandler.delete_item, {"TableName", "Key"} | CONDITION),
    "TransactWriteItems": (
        DynamoHandler.transact_write_items,
        {"TransactItems", "ClientRequestToken"},
    ),
}

Asked = Mapping[str, Any]


def _as_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


ENCODE = json.JSONEncoder(default=_as_text).encode


class NotPlain(Exception):
    """moto must answer this one."""


def answer(account: str, region: str, operation: str, body: bytes) -> Asked | None:
    """What DynamoDB answers, as botocore reads it; None where moto must give it."""
    try:
        if operation in WRITES:
            _write(account, region, operation, json.loads(body))
            return {}
        if operation in READS:
            return READS[operation](dynamodb_backends[account][region], json.loads(body))
    except NotPlain:
        pass
    return None


def written(said: Asked) -> bytes:
    """An answer as the wire has it."""
    return ENCODE(said).encode()


def _write(account: str, region: str, operation: str, asked: Asked) -> None:
    """As moto does it; what it refuses has written nothing, and is asked again for its words."""
    act, known = WRITES[operation]
    _only(asked, known)
    handler = DynamoHandler()
    handler.current_account, handler.region, handler.body = account, region, asked
    try:
        act(handler)
    except Exception as refused:
        raise NotPlain from refused


def _get(backend: DynamoDBBackend, asked: Asked) -> Asked:
    _only(asked, GET)
    table = _table(backend, asked["TableName"])
    item = _item(table, asked["Key"])
    return {} if item is None else {"Item": _plain(item)}


def _get_many(backend: DynamoDBBackend, asked: Asked) -> Asked:
    _only(asked, {"RequestItems"})
    found = {}
    for name, wanted in asked["RequestItems"].items():
        _only(wanted, {"Keys", "ConsistentRead"})
        keys = wanted["Keys"]
        if len(keys) > MOST_KEYS or len({json.dumps(key, sort_keys=True) for key in keys}) < len(
            keys
        ):
            raise NotPlain
        table = _table(backend, name)
        items = [_item(table, key) for key in keys]
        found[name] = [_plain(item) for item in items if item is not None]
    return {"Responses": found, "UnprocessedKeys": {}}


def _query(backend: DynamoDBBackend, asked: Asked) -> Asked:
    _only(asked, QUERY)
    table = _table(backend, asked["TableName"])
    key, prefix = _condition(table, asked)
    rows = sorted(_partition(table, key), key=lambda item: item.range_key)
    after = asked.get("ExclusiveStartKey")
    if after is not None:
        last = DynamoType(_part(after, table.range_key_attr))
        rows = [item for item in rows if item.range_key > last]
    if prefix:
        rows = [item for item in rows if str(item.range_key.value).startswith(prefix)]
    return _page(table, rows, asked.get("Limit"))


def _page(table: Table, rows: list[Item], limit: int | None) -> Asked:
    items: list[Asked] = []
    size, last = 0, None
    for item in rows:
        plain = _plain(item)
        # Its text is never shorter than what DynamoDB weighs.
        size += len(ENCODE(plain))
        if items and size > PAGE_BYTES:
            last = items[-1]
            break
        items.append(plain)
        if len(items) == limit:
            last = items[-1]
            break
    page: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    if last is not None:
        page["LastEvaluatedKey"] = {name: last[name] for name in table.table_key_attrs}
    return page


def _condition(table: Table, asked: Asked) -> tuple[DynamoType, str]:
    """The partition that is asked for, and the prefix of its sort keys."""
    names = asked.get("ExpressionAttributeNames", {})
    values = asked.get("ExpressionAttributeValues", {})
    wanted = {
        PARTITION: ({"#p": table.hash_key_attr}, {":p"}),
        PREFIX: ({"#p": table.hash_key_attr, "#s": table.range_key_attr}, {":p", ":s"}),
    }.get(asked.get("KeyConditionExpression", ""))
    if wanted is None or names != wanted[0] or set(values) != wanted[1]:
        raise NotPlain
    if not table.range_key_attr or (":s" in values and not values[":s"].get("S")):
        raise NotPlain
    prefix = values[":s"]["S"] if ":s" in values else ""
    return DynamoType(values[":p"]), prefix


def _partition(table: Table, key: DynamoType) -> list[Any]:
    found: Any = table.items.get(key)
    return [] if found is None else list(found.values())


def _item(table: Table, key: Asked) -> Item | None:
    if set(key) != set(table.table_key_attrs):
        raise NotPlain
    parts = [DynamoType(_part(key, name)) for name in table.table_key_attrs]
    found: Any = table.items.get(parts[0])
    if found is not None and table.range_key_attr:
        found = found.get(parts[1])
    item: Item | None = found
    return item


def _part(key: Asked, name: str | None) -> Any:
    """One part of a key; an empty one is refused by moto, in DynamoDB's words."""
    part = key.get(str(name))
    if not part or not next(iter(part.values())):
        raise NotPlain
    return part


def _table(backend: DynamoDBBackend, name: str) -> Table:
    table = backend.tables.get(name)
    if table is None:
        raise NotPlain
    return table


def _only(asked: Asked, known: set[str]) -> None:
    if not asked.keys() <= known:
        raise NotPlain


def _plain(item: Item) -> dict[str, Any]:
    return {name: _value(value) for name, value in item.attrs.items()}


def _value(value: DynamoType) -> dict[str, Any]:
    inner = value.value
    if value.type == "M":
        inner = {name: _value(each) for name, each in inner.items()}
    elif value.type == "L":
        inner = [_value(each) for each in inner]
    elif value.type == "B" and isinstance(inner, str):  # moto's parser opens it; our writes do not
        inner = base64.b64decode(inner)
    return {value.type: inner}


READS: Mapping[str, Callable[[DynamoDBBackend, Asked], Asked]] = {
    "GetItem": _get,
    "BatchGetItem": _get_many,
    "Query": _query,
}
