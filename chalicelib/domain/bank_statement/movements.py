"""What a statement says: accounts, days, amounts; and which of it the bank network moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# BAI's type codes of single ACH movements (bank administration institute, 2005). Totals, and items
# of a total, are left out: their money stands in another line.
_CREDITS = {"142", "145", "165", "166", "168", "169", "257", "258"}
_DEBITS = {"445", "447", "451", "455", "462", "466", "468", "469", "557", "558"}
ACH_CODES = frozenset(_CREDITS | _DEBITS)
FIRST_DEBIT, FIRST_OTHER = "400", "700"  # of BAI's codes: credits, debits, then loans and others


class NotAStatement(Exception):
    """It can't be read, or its own sums contradict it; `why` never quotes what the file says."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of a statement."""

    on: date
    code: str  # of BAI, or domain and family of ISO 20022
    cents: int  # hundredths of its currency; below zero it left the account
    currency: str
    is_ach: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """One account in a statement; `on` is None where only its movements have days."""

    account: str
    on: date | None
    movements: Sequence[Movement] = ()
    is_final: bool = True  # False: of a day that is not over


def signed_by_code(code: str, cents: int) -> int:
    """An amount of BAI has no sign: its code says whether it came or went; of others nothing."""
    if code >= FIRST_OTHER:
        return 0
    return -cents if code >= FIRST_DEBIT else cents
