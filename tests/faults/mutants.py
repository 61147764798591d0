"""`make mutants`: each defect of mutants.toml in turn, in a copy of the tree; its test must fail.

python -m tests.faults.mutants                 all of them, two at a time
python -m tests.faults.mutants no_page_follows one, by its name

Which invariant a mutant breaks and which test dies of it stands beside it. It lives when that test
passes, and also when it fails for a mistake of ours: a name that is not there, or a right that the
acting function has not got.
"""

import argparse
import multiprocessing
import os
import queue
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".toml")
NOT_COPIED = shutil.ignore_patterns(".venv*", ".git", "build", ".hypothesis", ".*_cache")
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "-rf")
LONGEST_SECONDS = 180
OURS = {"app", "chalicelib", "infra", "tests"}
OTHERS = (
    *("pytest", "boto3", "chalice", "pydantic", "jinja2", "phonenumbers", "yaml", "werkzeug"),
    *("aws_lambda_powertools.utilities.batch", "moto.dynamodb.models", "moto.s3.models"),
    *("moto.sqs.models", "moto.kms.models", "captcha.image", "captcha.audio", "requests"),
)
"""What takes longest to import, and is no code of ours: read once for all mutants."""
TEST = r"(?P<test>\S+?\.py::[\w:]+(?:\[.*?\])?)"
FAILED = re.compile(rf"^FAILED {TEST}(?: - (?P<why>.*))?$", re.MULTILINE)
OUR_MISTAKES = re.compile(
    r"(\w+\.)*(NameError|ImportError|ModuleNotFoundError|SyntaxError|AttributeError"
    r"|UnboundLocalError|TypeError|Denied)\b"
)


class Stale(Exception):
    """The text that a mutant changes does not stand in its file just once."""


@dataclass(frozen=True)
class Mutant:
    """One defect, and the tests of which the first to fail has killed it."""

    name: str
    file: str
    old: str
    new: str
    breaks: tuple[str, ...]
    dies: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The file's text with the defect. Raises Stale."""
        if text.count(self.old) != 1:
            raise Stale(self.name)
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; without `killed_by` it lives, and `why` says more."""

    mutant: Mutant
    killed_by: str = ""
    why: str = ""


def mutants() -> list[Mutant]:
    """The table, in its order."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [
        Mutant(name, row["file"], row["old"], row["new"], tuple(row["breaks"]), tuple(row["dies"]))
        for name, row in rows.items()
    ]


@contextmanager
def planted(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Meanwhile the copy has the defect. Raises Stale."""
    path = tree / mutant.file
    text, stat = path.read_text(encoding="utf-8"), path.stat()
    changed = mutant.applied(text)
    try:
        path.write_text(changed, encoding="utf-8")
        # Python knows what it compiled by whole seconds and size; both may be as they were.
        os.utime(path, (stat.st_atime, stat.st_mtime + 10))
        yield
    finally:
        path.write_text(text, encoding="utf-8")
        os.utime(path, (stat.st_atime, stat.st_mtime))


def judged(tree: Path, mutant: Mutant) -> Verdict:
    """Its tests are run in the copy, until one fails."""
    said = tree.with_suffix(".said")
    apart = multiprocessing.get_context("forkserver")
    apart.set_forkserver_preload(list(OTHERS))
    tests = apart.Process(target=_tested, args=(tree, mutant.dies, said))
    try:
        with planted(tree, mutant):
            tests.start()
            tests.join(LONGEST_SECONDS)
            if tests.is_alive():
                tests.kill()
                tests.join()
                return Verdict(mutant, why="its test does not end")
    except Stale:
        return Verdict(mutant, why="its old text is not there just once")
    return _read(mutant, tests.exitcode or 0, said.read_text(encoding="utf-8"))


def _tested(tree: Path, tests: Sequence[str], said: Path) -> None:
    """In a process of its own, which takes all code of ours from the copy."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    os.chdir(tree)
    os.environ["COLUMNS"] = "400"
    with said.open("w", encoding="utf-8") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.exit(pytest.main([*PYTEST, *tests]))


def _read(mutant: Mutant, code: int, said: str) -> Verdict:
    failed = FAILED.search(said)
    if code not in (0, 1):
        return Verdict(mutant, why=f"pytest ends with {code}: {said.strip()[-90:]}")
    if failed is None:
        return Verdict(mutant, why="ALIVE")
    why = failed["why"] or ""
    if OUR_MISTAKES.match(why):
        return Verdict(mutant, why=f"fails for another reason: {why[:90]}")
    return Verdict(mutant, killed_by=failed["test"], why=why)


def run(chosen: Sequence[Mutant], workers: int, console: Console) -> list[Verdict]:
    """All of them, each worker in a copy of its own; in the order of the table."""
    columns = (TextColumn("mutants"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[alive]} alive"))  # fmt: skip
    trees: queue.Queue[Path] = queue.Queue()

    def one(mutant: Mutant) -> Verdict:
        tree = trees.get()
        try:
            return judged(tree, mutant)
        finally:
            trees.put(tree)

    with (
        tempfile.TemporaryDirectory() as place,
        ThreadPoolExecutor(workers) as pool,
        Progress(*columns, console=console, disable=not console.is_terminal) as bar,
    ):
        for n in range(workers):
            trees.put(Path(shutil.copytree(ROOT, Path(place) / str(n), ignore=NOT_COPIED)))
        task = bar.add_task("mutants", total=len(chosen), alive=0)
        found = []
        for each in as_completed([pool.submit(one, mutant) for mutant in chosen]):
            found.append(each.result())
            alive = sum(not verdict.killed_by for verdict in found)
            bar.update(task, advance=1, alive=alive)
    return sorted(found, key=lambda verdict: chosen.index(verdict.mutant))


def told(verdict: Verdict) -> str:
    """Name, invariants, what killed it."""
    by = verdict.killed_by.removeprefix("tests/") or verdict.why
    return f"{verdict.mutant.name:<42}{' '.join(verdict.mutant.breaks):<9}{by}"


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults.mutants")
    asked.add_argument("names", nargs="*", help="of mutants; all without")
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    every = {each.name: each for each in mutants()}
    if unknown := set(given.names) - every.keys():
        asked.error(f"no such mutant: {', '.join(sorted(unknown))}")
    chosen = [every[name] for name in given.names] or [*every.values()]
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    found = run(chosen, given.workers, console)
    for each in found:
        console.print(told(each), style="" if each.killed_by else "red", markup=False)
    alive = [each for each in found if not each.killed_by]
    console.print(f"{len(found)} mutants, {len(found) - len(alive)} killed, {len(alive)} alive")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main())
