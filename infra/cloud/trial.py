"""The package for this machine, built when its sources have changed since it was last built."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from infra.cloud import package
from infra.cloud.pythons import ROOT

OUT = ROOT / "build" / "e2e"
MORE = (
    "requirements-build.txt",
    "requirements-sam.txt",
    "infra/resources.yaml",
    "infra/alarms.yaml",
    "infra/cloud/alarms.py",
    "infra/cloud/package.py",
    "infra/cloud/template.py",
)
"""What decides on the package, beside what lies in it."""


def packaged(out: Path = OUT, tell: Callable[[str], None] = lambda _: None) -> Path:
    """The folder of `package.build`. Raises as it does."""
    wanted, ready = _digest(), out / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        package.build(out, architecture=package.HERE, tell=tell)
        ready.write_text(wanted)
    return out


def _digest() -> str:
    whole = sha256()
    for name in (*package.SOURCES, *MORE):
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in (each for each in files if each.is_file() and "__pycache__" not in each.parts):
            whole.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return whole.hexdigest()
