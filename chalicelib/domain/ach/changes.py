"""Notifications of change: what the RDFI wants corrected, read by position (2013 book, OR167)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ach.records import SAVINGS, TRANSACTION_CODES
from chalicelib.domain.errors import Wrong
from chalicelib.domain.identities import joined
from chalicelib.domain.payment import AccountNumber, AccountType, routing_number

BANKING_DAYS_TO_APPLY = 6  # or before the next entry, whichever is later
_CORRECTED_DATA = 29


class ChangeAction(StrEnum):
    """What we do about a change."""

    APPLY = "apply"  # correct the stored account and tell the member
    ASK_STAFF = "ask_staff"  # never by itself
    ALARM = "alarm"  # it says that our files are wrong, or it is not for us


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is to stand in later entries; None stays as it is."""

    account: AccountNumber | None = None
    routing: str | None = None
    account_type: AccountType | None = None


@dataclass(frozen=True, slots=True)
class NotificationOfChange:
    """One notification of change, decided."""

    code: str
    meaning: str
    step: ChangeAction
    correction: Correction = Correction()
    refuse_with: str | None = None  # we may send the notification back under this code, in 15 days


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The identity of one notification of change; what it corrects stands in no clear digit."""

    payment_id: str  # of the entry that it is about
    code: str
    digest: str  # keyed, of the corrected data
    enrollment_id: str
    heard_at: datetime

    @property
    def name(self) -> str:
        """Unlike that of any other notification about the entries of a transmission."""
        return joined(self.payment_id, self.code, self.digest)


_ACCOUNT, _ROUTING, _TYPE = "account", "routing", "account_type"
# Where in the 29 positions of the corrected data each value stands, first and last, from 1.
_PLACES: dict[str, tuple[str, dict[str, tuple[int, int]]]] = {
    "C01": ("account number", {_ACCOUNT: (1, 17)}),
    "C02": ("routing number", {_ROUTING: (1, 9)}),
    "C03": ("routing and account number", {_ROUTING: (1, 9), _ACCOUNT: (13, 29)}),
    "C05": ("transaction code", {_TYPE: (1, 2)}),
    "C06": ("account number and transaction code", {_ACCOUNT: (1, 17), _TYPE: (21, 22)}),
    "C07": (
        "routing, account number, transaction code",
        {_ROUTING: (1, 9), _ACCOUNT: (10, 26), _TYPE: (27, 28)},
    ),
}
_OTHERS = {
    # A bank's spelling never renames a person (rule of issue 4).
    "C04": ("name", ChangeAction.ASK_STAFF),
    "C08": ("foreign bank identification", ChangeAction.ALARM),
    "C09": ("individual identification", ChangeAction.ALARM),
    "C10": ("company name", ChangeAction.ALARM),
    "C11": ("company identification", ChangeAction.ALARM),
    "C12": ("company name and identification", ChangeAction.ALARM),
    "C13": ("addenda format", ChangeAction.ALARM),
    "C14": ("entry class for a foreign payment", ChangeAction.ALARM),
}
BADLY_FORMED = "C65"  # Nacha's refusal: the corrected data has not its form


def decide(code: str, corrected_data: str) -> NotificationOfChange:
    """What a notification of change asks for. Total: no code is dropped, no data raises."""
    if code not in _PLACES:
        meaning, step = _OTHERS.get(code, ("a code that no rule book has", ChangeAction.ALARM))
        return NotificationOfChange(code, meaning, step)
    meaning, places = _PLACES[code]
    data = corrected_data.ljust(_CORRECTED_DATA)
    values = {name: data[first - 1 : last].strip() for name, (first, last) in places.items()}
    try:
        _nothing_elsewhere(data, places.values())
        correction = _correction(values)
    except Wrong:
        return NotificationOfChange(code, meaning, ChangeAction.ASK_STAFF, refuse_with=BADLY_FORMED)
    return NotificationOfChange(code, meaning, ChangeAction.APPLY, correction)


def _nothing_elsewhere(data: str, places: Iterable[tuple[int, int]]) -> None:
    """A value that stands a position off would be read cut in two: half an account number."""
    for first, last in places:
        data = data[: first - 1] + " " * (last - first + 1) + data[last:]
    if data.strip():
        raise Wrong("corrected_data")


def _correction(values: dict[str, str]) -> Correction:
    """Raises Wrong(<field>) when a value has not its form."""
    return Correction(
        account=AccountNumber.parse(values[_ACCOUNT]) if _ACCOUNT in values else None,
        routing=routing_number(values[_ROUTING]) if _ROUTING in values else None,
        account_type=_account_type(values[_TYPE]) if _TYPE in values else None,
    )


def _account_type(transaction_code: str) -> AccountType:
    if transaction_code not in TRANSACTION_CODES:
        raise Wrong(_TYPE)
    return AccountType.SAVINGS if transaction_code in SAVINGS else AccountType.CHECKING
