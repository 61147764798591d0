"""Makes moto's tables quick: a query looks at one partition, a transaction copies what it touches.

As shipped, moto scans the whole table for each query, and deep-copies it for each item of a
transaction (14 seconds each at 112,000 items). What is seen from outside is the same; a test holds
it to that. All of it runs under the engine's lock.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

Place = tuple[Table, DynamoType, DynamoType | None]


def patches() -> Iterator[AbstractContextManager[object]]:
    """What to patch while the engine runs."""
    yield patch.object(Table, "query", _query(Table.query))
    # moto's transaction copies the table to roll back to. We roll back ourselves, below.
    yield patch.object(Table, "__deepcopy__", lambda table, _memo: table, create=True)
    write = _transact(DynamoDBBackend.transact_write_items)
    yield patch.object(DynamoDBBackend, "transact_write_items", write)


def partition(table: Table, key: DynamoType) -> list[Item]:
    """The items of one partition; asking for one that isn't there makes none."""
    found: Any = table.items.get(key)
    if found is None:
        return []
    return list(found.values()) if table.has_range_key else [found]


def _query(whole: Callable[..., Any]) -> Callable[..., Any]:
    def query(table: Table, hash_key: DynamoType | None, *args: Any, **kwargs: Any) -> Any:
        index_name = kwargs.get("index_name") or (args[6] if len(args) > 6 else None)  # noqa: PLR2004
        if index_name or hash_key is None:
            return whole(table, hash_key, *args, **kwargs)
        with patch.object(table, "all_items", lambda: partition(table, hash_key)):
            return whole(table, hash_key, *args, **kwargs)

    return query


def _transact(whole: Callable[..., None]) -> Callable[..., None]:
    def transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        stood = [(place, copy.deepcopy(_at(place))) for place in _touched(backend, transact_items)]
        try:
            whole(backend, transact_items)
        except Exception:
            for place, item in stood:
                _put_back(place, item)
            raise

    return transact


def _touched(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> Iterator[Place]:
    for action in transact_items:
        for operation in action.values():
            table = backend.tables.get(operation.get("TableName"))
            key = operation.get("Key") or operation.get("Item") or {}
            if table is None or any(name not in key for name in table.table_key_attrs):
                continue  # moto refuses it before anything is written there
            sort = table.range_key_attr
            there = DynamoType(key[sort]) if sort else None
            yield table, DynamoType(key[table.hash_key_attr]), there


def _at(place: Place) -> Item | None:
    table, key, sort = place
    found: Any = table.items.get(key)
    item: Item | None = found if sort is None or found is None else found.get(sort)
    return item


def _put_back(place: Place, item: Item | None) -> None:
    table, key, sort = place
    if item is None:
        table.delete_item(key, sort)
    elif sort is None:
        table.items[key] = item  # type: ignore[assignment]
    else:
        table.items[key][sort] = item
