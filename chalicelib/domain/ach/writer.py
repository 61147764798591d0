"""Writes ACH files as a stream: entries in, lines out, nothing held but the sums."""

import hashlib
from collections.abc import Iterable, Iterator

from chalicelib.domain.ach.composing import (
    batch_control,
    batch_header,
    entry_line,
    file_control,
    file_header,
    refused_change,
)
from chalicelib.domain.ach.entries import (
    BatchKey,
    FileEntry,
    FileIdentity,
    Originator,
    Purpose,
    Unwritable,
)
from chalicelib.domain.ach.layout import RECORD_SIZE
from chalicelib.domain.ach.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING_FACTOR,
    FILE_CONTROL,
    FILE_HEADER,
    FILLER,
    REFUSED_CHANGE_ADDENDA,
)
from chalicelib.domain.ach.sums import BatchSummary, FileSummary, Sums
from chalicelib.domain.bank_profile import DEFAULT
from chalicelib.domain.errors import DomainError

MOST_TRACES = 10**7 - 1  # seven digits
MOST_ENTRIES_A_BATCH = 10**6 - 1  # six digits: a million entries are two batches

_FOR_A_BATCH = 4  # lines: its header, one entry, its control, the file control
_FOR_AN_ENTRY = 3  # the entry, the batch control, the file control


class TracesUsedUp(DomainError):
    """Seven digits are used up; trace numbers begin again at one, which only the caller can say."""

    code = "traces_used_up"


class Pile:
    """Entries still to be written; the next one can be looked at before it is taken."""

    def __init__(self, entries: Iterable[FileEntry]) -> None:
        self._rest = iter(entries)
        self.top = next(self._rest, None)

    def take(self) -> None:
        """Turn to the next one."""
        self.top = next(self._rest, None)


class FileWriter:
    """One file, written once. Go through `lines` to the end; `summary` is there afterwards."""

    def __init__(
        self,
        originator: Originator,
        identity: FileIdentity,
        *,
        first_trace: int,
        most_lines: int | None = None,
        line_end: str = DEFAULT.line_end,
    ) -> None:
        assert most_lines is None or most_lines >= BLOCKING_FACTOR, "a file has at least one block"
        self._originator = originator
        self._identity = identity
        self._next_trace = first_trace
        self._line_end = line_end
        # Filler counts as lines: only whole blocks can be used.
        self._most_lines = most_lines and most_lines // BLOCKING_FACTOR * BLOCKING_FACTOR
        self._file = Sums()
        self._batches: list[BatchSummary] = []
        self._digest = hashlib.sha256()
        self._lines = 0
        self._summary: FileSummary | None = None

    @property
    def summary(self) -> FileSummary:
        """What was written."""
        assert self._summary is not None, "a file is summed up when its last line is written"
        return self._summary

    def lines(self, pile: Pile) -> Iterator[bytes]:
        """For as many entries as this file may hold; the others stay on the pile.

        Entries of one batch must follow each other. Raises Unwritable, TracesUsedUp.
        """
        assert pile.top is not None, "a collection without entries makes no file (design.md 9)"
        assert self._lines == 0, "a file is written once"
        for record in self._records(pile):
            line = f"{record}{self._line_end}".encode("ascii")
            self._digest.update(line)
            self._lines += 1
            yield line
        self._summary = FileSummary(
            self._identity,
            tuple(self._batches),
            self._file.entries,
            self._file.entry_hash,
            self._file.debit_cents,
            self._file.credit_cents,
            self._lines,
            self._next_trace,
            self._digest.hexdigest(),
        )

    def _records(self, pile: Pile) -> Iterator[str]:
        yield FILE_HEADER.write(file_header(self._originator, self._identity))
        while pile.top is not None and self._has_room(pile.top, Sums(), _FOR_A_BATCH):
            yield from self._batch(pile, pile.top.batch)
        lines = self._lines + 1
        yield FILE_CONTROL.write(file_control(len(self._batches), lines, self._file))
        for _ in range(-lines % BLOCKING_FACTOR):
            yield FILLER

    def _batch(self, pile: Pile, key: BatchKey) -> Iterator[str]:
        assert self._is_new(key), "entries of one batch follow each other"
        number, first_trace, sums = len(self._batches) + 1, self._next_trace, Sums()
        yield BATCH_HEADER.write(batch_header(self._originator, key, number))
        while (entry := pile.top) is not None and (entry.batch is key or entry.batch == key):
            is_full = sums.records + (entry.refused is not None) >= MOST_ENTRIES_A_BATCH
            if is_full or not self._has_room(entry, sums, _FOR_AN_ENTRY):
                break
            yield self._entry(entry)
            if entry.refused:
                trace_number = self._trace(self._next_trace - 1)
                yield REFUSED_CHANGE_ADDENDA.write(refused_change(entry.refused, trace_number))
                sums.addenda += 1
            sums.add(entry.routing[:8], entry.amount_cents, credit=key.credit)
            pile.take()
        yield BATCH_CONTROL.write(batch_control(self._originator, key, number, sums))
        self._file.take(sums)
        self._batches.append(
            BatchSummary(
                key,
                number,
                first_trace,
                sums.entries,
                sums.entry_hash,
                sums.debit_cents,
                sums.credit_cents,
            )
        )

    def _entry(self, entry: FileEntry) -> str:
        name = entry.name_for_the_bank
        if wrong := entry.unwritable_as(name):
            raise Unwritable(entry.entry_id, wrong)
        if self._next_trace > MOST_TRACES:
            raise TracesUsedUp
        assert not entry.refused or entry.purpose is Purpose.REFUSED_CHANGE, (
            "others have no addenda"
        )
        line = entry_line(entry, name, self._trace(self._next_trace))
        assert len(line) == RECORD_SIZE, "each field of a writable entry fits"
        self._next_trace += 1
        return line

    def _trace(self, number: int) -> str:
        return f"{self._originator.odfi_id}{number:07d}"

    def _has_room(self, entry: FileEntry, batch: Sums, lines: int) -> bool:
        lines += entry.refused is not None  # its addenda
        if self._most_lines is not None and self._lines + lines > self._most_lines:
            return False
        return self._file.holds(entry.amount_cents, batch, credit=entry.batch.credit)

    def _is_new(self, key: BatchKey) -> bool:
        # The batch just closed may go on in another: six digits count its entries.
        going_on = bool(self._batches) and self._batches[-1].key == key
        return going_on or all(batch.key != key for batch in self._batches)


def files(
    entries: Iterable[FileEntry],
    originator: Originator,
    identity: FileIdentity,
    *,
    first_trace: int = 1,
    most_lines: int | None = None,
    line_end: str = DEFAULT.line_end,
) -> Iterator[tuple[FileWriter, Iterator[bytes]]]:
    """As many files as the entries need, one after the other.

    The lines of each must be gone through before the next is asked for; then its summary is there.
    """
    pile = Pile(entries)
    for each in identity.onward():
        if pile.top is None:
            return
        writer = FileWriter(
            originator, each, first_trace=first_trace, most_lines=most_lines, line_end=line_end
        )
        yield writer, writer.lines(pile)
        first_trace = writer.summary.next_trace
