"""A world a module, and Chromium where there is one."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.report import HOW, chromium
from tests.browser.walk import Walk
from tests.journeys.conftest import canaries, join, logged, person, wait, world
from tests.pseudo import pseudo_catalogues, speaks_pseudo

__all__ = ["canaries", "join", "logged", "person", "wait", "world"]
__all__ += ["pseudo_catalogues", "speaks_pseudo"]

HERE = Path(__file__).parent
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if not chromium():
                item.add_marker(pytest.mark.skip(reason=HOW))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": chromium(), "headless": True, "args": list(ARGUMENTS)}


@pytest.fixture
def javascript():
    """Whether the browser runs scripts; a test may say otherwise."""
    return True


@pytest.fixture
def browser_context_args(javascript):
    return {"java_script_enabled": javascript, "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def walk(page, person):
    """The person, walking through the page; nothing may be wrong in the browser's own log."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_bad(message) else 0)
    page.set_default_timeout(10_000)
    yield Walk(page, person)
    assert complaints == []


def _is_bad(message):
    # Chromium itself notes each answer of 4xx there.
    return message.type in ("error", "warning") and "the server responded" not in message.text


@pytest.fixture
def axe(page):
    """Asserts that axe finds nothing on the page as it is, light and dark."""
    checker = Axe()

    def axe(state, schemes=("dark", "light")):
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            found = checker.run(page).response["violations"]
            told = [
                f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
                for each in found
                for node in each["nodes"]
            ]
            assert told == [], f"{state}, {scheme}"

    return axe
