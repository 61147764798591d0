"""The whole system on one machine: AWS, the clock, the page, the control room, the demo members."""

import importlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType

from moto.dynamodb.models import dynamodb_backends

from chalicelib import bootstrap
from chalicelib.bootstrap import System
from chalicelib.settings import Settings
from chalicelib.store import Store, table_name
from infra.offline import bulk, control_room, members, resources, server, stack
from infra.offline.bank_desk import BankDesk, customer_of
from infra.offline.clock import VirtualClock
from infra.offline.engine import ACCOUNT, REGION, Engine, environment
from infra.offline.mailbox import Mailbox
from infra.offline.memory_store import MemoryStore
from infra.offline.pump import Pump
from infra.offline.serving import QuickServer
from infra.offline.signals import CountedSignals
from infra.offline.stack import Stack
from infra.rights.acting import acting
from infra.rights.guard import guard

Progress = Callable[[str, int, int], None]
"""What is being done, how far, of how much."""

POURING = "Keeping"
JOURNEYS = table_name(stack.STAGE, "journeys")


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
    signals: CountedSignals
    members_file: Path
    page: QuickServer
    room: QuickServer

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
            names = [key.value for key in dynamodb_backends[ACCOUNT][REGION].tables[JOURNEYS].items]
        return [name.removeprefix("journey#") for name in names if name.startswith("journey#")]

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
        progress: Progress | None = None,
    ) -> Iterator["World"]:
        """Start everything, the members loaded; page at `port` and room beside it (None: any).

        Without `in_background` nothing moves unless the test says so: `world.pump.settle()`.
        Raises OSError when a port is taken.
        """
        tell = progress or (lambda *_: None)
        with ExitStack() as undo:
            document = resources.load()
            engine = undo.enter_context(Engine())
            app = importlib.import_module("app")
            page = server.serve(app.app, document, port or 0)
            undo.callback(page.server_close)
            room = control_room.bind(port + 1 if port else 0)
            undo.callback(room.server_close)
            built = stack.build(document, public_url=page.url)
            engine.guard = guard(built.logical)
            undo.enter_context(environment(built.environment))
            settings = Settings.from_environment()
            file = members_file or Path(undo.enter_context(_folder())) / "members.csv"
            _enroll(settings, members.write(members.population(now, count, seed), file), now, tell)
            clock = VirtualClock(now)  # it starts when all stands
            system = _system(settings, clock, signals := CountedSignals())
            undo.callback(bootstrap.forget)
            bootstrap.adopt(system)
            pump, mailbox = Pump(engine, built, clock, app, _bank(settings)), Mailbox(engine, clock)
            world = cls(engine, built, clock, app, system, pump, mailbox, signals, file, page, room)
            control_room.furnish(room, world)
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


def _system(
    settings: Settings, clock: VirtualClock, signals: CountedSignals, store: Store | None = None
) -> System:
    """The application's own, with our clock; its counts for alarms stay out of the terminal."""
    system = bootstrap.build(settings, store=store, clock=clock)
    system.__dict__["signals"] = signals  # a part that was made already is not made again
    return system


def _bank(settings: Settings) -> BankDesk:
    return BankDesk(settings.bucket, customer_of(settings.originator))


def _enroll(settings: Settings, file: Path, now: datetime, tell: Progress) -> None:
    """Leave what importing the file now would leave. The bus tells whole seconds only."""
    memory = MemoryStore()
    system = _system(settings, VirtualClock(now), CountedSignals(), memory)
    with acting("make_keys"):
        system.key_maker.make_missing()

    def loaded(done: int, whole: int) -> None:
        tell("Enrolling members", done, whole)

    report = json.loads(
        bulk.load(system.feed_import, file.read_bytes(), now.replace(microsecond=0), loaded)
    )
    assert not report["rejected"], f"the demo file has bad rows: {report['rejected'][:3]}"
    tell(POURING, 0, 1)
    bulk.pour(memory)
    tell(POURING, 1, 1)


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="offline-") as folder:
        yield folder
