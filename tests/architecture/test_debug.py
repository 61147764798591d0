"""Our asserts always run, and no page ever shows a traceback."""

import re

import pytest

import app as module
from tests.architecture.sources import ROOT, modules

COMMANDS = [ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "pyproject.toml"]
OPTIMIZED = re.compile(r"python\S*\s+(-\w+\s+)*-\w*O|PYTHONOPTIMIZE")


def test_asserts_are_not_compiled_away():
    assert __debug__


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_python_is_never_run_with_o(path):
    assert not OPTIMIZED.search(path.read_text(encoding="utf-8"))


def test_no_function_is_told_to_optimize():
    text = (ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8")
    config = (ROOT / ".chalice" / "config.json").read_text(encoding="utf-8")
    assert "PYTHONOPTIMIZE" not in text + config


def test_chalice_shows_no_traceback():
    assert module.app.debug is False


def test_nobody_turns_debugging_on():
    for path in [ROOT / "app.py", *modules()]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"debug\s*=\s*True", text), path
        assert "breakpoint(" not in text, path
