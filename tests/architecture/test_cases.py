"""Each case that code opens has its row in docs/operations.md, and each row a case and a command.

The kind of a case is followed from `Case(case_id=...)` back to the `case_id` that it is built with:
through names, parameters and properties. What can't be followed fails.
"""

import ast
import re

import pytest
import typer

from chalicelib.domain.case import CaseKind
from infra.staff.__main__ import app
from infra.staff.case_commands import ENDING
from tests.architecture.sources import ROOT, modules, name, tree

TREES = {path: tree(path) for path in modules()}
DOC = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = DOC.partition("\n## Cases\n")[2].partition("\n## ")[0]
ROWS = re.findall(
    r"^\| `([^`]+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", SECTION, re.MULTILINE
)
COMMAND = re.compile(r"`([a-z][a-z -]*[a-z])(?= [A-Z]|`)")


class Unfollowed(AssertionError):
    """A case is named in a way that this test does not understand."""


def opened(trees):
    """The kind of every case that is opened, as its id begins."""
    found = set()
    for path, top in trees.items():
        for call in ast.walk(top):
            if isinstance(call, ast.Call) and _called(call) == "Case":
                case = next((each.value for each in call.keywords if each.arg == "case_id"), None)
                found |= {f"{kind}#" for kind in _texts(case, Place(trees, path, top))}
    return found


class Place:
    """A module, and where in it names are looked up."""

    def __init__(self, trees, path, top):
        self.trees, self.path, self.top = trees, path, top

    def function_of(self, node):
        """The innermost function around a node."""
        around = [f for f in ast.walk(self.top) if isinstance(f, ast.FunctionDef)]
        holding = [f for f in around if any(each is node for each in ast.walk(f))]
        return max(holding, key=lambda f: f.lineno, default=None)


def _called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", None))


def _texts(node, place):
    """All texts that an expression may be; of a case, all its kinds."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Call(func=ast.Name(id="case_id"), args=[kind, *_]):
            return _texts(kind, place)
        case ast.IfExp():
            return _texts(node.body, place) + _texts(node.orelse, place)
        case ast.Name():
            return _of_name(node, place)
        case ast.Subscript(value=ast.Attribute(attr=attribute), slice=ast.Constant(value=index)):
            return _of_property(attribute, index, place)
    raise Unfollowed(f"{name(place.path)}:{getattr(node, 'lineno', '?')}")


def _of_name(node, place):
    """A parameter: what its callers give; else what is assigned, here or in the module.

    Only a public method has callers elsewhere.
    """
    function = place.function_of(node)
    parameters = [each.arg for each in function.args.args] if function else []
    if function and node.id in parameters:
        position = parameters.index(node.id) - (parameters[0] == "self")
        here = {place.path: place.top}
        values = [
            (call.args[position], Place(place.trees, path, top))
            for path, top in (here if function.name.startswith("_") else place.trees).items()
            for call in ast.walk(top)
            if isinstance(call, ast.Call) and _called(call) == function.name
        ]
    else:
        found = _assigned(node.id, function or place.top) or _assigned(node.id, place.top)
        values = [(each, place) for each in found]
    if not values:
        raise Unfollowed(f"{name(place.path)}:{node.lineno}")
    return [text for each, where in values for text in _texts(each, where)]


def _assigned(wanted, scope):
    values = []
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            [target] = node.targets
            if isinstance(target, ast.Name) and target.id == wanted:
                values.append(node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                values += [v for t, v in pairs if isinstance(t, ast.Name) and t.id == wanted]
    return values


def _of_property(attribute, index, place):
    for path, top in place.trees.items():
        for function in ast.walk(top):
            if isinstance(function, ast.FunctionDef) and function.name == attribute:
                [back] = [each for each in ast.walk(function) if isinstance(each, ast.Return)]
                return _texts(back.value.elts[index], Place(place.trees, path, top))
    raise Unfollowed(attribute)


def commands():
    """All that staff can say, such as `file undo`."""
    found = {}
    for word, command in typer.main.get_command(app).commands.items():
        below = getattr(command, "commands", None)
        found |= {f"{word} {each}": one for each, one in below.items()} if below else {}
        found |= {} if below else {word: command}
    return found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('Case(case_id=case_id("a", b))', {"a#"}),
        (
            'A, B = "a", "b"\ndef f(x):\n  c = case_id(A if x else B, x)\n  Case(case_id=c)',
            {"a#", "b#"},
        ),
        ('def f(self, x, c): Case(case_id=c)\ndef g(self): self.f(1, case_id("a_b", 2))', {"a_b#"}),
        ('def f(x):\n  c = "a" if x else "b"\n  return Case(case_id=case_id(c, x))', {"a#", "b#"}),
        (
            'def p(self): return case_id("a", 1), case_id("b", 2)\ndef f(s): Case(case_id=s.p[1])',
            {"b#"},
        ),
    ],
)
def test_a_case_is_followed_to_its_kind(code, found):
    assert opened({ROOT / "one.py": ast.parse(code)}) == found


@pytest.mark.parametrize(
    "code",
    [
        "Case(case_id=f())",
        "Case()",
        "Case(case_id=c)",
        "def f(c): Case(case_id=c)",
        'Case(case_id=f"a#{b}")',
    ],
)
def test_what_can_not_be_followed_fails(code):
    with pytest.raises(Unfollowed):
        opened({ROOT / "one.py": ast.parse(code)})


def test_each_case_that_code_opens_has_its_row_and_the_reverse():
    assert {case for case, *_ in ROWS} == opened(TREES)


def test_each_kind_of_case_is_named_and_no_row_is_double():
    assert {kind for _, kind, *_ in ROWS} == set(CaseKind)
    assert len({(case, kind) for case, kind, *_ in ROWS}) == len(ROWS)
    assert len(ROWS) == SECTION.count("\n| `"), "a row has five cells"


def test_the_command_that_ends_a_case_is_one_of_staffs():
    named = {command for *_, cell in ROWS for command in COMMAND.findall(cell)}
    assert {"file undo", "file release", "payment undo", "credit drop"} <= named
    assert named <= commands().keys()


def test_the_commands_that_code_names_for_a_case_are_those_of_its_row():
    rows = {case.strip("#"): set(COMMAND.findall(cell)) for case, *_, cell in ROWS}
    assert {case: named for case, named in rows.items() if named} == {
        case: {" ".join(each.split(" ")[:2]) for each in endings}
        for case, endings in ENDING.items()
    }
