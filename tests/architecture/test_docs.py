"""Docs lead somewhere: the tests and modules that they name are there."""

import re

import pytest

from infra.cloud.alarms import merged
from tests.architecture.sources import ROOT

FOLDERS = ("chalicelib", "infra", "tests")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEST = re.compile(r"`((?:\w+/)*test_\w+)`")
MODULE = re.compile(r"`([\w/.]+\.py)`")


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
    there = {str(each) for folder in FOLDERS for each in (ROOT / folder).rglob("*.py")}
    there.add(str(ROOT / "app.py"))
    assert not {name for name in named if not any(each.endswith(f"/{name}") for each in there)}


def test_the_page_about_costs_counts_the_alarms():
    resources = merged()["Resources"].values()
    alarms = [each for each in resources if each.get("Type") == "AWS::CloudWatch::Alarm"]
    by_default_off = {"HasQuietHours", "HasFeedHours"}
    always = [each for each in alarms if each.get("Condition") not in by_default_off]
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert f"{len(always)} alarms at 0.10" in text
    assert f"; {len(alarms)} with `QuietHours` and `FeedHours`)" in text


def _is_function(name):
    pattern = f"def {name}("
    files = (ROOT / "tests").rglob("test_*.py")
    return any(pattern in each.read_text(encoding="utf-8") for each in files)
