"""Adjustments: the exchange, or its staff, makes what is owed more or less (rule 36). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.feed import BadRow, amount, as_row, identifier, month, text
from chalicelib.domain.identities import DISPUTED, adjustment_line
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.money import dollars

COLUMNS = ("reference", "enrollment_id", "month", "amount", "reason")
MOST_CENTS = 10_000_000  # more is a slip of the hand
_REFERENCE = re.compile(r"[A-Z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is to change; its reference is one of all enrollments, and posts once."""

    reference: str
    enrollment_id: str
    month: str | None  # of coverage that it is about
    amount_cents: int  # what it adds to what is owed; below zero the member owes less
    reason: str  # the member reads it

    @property
    def premium_cents(self) -> int:
        """What a receipt sums as premium."""
        return 0

    @property
    def balance_cents(self) -> int:
        """What a receipt sums as balance."""
        return self.amount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLimits:
    """From where on a second person must look."""

    file_rows: int
    file_cents: int  # of all its amounts, whatever their sign
    typed_cents: int  # of one that staff type

    def faults(self, rows: int, cents: int) -> list[str]:
        """Why a file is held, in words; nothing where it may be read."""
        found = [
            (rows > self.file_rows, f"{rows:,} adjustments, more than {self.file_rows:,}"),
            (
                cents > self.file_cents,
                f"adjustments of {dollars(cents)} in all, more than {dollars(self.file_cents)}",
            ),
        ]
        return [why for holds, why in found if holds]


def parse_adjustment(
    line: str, columns: Sequence[str] = COLUMNS, _written_at: datetime | None = None
) -> Adjustment:
    """A row of a file, under its header. Raises BadRow with the first column that is wrong."""
    return adjustment_of(as_row(line, columns))


def adjustment_of(row: Mapping[str, str]) -> Adjustment:
    """What a file or a person says, checked. Raises BadRow."""
    if not _REFERENCE.fullmatch(row["reference"]):
        raise BadRow("reference", "is not 1 to 40 of A-Z, 0-9 and -")
    if row["reference"].startswith(DISPUTED):
        raise BadRow("reference", f"may not begin with {DISPUTED}")
    cents = amount(row, "amount")
    if cents == 0 or abs(cents) > MOST_CENTS:
        raise BadRow("amount", "is zero, or beyond any adjustment")
    return Adjustment(
        reference=row["reference"],
        enrollment_id=identifier(row, "enrollment_id"),
        month=month(row, "month"),
        amount_cents=cents,
        reason=text(row, "reason"),
    )


def line_of(adjustment: Adjustment, at: datetime) -> Line:
    """What it adds to the ledger."""
    return Line(
        enrollment_id=adjustment.enrollment_id,
        line=adjustment_line(adjustment.reference),
        kind=LineKind.ADJUSTMENT,
        amount_cents=adjustment.amount_cents,
        at=at,
        month=adjustment.month,
        reason=adjustment.reason,
    )
