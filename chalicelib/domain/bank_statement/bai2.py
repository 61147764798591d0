"""Reads BAI2 (Cash Management Balance Reporting Specifications, version 2), and checks its sums.

Records are comma separated and end with "/"; one that is too long goes on in records 88, also in
the middle of its fields. Totals of account, group and file count every amount and every record.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.bank_statement.bai2_records import BaiRecord, amount_of, records, taken
from chalicelib.domain.bank_statement.movements import (
    ACH_CODES,
    AccountStatement,
    Movement,
    NotAStatement,
    signed_by_code,
)

FIRST = b"01,"
_UPDATES = ("1", "3")  # a group that is new, or corrects one; the others delete, or test
_INTERIM = ("1", "3")  # as-of-date modifiers: of a day that is not over

Read = Sequence[AccountStatement]


@dataclass
class _Sum:
    """What a trailer must agree with."""

    cents: int = 0
    parts: int = 0  # accounts of a group, groups of a file
    records: int = 0

    def hold(self, record: BaiRecord, said: Sequence[str], *, has_parts: bool) -> None:
        """Raises NotAStatement where the trailer says otherwise."""
        here = [self.cents, *([self.parts] if has_parts else []), self.records]
        if [amount_of(record, each) for each in [*said, ""][: len(here)]] != here:
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
    for record in records(lines):
        if here.is_closed:
            raise NotAStatement(record.line, "something follows the end of the file")
        yield from _READERS[record.code](here, record)
    if not here.is_closed:
        raise NotAStatement(0, "it has no end: records 49, 98 and 99 are missing")


def _begin_group(here: _Open, record: BaiRecord) -> Read:
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


def _begin_account(here: _Open, record: BaiRecord) -> Read:
    if here.group is None or here.account:
        raise NotAStatement(record.line, "an account outside of a group, or within another")
    number, currency, *rest = [*record.fields, ""]
    here.number, here.currency = number, currency or here.group_currency
    here.account, here.movements = _Sum(records=record.physical), []
    while rest:
        _, amount, _, rest = taken(record, rest, counts_items=True)
        here.account.cents += amount
    return ()


def _detail(here: _Open, record: BaiRecord) -> Read:
    if here.account is None or here.on is None:
        raise NotAStatement(record.line, "a transaction outside of an account")
    code, amount, is_given, _ = taken(record, record.fields, counts_items=False)
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


def _end_account(here: _Open, record: BaiRecord) -> Read:
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


def _end_group(here: _Open, record: BaiRecord) -> Read:
    if here.group is None or here.account:
        raise NotAStatement(record.line, "a group ends that never began, or within an account")
    here.group.records += record.physical
    here.group.hold(record, record.fields, has_parts=True)
    here.file.cents += here.group.cents
    here.file.parts += 1
    here.file.records += here.group.records
    here.group = None
    return ()


def _begin_file(here: _Open, record: BaiRecord) -> Read:
    if here.file.records:
        raise NotAStatement(record.line, "a file begins within another")
    here.file.records += record.physical
    return ()


def _end_file(here: _Open, record: BaiRecord) -> Read:
    if here.group or here.account:
        raise NotAStatement(record.line, "the file ends within a group")
    here.file.records += record.physical
    here.file.hold(record, record.fields, has_parts=True)
    here.is_closed = True
    return ()


_READERS: Mapping[str, Callable[[_Open, BaiRecord], Read]] = {
    "01": _begin_file,
    "02": _begin_group,
    "03": _begin_account,
    "16": _detail,
    "49": _end_account,
    "98": _end_group,
    "99": _end_file,
}
"""By the code of a record; what of 88 is not joined yet belongs to the one before."""
