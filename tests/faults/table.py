"""The table of a whole run, between the markers of docs/reliability.md."""

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make faults: begin -->", "<!-- written by make faults: end -->"


def write(report: Any, seconds: float, seed: int) -> None:
    """Puts it there; everything around the markers stays as it is."""
    text = PAGE.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{_table(report, seconds, seed)}{END}{tail}")


def _table(report: Any, seconds: float, seed: int) -> str:
    wrong = Counter((found.part, found.name) for found in report.violations)
    known = Counter((found.part, found.name) for found, _ in report.expected)

    def calls(part: str, name: str) -> object:
        return report.calls.get(name, "") if part == "matrix" else ""

    rows = [
        f"| {part} | {name} | {calls(part, name)} | {points} | "
        f"{known[part, name]} | {wrong[part, name]} |"
        for (part, name), points in report.points.items()
    ]
    total = sum(report.points.values())
    end = f"| **all** | | | **{total}** | **{sum(known.values())}** | **{sum(wrong.values())}** |"
    reasons = sorted({row.reason for _, row in report.expected})
    lines = [
        f"Commit {_commit()}, seed {seed}, {seconds:.0f} s in two processes; {report.copies}",
        "second copies of a mail, each where the mail service had answered.",
        "",
        "| part | flow | calls | points | expected | violations |",
        "|---|---|---|---|---|---|",
        *rows,
        end,
        *(["", "Expected, and why:", ""] if reasons else []),
        *(f"- {reason}" for reason in reasons),
    ]
    return "\n".join(lines) + "\n"


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607
        capture_output=True, text=True, check=False, cwd=PAGE.parent,
    )  # fmt: skip
    return said.stdout.strip() or "unknown"
