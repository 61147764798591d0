"""From bytes to lines of 94 characters, whatever the line ends are, in any chunks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chalicelib.domain.ach.layout import RECORD_SIZE

_NOTHING = " \t\0\x1a"  # blanks; and what old systems put at the end of a file
_MARK = "\xef\xbb\xbf"  # UTF-8's byte order mark, as Latin-1 shows it


class RecordLine(NamedTuple):
    """One record's characters, filled up to 94; `sent` is how many the sender's line had."""

    number: int
    text: str
    sent: int

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.text.strip(_NOTHING)


def lines(chunks: Iterable[bytes]) -> Iterator[RecordLine]:
    """Every line, counted from 1; without line ends every 94 characters are one."""
    number = 0
    for raw in _broken(chunks):
        sent = raw.decode("latin-1")  # every byte is a character: nothing is lost, nothing raises
        if number == 0:
            sent = sent.removeprefix(_MARK)
        kept = sent.rstrip(" ")
        for start in range(0, max(len(kept), 1), RECORD_SIZE):
            number += 1
            yield RecordLine(
                number, kept[start : start + RECORD_SIZE].ljust(RECORD_SIZE), len(sent)
            )


def _broken(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut at any line end, or, where none comes, at whole records."""
    rest = b""
    for chunk in chunks:
        *whole, rest = _split(rest + chunk)
        yield from whole
        # A run without line ends: all but the last record is surely complete.
        surely = (len(rest) - 1) // RECORD_SIZE - 1
        for rank in range(surely):
            yield rest[rank * RECORD_SIZE : (rank + 1) * RECORD_SIZE]
        rest = rest[max(surely, 0) * RECORD_SIZE :]
    rest = rest.rstrip(b"\r")
    if rest.strip(_NOTHING.encode("latin-1")):
        yield rest


def _split(piece: bytes) -> list[bytes]:
    """The ended lines, and what is not ended yet: a line feed may follow a carriage return."""
    parts = piece.splitlines(keepends=True)
    if not parts:
        return [b""]
    ended = parts[-1].endswith(b"\n")
    rest = b"" if ended else parts.pop()
    return [part.rstrip(b"\r\n") for part in parts] + [rest]
