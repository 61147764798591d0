"""The recipes of docs/architecture.md lead somewhere: paths, names and targets are there."""

import re

import pytest

from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
RECIPES = dict(
    re.findall(
        r"^### (.+)\n\n((?:.+\n)+)",
        PAGE.partition("\n## Recipes\n")[2].partition("\n## ")[0],
        re.MULTILINE,
    )
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def lost(recipe):
    """What a recipe names and the tree has not. A name must stand in a file of its own line."""
    missing = []
    for line in re.split(r"^\d+\. ", recipe, flags=re.MULTILINE):
        said = re.findall(r"`([^`]+)`", line)
        paths = [each for each in said if "/" in each or (ROOT / each).is_file()]
        texts = [path.read_text(encoding="utf-8") for each in paths for path in files(each)]
        missing += [each for each in paths if not found(each)]
        missing += [each for each in said if each not in paths and not is_named(each, texts)]
    return missing


def found(path):
    """`<kind>` stands for any name."""
    return list(ROOT.glob(re.sub(r"<\w+>", "*", path)))


def files(path):
    for each in found(path):
        inside = [each] if each.is_file() else each.rglob("*")
        yield from (file for file in inside if file.suffix in {".py", ".html", ".txt", ".sh"})


def is_named(word, texts):
    if word.startswith("make "):
        return bool(re.search(rf"^{re.escape(word[5:])}:", MAKEFILE, re.MULTILINE))
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for text in texts)


def test_there_is_a_recipe_for_each_usual_change():
    assert list(RECIPES) == [
        "Add a language",
        "Change a cut-off",
        "Add a return code",
        "Add a letter",
        "Add a page step",
    ]
    assert all(recipe.startswith("1. ") for recipe in RECIPES.values())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_all_that_a_recipe_names_is_there(recipe):
    assert "`" in recipe
    assert not lost(recipe)


@pytest.mark.parametrize(
    "line",
    [
        "1. `chalicelib/nowhere.py`\n",
        "1. `TABEL` in `chalicelib/domain/ach/return_table.py`\n",
        "1. `chalicelib/domain/ach/return_table.py`\n2. `TABLE`\n",
        "1. `chalicelib/templates/mail/<kind>.pdf`\n",
        "1. `make nothing`\n",
    ],
)
def test_what_is_not_there_is_lost(line):
    assert len(lost(line)) == 1
