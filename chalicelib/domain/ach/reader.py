"""Reads what banks really send. Never raises: it finds, and says where."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from chalicelib.domain.ach.findings import (
    BatchRead,
    ChangeEntry,
    Fault,
    ForwardEntry,
    Found,
    Problem,
    RejectEntry,
    ReturnEntry,
)
from chalicelib.domain.ach.layout import RECORD_SIZE, Layout, Malformed, RecordLine, lines
from chalicelib.domain.ach.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING_FACTOR,
    CHANGE_ADDENDA,
    ENTRY_DETAIL,
    FILE_CONTROL,
    FILE_HEADER,
    PAYMENT_ADDENDA,
    RETURN_ADDENDA,
    RETURNS,
    TRANSACTION_CODES,
    ChangeAddenda,
    EntryDetail,
    PaymentAddenda,
    ReturnAddenda,
)
from chalicelib.domain.ach.sums import Scope
from chalicelib.domain.bank_profile import DEFAULT, BankProfile

Addenda = PaymentAddenda | ChangeAddenda | ReturnAddenda

_ADDENDA: Mapping[str, Layout[Any]] = {
    "05": PAYMENT_ADDENDA,
    "98": CHANGE_ADDENDA,
    "99": RETURN_ADDENDA,
}
_OTHER_FORMS = frozenset({"IAT", "ADV"})  # their entries have other fields in other places
_MOST_ADDENDA = 100
_RETURN_CODE = re.compile(r"R\d\d", re.ASCII)
_REJECTED = re.compile(r"[A-Z]{3}\d{5}", re.ASCII)  # in positions 80 to 87 of an entry
_CHANGE_CODE = re.compile(r"C\d\d", re.ASCII)


def read(chunks: Iterable[bytes], profile: BankProfile = DEFAULT) -> Iterator[Found]:
    """All that is found, as it is found; what is in a batch stands before its BatchRead."""
    return _Reader(profile).read(chunks)


class _Reader:
    """Line by line; holds sums, and one entry whose addenda may still come."""

    def __init__(self, profile: BankProfile) -> None:
        self._profile = profile
        self._file = Scope()
        self._batch: Scope | None = None
        self._entry: EntryDetail | None = None
        self._entry_line = 0
        self._rejected: str | None = None  # the code with which our bank refuses it
        self._reasons: list[Addenda] = []
        self._texts: list[str] = []  # of the entry, and of its reasons
        self._records = 0
        self._has_header = self._is_closed = False
        self._kinds: dict[str, Callable[[RecordLine], Iterator[Found]]] = {
            "1": self._file_header,
            "5": self._batch_header,
            "6": self._entry_detail,
            "7": self._addenda,
            "8": self._batch_control,
            "9": self._file_control,
        }

    def read(self, chunks: Iterable[bytes]) -> Iterator[Found]:
        number = 0
        for line in lines(self._profile.unwrapped(chunks)):
            number = line.number
            if line.is_blank:
                yield Problem(number, Fault.BLANK_LINE)
                continue
            self._records += 1
            if not line.text.rstrip().strip("9"):
                continue
            if line.sent < RECORD_SIZE:
                yield Problem(number, Fault.SHORT_LINE)
            try:
                yield from self._kinds.get(line.text[0], self._undefined)(line)
            except Malformed as wrong:
                yield self._grave(line, Fault.MALFORMED, ", ".join(wrong.fields))
            if not (line.text.isascii() and line.text.isprintable()):
                yield Problem(number, Fault.ODD_SIGN)
        yield from self._end(number)

    def _file_header(self, line: RecordLine) -> Iterator[Found]:
        yield from self._close_batch(line.number)
        self._file, self._has_header, self._is_closed = Scope(), True, False
        FILE_HEADER.read_of_others(line.text)

    def _batch_header(self, line: RecordLine) -> Iterator[Found]:
        yield from self._close_batch(line.number)
        self._batch = Scope(line.text)
        header = self._batch.header = BATCH_HEADER.read_of_others(self._profile.numbered(line.text))
        if header.standard_entry_class_code in _OTHER_FORMS:
            yield self._grave(line, Fault.NOT_OUR_KIND, header.standard_entry_class_code)

    def _entry_detail(self, line: RecordLine) -> Iterator[Found]:
        yield from self._entry_over()
        text, code = line.text, line.text[79:87]
        self._rejected = code if _REJECTED.fullmatch(code) else None
        if self._rejected and self._batch and self._batch.header:
            dfi = self._batch.header.originating_dfi_identification
            text = f"{text[:79]}{dfi}{text[87:]}"
        self._entry, self._entry_line = ENTRY_DETAIL.read_of_others(text), line.number
        self._texts = [line.text]
        if self._batch is None:
            yield self._grave(line, Fault.OUTSIDE_A_BATCH)
        else:
            self._batch.add(self._entry)
        self._file.add(self._entry)
        if self._entry.transaction_code not in TRANSACTION_CODES:
            yield self._grave(line, Fault.UNKNOWN_TRANSACTION_CODE)

    def _addenda(self, line: RecordLine) -> Iterator[Found]:
        for scope in self._scopes():
            scope.sums.addenda += 1
        if self._entry is None:
            yield self._grave(line, Fault.ADDENDA_WITHOUT_ENTRY)
            return
        layout = _ADDENDA.get(line.text[1:3])
        addenda = layout.read_of_others(line.text) if layout else None
        if addenda is None:
            yield self._grave(line, Fault.UNDEFINED_RECORD)
        elif len(self._reasons) < _MOST_ADDENDA:
            self._reasons.append(addenda)
            self._texts.append(line.text)
        else:
            yield self._grave(line, Fault.ADDENDA_CONTRADICT)

    def _batch_control(self, line: RecordLine) -> Iterator[Found]:
        yield from self._entry_over()
        batch = self._batch
        if batch is None:
            yield self._grave(line, Fault.CONTROL_WITHOUT_BATCH)
            return
        control = BATCH_CONTROL.read_of_others(self._profile.numbered(line.text))
        wrong_sums = self._profile.disagreements(batch.sums, control)
        if wrong_sums and batch.is_complete:
            yield self._grave(line, Fault.BATCH_DISAGREES, ", ".join(wrong_sums))
        self._file.batches += 1
        self._batch = None
        yield BatchRead(line.number, batch.is_sound, has_header=batch.header is not None)

    def _file_control(self, line: RecordLine) -> Iterator[Found]:
        yield from self._close_batch(line.number)
        file, self._file = self._file, Scope()
        control = FILE_CONTROL.read_of_others(line.text)
        self._is_closed = True  # by a line that has its form: any may begin with a 9 (rule 48)
        wrong_sums = self._profile.disagreements(file.sums, control)
        if control.batch_count != file.batches:
            wrong_sums = (*wrong_sums, "batch_count")
        if wrong_sums and file.is_complete:
            yield self._grave(line, Fault.FILE_DISAGREES, ", ".join(wrong_sums))
        if control.block_count != -(-self._records // BLOCKING_FACTOR):
            yield Problem(line.number, Fault.BLOCK_COUNT)

    def _undefined(self, line: RecordLine) -> Iterator[Found]:
        yield self._grave(line, Fault.UNDEFINED_RECORD)

    def _end(self, number: int) -> Iterator[Found]:
        yield from self._close_batch(number)
        if not self._records:
            yield Problem(number, Fault.NOTHING)
            return
        if not self._has_header:
            yield Problem(number, Fault.NO_FILE_HEADER)
        if not self._is_closed:
            yield Problem(number, Fault.NO_FILE_CONTROL)
        if self._records % BLOCKING_FACTOR:
            yield Problem(number, Fault.NOT_BLOCKED)

    def _close_batch(self, number: int) -> Iterator[Found]:
        """Where something else begins, an open batch is over, and so are entries outside of any."""
        yield from self._entry_over()
        batch, self._batch = self._batch, None
        if batch is not None:
            yield Problem(number, Fault.BATCH_NOT_CLOSED)
        has_header = batch is not None and batch.header is not None
        yield BatchRead(number, is_sound=False, has_header=has_header)

    def _entry_over(self) -> Iterator[Found]:
        """What an entry is, once all its addenda are known."""
        entry, reasons, line = self._entry, self._reasons, self._entry_line
        records = tuple(self._texts)
        self._entry, self._reasons, self._texts = None, [], []
        if entry is None:
            return
        header = self._batch.header if self._batch else None
        heading = self._batch.heading if self._batch else ""
        own = tuple(each for each in reasons if isinstance(each, PaymentAddenda))
        match [each for each in reasons if not isinstance(each, PaymentAddenda)]:
            case [ReturnAddenda() as why] if _RETURN_CODE.fullmatch(why.return_reason_code):
                if header and not header.settlement_date.isdigit():
                    yield Problem(line, Fault.NOT_DATED)
                yield ReturnEntry(line, header, entry, why, records, heading)
            case [ChangeAddenda() as why] if _CHANGE_CODE.fullmatch(why.change_code):
                yield ChangeEntry(line, header, entry, why, records, heading)
            case [_]:  # just this one can't be booked; its batch adds up all the same
                yield Problem(line, Fault.NO_CODE)
            case [] if self._rejected:
                yield RejectEntry(line, header, entry, self._rejected, records, heading)
            case [] if entry.transaction_code not in RETURNS:
                yield ForwardEntry(line, header, entry, own)
            case []:
                yield self._grave_at(line, Fault.NO_REASON)
            case _:
                yield self._grave_at(line, Fault.ADDENDA_CONTRADICT)

    def _scopes(self) -> list[Scope]:
        return [self._file] if self._batch is None else [self._file, self._batch]

    def _grave(self, line: RecordLine, fault: Fault, detail: str = "") -> Problem:
        return self._grave_at(line.number, fault, detail)

    def _grave_at(self, number: int, fault: Fault, detail: str = "") -> Problem:
        for scope in self._scopes():
            scope.is_sound = False
            if fault in {Fault.MALFORMED, Fault.UNDEFINED_RECORD}:
                scope.is_complete = False
        return Problem(number, fault, detail)
