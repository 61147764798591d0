"""What is this bank's own: how its files are wrapped and what of their form it does not keep.

One object a bank, chosen by a setting; nothing else knows what differs from bank to bank. All other
forms are the same for every bank: the rows of an acknowledgement (0013), an item reject, Nacha's
alphabet.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from chalicelib.domain.ach.records import BatchControl, FileControl
from chalicelib.domain.ach.sums import Sums
from chalicelib.domain.acknowledgement import HEADER

GZIP = b"\x1f\x8b"
BROKEN = b"broken gzip\n"  # stands where it breaks off: no record begins so, and staff look at it
_LONGEST = 1 << 16  # bytes of a line
_WINDOW = 31  # zlib: gzip, with its own check at the end
_BATCH_NUMBER = 87  # signs of a batch's header and control before it

# How a file begins that no profile reads as it is, and what its case says of it.
_ALIEN: Mapping[bytes, str] = {
    b"-----BEGIN PGP": "it is encrypted with PGP, which we can't open: ask for it without",
    b"\x84": "it looks encrypted (PGP), which we can't open: ask for it without",
    b"\x85": "it looks encrypted (PGP), which we can't open: ask for it without",
    b"\xc1": "it looks encrypted (PGP), which we can't open: ask for it without",
    GZIP: "it is compressed with gzip, which this bank's profile does not expect (BANK_PROFILE)",
    b"PK\x03\x04": "it is a ZIP archive: ask for it without",
    b"\xff\xfe": "it is in UTF-16: ask for plain ASCII",
    b"\xfe\xff": "it is in UTF-16: ask for plain ASCII",
    b"\xf1\xf0\xf1": "it is in EBCDIC: ask for plain ASCII",
    b"<": "it is a page of HTML or XML, and none of the bank's files",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BankProfile:
    """How one bank sends and takes files."""

    zips: bool = False  # what it sends may be in gzip; what is not is read all the same
    line_end: str = "\n"  # of what we send: the bank's side asks for one
    counts_addenda: bool = True  # false: its controls may count entries alone
    numbers_batches: bool = True  # false: batches of what it sends back may have no number
    acknowledgement: bytes = HEADER  # by which first line one is known
    acknowledges: bool = True  # whether nothing is paid before it says that it has the file
    return_days: int = 0  # banking days that its returns travel (rule 50)

    def unwrapped(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of a file of this bank, with their ends. Never raises."""
        chunks = iter(chunks)
        first = next(chunks, b"")
        if not (self.zips and first.startswith(GZIP)):
            yield first
            yield from chunks
            return
        rest = b""
        for piece in _inflated(first, chunks):
            *lines, rest = (rest + piece).splitlines(keepends=True) or [b""]
            yield from lines
            if len(rest) > _LONGEST:  # records without line ends: their reader cuts them
                yield rest
                rest = b""
        yield rest

    def is_acknowledgement(self, first_line: bytes) -> bool:
        """Whether a file that begins so is one; anything else is in Nacha's form, or in none."""
        return first_line.rstrip(b"\r\n") == self.acknowledgement

    def numbered(self, record: str) -> str:
        """A batch's header or control, with zeros where this bank leaves its number blank."""
        if self.numbers_batches or record[_BATCH_NUMBER:].strip():
            return record
        return f"{record[:_BATCH_NUMBER]}0000000"

    def disagreements(self, sums: Sums, control: BatchControl | FileControl) -> tuple[str, ...]:
        """What a control says otherwise than was counted, but for what this bank never counts."""
        wrong = sums.disagreements(control)
        if self.counts_addenda or control.entry_addenda_count != sums.entries:
            return wrong
        return tuple(name for name in wrong if name != "entry_addenda_count")


DEFAULT = BankProfile()
PROFILES: Mapping[str, BankProfile] = {
    "default": DEFAULT,
    "gateway": BankProfile(zips=True, line_end="\r\n", counts_addenda=False, numbers_batches=False),
}


def alien(first: bytes) -> str | None:
    """What a file is that begins so, where nobody here can read it."""
    return next((what for start, what in _ALIEN.items() if first.startswith(start)), None)


def _inflated(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Piece by piece; a file that breaks off, or does not check, says so in its last line."""
    opened = zlib.decompressobj(_WINDOW)
    try:
        for chunk in chain((first,), chunks):
            packed = chunk
            while packed:  # a few bytes may be a gigabyte of lines
                yield opened.decompress(packed, _LONGEST)
                packed = opened.unconsumed_tail
    except zlib.error:
        yield BROKEN
        return
    if not opened.eof or opened.unused_data.strip(b"\0\r\n"):
        yield BROKEN
