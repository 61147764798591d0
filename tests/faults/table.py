"""The tables of whole runs, between the markers of docs/reliability.md."""

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make faults: begin -->", "<!-- written by make faults: end -->"
LONG_BEGIN, LONG_END = (mark.replace("make faults", "make faults-long") for mark in (BEGIN, END))


def write(report: Any, seconds: float, seed: int) -> None:
    """Puts it there; everything around the markers stays as it is."""
    put(BEGIN, _table(report, seconds, seed), END)


def write_long(report: Any, killed: int, mutants: int, seconds: float) -> None:
    """The years and the mutants, likewise; the seconds are those of all years, in a row."""
    points = Counter(part for (part, _), n in report.points.items() for _ in range(n))
    wrong = Counter(found.part for found in report.violations)
    seeds = " ".join(f"`{found.point}`" for found in report.violations)
    lines = [
        f"Commit {commit()}, {seconds / 60:.0f} minutes of years, two at a time.",
        "",
        "| part | played | wrong |",
        "|---|---|---|",
        *(f"| {part} | {n} | {wrong[part]} |" for part, n in points.items()),
        f"| mutants | {mutants} | {mutants - killed} alive |",
        *(["", f"Wrong: {seeds}"] if seeds else []),
    ]
    put(LONG_BEGIN, "\n".join(lines) + "\n", LONG_END)


def put(begin: str, table: str, end: str, page: Path = PAGE) -> None:
    """A table between its markers."""
    text = page.read_text()
    head, is_there, rest = text.partition(begin)
    assert is_there, f"{page.name} lost {begin}"
    _, _, tail = rest.partition(end)
    page.write_text(f"{head}{begin}\n{table}{end}{tail}")


def _table(report: Any, seconds: float, seed: int) -> str:
    wrong = Counter((found.part, _row(found.name)) for found in report.violations)
    played: Counter[tuple[str, str]] = Counter()
    for (part, name), n in report.points.items():
        played[part, _row(name)] += n

    def calls(part: str, name: str) -> object:
        return report.calls.get(name, "") if part == "matrix" else ""

    rows = [
        f"| {part} | {name} | {calls(part, name)} | {points} | {wrong[part, name]} |"
        for (part, name), points in played.items()
    ]
    total = sum(report.points.values())
    end = f"| **all** | | | **{total}** | **{sum(wrong.values())}** |"
    lines = [
        f"Commit {commit()}, seed {seed}, {seconds:.0f} s in two processes; {report.copies}",
        "second copies of a mail, each where the mail service had answered.",
        "",
        "| part | flow | calls | points | violations |",
        "|---|---|---|---|---|",
        *rows,
        end,
    ]
    return "\n".join(lines) + "\n"


def _row(name: str) -> str:
    """Runs that are named by their seeds have one row together."""
    return "by seed" if name.isdigit() else name


def commit() -> str:
    """Of the checkout, shortened; `-dirty` where it is not what was committed."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607
        capture_output=True, text=True, check=False, cwd=PAGE.parent,
    )  # fmt: skip
    return said.stdout.strip() or "unknown"
