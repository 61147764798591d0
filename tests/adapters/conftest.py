"""Both stores, each under the same promises; AWS on moto is built once for this folder."""

import pytest

from infra.offline.memory_store import MemoryStore
from tests.aws import built
from tests.pseudo import pseudo_catalogues, speaks_pseudo

__all__ = ["pseudo_catalogues", "speaks_pseudo"]


@pytest.fixture(scope="package")
def _built():
    with built() as aws:
        yield aws


@pytest.fixture
def aws(_built):
    _built.empty()
    return _built


@pytest.fixture
def engine(aws):
    return aws.engine


@pytest.fixture
def memory():
    return MemoryStore()


@pytest.fixture(params=["memory", "dynamodb"])
def store(request):
    if request.param == "memory":
        return request.getfixturevalue("memory")
    return request.getfixturevalue("aws").store
