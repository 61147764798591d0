"""A feed as a file: its form, what it looks like, and the names in its header row."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.domain import adjustment
from chalicelib.domain.adjustment import Adjustment, parse_adjustment
from chalicelib.domain.feed import COLUMNS, MAY_COME, BadRow, FeedRow, cells, parse_row

Row = TypeVar("Row")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its byte order marks
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "a ZIP archive, as of a spreadsheet"}
_NAME_OF_COLUMN = re.compile(r"[A-Za-z][A-Za-z_ ]{0,39}\d{0,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForm(Generic[Row]):
    """Files of one kind: their columns, how a row is read, who releases one that is held."""

    columns: tuple[str, ...]
    parse: Callable[[str, Sequence[str], datetime | None], Row]
    may_come: tuple[str, ...] = ()
    releases_needed: int = 1  # of different people
    mark: bytes = b""  # parts what has the same bytes, and is of another kind
    ends_lines: bool = False  # a last row without its line end may be cut, and is not read

    def columns_of(self, header: str) -> tuple[str, ...]:
        """The names in a header row, in its order; those that nobody knows are not read.

        Raises BadRow where one is missing or stands twice.
        """
        try:
            found = cells(header.removeprefix("\ufeff").rstrip("\r\n"))
        except BadRow:
            found = []
        names = tuple(name.strip() for name in found)
        missing = [name for name in self.columns if name not in names]
        if missing:
            raise BadRow("header", f"the header row misses {', '.join(missing)}")
        twice = [name for name in (*self.columns, *self.may_come) if names.count(name) > 1]
        if twice:
            raise BadRow("header", f"the header row has {', '.join(twice)} twice")
        return names

    def unknown(self, columns: Sequence[str]) -> list[str]:
        """Those that are not read, by name; one that may be anything but a name, by its place."""
        return [
            name if _NAME_OF_COLUMN.fullmatch(name) else f"column {place}"
            for place, name in enumerate(columns, start=1)
            if name not in (*self.columns, *self.may_come)
        ]


ENROLLMENTS: FeedForm[FeedRow] = FeedForm(columns=COLUMNS, may_come=MAY_COME, parse=parse_row)
ADJUSTMENTS: FeedForm[Adjustment] = FeedForm(
    columns=adjustment.COLUMNS,
    parse=parse_adjustment,
    releases_needed=2,
    mark=b"adjustments",
    ends_lines=True,
)


def numbered(
    form: FeedForm[Row], lines: Iterable[bytes], columns: Sequence[str], written_at: datetime
) -> Iterator[tuple[int, Row | BadRow]]:
    """Each row of a whole file under its line, counted from 1; the header row is none."""
    for number, line in enumerate(lines, start=1):
        if number == 1 or not line.strip():
            continue
        try:
            yield number, form.parse(line.decode().rstrip("\r\n"), columns, written_at)
        except BadRow as bad:
            yield number, bad


def form_of(key: str) -> FeedForm[FeedRow] | FeedForm[Adjustment]:
    """By where it arrives: inbound/adjustments/, or inbound/enrollments/."""
    return ADJUSTMENTS if key.startswith("inbound/adjustments/") else ENROLLMENTS


def looks_like(line: bytes) -> str:
    """What a file with this first line is, where it is no text as feeds are; or nothing."""
    if line.startswith(_UTF_16) or line[:4].count(b"\0") == 2:  # noqa: PLR2004 - every other byte
        return "UTF-16"
    return next((what for sign, what in _PACKED.items() if line.startswith(sign)), "")
