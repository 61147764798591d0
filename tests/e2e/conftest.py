"""The package, deployed on an emulator that enforces its policies; not part of `make test`."""

import os
import time
from dataclasses import replace

import pytest

from infra.cloud import engine as engines
from infra.cloud import trial
from infra.offline.stack import GIVEN, STAGE
from tests.browser.conftest import browser_context_args, browser_type_launch_args, javascript
from tests.browser.report import HOW
from tests.browser.report import chromium as found_chromium
from tests.browser.walk import Walk
from tests.e2e.cloud import Cloud
from tests.e2e.guest import STAGE as PREFIX
from tests.e2e.report import (
    pytest_runtest_logreport,
    pytest_runtest_makereport,
    pytest_terminal_summary,
    reported,
)
from tests.journeys.people import THURSDAY

__all__ = [
    "browser_context_args",
    "browser_type_launch_args",
    "javascript",
    "pytest_runtest_logreport",
    "pytest_runtest_makereport",
    "pytest_terminal_summary",
]

WAKING = ("AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::Lambda::Permission")


@pytest.fixture(scope="session")
def tell(pytestconfig):
    """Says on the terminal what takes more than a moment."""
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def tell(words):
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"  ... {words}")

    return tell


@pytest.fixture(scope="session")
def package(tell):
    return trial.packaged(tell=tell)


@pytest.fixture(scope="session")
def engine(tell):
    tell("The emulator starts")
    with engines.running() as engine, pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in engine.environment.items():
            patch.setenv(name, value)
        reported.log = engine.log
        yield engine
        reported.denied += engine.denied()


@pytest.fixture(scope="session")
def deploy(engine, package, tell):
    """Deploys a stage on the running emulator, at an instant of the story."""

    def deploy(stage, at, without=(), **parameters):
        began = time.monotonic()
        engine.move(at)
        given = {**GIVEN, "Stage": stage, **parameters}
        stack = engines.deploy(engine, package, given, without=without)
        cloud = Cloud(engine, stack)
        cloud.invoke("MakeKeys", {})
        tell(f"{len(stack.resources)} resources in {time.monotonic() - began:.1f} s")
        return cloud

    return deploy


@pytest.fixture(scope="session")
def quiet(deploy):
    """A stage where nothing wakes a function: neither a queue nor a file."""
    return deploy(STAGE, THURSDAY, without=WAKING)


@pytest.fixture
def chromium(request, javascript):
    """Puts a guest before Chromium, at the gateway's own address; nothing may fail there."""
    if not found_chromium():
        pytest.skip(HOW)
    page, complaints = request.getfixturevalue("page"), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda asked: complaints.append(asked.url))
    page.set_default_timeout(20_000)
    yield lambda guest: Walk(page, replace(guest, page=f"http://{guest.cloud.host}{PREFIX}"))
    assert complaints == []
