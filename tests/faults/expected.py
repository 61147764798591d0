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


EXPECTED: Sequence[Expected] = ()


def explained(found: Found) -> Expected | None:
    """The row that names it."""
    return next((row for row in EXPECTED if row.fits(found)), None)
