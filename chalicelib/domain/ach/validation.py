"""Proves a file of ours against all the operator's rules, and ours, before it leaves."""

import re
from collections.abc import Callable, Iterable, Iterator

from chalicelib.domain.ach import checks
from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.composing import batch_header, entry_detail, refused_change
from chalicelib.domain.ach.entries import FileEntry, is_routing_number
from chalicelib.domain.ach.layout import RECORD_SIZE, Malformed, RecordLine, lines
from chalicelib.domain.ach.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING_FACTOR,
    COR,
    CREDITS,
    ENTRY_DETAIL,
    FILE_CONTROL,
    FILE_HEADER,
    FILLER,
    PAYMENT_ADDENDA,
    REFUSED_CHANGE_ADDENDA,
    RETURNS,
    BatchHeader,
    EntryDetail,
    PaymentAddenda,
    RefusedChangeAddenda,
)
from chalicelib.domain.ach.rejections import WHEN_MALFORMED, Rule
from chalicelib.domain.ach.sums import Sums
from chalicelib.domain.ach.verdict import OperatorVerdict, Refusal

MOST_REFUSALS = 1000

_MOST_ADDENDA = 10
# Which record types may follow which: the file's order, read off the rule book's sequence chart.
_MAY_FOLLOW = {"": "1", "1": "5", "5": "6", "6": "678", "7": "678", "8": "59", "9": ""}
_OF_THE_FILE = {
    "entry_addenda_count": Rule.FILE_COUNT,
    "entry_hash": Rule.FILE_HASH,
    "total_debit_cents": Rule.FILE_TOTALS,
    "total_credit_cents": Rule.FILE_TOTALS,
}


def is_refused(entry: FileEntry, operator: Operator) -> bool:
    """Whether the operator would refuse this entry by itself, in whichever file it came."""
    odfi_id = operator.originator.odfi_id
    if entry.unwritable():
        return True
    header, trace_number = batch_header(operator.originator, entry.batch, 1), f"{odfi_id}0000001"
    addenda = [refused_change(entry.refused, trace_number)] if entry.refused else []
    return any(checks.entry(header, entry_detail(entry, trace_number), addenda, operator))


def validate(chunks: Iterable[bytes], operator: Operator) -> OperatorVerdict:
    """Every rule that is broken, with its line. Memory does not grow with the file."""
    check = _Validation(operator)
    refusals: list[Refusal] = []
    for refusal in check.refusals(chunks):
        if len(refusals) < MOST_REFUSALS:
            refusals.append(refusal)
    sums = check.file
    return OperatorVerdict(tuple(refusals), sums.entries, sums.debit_cents, sums.credit_cents)


class _Validation:
    """Line by line; holds sums, and one entry whose addenda may still come."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self.file, self._sums = Sums(), Sums()
        self._usual: re.Pattern[str] | None = None  # of most entries of this batch
        self._plain: RecordLine | None = None  # the one before, where it was such an entry
        self._header: BatchHeader | None = None
        self._entry: EntryDetail | None = None
        self._entry_line = 0
        self._addenda: list[PaymentAddenda | RefusedChangeAddenda] = []
        self._last_kind = self._last_trace = ""
        self._batches = self._lines = 0
        self._stated_blocks = 0
        self._sides: set[bool] = set()  # which kinds of entry the batch has: returns or not
        self._is_complete = True  # false: a line could not be read, so sums can't agree anyway
        self._kinds: dict[str, Callable[[RecordLine], Iterator[Rule]]] = {
            "1": self._file_header,
            "5": self._batch_header,
            "6": self._entry_detail,
            "7": self._any_addenda,
            "8": self._batch_control,
            "9": self._file_control,
        }

    def refusals(self, chunks: Iterable[bytes]) -> Iterator[Refusal]:
        for line in lines(chunks):
            self._lines = line.number
            if (usual := self._usual_entry(line)) is not None:
                yield from self._entry_over()
                self._take(line, *usual)
                continue
            if line.text != FILLER or self._last_kind != "9":
                yield from self._record(line)
        yield from self._entry_over()
        self._close_sums()
        if self._last_kind != "9":
            yield Refusal(Rule.ORDER, self._lines)  # the file has no end
        elif self._is_complete and self._stated_blocks * BLOCKING_FACTOR != self._lines:
            yield Refusal(Rule.BLOCKS, self._lines)

    def _usual_entry(self, line: RecordLine) -> tuple[str, int, str] | None:
        """Routing number, cents, trace of an entry that breaks no rule, as most do; else None."""
        found = self._usual.fullmatch(line.text) if self._usual else None
        if not found or line.sent != RECORD_SIZE or "6" not in _MAY_FOLLOW[self._last_kind]:
            return None
        routing, cents, trace = found[1], int(found[2]), found[3]
        is_right = trace > self._last_trace and cents <= checks.MOST_SAME_DAY_CENTS
        is_known = is_routing_number(routing) and self._operator.knows_bank(routing)
        return (routing, cents, trace) if is_right and is_known else None

    def _take(self, line: RecordLine, routing: str, cents: int, trace: str) -> None:
        self._sums.add(routing[:8], cents, credit=line.text[1:3] in CREDITS)
        self._sides.add(False)
        self._last_kind, self._last_trace, self._plain = "6", trace, line

    def _record(self, line: RecordLine) -> Iterator[Refusal]:
        kind = line.text[0]
        if line.sent != RECORD_SIZE or kind not in self._kinds:
            self._is_complete = False
            unreadable = line.sent != RECORD_SIZE
            yield Refusal(
                Rule.UNREADABLE_RECORD if unreadable else Rule.UNDEFINED_RECORD, line.number
            )
            return
        plain, self._plain = self._plain, None
        if kind != "7":
            yield from self._entry_over()
        elif plain:  # it has addenda after all
            self._entry, self._entry_line = ENTRY_DETAIL.read(plain.text), plain.number
        if kind not in _MAY_FOLLOW[self._last_kind]:
            yield Refusal(Rule.ORDER, line.number)
            if self._last_kind == "9":
                return  # nothing comes after the file control but filler
        self._last_kind = kind
        try:
            for rule in self._kinds[kind](line):
                yield Refusal(rule, line.number)
        except Malformed as wrong:
            self._is_complete = False
            for name in wrong.fields:
                yield Refusal(_amounts_to(kind, name, line.text), line.number)

    def _file_header(self, line: RecordLine) -> Iterator[Rule]:
        yield from checks.file_header(FILE_HEADER.read(line.text), self._operator)

    def _batch_header(self, line: RecordLine) -> Iterator[Rule]:
        self._close_sums()
        self._header, self._last_trace = None, ""
        self._sides, self._usual = set(), None
        self._header = BATCH_HEADER.read(line.text)
        self._usual = checks.usual(self._header, self._operator)
        yield from checks.batch_header(self._header, self._operator)

    def _entry_detail(self, line: RecordLine) -> Iterator[Rule]:
        entry = self._entry = ENTRY_DETAIL.read(line.text)
        self._entry_line = line.number
        dfi, credit = entry.receiving_dfi_identification, entry.transaction_code in CREDITS
        self._sums.add(dfi, entry.amount_cents, credit=credit)
        self._sides.add(entry.transaction_code in RETURNS)
        if entry.trace_number <= self._last_trace:
            yield Rule.TRACE_ORDER
        self._last_trace = entry.trace_number
        if self._header and entry.trace_number[:8] != self._header.originating_dfi_identification:
            yield Rule.TRACE_PREFIX

    def _any_addenda(self, line: RecordLine) -> Iterator[Rule]:
        self._sums.addenda += 1
        refuses = _is_cor(self._header)
        if self._entry is None or (self._entry.transaction_code in RETURNS and not refuses):
            return
        if line.text[1:3] != ("98" if refuses else "05"):
            self._entry = None  # what is wrong with it has been said
            yield Rule.R25
        elif len(self._addenda) < _MOST_ADDENDA:
            layout = REFUSED_CHANGE_ADDENDA if refuses else PAYMENT_ADDENDA
            self._addenda.append(layout.read(line.text))

    def _batch_control(self, line: RecordLine) -> Iterator[Rule]:
        header, self._header, self._usual = self._header, None, None
        self._batches += 1
        control = BATCH_CONTROL.read(line.text)
        if self._is_complete and self._sums.disagreements(control):
            yield Rule.OUT_OF_BALANCE
        if len(self._sides) > 1:
            yield Rule.MIXED_RETURNS
        elif True in self._sides and not _is_cor(header):
            yield Rule.NOT_FORWARD
        if header is None:
            return
        if control.service_class_code != header.service_class_code:
            yield Rule.CLASS_UNEQUAL
        if control.batch_number != header.batch_number:
            yield Rule.BATCH_NUMBER
        if (control.company_identification, control.originating_dfi_identification) != (
            header.company_identification,
            header.originating_dfi_identification,
        ):
            yield Rule.CONTROL_UNEQUAL

    def _file_control(self, line: RecordLine) -> Iterator[Rule]:
        self._close_sums()
        control = FILE_CONTROL.read(line.text)
        self._stated_blocks = control.block_count
        if not self._is_complete:
            return
        for name in self.file.disagreements(control):
            yield _OF_THE_FILE[name]
        if control.batch_count != self._batches:
            yield Rule.BATCHES

    def _close_sums(self) -> None:
        self.file.take(self._sums)  # whether or not its batch was closed
        self._sums = Sums()

    def _entry_over(self) -> Iterator[Refusal]:
        """Judge the entry before, now that all its addenda are known."""
        entry, addenda = self._entry, self._addenda
        self._entry, self._addenda = None, []
        if entry is not None and self._header is not None:
            for rule in checks.entry(self._header, entry, addenda, self._operator):
                yield Refusal(rule, self._entry_line)


def _is_cor(header: BatchHeader | None) -> bool:
    return header is not None and header.standard_entry_class_code == COR


def _amounts_to(kind: str, name: str, line: str) -> Rule:
    """Which rule a field breaks that has not its form."""
    if not all(" " <= sign <= "~" for sign in line):
        return Rule.CHARACTERS
    return WHEN_MALFORMED[kind].get(name, Rule.UNREADABLE_RECORD)
