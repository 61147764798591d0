"""Small is kept small (design.md 3)."""

import ast
from statistics import median

from tests.architecture.sources import ROOT, modules, name, tree

LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_MAP = 250, 40, 60
OURS = [*modules(), *modules("infra")]
OF_THE_LIBRARY = {"process_request", "process_request_thread"}  # socketserver calls them so
FORBIDDEN = {"utils", "util", "helpers", "helper", "manager", "common", "data", "misc"}


def length(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_module_has_at_most_250_lines():
    assert [name(path) for path in OURS if length(path) > LONGEST_MODULE] == []


def test_a_function_has_at_most_40_lines():
    functions = [
        (f"{name(path)}: {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert [each for each in functions if each[1] > LONGEST_FUNCTION] == []


def test_the_map_has_less_than_60_lines():
    assert length(ROOT / "app.py") < LONGEST_MAP


def test_the_median_module_is_a_page():
    assert 30 <= median(length(path) for path in modules() if path.name != "__init__.py") <= 110


def test_a_module_is_named_for_what_it_is():
    parts = {path: set(path.relative_to(ROOT).with_suffix("").parts) for path in OURS}
    assert [name(path) for path, said in parts.items() if FORBIDDEN & said] == []


def test_no_function_is_named_for_processing():
    named = [
        (name(path), node.name)
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name not in OF_THE_LIBRARY
    ]
    assert [each for each in named if each[1].startswith(("process_", "_process_"))] == []
