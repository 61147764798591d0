"""What we want the bank to do, before it has the bank's form: entry, originator, identity."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from chalicelib.domain.ach.alphabet import transliterated
from chalicelib.domain.ach.records import COR, CREDITS, PPD, WEB
from chalicelib.domain.errors import DomainError, Wrong
from chalicelib.domain.payment import AccountNumber, AccountType, routing_number
from chalicelib.domain.timetable import NEW_YORK

HEALTH_PREMIUM, DENTAL_PREMIUM = "HLTH PREM", "DENTALPREM"
RETRY, REVERSAL = "RETRY PYMT", "REVERSAL"  # Nacha's own words: exactly so

MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NAME_SIGNS = 22
MOST_CENTS = 10**10 - 1  # ten digits

_ENTRY_ID = re.compile(r"[!-~]{1,15}")
_ACCOUNT = re.compile(r"(?!0+\Z)[0-9]{1,17}")


class Purpose(StrEnum):
    """Why an entry is sent; decides its batch and its transaction code."""

    DEBIT = "debit"  # a payment authorized on the page
    RETRY = "retry"  # the same debit again after R01, R09 (facts: reinitiation)
    PRENOTE = "prenote"  # no money: asks whether the account takes debits
    REFUND = "refund"  # money back to the member
    REVERSAL = "reversal"  # a debit of ours undone: wrong amount, twice, wrong person, too early
    REFUSED_CHANGE = "refused_change"  # a notification of change goes back to the bank that sent it


class PaymentType(StrEnum):
    """Nacha's payment type code of a WEB entry."""

    SINGLE = "S"  # a one-time payment
    RECURRING = "R"  # the first payment of a mandate, and its withdrawals


# Per purpose: standard entry class, transaction code for checking, for savings.
_CODES = {
    Purpose.DEBIT: (WEB, "27", "37"),
    Purpose.RETRY: (WEB, "27", "37"),
    Purpose.PRENOTE: (WEB, "28", "38"),
    Purpose.REFUND: (PPD, "22", "32"),
    Purpose.REVERSAL: (WEB, "22", "32"),  # the class of the entry it undoes
    Purpose.REFUSED_CHANGE: (COR, "26", "36"),  # 21, 31 where it is about a credit
}
_WITHOUT_MONEY = frozenset({Purpose.PRENOTE, Purpose.REFUSED_CHANGE})
_OWN_DESCRIPTION = {Purpose.RETRY: RETRY, Purpose.REVERSAL: REVERSAL}


class Unwritable(DomainError):
    """An entry that no bank would take; `code` is the field."""

    def __init__(self, entry_id: str, code: str) -> None:
        super().__init__(f"{entry_id}: {code}")
        self.entry_id = entry_id
        self.code = code


@dataclass(frozen=True, slots=True)
class BatchKey:
    """What all entries of a batch have in common."""

    effective_on: date
    description: str
    standard_entry_class: str
    credit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedNotice:
    """A notification of change that goes back, and why."""

    code: str  # C61 to C69
    transaction_code: str  # of the notification: 26 of a 27, and so on
    addenda: str = field(default="", repr=False)  # its record 798 as the bank wrote it


@dataclass(slots=True, kw_only=True)  # not frozen: that doubles what making one takes
class FileEntry:
    """One debit or credit that we want in a file."""

    entry_id: str  # the individual identification number: our payment id
    routing: str
    account: AccountNumber
    account_type: AccountType
    amount_cents: int
    individual_name: str = field(repr=False)  # as typed; the writer transliterates
    payment_type: PaymentType
    plan_description: str
    effective_on: date
    purpose: Purpose = Purpose.DEBIT
    refused: RefusedNotice | None = None  # of a refused change, and of nothing else

    @property
    def batch(self) -> BatchKey:
        """The batch it belongs to."""
        return _batch_key(self.effective_on, self.plan_description, self.purpose)

    @property
    def transaction_code(self) -> str:
        """27 or 37 for a debit, and so on."""
        if self.refused:
            return self.refused.transaction_code
        _, checking, savings = _CODES[self.purpose]
        return checking if self.account_type is AccountType.CHECKING else savings

    @property
    def name_for_the_bank(self) -> str:
        """In Nacha's alphabet, cut to its 22 positions."""
        return transliterated(self.individual_name)[:NAME_SIGNS].rstrip()

    def unwritable(self) -> str | None:
        """The first field that no bank would take, or None."""
        return self.unwritable_as(self.name_for_the_bank)

    def unwritable_as(self, name: str) -> str | None:
        """The same, for who has its name for the bank at hand."""
        if not _ENTRY_ID.fullmatch(self.entry_id):
            return "entry_id"
        if not is_routing_number(self.routing):
            return "routing"
        if not _ACCOUNT.fullmatch(self.account.digits):
            return "account"
        least, most = (0, 0) if self.purpose in _WITHOUT_MONEY else (1, MOST_CENTS)
        if not least <= self.amount_cents <= most:
            return "amount_cents"
        if is_no_name(name):
            return "individual_name"
        return None


def is_no_name(name: str) -> bool:
    """Blanks and zeros in a name's 22 positions name nobody: the operator returns it (R26)."""
    return not name[:NAME_SIGNS].strip(" 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Originator:
    """We, as the bank knows us. Each field as it was agreed with the ODFI."""

    immediate_destination: str  # the ODFI's routing number
    immediate_destination_name: str
    immediate_origin: str  # a routing number, or ten characters that the bank assigned
    immediate_origin_name: str
    company_name: str  # what the member's statement shows
    company_id: str  # "1" and the tax number, as a rule
    odfi_id: str  # the first eight digits of the ODFI's routing number

    def __post_init__(self) -> None:
        """Raise Wrong(<field>), so that a bad setting fails at start, by name."""
        forms = {
            "immediate_destination": r"[0-9]{9}",
            "immediate_destination_name": r"[ -~]{1,23}",
            "immediate_origin": r"[0-9]{9}|[!-~]{10}",
            "immediate_origin_name": r"[ -~]{1,23}",
            "company_name": r"[ -~]{1,16}",
            "company_id": r"[!-~]{1,10}",
            "odfi_id": r"[0-9]{8}",
        }
        for name, form in forms.items():
            value = getattr(self, name)
            # A file's fixed columns lose a blank at an end: what is read is not what was set.
            if not re.fullmatch(form, value) or not value.strip(" 0") or value != value.strip():
                raise Wrong(name)


@dataclass(frozen=True, slots=True, order=True)
class FileIdentity:
    """What makes a file of ours this one and no other: the operator's guard against doubles."""

    created_at: datetime  # a whole minute, New York time
    modifier: str = MODIFIERS[0]

    @classmethod
    def first_at(cls, at: datetime) -> "FileIdentity":
        """The first identity of the minute of an instant."""
        return cls(at.astimezone(NEW_YORK).replace(second=0, microsecond=0))

    def following(self) -> "FileIdentity":
        """The next one: 36 a minute, then the next minute begins."""
        rank = MODIFIERS.index(self.modifier) + 1
        if rank < len(MODIFIERS):
            return FileIdentity(self.created_at, MODIFIERS[rank])
        return FileIdentity(self.created_at + timedelta(minutes=1))

    def onward(self) -> Iterator["FileIdentity"]:
        """This identity and all that follow it."""
        identity = self
        while True:
            yield identity
            identity = identity.following()


@lru_cache(maxsize=256)
def _batch_key(effective_on: date, plan_description: str, purpose: Purpose) -> BatchKey:
    sec, checking, _ = _CODES[purpose]
    description = _OWN_DESCRIPTION.get(purpose, plan_description)
    return BatchKey(effective_on, description, sec, checking in CREDITS)


@lru_cache(maxsize=4096)
def is_routing_number(text: str) -> bool:
    """Whether its check digit agrees; a file has few that differ."""
    try:
        return routing_number(text) == text
    except Wrong:
        return False
