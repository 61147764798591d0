"""Reads ISO 20022 camt.053, Bank to Customer Statement, in any of its versions.

An amount counts as the bank booked it; entries that are only announced do not.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from chalicelib.domain.bank_statement.movements import (
    ACH_CODES,
    AccountStatement,
    Movement,
    NotAStatement,
)

FIRST = b"<"
_DOCUMENT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
_CODES = ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd", "Prtry/Cd")
# Of PMNT: the debits that we issued; and whatever else is named ACH: credit, debit, preauthorized,
# return, reversal, settlement, transaction. A wire is none of them.
_DEBITS_ISSUED = "IDDT"
_ACH_KINDS = frozenset({"ACDT", "ADBT", "APAC", "ARET", "AREV", "ASET", "ATXN"})
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,5})?", re.ASCII)
_CLOSING = "CLBD"
_DAY = len("2026-12-31")


class _NoDoctype(TreeBuilder):
    """A statement has none; a bomb would need one."""

    def doctype(self, *_: str | None) -> None:
        """Raises NotAStatement."""
        raise NotAStatement(1, "it declares a document type")


def read(lines: Iterable[bytes]) -> Iterator[AccountStatement]:
    """Each statement in it. Raises NotAStatement, late as it may be."""
    parser = XMLParser(target=_NoDoctype())  # noqa: S314 - without a document type nothing expands
    number = 0
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007 - where it failed
            parser.feed(line)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError):  # the last two: an encoding that nobody knows
        raise NotAStatement(number, "it is no XML, or ends too early") from None
    if not root.tag.startswith(f"{{{_DOCUMENT}"):
        raise NotAStatement(1, "it is XML, and no camt.053")
    statements = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    if not statements:
        raise NotAStatement(1, "no statement is in it")
    yield from map(_statement, statements)


def _statement(stated: Element) -> AccountStatement:
    account = _text(stated, "Acct/Id/IBAN") or _text(stated, "Acct/Id/Othr/Id")
    if not account:
        raise NotAStatement(0, "a statement without its account")
    balances = stated.findall("{*}Bal")
    closing = [each for each in balances if _text(each, "Tp/CdOrPrtry/Cd") == _CLOSING]
    said = [*(_text(each, "Dt/Dt") for each in closing), _text(stated, "FrToDt/ToDtTm")]
    on = next((_day(each) for each in said if each), None)
    if _text(stated, "StmtPgntn/LastPgInd") == "false":
        raise NotAStatement(0, "one page of several: a day is read whole")
    since = _text(stated, "FrToDt/FrDtTm")
    several = (_day(since), on) if since and on else None
    entries = (each for each in stated.findall("{*}Ntry") if _is_booked(each))
    movements = tuple(_movement(each, on, several) for each in entries)
    return AccountStatement(account=account, on=on, movements=movements)


def _movement(
    entry: Element, closes_on: date | None, several: tuple[date, date] | None
) -> Movement:
    """Of the statement's day; of its own, where the statement is of several and has it.

    One that is dated back belongs to the statement that shows it: its own day was stated before.
    """
    booked = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    own_day = _day(booked) if booked else None
    has_it = own_day and several and several[0] <= own_day <= several[1]
    on = own_day if has_it or closes_on is None else closes_on
    if on is None:
        raise NotAStatement(0, "an entry without a day")
    domain, family, kind, own = (_text(entry, f"BkTxCd/{path}") for path in _CODES)
    is_issued = family == _DEBITS_ISSUED or kind in _ACH_KINDS
    is_ach = (domain == "PMNT" and is_issued) or own in ACH_CODES
    amount = entry.find("{*}Amt")
    return Movement(
        on=on,
        code=f"{domain}/{family}" if domain else own,
        cents=_cents(entry, amount),
        currency=amount.get("Ccy", "") if amount is not None else "",
        is_ach=is_ach,
    )


def _cents(entry: Element, amount: Element | None) -> int:
    text = (amount.text or "").strip() if amount is not None else ""
    cents = Decimal(text) * 100 if _AMOUNT.fullmatch(text) else None
    if cents is None or cents != cents.to_integral_value():
        raise NotAStatement(0, "an amount that is no whole number of hundredths")
    match _text(entry, "CdtDbtInd"):
        case "CRDT":
            return int(cents)
        case "DBIT":
            return -int(cents)
    raise NotAStatement(0, "an entry that neither came nor went")


def _is_booked(entry: Element) -> bool:
    """A code in later versions, a word in earlier ones."""
    return "BOOK" in (_text(entry, "Sts"), _text(entry, "Sts/Cd"))


def _text(at: Element, path: str) -> str:
    found = at.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:_DAY])
    except ValueError:
        raise NotAStatement(0, "a day that is none") from None
