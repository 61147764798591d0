"""Rules live with the code: a number that is quoted leads to docs/rules.md, a rule to a test."""

import re
from itertools import chain

import pytest

from tests.architecture.sources import ROOT, name

RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BUILT_TEXT, _, NOT_YET_TEXT = RULES.partition("\n## Not yet\n")
PARTS_TEXT, _, WHOLE_TEXT = NOT_YET_TEXT.partition("\n### Whole rules\n")

LINE = re.compile(r"^- ((\d+): .+)$", re.MULTILINE)
BUILT = [int(n) for n in re.findall(r"^(\d+)\. ", BUILT_TEXT, re.MULTILINE)]
PARTS = LINE.findall(PARTS_TEXT)
WHOLE = LINE.findall(WHOLE_TEXT)
NOT_BUILT = [int(n) for _, n in WHOLE]

# "rule 25", "rules 2, 3", "rules 4 to 7, 11 and 14", "rules.md 28"; it may go on in the next line.
BLANK = r"\s+(?:#\s+)?"
MORE = rf"(?:,{BLANK}|{BLANK}(?:to|and|or){BLANK})\d+"
QUOTED = re.compile(rf"\b[Rr]ule(?:{BLANK}(\d+)|s(?:\.md)?{BLANK}(\d+(?:{MORE})*))\b")
TEST = re.compile(r"def test_rule(?:_(\d+)|s_(\d+(?:_(?:to_|and_)?\d+)*))_")
RANGE = re.compile(r"(\d+)\D+to\D+(\d+)")

TEXTS = {".py", ".html", ".txt", ".md", ".yaml", ".toml", ".js", ".scss"}
FOLDERS = ("chalicelib", "infra", "tests", "docs", "styles")
PAGES = [ROOT / each for each in ("app.py", "README.md", "CHANGELOG.md", "Makefile")]
FILES = PAGES + [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in TEXTS and path.is_file()
]

# What was not built on the day this list was made. A line that is built goes, there and here.
FROZEN = frozenset(
    """
27: members of a run that stands still are mailed the same day
33: inbound files under a key of their own, read by one function
""".strip().splitlines()
)


def numbers(said):
    """Of "4 to 7, 11" as of "4_to_7_11": each number, those between too."""
    between = (range(int(a), int(b) + 1) for a, b in RANGE.findall(said))
    return {int(each) for each in re.findall(r"\d+", said)} | set(chain.from_iterable(between))


def quoted(text):
    """The numbers of all rules that a text names."""
    return _all(QUOTED, text) | _all(TEST, text)


def named_by_tests():
    """The numbers in the names of all test functions."""
    tests = (ROOT / "tests").rglob("test_*.py")
    return set().union(*(_all(TEST, path.read_text(encoding="utf-8")) for path in tests))


def _all(pattern, text):
    return set().union(*(numbers(one or more) for one, more in pattern.findall(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as rule 25 says", {25}),
        ("(rules 4 to 7, 11)", {4, 5, 6, 7, 11}),
        ("rules 8, 9 and\n    # 10, then", {8, 9, 10}),
        ("Rules\n# 2 and 3; rules.md 28", {2, 3, 28}),
        ("WEB rule, 2021; rule 12, 100 misses", {12}),
        ("def test_rule_09_busy(), def test_rules_18_to_20_in_december()", {9, 18, 19, 20}),
        ("def test_rule_16_30_minutes()", {16}),
    ],
)
def test_a_quotation_is_read(text, found):
    assert quoted(text) == found


def test_every_rule_stands_once_as_built_or_as_not_yet():
    assert sorted([*BUILT, *NOT_BUILT]) == list(range(1, 59))
    assert {int(n) for _, n in PARTS} <= set(BUILT)
    assert len(LINE.findall(NOT_YET_TEXT)) == NOT_YET_TEXT.count("\n- "), "a line is `- 34: words`"


def test_every_rule_that_is_quoted_is_there():
    lost = {name(path): quoted(path.read_text(encoding="utf-8")) for path in FILES}
    known = {*BUILT, *NOT_BUILT}
    assert not {where: found - known for where, found in lost.items() if found - known}


def test_every_rule_that_is_built_is_named_by_a_test():
    assert not set(BUILT) - named_by_tests()


def test_what_is_not_built_only_becomes_less():
    assert {line for line, _ in LINE.findall(NOT_YET_TEXT)} <= FROZEN
