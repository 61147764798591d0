"""The records of BAI2, whole: one that is too long goes on in records 88, also amid its fields."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.bank_statement.movements import NotAStatement

_CODES = "01|02|03|16|49|88|98|99"
_STARTS = re.compile(rf"(?:{_CODES}),")
_SEVERAL = re.compile(rf"/\s+(?=(?:{_CODES}),)")  # some banks write more than one on a line
_AMOUNT = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass
class BaiRecord:
    """One record, and where it begins."""

    line: int
    code: str
    text: str  # fields, joined with what goes on in records 88
    physical: int = 1  # records that it is written in

    @property
    def fields(self) -> list[str]:
        """All of it after its code."""
        return self.text.split(",")


def records(lines: Iterable[bytes]) -> Iterator[BaiRecord]:
    """Whole records; text that is only broken over lines belongs to the one before."""
    last: BaiRecord | None = None
    for number, line in enumerate(lines, 1):
        for text in _SEVERAL.split(line.decode("latin-1").strip()):
            code, rest = text[:2], text[3:].rstrip().removesuffix("/")
            if not _STARTS.match(text):
                if last is None:
                    raise NotAStatement(number, "it begins with no record of BAI2")
                last.text += f" {text.rstrip().removesuffix('/')}".rstrip()
            elif code != "88":
                if last:
                    yield last
                elif code != "01":
                    raise NotAStatement(number, "it does not begin with a file header")
                last = BaiRecord(number, code, rest)
            elif last:
                last.text, last.physical = f"{last.text},{rest}", last.physical + 1
    if last:
        yield last


def taken(
    record: BaiRecord, fields: Sequence[str], *, counts_items: bool
) -> tuple[str, int, bool, list[str]]:
    """Type code, amount, whether one was given, and what follows it and its funds' availability."""
    code, amount, *rest = [*fields, ""]
    if counts_items:
        rest = rest[1:]
    kind, *rest = rest or [""]
    skipped = {"V": 2, "S": 3}.get(kind.strip(), 0)
    if kind.strip() == "D":
        skipped = 1 + 2 * amount_of(record, (rest or [""])[0])
    return code.strip(), amount_of(record, amount), bool(amount.strip()), list(rest[skipped:])


def amount_of(record: BaiRecord, text: str) -> int:
    """A whole number, 0 where there is none. Raises NotAStatement."""
    text = text.strip()
    if not text:
        return 0
    if not _AMOUNT.fullmatch(text):
        raise NotAStatement(record.line, "an amount or a count that is no number")
    return int(text)
