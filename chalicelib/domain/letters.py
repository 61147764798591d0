"""What each kind of letter tells: a class a kind, so that no letter is promised without a fact.

A fact is text, cents, a day or a few of these; None where a letter says nothing of it. The template
`templates/mail/<kind>` asks for these and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.coverage_letters import (
    CarriedLetter,
    CoverageBackLetter,
    CoverageEndedLetter,
    EndedDebtLetter,
    ReminderLetter,
    RenewalLetter,
    SmallerLetter,
)
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.due import FirstPayment
from chalicelib.domain.letter_facts import (
    AfterReturn,
    ConfirmedPayment,
    Facts,
    InFlight,
    MoneyLetter,
    NamedAccount,
    NewYear,
    NextPremium,
    Outcome,
    PlanLetter,
    Upcoming,
    WhyThisAmount,
)
from chalicelib.domain.payment import AccountType

# --- at Submit ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLetter(Facts):
    """The confirmation, and the copy of the authorization (Reg E 1005.10(b))."""

    confirmation: str
    submitted_at: datetime
    submitted_on: date
    payments: tuple[ConfirmedPayment, ...]  # none where monthly payments begin with 0.00 (rule 18)
    total_cents: int
    account: NamedAccount
    sent_on: date
    effective_on: date
    paid_on: date
    authorization: tuple[str, ...]  # word for word as agreed
    statement_note: str | None
    monthly: tuple[str, ...]


# --- about money ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLetter(MoneyLetter):
    """Two full banking days have passed without a return (rule 17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterLetter(MoneyLetter):
    """The file goes later than the member was told (rule 27)."""

    announced_on: date
    now_on: date
    counts_on: date  # for coverage (rule 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLetter(MoneyLetter):
    """What came back is tried again, as the member agreed (rule 31); `money` is the new attempt."""

    is_corrected: bool = False  # it is put right, and no retry (rule 51)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPaidLetter(MoneyLetter):
    """A payment came back (rules 17, 29 to 31, 43)."""

    back: AfterReturn
    first_payment: FirstPayment | None  # where it was the only one that counted


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRefusedLetter(PlanLetter):
    """A prenote or a refund came back, or reached no bank (rule 12)."""

    back: AfterReturn
    refund_cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCorrectedLetter(PlanLetter):
    """A notification of change was applied (Nacha: within six banking days)."""

    what: str  # the code of the notification
    account_type: AccountType | None  # None where it stays
    old_last4: str
    new_last4: str | None  # None where the number stays
    next_time: bool  # nothing goes on from this account
    held: bool  # what goes on from it is on hold


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLetter(MoneyLetter):
    """Two people have released a refund or a reversal; `money` goes back, of a payment."""

    why: WhyBack
    arrives_on: date
    payment_cents: int
    outcome: Outcome


# --- about monthly payments ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLetter(PlanLetter):
    """By the 12th, to every active mandate (rules 24, 25; Reg E 1005.10(d))."""

    set_up_on: date
    month: str
    upcoming: Upcoming
    amount: WhyThisAmount
    premium_cents: int  # of the newest month that is charged
    next_premium: NextPremium | None
    renewal: NewYear | None  # until it is paid or has a mandate (rule 23)
    ends_on: date | None  # of coverage, in the last notice
    carries_on: bool  # as agreed, with a plan that follows; none is known yet (rule 42)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalLetter(PlanLetter):
    """The withdrawal of the 22nd is claimed (rules 6, 15, 27)."""

    month: str
    cents: int
    on: date
    late: bool  # not on the day that was told


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLetter(PlanLetter):
    """A payment came between the reading and the claim; it stays as credit (rule 26)."""

    month: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedLetter(PlanLetter):
    """Nothing was taken: the withdrawal was excluded, or stopped (rules 23, 27)."""

    month: str
    cents: int | None  # what is owed; negative is credit; None where nobody knows
    due_on: date
    reason: str | None
    none_left: bool  # coverage has no 22nd after that month


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledLetter(PlanLetter):
    """The member cancels monthly payments (rules 20 to 22)."""

    set_up_on: date
    coming: str  # the first month that is not taken
    undo_until: date
    held: bool
    still: InFlight
    owed_cents: int  # without what is taken all the same; negative is credit
    due_on: date
    ends_on: date | None  # of coverage, where no withdrawal could follow that of `coming`
    other_plan_name: str | None  # the plan before or after it, where that is still paid monthly
    other_plan_year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneLetter(PlanLetter):
    """A cancel is undone; what is to come counts as announced (rules 21, 25)."""

    set_up_on: date
    upcoming: Upcoming
    ends_on: date | None  # of coverage, where no withdrawal follows


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChangedLetter(PlanLetter):
    """The member is reached otherwise: to the address before, and to the new one (rule 22)."""

    old_email: str  # masked, for both read it
    new_email: str | None  # masked; None where it stays
    new_phone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingLetter(PlanLetter):
    """A routing number takes no payments any more, or does so again (rule 49)."""

    routing_last4: str
    held: bool  # or released
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedLetter(PlanLetter):
    """New monthly payments replace these, which have no undo (rules 19, 20, 22)."""

    coming: str
    undo_until: date
    still: InFlight
    new_last4: str


KINDS: Mapping[type[Facts], str] = {
    AccountCorrectedLetter: "account_corrected",
    AccountRefusedLetter: "account_refused",
    CancelledLetter: "cancelled",
    CarriedLetter: "carried",
    ConfirmationLetter: "confirmation",
    ContactChangedLetter: "contact_changed",
    CoverageBackLetter: "coverage_back",
    CoverageEndedLetter: "coverage_ended",
    CreditLetter: "credit",
    EndedDebtLetter: "ended_debt",
    ExcludedLetter: "excluded",
    LaterLetter: "later",
    NotPaidLetter: "not_paid",
    NoticeLetter: "notice",
    PaidLetter: "paid",
    RefundLetter: "refund",
    ReminderLetter: "reminder",
    RenewalLetter: "renewal",
    ReplacedLetter: "replaced",
    RetryLetter: "retry",
    RoutingLetter: "routing",
    SmallerLetter: "smaller",
    UndoneLetter: "undone",
    WithdrawalLetter: "withdrawal",
}
"""Class -> kind, which names its template."""
