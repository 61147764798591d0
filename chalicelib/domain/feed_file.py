"""A feed as a file: what it looks like, and the names in its header row."""

import re
from collections.abc import Sequence

from chalicelib.domain.feed import COLUMNS, MAY_COME, BadRow, cells

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its byte order marks
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "a ZIP archive, as of a spreadsheet"}
_NAME_OF_COLUMN = re.compile(r"[A-Za-z][A-Za-z_ ]{0,39}\d{0,2}", re.ASCII)


def columns_of(header: str) -> tuple[str, ...]:
    """The names in a header row, in its order; those that nobody knows are not read.

    Raises BadRow where one is missing or stands twice.
    """
    try:
        found = cells(header.removeprefix("\ufeff").rstrip("\r\n"))
    except BadRow:
        found = []
    names = tuple(name.strip() for name in found)
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadRow("header", f"the header row misses {', '.join(missing)}")
    twice = [name for name in (*COLUMNS, *MAY_COME) if names.count(name) > 1]
    if twice:
        raise BadRow("header", f"the header row has {', '.join(twice)} twice")
    return names


def looks_like(line: bytes) -> str:
    """What a file with this first line is, where it is no text as feeds are; or nothing."""
    if line.startswith(_UTF_16) or line[:4].count(b"\0") == 2:  # noqa: PLR2004 - every other byte
        return "UTF-16"
    return next((what for sign, what in _PACKED.items() if line.startswith(sign)), "")


def unknown_columns(columns: Sequence[str]) -> list[str]:
    """Those that are not read, by name; one that may be anything but a name, by its place."""
    return [
        name if _NAME_OF_COLUMN.fullmatch(name) else f"column {place}"
        for place, name in enumerate(columns, start=1)
        if name not in (*COLUMNS, *MAY_COME)
    ]
