"""Reads BAI2 (Cash Management Balance Reporting Specifications, version 2), and checks its sums.

Records are comma separated and end with "/"; one that is too long goes on in records 88, also in
the middle of its fields. Totals of account, group and file count every amount and every record.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.bank_statement.movements import (
    ACH_CODES,
    AccountStatement,
    Movement,
    NotAStatement,
    signed_by_code,
)

FIRST = b"01,"
_CODES = "01|02|03|16|49|88|98|99"
_STARTS = re.compile(rf"(?:{_CODES}),")
_SEVERAL = re.compile(rf"/\s+(?=(?:{_CODES}),)")  # some banks write more than one on a line
_AMOUNT = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_UPDATES = ("1", "3")  # a group that is new, or corrects one; the others delete, or test
_INTERIM = ("1", "3")  # as-of-date modifiers: of a day that is not over


Read = Sequence[AccountStatement]


@dataclass
class _Record:
    line: int
    code: str
    text: str  # fields, joined with what goes on in records 88
    physical: int = 1  # records that it is written in

    @property
    def fields(self) -> list[str]:
        return self.text.split(",")


@dataclass
class _Sum:
    """What a trailer must agree with."""

    cents: int = 0
    parts: int = 0  # accounts of a group, groups of a file
    records: int = 0

    def hold(self, record: _Record, said: Sequence[str], *, has_parts: bool) -> None:
        """Raises NotAStatement where the trailer says otherwise."""
        here = [self.cents, *([self.parts] if has_parts else []), self.records]
        if [_amount(record, each) for each in [*said, ""][: len(here)]] != here:
            raise NotAStatement(record.line, "its total or count is another than what is there")


@dataclass
class _Open:
    """Which file, group and account is being read."""

    file: _Sum = field(default_factory=_Sum)
    group: _Sum | None = None
    account: _Sum | None = None
    on: date | None = None
    is_interim: bool = False
    group_currency: str = "USD"
    currency: str = "USD"
    number: str = ""
    is_closed: bool = False
    movements: list[Movement] = field(default_factory=list)


def read(lines: Iterable[bytes]) -> Iterator[AccountStatement]:
    """Each account, once its sums agree. Raises NotAStatement, late as it may be.

    So nothing of it may be used before all is read.
    """
    here = _Open()
    for record in _records(lines):
        if here.is_closed:
            raise NotAStatement(record.line, "something follows the end of the file")
        yield from _READERS[record.code](here, record)
    if not here.is_closed:
        raise NotAStatement(0, "it has no end: records 49, 98 and 99 are missing")


def _records(lines: Iterable[bytes]) -> Iterator[_Record]:
    """Whole records; text that is only broken over lines belongs to the one before."""
    last: _Record | None = None
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
                last = _Record(number, code, rest)
            elif last:
                last.text, last.physical = f"{last.text},{rest}", last.physical + 1
    if last:
        yield last


def _begin_group(here: _Open, record: _Record) -> Read:
    fields = [*record.fields, *[""] * 7]
    if here.group:
        raise NotAStatement(record.line, "a group begins within another")
    if fields[2] not in _UPDATES:
        raise NotAStatement(record.line, "a group that deletes, or only tests")
    try:
        here.on = date.fromisoformat(f"20{fields[3]}")
    except ValueError:
        raise NotAStatement(record.line, "a group without its date") from None
    here.group, here.group_currency = _Sum(records=record.physical), fields[5] or "USD"
    here.is_interim = fields[6] in _INTERIM
    return ()


def _begin_account(here: _Open, record: _Record) -> Read:
    if here.group is None or here.account:
        raise NotAStatement(record.line, "an account outside of a group, or within another")
    number, currency, *rest = [*record.fields, ""]
    here.number, here.currency = number, currency or here.group_currency
    here.account, here.movements = _Sum(records=record.physical), []
    while rest:
        _, amount, _, rest = _taken(record, rest, counts_items=True)
        here.account.cents += amount
    return ()


def _detail(here: _Open, record: _Record) -> Read:
    if here.account is None or here.on is None:
        raise NotAStatement(record.line, "a transaction outside of an account")
    code, amount, is_given, _ = _taken(record, record.fields, counts_items=False)
    here.account.cents += amount
    here.account.records += record.physical
    if is_given:
        here.movements.append(
            Movement(
                on=here.on,
                code=code,
                cents=signed_by_code(code, amount),
                currency=here.currency,
                is_ach=code in ACH_CODES,
            )
        )
    return ()


def _end_account(here: _Open, record: _Record) -> Read:
    if here.account is None or here.group is None:
        raise NotAStatement(record.line, "an account ends that never began")
    here.account.records += record.physical
    here.account.hold(record, record.fields, has_parts=False)
    here.group.cents += here.account.cents
    here.group.parts += 1
    here.group.records += here.account.records
    here.account = None
    return [
        AccountStatement(
            account=here.number,
            on=here.on,
            movements=tuple(here.movements),
            is_final=not here.is_interim,
        )
    ]


def _end_group(here: _Open, record: _Record) -> Read:
    if here.group is None or here.account:
        raise NotAStatement(record.line, "a group ends that never began, or within an account")
    here.group.records += record.physical
    here.group.hold(record, record.fields, has_parts=True)
    here.file.cents += here.group.cents
    here.file.parts += 1
    here.file.records += here.group.records
    here.group = None
    return ()


def _begin_file(here: _Open, record: _Record) -> Read:
    if here.file.records:
        raise NotAStatement(record.line, "a file begins within another")
    here.file.records += record.physical
    return ()


def _end_file(here: _Open, record: _Record) -> Read:
    if here.group or here.account:
        raise NotAStatement(record.line, "the file ends within a group")
    here.file.records += record.physical
    here.file.hold(record, record.fields, has_parts=True)
    here.is_closed = True
    return ()


def _taken(
    record: _Record, fields: Sequence[str], *, counts_items: bool
) -> tuple[str, int, bool, list[str]]:
    """Type code, amount, whether one was given, and what follows it and its funds' availability."""
    code, amount, *rest = [*fields, ""]
    if counts_items:
        rest = rest[1:]
    kind, *rest = rest or [""]
    skipped = {"V": 2, "S": 3}.get(kind.strip(), 0)
    if kind.strip() == "D":
        skipped = 1 + 2 * _amount(record, (rest or [""])[0])
    return code.strip(), _amount(record, amount), bool(amount.strip()), list(rest[skipped:])


def _amount(record: _Record, text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    if not _AMOUNT.fullmatch(text):
        raise NotAStatement(record.line, "an amount or a count that is no number")
    return int(text)


_READERS: Mapping[str, Callable[[_Open, _Record], Read]] = {
    "01": _begin_file,
    "02": _begin_group,
    "03": _begin_account,
    "16": _detail,
    "49": _end_account,
    "98": _end_group,
    "99": _end_file,
}
"""By the code of a record; what of 88 is not joined yet belongs to the one before."""
