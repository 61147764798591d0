"""A mandate: the member's authorization of monthly debits, and what a change does to it.

Months decide. A mandate is active in a month when `from_month` <= month <= `through_month`; a
change counts from the first month that is not frozen yet, so nothing that is done after the freeze
alters what a worker of this month's run reads (rule 20).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_after, oldest_month_worked
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import DomainError
from chalicelib.domain.payment import BankAccount, Contact, Evidence


class MandateState(StrEnum):
    """What a mandate is, as members and staff are told (rule 19)."""

    ACTIVE = "active"
    HELD = "held"  # counts as active, and is excluded, until the member agrees again (rule 29)
    ENDING = "ending"  # its last month is known and not decided yet
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a mandate has a last month."""

    CANCELLED = "cancelled"  # by the member; can be undone until the next freeze
    REPLACED = "replaced"  # by another mandate
    RETURNED = "returned"  # the bank took a debit back (rule 29)
    DIED = "died"  # the member did (rule 46)
    COVERAGE_END = "coverage_end"  # set by the feed (rule 23)


class CannotUndo(DomainError):
    """This cancel can't be undone any more: set up monthly payments again (rule 21)."""

    code = "cannot_undo"


class NotThisMandate(DomainError):
    """There is no such mandate of this member that could be changed so."""

    code = "not_this_mandate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debited:
    """An entry that went out: its own id, and when it settles."""

    payment_id: str
    settles_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingHold:
    """A routing number that takes no payments, and since when that holds a mandate (rule 49)."""

    routing: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One authorization. Replacing makes a new one; any other change, a new version."""

    mandate_id: str
    version: int = 1
    enrollment_id: str
    subscriber_id: str
    plan: Plan
    plan_name: str
    plan_year: int
    billing_account: str
    account: BankAccount
    contact: Contact
    language: str
    evidence: Evidence
    confirmation: str
    created_at: datetime
    from_month: str
    through_month: str | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    undo_before: str | None = None  # the first month whose freeze makes a cancel final
    held: bool = False
    held_for: RoutingHold | None = None  # where only that holds it
    carry_over: bool = False  # the member agreed that it goes on with the plan that follows (42)
    carry_over_evidence: Evidence | None = None  # of that, where it was agreed to later
    corrected_for: Debited | None = None  # the entry that the bank last corrected its account for

    def is_active_in(self, month: str) -> bool:
        """Whether the run of that month must decide about it; never beyond its plan year (23).

        Only the mandate says so, for it is frozen; a feed's later facts come too late for it (20).
        """
        last = self.through_month or f"{self.plan_year}-12"
        return self.from_month <= month <= min(last, f"{self.plan_year}-12")

    def outlives(self, month: str) -> bool:
        """Whether it is active in that month or a later one."""
        return self.through_month is None or self.through_month >= max(month, self.from_month)

    def can_be_undone(self, coming: str) -> bool:
        """Whether it was cancelled, and no freeze has made that final (rule 21)."""
        cancelled = self.end_reason is EndReason.CANCELLED
        return cancelled and self.undo_before is not None and coming <= self.undo_before

    def state(self, decided_months: Collection[str], this_month: str) -> MandateState:
        """From months: ended when the last one is decided or past; ending when one ended it.

        A last month that was known when it was set up (the end of the plan) makes it no less
        active; a cancel, a return, or a feed that moves the end of coverage makes it ending.
        """
        if self.through_month is not None:
            over = self.through_month < max(self.from_month, this_month)
            if over or self.through_month in decided_months:
                return MandateState.ENDED
            if self.end_reason is not None:
                return MandateState.ENDING
        return MandateState.HELD if self.held else MandateState.ACTIVE

    def holding(self, hold: RoutingHold | None = None) -> "Mandate":
        """On hold: until its member agrees again, or staff release its routing number (29, 49)."""
        if self.held and (self.held_for is None or self.held_for == hold):
            return self
        return replace(self, held=True, held_for=hold, version=self.version + 1)

    def released(self, routing: str, at: datetime) -> "Mandate":
        """Active again, without new consent, where only this number held it by then (rule 49)."""
        if self.held_for is None or self.held_for.routing != routing or self.held_for.since > at:
            return self
        return replace(self, held=False, held_for=None, version=self.version + 1)

    def limited(self, limit: str | None, coming: str, at: datetime | None = None) -> "Mandate":
        """With coverage's last month as its own; None where coverage has no end.

        `at` is when a feed said so; without it that is no end of the mandate's own.
        """
        last = None if limit is None else max(limit, month_after(coming, -1))
        ended_at = at if last else None
        why = EndReason.COVERAGE_END if ended_at else None
        version = self.version + 1
        return replace(self, version=version, through_month=last, ended_at=ended_at, end_reason=why)

    def staying(self) -> "Mandate":
        """Without going on with another plan (rule 42)."""
        return replace(self, version=self.version + 1, carry_over=False)

    def going_on(self, agreed: Evidence) -> "Mandate":
        """With the plan that follows, from now on (rule 42)."""
        version = self.version + 1
        return replace(self, version=version, carry_over=True, carry_over_evidence=agreed)

    def reached_at(self, contact: Contact) -> "Mandate":
        """Letters about it go there from now on (rule 22)."""
        return replace(self, version=self.version + 1, contact=contact)

    def ending(self, coming: str, at: datetime, reason: EndReason) -> "Mandate":
        """Without the coming month and all after it; what is frozen stays as it is."""
        return replace(
            self,
            version=self.version + 1,
            through_month=month_after(coming, -1),
            ended_at=at,
            end_reason=reason,
            undo_before=coming if reason is EndReason.CANCELLED else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandates:
    """The mandates of one enrollment that a run may still meet, oldest first; at most two."""

    enrollment_id: str
    version: int = 0
    standing: tuple[Mandate, ...] = ()

    def active_in(self, month: str) -> Mandate | None:
        """The one that the run of a month decides about."""
        return next((each for each in self.standing if each.is_active_in(month)), None)

    def lasting(self, coming: str) -> Mandate | None:
        """The one that goes on from the coming month."""
        return next((each for each in self.standing if each.outlives(coming)), None)

    def ended_by(self, reason: EndReason, coming: str, at: datetime) -> tuple["Mandates", "Past"]:
        """All that would outlive the coming month get their last one."""
        return self.with_each(
            lambda each: each.ending(coming, at, reason) if each.outlives(coming) else each, at
        )

    def with_new(self, mandate: Mandate, at: datetime) -> tuple["Mandates", "Past"]:
        """A new mandate from its first month on; it replaces what would have outlived that."""
        ended, past = self.ended_by(EndReason.REPLACED, mandate.from_month, at)
        return replace(ended, standing=(*ended.standing, mandate)), past

    def with_coverage(
        self, limit: str | None, coming: str, at: datetime
    ) -> tuple["Mandates", "Past"]:
        """Their last month follows the end of coverage, never into what is frozen (rule 23).

        One that has ended does not come back, whatever the feed says later (rule 20).
        """
        return self.with_each(
            lambda each: each.limited(limit, coming, at) if each.outlives(coming) else each, at
        )

    def with_undone(
        self, past: Iterable[Mandate], mandate_id: str, coming: str, limit: str | None
    ) -> tuple["Mandates", Mandate]:
        """The same mandate again, next version, without an end. Raises CannotUndo."""
        found = [each for each in (*self.standing, *past) if each.mandate_id == mandate_id]
        no_22nd_left = limit is not None and limit < coming
        if not found or self.lasting(coming) or no_22nd_left:
            raise CannotUndo
        mandate = found[-1]
        if not mandate.can_be_undone(coming):
            raise CannotUndo
        undone = replace(mandate, undo_before=None).limited(limit, coming)
        others = tuple(each for each in self.standing if each.mandate_id != mandate_id)
        return replace(self, standing=(*others, undone)), undone

    def with_each(
        self, change: Callable[[Mandate], Mandate], at: datetime
    ) -> tuple["Mandates", "Past"]:
        """Each as changed. What no run can meet any more leaves.

        A mandate that could be in a month's run never leaves before that run was surely worked, so
        that it counts the same mandates whenever it looks.
        """
        changed = tuple(change(each) for each in self.standing)
        oldest = oldest_month_worked(local_day(at))
        past = tuple(
            each
            for each in changed
            if each.through_month is not None and each.through_month < max(oldest, each.from_month)
        )
        standing = tuple(each for each in changed if each not in past)
        return replace(self, standing=standing), past


Past = tuple[Mandate, ...]
"""Mandates that no run will meet again."""
