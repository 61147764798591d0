"""The whole system on one machine: AWS, the clock, the page, the control room, the demo members."""

import importlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType

from moto.dynamodb.models import Table, dynamodb_backends

from chalicelib import bootstrap
from chalicelib.bootstrap import System
from chalicelib.settings import Settings
from chalicelib.store import Store, table_name
from infra.offline import bulk, control_room, members, resources, server, stack
from infra.offline.bank_desk import BankDesk, customer_of
from infra.offline.clock import VirtualClock
from infra.offline.engine import Engine
from infra.offline.environment import ACCOUNT, REGION, environment
from infra.offline.mailbox import Mailbox
from infra.offline.memory_store import MemoryStore
from infra.offline.metrics import CountedMetrics
from infra.offline.pump import Pump
from infra.offline.serving import QuickServer
from infra.offline.stack import Stack
from infra.rights.acting import acting
from infra.rights.guard import guard

Progress = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""

POURING = "Keeping"


@dataclass
class World:
    """A running one. `World.start(...)` is a context manager; leaving it leaves nothing behind."""

    engine: Engine
    stack: Stack
    clock: VirtualClock
    app: ModuleType
    system: System
    pump: Pump
    mailbox: Mailbox
    metrics: CountedMetrics
    members_file: Path
    page: QuickServer
    room: QuickServer
    memory: MemoryStore | None = None
    """Where the tables are, when moto has none of them."""

    @property
    def page_url(self) -> str:
        """Where members pay."""
        return self.page.url

    @property
    def room_url(self) -> str:
        """Where the world is watched and moved."""
        return self.room.url

    def journey_ids(self) -> list[str]:
        """The ids of all journeys there are."""
        with self.engine.lock:
            if self.memory:
                names = [str(key[0]) for key in self.memory.items["journeys"]]
            else:
                names = [key.value for key in _in_moto("journeys").items]
        return [name.removeprefix("journey#") for name in names if name.startswith("journey#")]

    def rows(self, table: str) -> list[str]:
        """All that a table holds, as text, whether it lies in memory or in moto."""
        if self.memory:
            kept: Iterable[object] = self.memory.items[table].values()
        else:
            kept = (item.to_json() for item in _in_moto(table).all_items())
        return [json.dumps(row, default=str, ensure_ascii=False) for row in kept]

    @classmethod
    @contextmanager
    def start(
        cls,
        *,
        now: datetime,
        count: int = members.COUNT,
        seed: int = members.SEED,
        port: int | None = None,
        members_file: Path | None = None,
        in_background: bool = True,
        in_memory: bool = False,
        settings: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Iterator["World"]:
        """Start everything, the members loaded; page at `port` and room beside it (None: any).

        Without `in_background` nothing moves unless the test says so: `world.pump.settle()`.
        `in_memory` keeps the tables in the memory store, which has the same contract and answers
        six times as fast; what concerns calls to DynamoDB is then not seen. `settings` are
        variables as an environment has them, in place of the template's.
        Raises OSError when a port is taken.
        """
        tell = progress or (lambda *_: None)
        with ExitStack() as undo:
            engine, built, app, page, room = undo.enter_context(_aws(port, settings or {}))
            known = Settings.from_environment()
            file = members_file or Path(undo.enter_context(_folder())) / "members.csv"
            members.write(members.population(now, count, seed), file)
            memory = _enrolled(known, file, now, tell)
            if not in_memory:
                _pour(memory, tell)
            store = memory if in_memory else None
            clock = VirtualClock(now)  # it starts when all stands
            system = _system(known, clock, metrics := CountedMetrics(), store)
            undo.callback(bootstrap.adopt)
            bootstrap.adopt(system)
            pump = Pump(engine, built, clock, app, _bank(known, now))
            parts = (system, pump, Mailbox(engine, clock), metrics, file, page, room, store)
            control_room.furnish(room, world := cls(engine, built, clock, app, *parts))
            undo.enter_context(world._running(in_background))
            yield world

    @contextmanager
    def _running(self, in_background: bool) -> Iterator[None]:
        self.engine.reset_calls()
        self.page.serve("page")
        self.room.serve("room")
        if in_background:
            self.pump.run()
        try:
            yield
        finally:
            self.room.stop()
            self.page.stop()
            self.pump.stop()


@contextmanager
def _aws(
    port: int | None, settings: Mapping[str, str]
) -> Iterator[tuple[Engine, Stack, ModuleType, QuickServer, QuickServer]]:
    """All of AWS, what stands on it, the application and its servers; they do not serve yet."""
    document, app = resources.load(), importlib.import_module("app")
    with ExitStack() as undo:
        engine = undo.enter_context(Engine())
        page = server.serve(app.app, document, port or 0)
        undo.callback(page.server_close)
        room = control_room.bind(port + 1 if port else 0)
        undo.callback(room.server_close)
        built = stack.build(document, public_url=page.url)
        engine.guard = guard(built.logical)
        undo.enter_context(environment({**built.environment, **settings}))
        yield engine, built, app, page, room


def _system(
    settings: Settings, clock: VirtualClock, metrics: CountedMetrics, store: Store | None = None
) -> System:
    """The application's own, with our clock; its counts for alarms stay out of the terminal."""
    system = bootstrap.build(settings, store=store, clock=clock)
    system.__dict__["metrics"] = metrics  # a part that was made already is not made again
    return system


def _bank(settings: Settings, now: datetime) -> BankDesk:
    stated_from = now if settings.bank_statements else None
    return BankDesk(settings.bucket, customer_of(settings.originator), stated_from)


def _enrolled(settings: Settings, file: Path, now: datetime, tell: Progress) -> MemoryStore:
    """What importing the file now would leave. The bus tells whole seconds only."""
    memory = MemoryStore()
    system = _system(settings, VirtualClock(now), CountedMetrics(), memory)
    with acting("make_keys"):
        system.key_maker.make_missing()

    def loaded(done: int, whole: int) -> None:
        tell("Enrolling members", done, whole)

    if not members.read(file):  # nobody lives here: no feed ever came
        return memory
    report = json.loads(
        bulk.load(system.feed_import, file.read_bytes(), now.replace(microsecond=0), loaded)
    )
    assert not report["rejected"], f"the demo file has bad rows: {report['rejected'][:3]}"
    return memory


def _pour(memory: MemoryStore, tell: Progress) -> None:
    tell(POURING, 0, 1)
    bulk.pour(memory)
    tell(POURING, 1, 1)


def _in_moto(table: str) -> Table:
    return dynamodb_backends[ACCOUNT][REGION].tables[table_name(stack.STAGE, table)]


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="offline-") as folder:
        yield folder
