"""Docs lead somewhere: the tests and modules that they name are there."""

import re

import pytest

from tests.architecture.sources import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEST = re.compile(r"`((?:\w+/)*test_\w+)`")
MODULE = re.compile(
    r"`((?:chalicelib|infra|domain|services|repositories|adapters|entrypoints)/[\w/]+\.py)`"
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_test_that_a_page_names_is_there(path):
    there = {str(each.with_suffix("")) for each in (ROOT / "tests").rglob("test_*.py")}
    folders = {each.name for each in (ROOT / "tests").rglob("test_*") if each.is_dir()}
    named = set(TEST.findall(path.read_text(encoding="utf-8"))) - folders
    lost = {name for name in named if not any(each.endswith(f"/{name}") for each in there)}
    assert not {name for name in lost if not _is_function(name)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_module_that_a_page_names_is_there(path):
    named = set(MODULE.findall(path.read_text(encoding="utf-8")))
    places = (ROOT, ROOT / "chalicelib", ROOT / "tests")
    assert not {name for name in named if not any((place / name).exists() for place in places)}


def _is_function(name):
    pattern = f"def {name}("
    files = (ROOT / "tests").rglob("test_*.py")
    return any(pattern in each.read_text(encoding="utf-8") for each in files)
