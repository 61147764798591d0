"""A file is lines of 94 characters; how one is cut, written and read: a dataclass is its table."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import Field, dataclass, fields, replace
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar, get_type_hints

RECORD_SIZE = 94
_NOTHING = " \t\0\x1a"  # blanks; and what old systems put at the end of a file
_MARK = "\xef\xbb\xbf"  # UTF-8's byte order mark, as Latin-1 shows it


@dataclass(frozen=True, slots=True)
class FieldForm:
    """What a field may hold: its length, how it is filled up, how it is recognised."""

    length: int
    template: str
    pattern: str  # of what we write
    number: bool = False
    read: str = ""  # what is read of others, where that is more

    @property
    def readable(self) -> str:
        """The pattern of what is read."""
        return self.read or self.pattern


def text(length: int) -> FieldForm:
    """Alphameric: any printable character, to the left, filled with blanks."""
    return FieldForm(length, f"%-{length}s", f"[ -~]{{{length}}}")


def free_text(length: int) -> FieldForm:
    """The same, for a field that decides nothing: read whatever signs it has (rule 53)."""
    return replace(text(length), read=f".{{{length}}}")


def digits(length: int) -> FieldForm:
    """A numeric identifier: leading zeros belong to it, so it stays a string."""
    return FieldForm(length, f"%-{length}s", f"[0-9]{{{length}}}")


def number(length: int) -> FieldForm:
    """Numeric: unsigned, to the right, filled with zeros."""
    return FieldForm(length, f"%0{length}d", f"[0-9]{{{length}}}", number=True)


# The lengths that more than one record uses, so that a record reads like the rule book's table.
Amount10 = Annotated[int, number(10)]
Amount12 = Annotated[int, number(12)]
Count6 = Annotated[int, number(6)]
Count8 = Annotated[int, number(8)]
Hash = Annotated[int, number(10)]
Class = Annotated[str, digits(3)]
Code2 = Annotated[str, digits(2)]
Code3 = Annotated[str, text(3)]
Day = Annotated[str, text(6)]  # YYMMDD; blank or garbage must still be readable, to be named
Dfi = Annotated[str, digits(8)]
Id10 = Annotated[str, text(10)]
Sequence = Annotated[str, digits(7)]
Sign = Annotated[str, text(1)]
Trace = Annotated[str, digits(15)]
OriginalTrace = Annotated[str, text(15)]  # some banks leave it blank (rule 47)


class Malformed(ValueError):
    """A line has not the form of its record; `fields` names those that haven't."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.fields = names


class Record(Protocol):
    """A dataclass whose annotations carry forms."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Record)


class Layout(Generic[R]):
    """Writes and reads one kind of record; begun by its type code ("6", "799")."""

    def __init__(self, record: type[R], start: str) -> None:
        hints = get_type_hints(record, include_extras=True)
        self._record = record
        self._names = tuple(field.name for field in fields(record))
        self._forms: tuple[FieldForm, ...] = tuple(
            hints[name].__metadata__[0] for name in self._names
        )
        self._start = start
        self._template = start + "".join(form.template for form in self._forms)
        self._pattern = re.compile(start + "".join(f"({form.pattern})" for form in self._forms))
        readable = "".join(f"({form.readable})" for form in self._forms)
        self._readable = re.compile(start + readable, re.DOTALL)
        self._values = attrgetter(*self._names)

    def positions(self) -> dict[str, tuple[int, int]]:
        """First and last position of each field, counted from 1 as the rule book does."""
        found, last = {}, len(self._start)
        for name, form in zip(self._names, self._forms, strict=True):
            found[name] = (last + 1, last + form.length)
            last += form.length
        return found

    def write(self, record: R) -> str:
        """Its 94 characters. A value that does not fit is a mistake of ours."""
        line = self._template % self._values(record)
        # A field only ever grows: 94 characters of the right kinds prove that each one fits.
        assert self._pattern.fullmatch(line), f"not a {self._record.__name__}"
        return line

    def read(self, line: str) -> R:
        """The record of a line. Raises Malformed, which names every field that is wrong."""
        return self._read(line, self._pattern)

    def read_of_others(self, line: str) -> R:
        """The same, with any sign in a field that decides nothing (rule 53)."""
        return self._read(line, self._readable)

    def _read(self, line: str, pattern: re.Pattern[str]) -> R:
        match = pattern.fullmatch(line)
        if match is None:
            raise Malformed(self._wrong(line, is_lenient=pattern is self._readable))
        return self._record(
            **{
                name: int(value) if form.number else value.rstrip(" ")
                for name, form, value in zip(self._names, self._forms, match.groups(), strict=True)
            }
        )

    def _wrong(self, line: str, *, is_lenient: bool) -> tuple[str, ...]:
        if len(line) != RECORD_SIZE:
            return ("length",)
        spans = self.positions()
        return tuple(
            name
            for name, form in zip(self._names, self._forms, strict=True)
            if not re.fullmatch(
                form.readable if is_lenient else form.pattern,
                line[spans[name][0] - 1 : spans[name][1]],
            )
        ) or ("record_type",)


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
        if len(raw) == RECORD_SIZE and raw.isascii():
            number += 1
            yield RecordLine(number, raw.decode("ascii"), RECORD_SIZE)
            continue
        sent = _decoded(raw)
        if number == 0:
            sent = sent.removeprefix(_MARK)
        kept = sent.rstrip(" ")
        for start in range(0, max(len(kept), 1), RECORD_SIZE):
            number += 1
            yield RecordLine(
                number, kept[start : start + RECORD_SIZE].ljust(RECORD_SIZE), len(sent)
            )


def _decoded(raw: bytes) -> str:
    """Every byte is a character: nothing is lost, nothing raises.

    But a record too long by the second bytes of UTF-8 is that: else all after them is displaced.
    """
    sent = raw.decode("latin-1")
    if len(sent) <= RECORD_SIZE or raw.isascii():
        return sent
    with suppress(UnicodeDecodeError):
        if len(whole := raw.decode()) == RECORD_SIZE:
            return whole
    return sent


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
