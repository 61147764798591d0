"""The real services on real repositories; the world around them is small and quick."""

import copy
from dataclasses import dataclass, replace

import pytest

from chalicelib import bootstrap
from chalicelib.bootstrap import System
from chalicelib.domain.identification import IdType
from chalicelib.services.enrollment.feeds import RowRange
from chalicelib.settings import Settings
from infra.offline.memory_store import MemoryStore
from tests import fakes
from tests.aws import built
from tests.builders import NOW, a_feed
from tests.small import shrink

INBOX = "inbound/enrollments/"


def some_settings(**changed):
    """What a deployment must decide, decided somehow."""
    needed = {n: f"some {n}" for n, field in Settings.model_fields.items() if field.is_required()}
    return Settings(**{**needed, "stage": "test", "feed_rows_a_part": 3, **changed})


@dataclass
class Here:
    """A system, and the fakes around it."""

    system: System
    store: MemoryStore
    files: fakes.MemoryFiles
    mailer: fakes.ListMailer
    bus: fakes.ListBus
    mail_queue: fakes.ListQueue
    feed_queue: fakes.ListQueue
    metrics: fakes.CountedMetrics
    clock: fakes.StillClock

    def drop(self, *rows, at=NOW, name="a.csv", body=None, now=None, inbox=INBOX):
        """A feed arrives, and all its parts are read."""
        key = f"{inbox}{name}"
        version = self.files.drop(key, a_feed(*rows) if body is None else body)
        self.receive(key, version, at, now)
        return key, version

    def receive(self, key, version, at=NOW, now=None):
        self.system.feed_import.receive(key, version, at)
        self.read(self.feed_queue.take(), now)

    def read(self, messages, now=None):
        """What the readers of parts do with their messages."""
        for told in messages:
            part = RowRange(told["part"], told["start"], told["end"], told["line"])
            at = NOW.fromisoformat(told["at"])
            self.system.feed_import.read_part(told["key"], told["version"], part, at, now or at)

    def kept(self, *, without=()):
        """All that is kept, to be compared."""
        tables = self.store.items.items()
        return copy.deepcopy({name: rows for name, rows in tables if name not in without})

    def found(self, enrollment_id):
        """The enrollments that its id leads to."""
        return self.system.records.enrollments.found_by(IdType.ENROLLMENT_ID, enrollment_id)


def make(store=None, vault=None, **settings) -> Here:
    """A fresh process over a store, by default an empty one."""
    store = store or MemoryStore()
    clock = fakes.StillClock(NOW)
    system = bootstrap.build(some_settings(**settings), store=store, clock=clock)
    world = {
        "files": fakes.MemoryFiles(),
        "mailer": fakes.ListMailer(),
        "bus": fakes.ListBus(),
        "mail_queue": fakes.ListQueue(),
        "feed_queue": fakes.ListQueue(),
        "metrics": fakes.CountedMetrics(),
    }
    # The parts of a system are made when first asked for; these were asked for already.
    system.__dict__.update(
        world, vault=vault or fakes.PlainVault(), randomness=fakes.FixedRandomness()
    )
    system.__dict__["mailing"] = replace(system.mailing, mail_templates=fakes.PlainMailTemplates())
    return Here(system=system, store=store, clock=clock, **world)


@pytest.fixture(scope="module", autouse=True)
def few_slots(request):
    """Runs and proofs read every slot: eight tell as much as a thousand, unless slots are asked."""
    with pytest.MonkeyPatch.context() as patched:
        if request.node.get_closest_marker("all_slots") is None:
            shrink(patched.setattr)
        yield


@pytest.fixture
def here():
    return make()


@pytest.fixture(scope="package")
def _built():
    with built() as aws:
        yield aws


@pytest.fixture
def aws(_built):
    _built.empty()
    return _built
