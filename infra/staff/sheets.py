"""CSV files that people open as spreadsheets: no cell is taken for a formula."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# A spreadsheet would calculate a text that begins so, and may fetch or run what it names (OWASP).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")


class Sheet:
    """A file being written, row by row."""

    def __init__(self, table: "csv.DictWriter[str]") -> None:
        self._table = table

    def write(self, row: Mapping[str, Any]) -> None:
        """Numbers stay numbers; text that looks like a formula is marked as text."""
        self._table.writerow({name: as_text(value) for name, value in row.items()})


@contextmanager
def sheet(file: Path, names: Sequence[str]) -> Iterator[Sheet]:
    """A new file with these columns."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, names)
        table.writeheader()
        yield Sheet(table)


def as_text(value: Any) -> Any:
    """A cell as it is written."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
