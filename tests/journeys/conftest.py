"""One world a module, searched for secrets when its stories are told."""

import logging
from contextlib import ExitStack
from datetime import timedelta

import pytest

from chalicelib.entrypoints.log import logger
from infra.offline.world import World
from tests.journeys import people
from tests.journeys.canaries import Canaries

EIGHT_SHARDS = {"RUN_SHARDS": "8"}
"""Runs of few members end as with 64 workers; those play in the months of offline and of staff."""
LIBRARIES = ("botocore", "boto3", "urllib3", "werkzeug", "moto")  # silent, but for warnings


def is_in_memory(request):
    """Tables lie in memory, unless a test looks at calls to DynamoDB, or lets them fail."""
    return request.node.get_closest_marker("moto") is None


class Lines(logging.Handler):
    """Keeps what is logged, as it is written."""

    def __init__(self, lines, formatter=None):
        super().__init__(logging.DEBUG)
        self.lines = lines
        self.setFormatter(formatter)

    def emit(self, record):
        if record.name.split(".")[0] not in LIBRARIES or record.levelno >= logging.WARNING:
            self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def canaries():
    return Canaries()


@pytest.fixture(scope="module")
def logged(canaries):
    # Powertools silences its own logger at handlers of the root; so it gets one to itself.
    ours = Lines(canaries.log, logger.registered_formatter)
    others = Lines(canaries.log)
    logger.addHandler(ours)
    logging.getLogger().addHandler(others)
    yield
    logger.removeHandler(ours)
    logging.getLogger().removeHandler(others)


@pytest.fixture(scope="module")
def world(request, canaries, logged):
    with World.start(
        now=people.THURSDAY,
        count=0,
        in_background=False,
        in_memory=is_in_memory(request),
        settings=EIGHT_SHARDS,
    ) as world:
        yield world
        assert canaries.found(world) == set(), "rule 33"


@pytest.fixture
def world_at(request, canaries, logged):
    """A world of its own for a test that lives on a certain day."""
    how = {
        "count": 0,
        "in_background": False,
        "in_memory": is_in_memory(request),
        "settings": EIGHT_SHARDS,
    }
    with ExitStack() as worlds:

        def start(now):
            return worlds.enter_context(World.start(now=now, **how))

        yield start


@pytest.fixture
def person(world, canaries):
    return people.join(world, canaries)


@pytest.fixture
def join(world, canaries):
    return lambda *rows: people.join(world, canaries, *rows)


@pytest.fixture
def wait(world):
    """Lets time pass."""

    def wait(**much):
        return world.pump.move(world.clock.now() + timedelta(**much))

    return wait
