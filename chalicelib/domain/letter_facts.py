"""The parts that letters are made of, and how what they tell is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

from chalicelib.domain.ach.decisions import ReturnLetter
from chalicelib.domain.enrollment import Enrollment, Plan
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.payment import AccountType, BankAccount, Contact
from chalicelib.domain.statement import StatementItem
from chalicelib.domain.withdrawal import Exclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a letter tells; facts in a field of it stand beside its own."""

    def stored(self) -> dict[str, Any]:
        """As templates read them: days and instants as ISO text."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            found |= value.stored() if isinstance(value, Facts) else {field.name: _plain(value)}
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    """A bank account as its owner knows it."""

    type: AccountType
    last4: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About(Facts):
    """Which plan, and which account."""

    plan: Plan
    plan_name: str
    plan_year: int
    billing_last4: str
    account: NamedAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedMoney(Facts):
    """A payment, a withdrawal, or what goes back of one."""

    confirmation: str | None  # a withdrawal has none
    cents: int
    kind: Literal["payment", "withdrawal"]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight(Facts):
    """A withdrawal that is taken whatever became of monthly payments since (rule 20)."""

    still_cents: int | None
    still_on: date | None
    still_late: bool
    still_account: NamedAccount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming(Facts):
    """What the coming withdrawal takes; where nothing: why, and what is owed by when (27, 29)."""

    cents: int
    on: date
    not_taken: Exclusion | None
    owed_cents: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Facts):
    """What is owed, what a withdrawal takes of it, and what must be paid on the page (rule 30)."""

    owed_cents: int
    due_on: date
    will_take_cents: int | None  # by the announced withdrawal
    will_take_on: date | None
    not_taken_cents: int | None  # what it leaves
    notice_by: date | None  # until when a notice is to come
    still: InFlight
    undo_gone: bool  # a cancel can't be undone any more


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterReturn(Facts):
    """Why something came back, and what follows from it (rules 17, 29, 30)."""

    why: ReturnLetter
    mandate_ended: bool
    mandate_held: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPremium:
    """What a month costs from then on, where that is known before it is charged (rule 34)."""

    cents: int
    month: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyThisAmount(Facts):
    """What was taken last time, and what came since then: why the amount differs."""

    last_cents: int | None  # None before the first withdrawal
    last_month: str | None
    last_not_paid: Literal["came_back", "not_taken"] | None  # the latter: in no file a bank took
    carried_cents: int  # owed, or credit, before `since`
    since: tuple[StatementItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewYear:
    """Next year's plan, which monthly payments do not cover."""

    new_plan_year: int
    cents: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedPayment:
    """One of the payments of a Submit."""

    plan: Plan
    plan_name: str
    plan_year: int
    billing_last4: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLetter(Facts):
    """What every letter about a plan tells."""

    about: About


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLetter(PlanLetter):
    """What every letter about moved money tells."""

    money: MovedMoney


def named(account: BankAccount) -> NamedAccount:
    """What may be said of an account."""
    return NamedAccount(type=account.account_type, last4=account.last4)


def masked(email: str) -> str:
    """What may be said of an address to whom it may not belong: m…@example.com."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def about(covered: Mandate | Enrollment, account: BankAccount) -> About:
    """The plan of a mandate or an enrollment, and the account that its money moves on."""
    return About(
        plan=covered.plan,
        plan_name=covered.plan_name,
        plan_year=covered.plan_year,
        billing_last4=covered.billing_account[-4:],
        account=named(account),
    )


def about_in(stored: Mapping[str, Any]) -> About:
    """The same, as a letter that was promised had it. Raises KeyError."""
    said = {each.name: stored[each.name] for each in fields(About)}
    return About(**{**said, "account": NamedAccount(**said["account"])})


def in_flight(still: MandateMonth | None) -> InFlight:
    """As the month of the mandate knows it."""
    return InFlight(
        still_cents=still.cents if still else None,
        still_on=still.on if still else None,
        still_late=still.is_late if still else False,
        still_account=named(still.account) if still else None,
    )


def mail_of(
    kind: str,
    tells: Facts,
    mail_id: str,
    contact: Contact,
    language: str,
    enrollment_id: str,
    at: datetime,
) -> Mail:
    """The message of a kind that tells this."""
    return Mail(
        mail_id=mail_id,
        kind=kind,
        to=contact.email,
        phone=contact.phone,
        language=language,
        enrollment_id=enrollment_id,
        facts=tells.stored(),
        created_at=at,
    )
