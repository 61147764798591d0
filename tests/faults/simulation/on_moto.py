"""The same year on the real adapter to DynamoDB, against moto: call by call as in memory.

Each table has its rows read back for the checks. The faults strike before the adapter, at the same
calls, so what is kept at the end must be what the tables in memory have.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from chalicelib.adapters.dynamodb.wire import item_of
from chalicelib.store import TABLES, Write, allowed, key_of, table_name
from infra.offline import stack
from infra.offline.environment import ACCOUNT, REGION
from infra.offline.memory_store import MemoryStore
from tests.aws import Aws, built
from tests.faults.matrix import Found
from tests.faults.simulation import year


class MotoStore:
    """What a world needs of its tables, beside what the application does."""

    def __init__(self, aws: Aws) -> None:
        self.real = aws.store
        self.get, self.get_many = self.real.get, self.real.get_many
        self.query, self.write = self.real.query, self.real.write

    def copy(self) -> MemoryStore:
        """What stood, for the checks that hold a month against the one before."""
        then = MemoryStore()
        then.items = self.items
        return then

    def _holds(self, write: Write) -> bool:
        item = self.get(write.table, key_of(write)) or {}
        return all(item.get(name) in allowed(wanted) for name, wanted in write.when.items())

    @property
    def items(self) -> dict[str, dict[Any, dict[str, Any]]]:
        """All that moto has."""
        return {table: dict(_rows(table)) for table in TABLES}


def _rows(table: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    backend = dynamodb_backends[ACCOUNT][REGION].tables[table_name(stack.STAGE, table)]
    for kept in backend.all_items():
        row = item_of(kept.to_json()["Attributes"])
        yield tuple(row[name] for name in TABLES[table]), row


@contextmanager
def moto() -> Iterator[MotoStore]:
    """Empty tables."""
    with built() as aws:
        aws.empty()
        yield MotoStore(aws)


NAME = "moto"
SEEDS = (1, 2, 3)
MEMBERS, MONTHS = 12, 12  # moto takes twelve times as long as the tables in memory


def points() -> list[str]:
    """By name."""
    return [f"{NAME}:{seed}" for seed in SEEDS]


def play(point: str) -> Found:
    """A year by its seed on both: each holds its truths, and they end alike."""
    return held(point, MEMBERS, MONTHS)


def held(point: str, members: int, months: int) -> Found:
    """Of so many members and months."""
    seed = int(point.partition(":")[2])
    memory = year.simulate(seed, members, months)
    with moto() as store:
        played = year.simulate(seed, members, months, store=store)
        wrong = [*memory.violations, *played.violations]
        if played.fingerprint != memory.fingerprint:
            wrong.append("what moto keeps at the end is not what the tables in memory have")
    return Found(NAME, point, f"{played.months} months", tuple(wrong))
