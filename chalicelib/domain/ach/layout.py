"""How a record of 94 characters is written and read: the dataclass is the field table."""

import re
from dataclasses import Field, dataclass, fields
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar, get_type_hints

RECORD_SIZE = 94


@dataclass(frozen=True, slots=True)
class FieldForm:
    """What a field may hold: its length, how it is filled up, how it is recognised."""

    length: int
    template: str
    pattern: str
    number: bool = False


def text(length: int) -> FieldForm:
    """Alphameric: any printable character, to the left, filled with blanks."""
    return FieldForm(length, f"%-{length}s", f"[ -~]{{{length}}}")


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
        match = self._pattern.fullmatch(line)
        if match is None:
            raise Malformed(self._wrong(line))
        return self._record(
            **{
                name: int(value) if form.number else value.rstrip(" ")
                for name, form, value in zip(self._names, self._forms, match.groups(), strict=True)
            }
        )

    def _wrong(self, line: str) -> tuple[str, ...]:
        if len(line) != RECORD_SIZE:
            return ("length",)
        spans = self.positions()
        return tuple(
            name
            for name, form in zip(self._names, self._forms, strict=True)
            if not re.fullmatch(form.pattern, line[spans[name][0] - 1 : spans[name][1]])
        ) or ("record_type",)
