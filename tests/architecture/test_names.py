"""A name means one thing: whoever reads it need not ask which one."""

import ast
from collections import defaultdict

import pytest

from tests.architecture.sources import modules, name, tree

BUILDS_IDENTITIES = "chalicelib/domain/identities.py"
# Modules that write the sign for another reason, with the number of times they do.
OTHERWISE = {
    "chalicelib/adapters/dynamodb/wire.py": 8,  # placeholders of expressions
    "chalicelib/adapters/bank_line.py": 2,  # a chunk of a file, as its seal knows it
    "chalicelib/adapters/vault.py": 1,  # the version of an index
    "chalicelib/services/quarantine/quarantine.py": 1,  # a chunk of a file, likewise
}


def identities_in(code):
    """Each f-string with a #, each text that is cut or joined at one, and each prefix with one."""
    found = []
    for node in ast.walk(code):
        match node:
            case ast.JoinedStr(values=parts):
                if any(isinstance(each, ast.Constant) and "#" in each.value for each in parts):
                    found.append("built")
            case ast.Call(
                func=ast.Attribute(attr="split" | "rsplit" | "partition" | "rpartition"),
                args=[ast.Constant(value="#"), *_],
            ):
                found.append("cut")
            case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant(value="#"))):
                found.append("joined")
            case ast.Constant(value=str(text)) if len(text) > 1 and text.endswith("#"):
                found.append("prefix")
    return found


def test_no_class_name_stands_twice():
    where = defaultdict(list)
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(name(path))
    assert {each: files for each, files in where.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('f"{a}#{b}"', 1),
        ('f"a{b}#1{c}#2"', 1),
        ('f"{a}" + "#header"', 0),
        ('a.partition("#")', 1),
        ("f'{a.split(\"#\")[0]}'", 1),
        ('"#".join(a)', 1),
        ('a.startswith("run#")', 1),
        ('a.split("/")', 0),
    ],
)
def test_whatever_builds_or_cuts_an_identity_is_seen(code, count):
    assert len(identities_in(ast.parse(code))) == count


def test_identities_are_built_and_read_in_one_module():
    counts = {name(path): len(identities_in(tree(path))) for path in modules()}
    del counts[BUILDS_IDENTITIES]
    assert {path: count for path, count in counts.items() if count} == OTHERWISE


# What each of these says now stands in docs/glossary.md; "seal" alone means encrypt.
GONE = (
    *("sealing", "sealings", "Sealing", "SealingState", "Sealings", "told", "Told", "telling"),
    *("untell", "outlook", "outlooks", "Outlook", "foreseen", "Foreseen", "foresee", "still_taken"),
    *("forestall", "survey", "tally", "ROADS", "chance", "Chance", "signals", "Signals"),
    *("drawn", "Drawn", "doubt", "doubts", "Doubt", "doubtful", "keeping"),
    *("BatchPart", "Taken", "taken_as", "taken_by", "that_took"),
    *("words", "WORDS", "wording", "Wording"),
    *("neighbours", "Neighbours", "Letters", "TemplateLetters"),
)


def identifiers_in(code):
    """Each name that the code gives or uses, but for words in texts and comments."""
    for node in ast.walk(code):
        match node:
            case ast.Name(id=found) | ast.Attribute(attr=found) | ast.arg(arg=found):
                yield found
            case ast.ClassDef(name=found) | ast.FunctionDef(name=found):
                yield found
            case ast.alias(name=found) | ast.keyword(arg=str(found)):
                yield from found.split(".")


def has_gone(identifier):
    """Whether it is such a word, or has one among its parts."""
    if (
        identifier == "NOT_TOLD"
    ):  # of any letter that can't be made, also of one that a debit is paid
        return False
    return not {identifier, *identifier.lower().split("_")}.isdisjoint(GONE)


@pytest.mark.parametrize(
    "code", ["told_on = 1", "a.sealing", "class Outlook: ...", "def f(tally): ...", "f(survey=1)"]
)
def test_a_word_that_has_gone_is_seen_wherever_it_names_something(code):
    assert any(has_gone(each) for each in identifiers_in(ast.parse(code)))


def test_words_that_have_gone_do_not_come_back():
    found = {name(path): sorted(filter(has_gone, identifiers_in(tree(path)))) for path in modules()}
    assert {path: words for path, words in found.items() if words} == {}
