"""The real store: Amazon DynamoDB through boto3."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.wire import Call, item_of, parameters, to_wire, wire_key
from chalicelib.store import (
    MOST_CHANGES,
    TABLES,
    Change,
    Check,
    ConditionFailed,
    Item,
    Key,
    Put,
    Remove,
    Write,
    naming,
    refuse_overwriting,
    table_name,
)

# Why a transaction may succeed a moment later. Throttled, it fails as a whole with its reasons, and
# botocore retries none of these.
PASSING = frozenset(
    {"TransactionConflict", "TransactionInProgressException"}
    | {"ThrottlingError", "ProvisionedThroughputExceeded"}
)
TRIES = 8  # a TransactionConflict is in none of botocore's retry lists (facts: aws 6.20)


class DynamoStore:
    """Strong reads and conditional writes; conflicts are tried again with jitter."""

    def __init__(
        self, client: Any, stage: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._names = {table: table_name(stage, table) for table in TABLES}
        self._pause = pause

    def get(self, table: str, key: Key) -> Item | None:
        """The item as it stands now, or None."""
        with naming(table):
            answer = self._client.get_item(
                TableName=self._names[table], Key=wire_key(table, key), ConsistentRead=True
            )
        return item_of(answer["Item"]) if "Item" in answer else None

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        """Those of at most 100 keys that exist; asks again for what was not answered."""
        assert len(keys) <= MOST_CHANGES, "a batch read holds at most 100 keys"
        assert len(set(keys)) == len(keys), "a batch read names each key once"
        wanted: Call = {}
        if keys:
            asked = [wire_key(table, k) for k in keys]
            wanted = {self._names[table]: {"Keys": asked, "ConsistentRead": True}}
        found: list[Item] = []
        for attempt in range(TRIES):
            if not wanted:
                return found
            if attempt:
                self._wait(attempt)
            with naming(table):
                answer = self._client.batch_get_item(RequestItems=wanted)
            found += [item_of(item) for item in answer["Responses"].get(self._names[table], [])]
            wanted = answer.get("UnprocessedKeys") or {}
        raise TimeoutError(f"{table} did not answer for all keys")

    def query(
        self,
        table: str,
        partition: str | int,
        *,
        prefix: str = "",
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """A partition in key order, page by page."""
        names = TABLES[table]
        call: Call = {
            "TableName": self._names[table],
            "ConsistentRead": True,
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": names[0]},
            "ExpressionAttributeValues": {":p": to_wire(partition)},
        }
        if prefix:
            call["KeyConditionExpression"] += " AND begins_with(#s, :s)"
            call["ExpressionAttributeNames"]["#s"] = names[1]
            call["ExpressionAttributeValues"][":s"] = to_wire(prefix)
        if after is not None:
            call["ExclusiveStartKey"] = wire_key(table, (partition, after))
        left = limit
        while left is None or left > 0:
            with naming(table):
                page = self._client.query(**call, **({} if left is None else {"Limit": left}))
            yield from (item_of(item) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            call["ExclusiveStartKey"] = page["LastEvaluatedKey"]
            left = None if left is None else left - len(page["Items"])

    def write(self, *writes: Write) -> None:
        """One conditional call, or one transaction. Raises ConditionFailed."""
        assert 0 < len(writes) <= MOST_CHANGES, "a transaction holds 1 to 100 writes"
        refuse_overwriting(writes)
        with naming(*sorted({write.table for write in writes})):
            if len(writes) == 1 and not isinstance(writes[0], Check):
                self._write_one(writes[0])
            else:
                self._transact(writes)

    def _transact(self, writes: Sequence[Write]) -> None:
        calls = [{_VERB[type(write)]: self._call(write)} for write in writes]
        for attempt in range(1, TRIES + 1):
            try:
                self._client.transact_write_items(TransactItems=calls)
            except ClientError as error:
                refused = _refused(error, writes)
                if refused:
                    raise ConditionFailed(refused) from None
                if not _conflict(error) or attempt == TRIES:
                    raise
                self._wait(attempt)
            else:
                return

    def _write_one(self, write: Write) -> None:
        act = {
            Put: self._client.put_item,
            Change: self._client.update_item,
            Remove: self._client.delete_item,
        }[type(write)]
        for attempt in range(1, TRIES + 1):
            try:
                act(**self._call(write))
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    raise ConditionFailed([write]) from None
                if code != "TransactionConflictException" or attempt == TRIES:
                    raise
                self._wait(attempt)
            else:
                return

    def _call(self, write: Write) -> Call:
        return {"TableName": self._names[write.table], **parameters(write)}

    def _wait(self, attempt: int) -> None:
        self._pause(secrets.SystemRandom().uniform(0, min(1.0, 0.025 * 2**attempt)))


_VERB = {Put: "Put", Change: "Update", Remove: "Delete", Check: "ConditionCheck"}


def _refused(error: ClientError, writes: Sequence[Write]) -> list[Write]:
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    return [
        write
        for write, reason in zip(writes, reasons, strict=False)
        if reason.get("Code") == "ConditionalCheckFailed"
    ]


def _conflict(error: ClientError) -> bool:
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons} | {error.response["Error"]["Code"]}
    return bool(codes & PASSING)
