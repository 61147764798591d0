"""Each invariant has a mutant and a test that dies of it, as docs/reliability.md says."""

import ast
import re

import pytest

from tests.architecture.sources import ROOT, tree
from tests.faults.mutants import _read, mutants

INVARIANTS = [f"I{n}" for n in range(1, 26)]
EVERY = {each.name: each for each in mutants()}
ROW = re.compile(r"^\| (I\d+) \| ([^|]+) \| `([^|]+)` \| `([^|]+)` \|$", re.MULTILINE)


def named(test):
    """The file of a test, and its function."""
    path, _, name = test.partition("[")[0].rpartition("::")
    return ROOT / path.partition("::")[0], name


@pytest.mark.parametrize("mutant", EVERY.values(), ids=EVERY)
def test_a_mutant_finds_its_line_and_names_a_test_that_is_there(mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    ast.parse(mutant.applied(text))
    assert mutant.dies
    for path, name in map(named, mutant.dies):
        functions = [n.name for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]
        assert name in functions
    assert set(mutant.breaks) <= set(INVARIANTS)


def test_the_table_has_every_invariant_and_no_empty_cell():
    rows = ROW.findall((ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"))
    assert [invariant for invariant, *_ in rows] == INVARIANTS
    for invariant, words, test, name in rows:
        assert len(words.split()) <= 6
        assert invariant in EVERY[name].breaks
        assert f"tests/{test}" in [each.partition("[")[0] for each in EVERY[name].dies]


@pytest.mark.parametrize(
    ("code", "why", "is_killed"),
    [
        (1, "AssertionError: before call 3", True),
        (1, "chalicelib.services.page.paying.NotAsShown", True),
        (1, "NameError: name 'when' is not defined", False),
        (1, "infra.rights.acting.Denied: api may not: dynamodb:PutItem LedgerTable", False),
        (2, "AssertionError", False),  # pytest was interrupted, or could not collect
    ],
)
def test_only_a_test_that_fails_by_its_own_statement_kills(code, why, is_killed):
    [mutant, *_] = EVERY.values()
    said = f"F\nFAILED tests/a/test_b.py::test_c[a - b] - {why}\n1 failed in 0.1s\n"
    assert bool(_read(mutant, code, said).killed_by) is is_killed
    assert not _read(mutant, 0, "1 passed").killed_by


def test_there_are_sixty_and_more():
    assert len(EVERY) >= 60
