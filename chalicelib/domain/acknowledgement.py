"""The bank's word about a file of ours: accepted or refused, in a small form agreed with it.

Nacha has no acknowledgement between an ODFI and its originator (decision 0013). Reading never
raises: rows that are whole are rows, whatever else stands in the file is a problem with its line.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.transmission import SealedFile

HEADER = b"file,verdict,entries,debit_cents,credit_cents,reason"
COLUMNS = 6
MOST_PROBLEMS = 100
LONGEST_REASON = 200

_FILE = re.compile(r"[!-+\--~]{1,60}", re.ASCII)  # no blank, no comma
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){4,}", re.ASCII)  # may be an account (rule 33)


class FileVerdict(StrEnum):
    """What became of a file at the bank."""

    ACCEPTED = "accepted"  # it is processed; single entries may still come back
    REFUSED = "refused"  # nothing of it moves money


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One row: a file, and what the bank read in it."""

    file: str
    verdict: FileVerdict
    entries: int
    debit_cents: int
    credit_cents: int
    reason: str = ""

    @property
    def as_text(self) -> str:
        """As a row of its file."""
        totals = (self.entries, self.debit_cents, self.credit_cents)
        return ",".join([self.file, self.verdict, *map(str, totals), self.reason])

    def fault(self, file: SealedFile) -> str | None:
        """Why this does not say that the bank has what we sent; None: it does."""
        if self.verdict is FileVerdict.REFUSED:
            return f"the bank refused it: {self.reason or 'it does not say why'}"
        ours = (file.entries, file.debit_cents, file.credit_cents)
        if (self.entries, self.debit_cents, self.credit_cents) != ours:
            return "the bank read other totals in it than we wrote"
        return None


@dataclass(frozen=True, slots=True)
class AcknowledgementProblem:
    """What is wrong, and in which line; never the words of the file."""

    line: int
    fault: str


@dataclass(frozen=True, slots=True)
class Said:
    """All that a file of acknowledgements says."""

    rows: tuple[Acknowledgement, ...]
    problems: tuple[AcknowledgementProblem, ...]


def read(lines: Iterable[bytes]) -> Said:
    """Every row that is whole, and all problems with their place."""
    rows: list[Acknowledgement] = []
    problems: list[AcknowledgementProblem] = []
    for number, line in enumerate(lines, start=1):
        if number == 1 or not line.strip():
            continue
        read_row = _row(line)
        if isinstance(read_row, Acknowledgement):
            rows.append(read_row)
        elif len(problems) < MOST_PROBLEMS:
            problems.append(AcknowledgementProblem(number, read_row))
    if not rows and not problems:
        problems.append(AcknowledgementProblem(1, "no file is named"))
    return Said(tuple(rows), tuple(problems))


def accepted(files: Iterable[SealedFile], said: Mapping[str, Acknowledgement]) -> list[str]:
    """The names of those that the bank says it has as we wrote them."""
    return [
        file.name for file in files if file.name in said and said[file.name].fault(file) is None
    ]


def _row(line: bytes) -> Acknowledgement | str:
    """The row, or what is wrong with it."""
    try:
        cells = next(csv.reader([line.decode("ascii")], strict=True))
    except (UnicodeDecodeError, csv.Error):
        return "is no line of plain CSV"
    if len(cells) != COLUMNS:
        return f"has {len(cells)} cells"  # a cut one has fewer: no number in it can be relied on
    file, verdict, *numbers, reason = cells
    if not _FILE.fullmatch(file):
        return "file: is no name"
    if verdict not in list(FileVerdict):
        return "verdict: is neither accepted nor refused"
    for name, number in zip(("entries", "debit_cents", "credit_cents"), numbers, strict=True):
        if not _NUMBER.fullmatch(number):
            return f"{name}: is no whole number"
    entries, debit_cents, credit_cents = map(int, numbers)
    return Acknowledgement(
        file=file,
        verdict=FileVerdict(verdict),
        entries=entries,
        debit_cents=debit_cents,
        credit_cents=credit_cents,
        reason=_without_numbers(reason),
    )


def _without_numbers(reason: str) -> str:
    """A bank may name an account where it explains itself; ours may lie in no case in clear."""
    shown = "".join(sign if sign.isprintable() else " " for sign in reason.strip())
    return _LONG_NUMBER.sub("…", shown)[:LONGEST_REASON]
