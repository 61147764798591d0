"""One world a module, as in the journeys; and the gateway that hands events to the app."""

import pytest

from tests.entrypoints.gateway import Gateway
from tests.journeys.conftest import canaries, join, logged, person, wait, world
from tests.pseudo import pseudo_catalogues, speaks_pseudo

__all__ = ["canaries", "join", "logged", "person", "wait", "world"]
__all__ += ["pseudo_catalogues", "speaks_pseudo"]


@pytest.fixture
def gateway(world):
    return Gateway(world)
