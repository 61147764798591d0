"""What all tests share: no deadline on a busy machine, and eyes on which function does what."""

import logging

import pytest
from hypothesis import settings

from tests import rights
from tests.browser import report

settings.register_profile("house", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("house")

RECORDINGS = pytest.StashKey()
LINES = pytest.StashKey()


@pytest.fixture(autouse=True)
def the_log_stays_as_it_is():
    """`make run` and `make month` silence it, for good in their own process."""
    ours = logging.getLogger("premium-pay-log")
    level = ours.level
    yield
    ours.setLevel(level)


def pytest_make_parametrize_id(val, argname):
    """Bytes name no test: what gzip makes of them says the second, and two workers then differ."""
    return argname if isinstance(val, bytes) else None


def pytest_configure(config):
    config.stash[RECORDINGS], config.stash[LINES] = [], []
    rights.start()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """A worker of xdist ends; it tells what it saw."""
    node.config.stash[RECORDINGS].append(getattr(node, "workeroutput", {}).get("rights", {}))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["rights"] = rights.seen()
        return
    recordings = [*config.stash[RECORDINGS], rights.seen()]
    whole = config.args_source is config.ArgsSource.TESTPATHS and not config.option.keyword
    if not rights.report(recordings, config.stash[LINES].append, whole) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    report.pytest_terminal_summary(terminalreporter)
    for line in config.stash[LINES]:
        terminalreporter.write_line(line)
