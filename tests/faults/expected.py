"""Points that are known to break a truth, each with its reason. Nothing else is passed over.

A row that no point needs any more is told, and must go.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.matrix import Found


@dataclass(frozen=True)
class Expected:
    """`point` and `call` are patterns of the whole text; every violation must fit `says`."""

    point: str
    call: str
    says: str
    reason: str

    def fits(self, found: Found) -> bool:
        """Whether it explains all of this."""
        return bool(
            re.fullmatch(self.point, str(found.point))
            and re.fullmatch(self.call, found.call)
            and re.search(self.says, "\n".join(found.violations))
        )


_REMINDED = r"\A(differs: mail reminder EN00000\d: 1 not 0\n?)+\Z"
EXPECTED: Sequence[Expected] = (
    Expected(
        r"down:(work|enrollments|ledger|mandates|runs):the_22nd_to_the_28th",
        r".*",
        _REMINDED,
        "who is debited late is reminded first (44); whether that is meant is not decided",
    ),
    Expected(
        r"machine:149",
        r".*",
        r"model: case refund#EN000003: closed, not open",
        "the model does not know that the case of a credit closes itself (37)",
    ),
    Expected(
        r"machine:173",
        r".*",
        r"model: line \('EN000001', 'charge#2027-02'\): \(21240, None\), not None",
        "the model does not know a row that is read on the 1st before 6:00 (3)",
    ),
    Expected(
        r"spoiled:withdrawal:ledger/.*",
        r".*",
        r"\Asilence: \('EN00000\d', 'outbox', 'reminder', 'sent'\)\Z",
        "whose ledger can't be read gets no reminder (44)",
    ),
    Expected(
        r"spoiled:collection:enrollments/.*:first_wanted\.first_month:unknown",
        r".*",
        r"\Asilence: \('EN00000\d', 'ledger', 'correction#2027-01#1', .*\)\Z",
        "a first figure that can't be read (34)",
    ),
)


def explained(found: Found) -> Expected | None:
    """The row that names it."""
    return next((row for row in EXPECTED if row.fits(found)), None)
