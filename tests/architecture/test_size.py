"""Small is kept small (design.md 3)."""

import ast
from statistics import median

import pytest

from tests.architecture.sources import ROOT, modules, name, tree

LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_MAP = 250, 40, 60
OURS = [*modules(), *modules("infra")]
OF_THE_LIBRARY = {"process_request", "process_request_thread"}  # socketserver calls them so
FORBIDDEN = {"utils", "util", "helpers", "helper", "manager", "common", "data", "misc"}


def length(path):
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_module_has_at_most_250_lines(path):
    assert length(path) <= LONGEST_MODULE


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_function_has_at_most_40_lines(path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree(path)):
        if isinstance(node, functions):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"


def test_the_map_has_less_than_60_lines():
    assert length(ROOT / "app.py") < LONGEST_MAP


def test_the_median_module_is_a_page():
    assert 30 <= median(length(path) for path in modules() if path.name != "__init__.py") <= 110


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_module_is_named_for_what_it_is(path):
    assert not FORBIDDEN & set(path.relative_to(ROOT).with_suffix("").parts)
    named = {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}
    ours = named - OF_THE_LIBRARY
    assert not [name for name in ours if name.startswith(("process_", "_process_"))]
