"""DynamoDB at its limits: our real store on a client that gives no more than it must.

A query's page ends early, a batch leaves keys over, a transaction meets another, a query does not
see yet what was committed a moment ago, a row is swept away the moment it may be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.store import PASSING, DynamoStore
from chalicelib.adapters.dynamodb.wire import item_of, to_wire, wire_key
from chalicelib.repositories.books import HEADER, OPEN
from chalicelib.store import TABLES, Change, ConditionFailed, Put, Remove, Write, key_of, table_name
from tests.faults.state import State

STAGE = "narrow"
NAMES = {table_name(STAGE, table): table for table in TABLES}
MOST_BYTES, MOST_AT_ONCE = 300_000, 90  # of an item: 400 kB, of a transaction: 100 items
PAGE_BYTES = 1024  # instead of 1 MB, for rows so few
TTL = "expires_at_epoch"
ONE_ROW, BY_WEIGHT, LEFT_OVER = "one_row_a_page", "pages_by_weight", "keys_left_over"
CONFLICTS, LAGS, SWEPT = "conflicts", "a_query_lags", "swept_at_once"
KINDS = (ONE_ROW, BY_WEIGHT, LEFT_OVER, CONFLICTS, LAGS, SWEPT)
COUNTED = "entries"

Row = dict[str, Any]


class NarrowStore(DynamoStore):
    """The real one; its client is handed each write as we say it."""

    def __init__(self, client: "Narrow") -> None:
        super().__init__(client, STAGE, pause=lambda _: None)

    def _call(self, write: Write) -> dict[str, Any]:
        return {"write": write}


class Narrow:
    """DynamoDB's client, on the tables of a world."""

    def __init__(self, kind: str, state: Callable[[], State]) -> None:
        self.kind, self._state = kind, state
        self.met = 0  # how often the limit was felt
        self.near: list[str] = []  # what comes near a limit that no code goes around
        self._asked: set[str] = set()
        self._conflicted: set[int] = set()
        self._unseen: dict[tuple[str, Any], list[tuple[datetime, Any, Row | None]]] = {}

    def begin(self) -> None:
        """Whatever stands in an open collection was committed a moment ago."""
        rows = self._state().store.items[COUNTED]
        for partition, sort in rows if self.kind == LAGS else ():
            header = rows.get((partition, HEADER), {})
            if sort != HEADER and header.get("state") == OPEN:
                place = (COUNTED, partition)
                self._unseen.setdefault(place, []).append((self._state().now, sort, None))

    # --- reads ------------------------------------------------------------------------------------

    def get_item(self, *, TableName: str, Key: Row, ConsistentRead: bool) -> Row:  # noqa: N803 - as boto3
        self._sweep()
        assert ConsistentRead
        row = self._row(NAMES[TableName], Key)
        return {"Item": _wired(row)} if row else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Row]) -> Row:  # noqa: N803
        self._sweep()
        [(name, asked)] = RequestItems.items()
        assert asked["ConsistentRead"]
        keys = asked["Keys"]
        many = self._as_many(keys)
        rows = [self._row(NAMES[name], key) for key in keys[:many]]
        answer: Row = {"Responses": {name: [_wired(row) for row in rows if row]}}
        if keys[many:]:
            self.met += 1
            answer["UnprocessedKeys"] = {name: {**asked, "Keys": keys[many:]}}
        return answer

    def _as_many(self, keys: Sequence[Row]) -> int:
        """Half of them; of one, none the first time."""
        if self.kind != LEFT_OVER or repr(keys) in self._asked:
            return len(keys)
        if len(keys) == 1:
            self._asked.add(repr(keys))
            return 0
        return (len(keys) + 1) // 2

    def query(self, *, TableName: str, ConsistentRead: bool, **how: Any) -> Row:  # noqa: N803
        self._sweep()
        assert ConsistentRead
        table = NAMES[TableName]
        names = TABLES[table]
        values = {name: item_of({"v": v})["v"] for name, v in
                  how["ExpressionAttributeValues"].items()}  # fmt: skip
        start = how.get("ExclusiveStartKey")
        after = item_of(start)[names[1]] if start else None
        rows = list(self._seen(table, values[":p"], start is None))
        rows = [row for row in rows if str(row[names[1]]).startswith(values.get(":s", ""))]
        rows = [row for row in rows if after is None or row[names[1]] > after]
        page, is_full = self._page(rows, how.get("Limit"))
        answer: Row = {"Items": [_wired(row) for row in page]}
        if is_full:  # also where nothing follows
            self.met += 1
            answer["LastEvaluatedKey"] = wire_key(table, (values[":p"], page[-1][names[1]]))
        return answer

    def _page(self, rows: list[Row], limit: int | None) -> tuple[list[Row], bool]:
        most = 1 if self.kind == ONE_ROW else limit or len(rows) + 1
        page: list[Row] = []
        for row in rows:
            page.append(row)
            heavy = sum(map(weight, page)) >= PAGE_BYTES and self.kind == BY_WEIGHT
            if len(page) == most or heavy:
                return page, True
        return page, False

    def _seen(self, table: str, partition: Any, is_first: bool) -> Iterator[Row]:
        """Once, of what was committed at this very moment, a query sees what stood before."""
        before: dict[Any, Row | None] = {}
        if is_first:
            unseen = self._unseen.pop((table, partition), [])
            now = self._state().now
            # Where a header counts the rows, they are waited for: they may lag however long.
            counted = (partition, HEADER) in self._state().store.items[COUNTED]
            is_now = [each for each in unseen if each[0] == now or counted]
            before = {key: row for _, key, row in reversed(is_now)}
            self.met += bool(before)
        store = self._state().store
        rows = {row[TABLES[table][1]]: row for row in store.query(table, partition)}
        seen: dict[Any, Row | None] = {**rows, **before}
        yield from (row for _, row in sorted(seen.items()) if row)

    def _row(self, table: str, key: Row) -> Row | None:
        plain = item_of(key)
        return self._state().store.items[table].get(tuple(plain[name] for name in TABLES[table]))

    # --- writes -----------------------------------------------------------------------------------

    def put_item(self, *, write: Write) -> None:
        self._one(write)

    update_item = delete_item = put_item

    def transact_write_items(self, *, TransactItems: Sequence[Mapping[str, Row]]) -> None:  # noqa: N803
        writes = [each["write"] for item in TransactItems for each in item.values()]
        if len(writes) > MOST_AT_ONCE:
            self.near.append(f"{len(writes)} writes at once")
        reasons = self._meets(writes)
        if reasons:
            raise _error("TransactionCanceledException", reasons)
        stood = [(write, self._stands(write)) for write in writes]
        try:
            self._write(*writes)
        except ConditionFailed as failed:
            refused = [{"Code": "ConditionalCheckFailed" if each in failed.writes else "None"}
                       for each in writes]  # fmt: skip
            raise _error("TransactionCanceledException", refused) from None
        if self.kind == LAGS:
            for write, row in stood:
                self._hide(write, row)

    def _one(self, write: Write) -> None:
        if self._meets([write]):
            raise _error("TransactionConflictException", [])
        try:
            self._write(write)
        except ConditionFailed:
            raise _error("ConditionalCheckFailedException", []) from None

    def _write(self, *writes: Write) -> None:
        self._sweep()
        self._state().store.write(*writes)
        for write in writes:
            row = self._stands(write) or {}
            if weight(row) > MOST_BYTES:
                self.near.append(f"{weight(row)} bytes in {write.table}")

    def _meets(self, writes: Sequence[Write]) -> list[Row]:
        """Each write meets another once; what botocore tells of it comes in turn."""
        if self.kind != CONFLICTS:
            return []
        what = hash(repr(writes))
        if what in self._conflicted:
            self._conflicted.discard(what)
            return []
        self._conflicted.add(what)
        self.met += 1
        code = sorted(PASSING)[self.met % len(PASSING)]
        return [{"Code": "None"}] * (len(writes) - 1) + [{"Code": code}]

    def _hide(self, write: Write, before: Row | None) -> None:
        key = key_of(write)
        if isinstance(write, (Put, Change, Remove)) and len(key) > 1:
            place = (write.table, key[0])
            self._unseen.setdefault(place, []).append((self._state().now, key[1], before))

    def _stands(self, write: Write) -> Row | None:
        return self._state().store.items[write.table].get(key_of(write))

    def _sweep(self) -> None:
        if self.kind == SWEPT:
            self.met += sweep(self._state())


def sweep(state: State) -> int:
    """Removes what may be removed by now; how many."""
    now = state.now.timestamp()
    rows = state.store.items["journeys"]
    old = [key for key, row in rows.items() if row.get(TTL, now + 1) <= now]
    for key in old:
        state.store._apply(Remove("journeys", key))
    return len(old)


def weight(row: Row) -> int:
    """As DynamoDB weighs: names and values, a number about half its digits, a list three more."""
    return sum(len(name.encode()) + _bytes(value) for name, value in row.items())


def _bytes(value: Any) -> int:
    match value:
        case None | bool():
            return 1
        case int():
            return len(str(abs(value))) // 2 + 2
        case str():
            return len(value.encode())
        case dict():
            return 3 + len(value) + weight(value)
        case list() | tuple():
            return 3 + sum(1 + _bytes(each) for each in value)
        case _:
            return len(value)


def _wired(row: Row) -> Row:
    return {name: to_wire(value) for name, value in row.items()}


def _error(code: str, reasons: Sequence[Row]) -> ClientError:
    said: Any = {"Error": {"Code": code}, "CancellationReasons": list(reasons)}
    return ClientError(said, "write")
