"""A visit is one person in one browser; in it one journey after another leads to a payment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.draft import Draft, Step
from chalicelib.domain.enrollment import Enrollment, Plan
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import MonthlyPlan

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=4)
TOUCH_EVERY = timedelta(minutes=1)
MOST_EARLIER = 8  # visits of one browser whose pages are still told from forged ones
MOST_WRONG_BIRTHDAYS = 3


class To(StrEnum):
    """What the member came for."""

    PAY = "pay"
    RECURRING = "recurring"
    HISTORY = "history"
    PLANS = "plans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the review page last showed; Submit takes just this or nothing (rules 12, 15)."""

    amounts_cents: Mapping[str, int]
    collected_on: date
    effective_on: date
    monthly: Mapping[str, MonthlyPlan] = field(default_factory=dict)
    carries_over: bool = False
    authorization: tuple[str, ...] = ()

    def can_be_taken(self, ceiling_cents: int) -> bool:
        """Whether there is anything to take, and nothing that no run would take (rule 13)."""
        cents = [*self.amounts_cents.values(), *(each.next_cents for each in self.monthly.values())]
        return bool(cents) and max(cents) <= ceiling_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The one journey that a visit has open (rule 55); `version` guards each write.

    `journey_id` is the hash of the secret in the cookie, and so the visit's; `number` tells its
    journeys apart.
    """

    journey_id: str
    number: int = 1
    version: int = 0
    to: To = To.PAY
    plan: Plan
    chosen: tuple[str, ...] = ()  # enrollments, of whichever plans; empty: all of `plan` (rule 8)
    subscriber_id: str
    started_at: datetime
    seen_at: datetime
    language: str = "en"
    suspicious: bool = False
    draft: Draft = field(default_factory=Draft)
    confirmation: str | None = None  # made before Submit, when review is first shown
    payment_ids: Mapping[str, str] = field(default_factory=dict)  # by enrollment
    mandate_ids: Mapping[str, str] = field(default_factory=dict)  # the same
    shown: Shown | None = None
    captcha_solved: bool = False
    captcha_misses: int = 0
    submitted_at: datetime | None = None
    earlier: tuple[str, ...] = ()  # ids of this browser's visits before this one
    receipts: Mapping[int, str] = field(default_factory=dict)
    """Confirmations of this visit's journeys before this one, by their numbers."""
    wrong_birthdays: int = 0
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Thirty minutes idle, four hours in all; decided here, never by a TTL (rules 16, 55)."""
        in_time = now < self.seen_at + IDLE and now < self.started_at + LONGEST
        return in_time and self.ended_at is None

    def wants_touch(self, now: datetime) -> bool:
        """Whether the idle clock should be wound up again."""
        return now >= self.seen_at + TOUCH_EVERY

    def shown_text(self) -> str:
        """All that review shows and Submit takes, as one text: it tells showings apart."""
        shown, contact, account = self.shown, self.draft.contact, self.draft.account
        if shown is None or contact is None or account is None:
            return ""
        amounts = [f"{name}={cents}" for name, cents in sorted(shown.amounts_cents.items())]
        where = [account.account_type, account.holder_name, account.routing, account.fingerprint]
        dates = [shown.collected_on.isoformat(), shown.effective_on.isoformat()]
        texts = [*amounts, *dates, *shown.authorization, contact.email, contact.phone, *where]
        return "\n".join([self.journey_id, str(self.number), *texts])

    def shows(self, enrollment: Enrollment) -> bool:
        """Whether the steps of this journey are about it (rule 8)."""
        if self.chosen:
            return enrollment.enrollment_id in self.chosen
        return enrollment.plan is self.plan

    def draft_for(self, subscriber_id: str, plan: Plan) -> Draft:
        """What the same member typed for the same plan fills the forms after a time-out (16)."""
        is_same = (self.subscriber_id, self.plan, self.chosen) == (subscriber_id, plan, ())
        return Draft() if self.submitted_at or not is_same else self.draft.for_same_person()

    def opened(self, plan: Plan, chosen: tuple[str, ...], now: datetime) -> "Journey":
        """The next journey of the visit; one that was not submitted is dropped (rule 55).

        One that was opened for the same, with nothing in it yet, goes on: a form that comes twice.
        """
        if chosen and chosen == self.chosen and self.is_empty:
            return self
        return Journey(
            journey_id=self.journey_id,
            number=self.number + 1,
            version=self.version + 1,
            plan=plan,
            chosen=chosen,
            subscriber_id=self.subscriber_id,
            started_at=self.started_at,
            seen_at=now,
            language=self.language,
            suspicious=self.suspicious,
            draft=self.draft.for_next_journey(),
            earlier=self.earlier,
            receipts=self.all_receipts,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen in it yet."""
        return not (self.submitted_at or self.draft.account or self.draft.choices)

    def ended(self, now: datetime) -> "Journey":
        """Nothing of the visit is left but that it was one."""
        return Journey(
            journey_id=self.journey_id,
            number=self.number,
            version=self.version + 1,
            plan=self.plan,
            subscriber_id="",
            started_at=self.started_at,
            seen_at=now,
            language=self.language,
            earlier=self.earlier,
            ended_at=now,
        )

    @property
    def all_receipts(self) -> Mapping[int, str]:
        """Confirmations of what was submitted in this visit, by journey, the last one last."""
        own = {self.number: self.confirmation} if self.submitted_at and self.confirmation else {}
        return {**self.receipts, **own}

    @property
    def last_receipt(self) -> str | None:
        """What was submitted last in this visit."""
        return next(reversed(list(self.all_receipts.values())), None)

    @property
    def place(self) -> Step:
        """Where the journey goes on."""
        return Step.DONE if self.submitted_at else self.first_missing() or Step.REVIEW

    def repeats(self, standings: Iterable[Standing]) -> bool:
        """Whether the same was paid today, elsewhere, since step 4 could ask (rule 13)."""
        if self.draft.typed.get(Step.BILLING, {}).get("confirm_again") == "yes":
            return False
        amounts = self.shown.amounts_cents if self.shown else {}
        return any(
            each.was_paid_today(amounts.get(each.enrollment.enrollment_id, 0)) for each in standings
        )

    def first_missing(self) -> Step | None:
        """The first step that must come before review."""
        if self.draft.contact is None:
            return Step.CONTACT
        return None if self.draft.account else Step.BILLING
