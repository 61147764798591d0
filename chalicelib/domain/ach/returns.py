"""What a return means and what we do about it: the table, and who it is for."""

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.ach.decisions import (
    OnLedger,
    OnMandate,
    Rate,
    ReturnCase,
    ReturnDecision,
    ReturnLetter,
    Window,
)
from chalicelib.domain.ach.entries import Purpose
from chalicelib.domain.ach.return_table import LEFT_OUT, SUSPECTED_FRAUD, TABLE, unexpected
from chalicelib.domain.banking_days import banking_day_after, on_or_after

_SIXTY_DAYS = 60
_FAR_AHEAD = 5  # days: no file is handed over earlier before its returns settle
_LEAP_YEARS_APART = 8  # at most: only they have a day 366
# They speak of the account or its holder, so they are as true of a debit as of a credit.
_OF_THE_ACCOUNT = frozenset({"R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16"})
BAD_ROUTING = "R13"  # it speaks of a routing number, so of all accounts there (rule 49)


def decide(code: str, purpose: Purpose = Purpose.DEBIT, information: str = "") -> ReturnDecision:
    """What to do about a return of an entry of ours. Total: no code is dropped."""
    row = TABLE.get(code) or unexpected(code, "a code that no rule book has")
    if code == "R17" and "QUESTIONABLE" in information:
        row = SUSPECTED_FRAUD
    if row.case is ReturnCase.BANK_DISPUTE:
        return row
    match purpose:
        case Purpose.PRENOTE:
            # Nacha: whatever its answer names is mended before the first debit.
            goes_on = row.mandate is OnMandate.KEEP
            return replace(
                row,
                ledger=OnLedger.NOTHING,
                rate=Rate.NONE,
                mandate=OnMandate.HOLD if goes_on else row.mandate,
            )
        case Purpose.REFUND | Purpose.REVERSAL if row.case is ReturnCase.SANCTIONS:
            return replace(row, ledger=OnLedger.REFUND_BACK, rate=Rate.NONE)
        case Purpose.REFUND | Purpose.REVERSAL:
            lasts = row.code in _OF_THE_ACCOUNT or row.is_fraud
            return replace(
                row,
                ledger=OnLedger.REFUND_BACK,
                mandate=row.mandate if lasts else OnMandate.KEEP,
                letter=row.letter if lasts else ReturnLetter.NONE,
                case=ReturnCase.REFUND_RETURNED,
                rate=Rate.NONE,
            )
    return row


def of_unmoved(why: ReturnDecision, purpose: Purpose) -> ReturnDecision:
    """What becomes of an entry that moved nothing: what our bank refused, left out, stopped."""
    if purpose in (Purpose.REFUND, Purpose.REVERSAL):
        return replace(
            why,
            ledger=OnLedger.REFUND_BACK,
            letter=ReturnLetter.NONE,
            mandate=OnMandate.KEEP,
        )
    # No file would take the next withdrawal of such an account either.
    held = OnMandate.HOLD if why is LEFT_OUT else why.mandate
    ledger = OnLedger.NOTHING if purpose is Purpose.PRENOTE else why.ledger
    return replace(why, ledger=ledger, mandate=held)


def latest_on(code: str, settled_on: date) -> date | None:
    """The last day on which the return may reach the ODFI; None where no day is named."""
    match decide(code).window:
        case Window.TWO_BANKING_DAYS:
            return banking_day_after(settled_on, 2)
        case Window.SIXTY_DAYS:
            return banking_day_after(settled_on + timedelta(days=_SIXTY_DAYS))
    return None


def settled_on(julian: str, not_after: date) -> date | None:
    """When a return itself settled, as its batch header says (positions 76 to 78; rule 50).

    The nearest day of that number in its year; None where it is blank, or no day has the number.
    """
    if not (julian.isascii() and julian.isdigit()):
        return None
    for year in range(not_after.year, not_after.year - _LEAP_YEARS_APART - 1, -1):
        day = date(year, 1, 1) + timedelta(days=int(julian) - 1)
        if day.year == year and day <= not_after:
            return day
    return None


def moved_on(julian: str, arrived_on: date) -> date:
    """When a return moves its money: the day of that number that is nearest to its file (48).

    It may still be ahead; where none is said, the first banking day that can be.
    """
    ahead = settled_on(julian, arrived_on + timedelta(days=_FAR_AHEAD))
    return ahead or on_or_after(arrived_on)


def nears_limit(returned: int, sent: int, limit_per_10_000: int, *, warn_percent: int = 80) -> bool:
    """Whether a return rate has come to so many percent of what Nacha allows."""
    return sent > 0 and returned * 10_000 * 100 >= sent * limit_per_10_000 * warn_percent
