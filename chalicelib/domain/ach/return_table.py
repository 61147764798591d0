"""One row a code, R01 to R85: what a return does. Meanings in our words, windows as in the book."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain import ledger
from chalicelib.domain.ach.decisions import (
    OnLedger,
    OnMandate,
    Rate,
    ReturnCase,
    ReturnDecision,
    ReturnLetter,
    Window,
)


def _defect(code: str, meaning: str) -> ReturnDecision:
    return ReturnDecision(
        code, meaning, OnMandate.KEEP, ReturnLetter.OUR_MISTAKE, ReturnCase.OUR_DEFECT
    )


def _unauthorized(code: str, meaning: str, case: ReturnCase, window: Window) -> ReturnDecision:
    return ReturnDecision(
        code, meaning, OnMandate.HOLD, ReturnLetter.NOT_AUTHORIZED, case, Rate.UNAUTHORIZED, window
    )


def unexpected(code: str, meaning: str) -> ReturnDecision:
    """A code our entries can't have; the bank took the money back all the same."""
    return ReturnDecision(
        code,
        meaning,
        OnMandate.HOLD,
        ReturnLetter.CAME_BACK,
        ReturnCase.UNEXPECTED,
        window=Window.OPEN,
    )


def _dispute(code: str, meaning: str) -> ReturnDecision:
    return ReturnDecision(
        code,
        meaning,
        OnMandate.KEEP,
        ReturnLetter.NONE,
        ReturnCase.BANK_DISPUTE,
        Rate.NONE,
        Window.OPEN,
        OnLedger.NOTHING,
    )


def _bad_account(code: str, meaning: str) -> ReturnDecision:
    return ReturnDecision(
        code, meaning, OnMandate.END, ReturnLetter.BAD_ACCOUNT, rate=Rate.ADMINISTRATIVE
    )


def _ended(code: str, meaning: str, letter: ReturnLetter, case: ReturnCase) -> ReturnDecision:
    return ReturnDecision(code, meaning, OnMandate.END, letter, case)


def _incident(code: str, meaning: str) -> ReturnDecision:
    return ReturnDecision(
        code, meaning, OnMandate.KEEP, ReturnLetter.OUR_MISTAKE, ReturnCase.INCIDENT
    )


def _table(*rows: ReturnDecision) -> Mapping[str, ReturnDecision]:
    table = {row.code: row for row in rows}
    assert len(table) == len(rows), "one row a code"
    return table


_TWO, _SIXTY = Window.TWO_BANKING_DAYS, Window.SIXTY_DAYS

# Rule 29 says what R01 to R04, R07 to R10, R14 to R16 and R20 do to a mandate. Where it says
# nothing, we hold when debiting again would only come back, and keep when the fault is ours.
TABLE = _table(
    ReturnDecision("R01", "insufficient funds", OnMandate.KEEP, ReturnLetter.NO_FUNDS),
    _bad_account("R02", "account closed"),
    _bad_account("R03", "no account, or not this person's"),
    _bad_account("R04", "account number of an impossible form"),
    _unauthorized("R05", "consumer account debited as a company's", ReturnCase.WRONG_CLASS, _SIXTY),
    ReturnDecision(
        "R06",
        "returned at the ODFI's request",
        OnMandate.KEEP,
        ReturnLetter.CAME_BACK,
        ReturnCase.RECALL,
        window=Window.OPEN,
    ),
    ReturnDecision(
        "R07",
        "authorization revoked",
        OnMandate.END,
        ReturnLetter.REVOKED,
        ReturnCase.REVOKED,
        Rate.UNAUTHORIZED,
        _SIXTY,
    ),
    ReturnDecision(
        "R08", "payment stopped", OnMandate.HOLD, ReturnLetter.STOPPED, ReturnCase.CONSENT
    ),
    ReturnDecision("R09", "uncollected funds", OnMandate.KEEP, ReturnLetter.NO_FUNDS),
    ReturnDecision(
        "R10",
        "not known, or not authorized",
        OnMandate.END,
        ReturnLetter.NOT_AUTHORIZED,
        ReturnCase.NOT_AUTHORIZED,
        Rate.UNAUTHORIZED,
        _SIXTY,
    ),
    ReturnDecision(
        "R11",
        "not according to the authorization's terms",
        OnMandate.HOLD,
        ReturnLetter.WRONG_TERMS,
        ReturnCase.WRONG_TERMS,
        Rate.UNAUTHORIZED,
        _SIXTY,
    ),
    ReturnDecision("R12", "account sold to another bank", OnMandate.HOLD, ReturnLetter.BAD_ACCOUNT),
    # Of the number, not of us: it is retired, or takes wires only (rule 49).
    ReturnDecision(
        "R13", "routing number takes no payments", OnMandate.HOLD, ReturnLetter.BAD_ACCOUNT
    ),
    _ended("R14", "representative payee deceased", ReturnLetter.CAME_BACK, ReturnCase.DEATH),
    _ended("R15", "account holder deceased", ReturnLetter.CAME_BACK, ReturnCase.DEATH),
    _ended("R16", "account frozen", ReturnLetter.CAME_BACK, ReturnCase.ACCOUNT_RESTRICTED),
    replace(_defect("R17", "record fields the bank can't accept"), mandate=OnMandate.HOLD),
    _defect("R18", "effective entry date not possible"),
    _defect("R19", "amount field error"),
    _ended(
        "R20", "account takes no debits", ReturnLetter.BAD_ACCOUNT, ReturnCase.ACCOUNT_RESTRICTED
    ),
    unexpected("R21", "company identification not valid"),
    unexpected("R22", "individual identification not valid"),
    _incident("R23", "credit refused by the receiver"),
    _incident("R24", "duplicate entry"),
    _defect("R25", "addenda error"),
    _defect("R26", "mandatory field error"),
    _defect("R27", "trace number error"),
    _defect("R28", "check digit error"),
    _unauthorized("R29", "a company says not authorized", ReturnCase.WRONG_CLASS, _TWO),
    unexpected("R30", "not in check truncation"),
    unexpected("R31", "late return that the ODFI permitted"),
    unexpected("R32", "bank can't settle"),
    unexpected("R33", "return of a destroyed check entry"),
    unexpected("R34", "bank's participation limited"),
    unexpected("R35", "debit not allowed in its class"),
    unexpected("R36", "credit not allowed in its class"),
    unexpected("R37", "check itself presented"),
    unexpected("R38", "stop payment on the check"),
    unexpected("R39", "improper check"),
    unexpected("R40", "enrollment entry returned by an agency"),
    unexpected("R41", "enrollment: transaction code"),
    unexpected("R42", "enrollment: routing number"),
    unexpected("R43", "enrollment: account number"),
    unexpected("R44", "enrollment: individual identification"),
    unexpected("R45", "enrollment: name"),
    unexpected("R46", "enrollment: representative payee"),
    unexpected("R47", "enrollment: duplicate"),
    unexpected("R50", "state law on re-presented checks"),
    _unauthorized("R51", "re-presented check not eligible", ReturnCase.WRONG_CLASS, _SIXTY),
    unexpected("R52", "stop payment on a re-presented check"),
    unexpected("R53", "check and entry both presented"),
    _dispute("R61", "dishonored: misrouted"),
    _dispute("R62", "dishonored: trace number, or a reversal that profits the receiver"),
    _dispute("R63", "dishonored: amount"),
    _dispute("R64", "dishonored: individual identification"),
    _dispute("R65", "dishonored: transaction code"),
    _dispute("R66", "dishonored: company identification"),
    _dispute("R67", "dishonored: duplicate return"),
    _dispute("R68", "dishonored: too late"),
    _dispute("R69", "dishonored: several fields"),
    _dispute("R70", "dishonored: permitted return not accepted"),
    _dispute("R71", "contested: misrouted dishonored return"),
    _dispute("R72", "contested: dishonored too late"),
    _dispute("R73", "contested: the return was in time"),
    _dispute("R74", "contested: corrected return"),
    _dispute("R75", "contested: no duplicate"),
    _dispute("R76", "contested: no errors found"),
    _dispute("R77", "contested: dishonor of R62 not accepted"),
    unexpected("R80", "international: coding"),
    unexpected("R81", "international: gateway does not take part"),
    unexpected("R82", "international: foreign bank identification"),
    unexpected("R83", "international: can't settle"),
    unexpected("R84", "international: gateway did not forward"),
    unexpected("R85", "international: coded as domestic"),
    # From 2028-03-17 on. Staff speak to the bank before anybody is written to (rule 51).
    _ended("R90", "sanctions", ReturnLetter.NONE, ReturnCase.SANCTIONS),
)

# No return of a bank: it refused our whole file, so that nothing of it moved (decision 0013).
FILE_REFUSED = ReturnDecision(
    ledger.FILE_REFUSED,
    "the bank refused our file",
    OnMandate.KEEP,
    ReturnLetter.NOT_TAKEN,
    rate=Rate.NONE,
    window=Window.OPEN,
)

# Nor is this: our bank took the file, and refused this entry of it; its like would not pass either.
ITEM_REFUSED = replace(
    FILE_REFUSED,
    code=ledger.ITEM_REFUSED,
    meaning="our bank refused this entry of a file that it took",
    mandate=OnMandate.HOLD,
    case=ReturnCase.OUR_DEFECT,
)

# No return either: no bank would have taken the entry, so it is in no file.
LEFT_OUT = replace(FILE_REFUSED, code=ledger.LEFT_OUT, meaning="it was left out of its file")

# Nor this: the member called before the collection of the day, and it is in no file.
STOPPED = replace(
    FILE_REFUSED,
    code=ledger.STOPPED,
    meaning="the member had it stopped before it was sent",
    letter=ReturnLetter.STOPPED_IN_TIME,
)

# R17 with this word: the account is no good, and the bank believes that somebody made it up.
SUSPECTED_FRAUD = ReturnDecision(
    "R17",
    "believed to be fraud",
    OnMandate.END,
    ReturnLetter.BAD_ACCOUNT,
    ReturnCase.NOT_AUTHORIZED,
    is_fraud=True,
)
