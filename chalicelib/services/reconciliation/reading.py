"""A sealed file as it is read again: its entries in order, and in the end what it amounts to."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.domain.ach.findings import ChangeEntry, ForwardEntry, Problem
from chalicelib.domain.ach.reader import read
from chalicelib.domain.ach.records import CREDITS, EntryDetail
from chalicelib.domain.ach.sums import Sums
from chalicelib.domain.transmission import SealedFile

T = TypeVar("T")
TRACE_DIGITS = 7
OurEntry = ForwardEntry | ChangeEntry  # what moves money or asks; and a correction that goes back


class Head(Generic[T]):
    """Things that come one by one; the next one can be looked at before it is taken."""

    def __init__(self, rest: Iterable[T]) -> None:
        self._rest = iter(rest)
        self.top = next(self._rest, None)

    def take(self) -> None:
        """Turn to the next one."""
        self.top = next(self._rest, None)


class Bytes:
    """Digest and length of what went by."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.length = 0

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, each counted on its way."""
        for chunk in chunks:
            self._digest.update(chunk)
            self.length += len(chunk)
            yield chunk

    def are(self, sha256: str) -> bool:
        """Whether the digest is this one."""
        return self._digest.hexdigest() == sha256


class FileReading:
    """One pass over a file. Go through `entries` to the end; the rest is there afterwards."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.bytes = Bytes()
        self.sums = Sums()
        self.dates: set[str] = set()
        self.problem: Problem | None = None
        """The first line that is not as we write it."""

    def entries(self) -> Iterator[OurEntry]:
        """As they stand in the file; nothing is held."""
        for found in read(self.bytes.through(self._chunks)):
            if isinstance(found, Problem):
                self.problem = self.problem or found
            elif isinstance(found, OurEntry):
                detail = found.detail
                credit = detail.transaction_code in CREDITS
                dfi = detail.receiving_dfi_identification
                self.sums.add(dfi, detail.amount_cents, credit=credit)
                self.dates.add(found.batch.effective_entry_date if found.batch else "")
                yield found

    def amounts_to(self, file: SealedFile) -> bool:
        """Whether count, totals and hash are those that its manifest says."""
        sums = self.sums
        found = (sums.entries, sums.debit_cents, sums.credit_cents, sums.entry_hash)
        return found == (file.entries, file.debit_cents, file.credit_cents, file.entry_hash)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry that a file has; `rank` is its place among all entries of its transmission."""

    rank: int
    detail: EntryDetail
    has_its_trace: bool  # first trace + rank


def ranked(
    found: Iterable[OurEntry], first_trace: int, start: int, count: int
) -> Iterator[Written]:
    """Entries of a file that begins at rank `start`: counted, but a lost line moves no other.

    A trace is believed where the entry after it goes on from there; by itself it may be the error.
    """
    rank, entries = start, Head(found)
    while (entry := entries.top) is not None:
        entries.take()
        said = _trace(entry) - first_trace
        following = _trace(entries.top) - first_trace if entries.top else start + count
        if said > rank and following == said + 1:
            rank = said
        yield Written(rank, entry.detail, said == rank)
        rank += 1


def _trace(entry: OurEntry) -> int:
    return int(entry.detail.trace_number[-TRACE_DIGITS:])
