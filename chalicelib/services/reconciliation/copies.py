"""The copy of a file that lies out for the bank is proved until the bank has fetched it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.ach.layout import RECORD_SIZE, Malformed
from chalicelib.domain.ach.records import ENTRY_DETAIL, EntryDetail
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.entry import Entry
from chalicelib.domain.proof import Difference, Differs
from chalicelib.domain.transmission import SealedFile, Transmission
from chalicelib.ports import BankLine, Gone
from chalicelib.repositories.records import Records
from chalicelib.services.reconciliation.reading import TRACE_DIGITS, Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What proving a copy needs of the world."""

    records: Records
    bank: BankLine
    profile: BankProfile

    def of(self, transmission: Transmission, file: SealedFile, length: int) -> Iterator[Difference]:
        """Against the sealed file, which was found to be right and has this many bytes."""
        try:
            yield from self._of(transmission, file, length)
        except Gone:
            return  # fetched meanwhile; whether it was ever there the manifests know

    def _of(
        self, transmission: Transmission, file: SealedFile, length: int
    ) -> Iterator[Difference]:
        copy = Bytes()
        for _ in copy.through(self.bank.outbound(file.name)):
            pass
        if copy.are(file.sha256):
            return
        yield Difference(where=file.name, what=Differs.OTHER_COPY)
        if copy.length == length:  # otherwise all that follows is moved
            yield from self._lines(transmission, file)

    def _lines(self, transmission: Transmission, file: SealedFile) -> Iterator[Difference]:
        size = RECORD_SIZE + len(self.profile.line_end)
        ours = _records(self.bank.read(file.name), size)
        theirs = _records(self.bank.outbound(file.name), size)
        for right, wrong in zip(ours, theirs, strict=True):
            if right == wrong:
                continue
            detail = _detail(right)
            if detail is None:
                continue
            entry = self._entry(transmission, detail)
            yield Difference(
                where=file.name,
                what=Differs.OTHER_COPY,
                payment_id=detail.individual_identification_number,
                enrollment_id=entry.enrollment_id if entry else None,
                expected_cents=detail.amount_cents,
            )

    def _entry(self, transmission: Transmission, detail: EntryDetail) -> Entry | None:
        batch = transmission.batch_of(int(detail.trace_number[-TRACE_DIGITS:]))
        name = detail.individual_identification_number
        return self.records.books.entry(batch.collection, batch.kind, name) if batch else None


def _records(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Lines by their place, whatever stands at their ends: our own files have one length."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        whole = len(rest) // size * size
        for start in range(0, whole, size):
            yield rest[start : start + size]
        rest = rest[whole:]
    if rest:
        yield rest


def _detail(record: bytes) -> EntryDetail | None:
    try:
        return ENTRY_DETAIL.read(record[:RECORD_SIZE].decode("ascii"))
    except Malformed:
        return None
