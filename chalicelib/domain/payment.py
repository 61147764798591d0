"""A payment: money on its way from the member, and the bank account it comes from."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import Wrong
from chalicelib.domain.identification import without_separators

CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: read over the phone
CONFIRMATION_SIGNS = 8
PAYMENT_ID_SIGNS = 15  # Nacha: the individual id of an entry holds 15 characters

_ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
_ACCOUNT = re.compile(r"\d{4,17}", re.ASCII)
_PAYMENT_ID = re.compile(rf"[{CODE_SIGNS}]{{{PAYMENT_ID_SIGNS}}}")
_ROUTING = re.compile(r"\d{9}", re.ASCII)


class AccountType(StrEnum):
    """Nacha knows two kinds of consumer account."""

    CHECKING = "checking"
    SAVINGS = "savings"


class EntryKind(StrEnum):
    """Why an entry goes to the bank."""

    ONE_TIME = "one_time"
    FIRST = "first"  # the payment now of a mandate
    WITHDRAWAL = "withdrawal"  # of the 22nd
    RETRY = "retry"  # a payment that came back, once more (rule 31)
    PRENOTE = "prenote"  # no money: asks whether the account of a new mandate takes debits
    REFUND = "refund"  # money back to the member
    REVERSAL = "reversal"  # a debit of ours that was an error, undone
    REFUSED_CHANGE = "refused_change"  # no money: sends a bank's correction back (rule 52)


class PaymentState(StrEnum):
    """How far it is, as the member is told (rule 17); derived from facts, never set."""

    RECEIVED = "received"  # submitted; no bank has heard of it
    SENT = "sent"  # in a file that the bank has
    PAID = "paid"  # two full banking days after settlement with no return
    NOT_PAID = "not_paid"  # the bank took it back


ON_ITS_WAY = (PaymentState.RECEIVED, PaymentState.SENT)


@dataclass(frozen=True, slots=True, repr=False)
class AccountNumber:
    """A bank account number: 4 to 17 digits, leading zeros kept. Masks itself."""

    digits: str

    def __repr__(self) -> str:
        return f"AccountNumber(…{self.last4})"

    __str__ = __repr__

    @property
    def last4(self) -> str:
        """What may be shown."""
        return self.digits[-4:]

    @classmethod
    def parse(cls, text: str) -> "AccountNumber":
        """From what a person typed or pasted. Raises Wrong(account)."""
        digits = without_separators(text)
        if not _ACCOUNT.fullmatch(digits) or not digits.strip("0"):
            raise Wrong("account")
        return cls(digits)


def routing_number(text: str) -> str:
    """Nine digits whose ABA check digit agrees. Raises Wrong(routing, routing_check)."""
    digits = without_separators(text)
    if not _ROUTING.fullmatch(digits):
        raise Wrong("routing")
    total = sum(w * int(d) for w, d in zip(_ROUTING_WEIGHTS, digits, strict=True))
    if total % 10 or not digits.strip("0"):
        raise Wrong("routing_check")
    return digits


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNumber:
    """An account number of which nothing else is known yet."""

    last4: str
    sealed_number: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where the money comes from. The number is sealed when typed and opened only for the bank."""

    account_type: AccountType
    holder_name: str  # may be another person's (rule 14)
    routing: str
    last4: str
    sealed_number: str
    fingerprint: str  # a keyed digest: names the account without its number

    def is_same(self, other: "BankAccount") -> bool:
        """The same number at the same bank; a corrected kind or name makes no other account."""
        return (self.fingerprint, self.routing) == (other.fingerprint, other.routing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach the member about this payment."""

    email: str
    phone: str  # E.164

    def is_same(self, other: "Contact") -> bool:
        """Whether the same mailbox and phone are meant; capitals of an address don't count."""
        return (self.email.casefold(), self.phone) == (other.email.casefold(), other.phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One debit of one enrollment. Its id is its entry's individual id in the bank's file."""

    payment_id: str
    confirmation: str
    kind: EntryKind
    enrollment_id: str
    subscriber_id: str
    plan: Plan
    plan_name: str
    plan_year: int
    billing_account: str
    amount_cents: int
    account: BankAccount
    submitted_at: datetime
    collected_on: date
    effective_on: date
    retry_of: str | None = None  # the payment that is tried again
    mandate_id: str | None = None  # that it sets up; of a retry, that its payment is of
    is_recurring: bool = False  # Nacha's payment type R: under a mandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Proof that the member authorized: the words, when, from where (Nacha WEB; Regulation E)."""

    text: tuple[str, ...]
    text_version: str
    language: str
    agreed_at: datetime
    source_address: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPlan:
    """What monthly payments begin with: a payment now, and the first withdrawal (rule 18)."""

    plan: Plan
    plan_name: str
    plan_year: int
    from_month: str
    first_now_cents: int
    next_on: date
    next_cents: int  # named by the authorization while the month is not frozen (rule 24)
    following_on: date | None  # of the withdrawal after it; None when it is the last (rule 23)
    is_this_month: bool
    replaces_last4: str | None
    credit_cents: int = 0  # what stays after the payment now
    still_cents: int = 0  # of a withdrawal that had started: it is taken all the same (rule 20)
    still_on: date | None = None
    still_late: bool = False  # not before that date
    still_last4: str | None = None  # of its account


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One Submit: one payment for each enrollment, under one confirmation number (rule 11)."""

    confirmation: str
    journey_id: str
    member_name: str
    contact: Contact
    evidence: Evidence
    submitted_at: datetime
    collected_on: date
    effective_on: date
    account: BankAccount
    payments: tuple[Payment, ...]
    monthly: Mapping[str, MonthlyPlan] = field(default_factory=dict)  # by enrollment

    @property
    def total_cents(self) -> int:
        """What leaves the member's bank account, in cents."""
        return sum(payment.amount_cents for payment in self.payments)


def spoken_confirmation(code: str) -> str:
    """A confirmation number in groups: HC-7K4M-92QX."""
    half = CONFIRMATION_SIGNS // 2
    return f"HC-{code[:half]}-{code[half:]}"


def withdrawal_payment_id(enrollment_id: str, month: str) -> str:
    """The one payment id an enrollment's withdrawal of a month can ever have (I1)."""
    return _id_of(f"withdrawal|{enrollment_id}|{month}")


def retry_payment_id(payment_id: str, number: int) -> str:
    """The one id that the n-th attempt of a payment can ever have (I1)."""
    return _id_of(f"retry|{payment_id}|{number}")


def credit_payment_id(credit: str, number: int) -> str:
    """The one id that the n-th credit that says just this can ever have."""
    return _id_of(f"credit|{credit}|{number}")


def refusal_id(change: str) -> str:
    """The one id that the refusal of a notification of change can ever have."""
    return _id_of(f"refused|{change}")


def carried_mandate_id(mandate_id: str, enrollment_id: str) -> str:
    """Of a mandate that goes on with another enrollment: whoever carries it over makes the same."""
    return _id_of(f"{mandate_id}|{enrollment_id}")


def _id_of(identity: str) -> str:
    digest = hashlib.sha256(identity.encode()).digest()
    return "".join(CODE_SIGNS[byte % len(CODE_SIGNS)] for byte in digest[:PAYMENT_ID_SIGNS])


def is_payment_id(text: str) -> bool:
    """Whether it has the form of ours; digits alone may be an account number of somebody's."""
    return may_be_payment_id(text) and not text.isdigit()


def may_be_payment_id(text: str) -> bool:
    """The same, digits alone too: to look it up, not to show it."""
    return bool(_PAYMENT_ID.fullmatch(text))
