"""A calendar file of whole days (RFC 5545), as calendars on phones and computers read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

LINE_OCTETS = 75  # RFC 5545, 3.1: without the line break; a line that goes on begins with a blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One day; a file with the same `uid` that is read later replaces it."""

    uid: str
    on: date
    summary: str
    description: str


def calendar_file(events: Iterable[Event], made_at: datetime) -> bytes:
    """The file in UTF-8; `made_at` is an aware instant."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Premium Pay//Monthly payments//EN"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
            f"SUMMARY:{_escaped(event.summary)}",
            f"DESCRIPTION:{_escaped(event.description)}",
            "TRANSP:TRANSPARENT",  # the day stays free
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """No line longer than allowed, and no letter cut in two."""
    part = b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > LINE_OCTETS:
            yield part
            part = b" "
        part += octets
    yield part
