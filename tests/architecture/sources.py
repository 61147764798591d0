"""Our own code, as text and as trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules(folder: str = "chalicelib") -> Iterator[Path]:
    """Every module below a folder."""
    yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Read once; whoever asks only looks."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """As people say it: chalicelib/domain/money.py."""
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The full names of all modules that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively"
            found.add(str(node.module))
    return found
