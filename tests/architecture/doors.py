"""What a door asks of the system, read from its code: `finding.standings` where it says so.

A chain that begins at the system is a call, whatever name it was given on the way. Functions of
the doors that are named in a door belong to it; so do those of the request that it asks.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT, tree

DOORS = ROOT / "chalicelib" / "entrypoints"
PAGE_REQUEST = DOORS / "page_request.py"
# Values, not calls.
VALUES = ("settings", "due", "clock")
# Of every request, whatever its page: its journey, its cookie, its csrf.
OF_THE_REQUEST = ("records.journeys", "randomness.token", "vault")

Function = ast.FunctionDef
Place = tuple[Path, str]


@cache
def functions(path: Path) -> dict[str, Function]:
    """Of a module, by name; of the request, its methods."""
    body = tree(path).body
    if path == PAGE_REQUEST:
        body = [each for node in body if isinstance(node, ast.ClassDef) for each in node.body]
    return {node.name: node for node in body if isinstance(node, Function)}


@cache
def elsewhere(path: Path) -> dict[str, Place]:
    """The functions of other doors that a module imports."""
    found: dict[str, Place] = {}
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom):
            there = (ROOT / str(node.module).replace(".", "/")).with_suffix(".py")
            if there.is_relative_to(DOORS) and there.exists() and there != PAGE_REQUEST:
                names = (each.name for each in node.names)
                found |= {name: (there, name) for name in names if name in functions(there)}
    return found


def calls(path: Path, name: str) -> set[str]:
    """All that a function of a door asks of the system, and what it is handed on to."""
    return _of(path, functions(path)[name], set())


def calls_in(path: Path, node: ast.AST) -> set[str]:
    """The same of a part of one."""
    return _of(path, node, set())


def _of(path: Path, node: ast.AST, seen: set[Place]) -> set[str]:
    found = set(_asked(path, node))
    for there, name in _named(path, node):
        if (there, name) not in seen:
            seen.add((there, name))
            found |= _of(there, functions(there)[name], seen)
    return found


def _asked(path: Path, node: ast.AST) -> Iterator[str]:
    known = _aliases(node)
    inner = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    inner |= {id(each) for pair in _pairs(node) for each in pair}  # only named here
    for each in ast.walk(node):
        chain = None if id(each) in inner else _chain(each, known)
        said = ".".join(chain or ())
        values = VALUES if path != PAGE_REQUEST else VALUES + OF_THE_REQUEST
        if said and not said.startswith(values):
            yield said


def _aliases(node: ast.AST) -> dict[str, tuple[str, ...]]:
    """Names that stand for the system, or for a part of it."""
    known: dict[str, tuple[str, ...]] = {}
    for name, value in _pairs(node):
        chain = _chain(value, known)
        if isinstance(name, ast.Name) and chain is not None:
            known[name.id] = chain
    return known


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each name that is given to something, and what it is given to."""
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and len(each.targets) == 1:
            [target] = each.targets
            if isinstance(target, ast.Tuple) and isinstance(each.value, ast.Tuple):
                yield from zip(target.elts, each.value.elts, strict=True)
            else:
                yield target, each.value


def _chain(node: ast.AST, known: dict[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """What of the system an expression names; () is the system itself."""
    match node:
        case ast.Call(func=ast.Name(id="system"), args=[]):
            return ()
        case ast.Attribute(value=ast.Name(id="request" | "self"), attr="system"):
            return ()
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=inner, attr=name):
            before = _chain(inner, known)
            return None if before is None else (*before, name)
    return None


def _named(path: Path, node: ast.AST) -> Iterator[Place]:
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) if name in functions(path) and path != PAGE_REQUEST:
                yield path, name
            case ast.Name(id=name) if name in elsewhere(path):
                yield elsewhere(path)[name]
            case ast.Attribute(value=ast.Name(id="request" | "self"), attr=name):
                if name in functions(PAGE_REQUEST):
                    yield PAGE_REQUEST, name
