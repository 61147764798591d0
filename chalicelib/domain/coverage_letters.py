"""What letters about coverage tell, and about what a feed changes (rules 4, 23, 35, 41, 45)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.domain.due import FirstPayment
from chalicelib.domain.letter_facts import InFlight, PlanLetter
from chalicelib.domain.statement import StatementItem

Monthly = Literal["on", "again"]
"""Monthly payments that go on, or must be set up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetter(PlanLetter):
    """Something is due, or was, that no coming withdrawal covers (rule 44)."""

    is_before: bool  # the due date
    owed_cents: int
    uncovered_cents: int
    due_on: date
    first_payment: FirstPayment | None
    carried_cents: int  # owed, or credit, before `since`
    since: tuple[StatementItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallerLetter(PlanLetter):
    """A feed makes what was announced smaller, or what is on its way too much (rule 45)."""

    was_cents: int
    cents: int  # what is taken; of what is on its way nothing can be changed
    on: date
    on_its_way: bool
    owed_cents: int
    carried_cents: int  # owed, or credit, before `since`
    since: tuple[StatementItem, ...]  # what changed


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageEndedLetter(PlanLetter):
    """Coverage ends, or never began; what becomes of monthly payments (rules 23, 35, 45)."""

    never_began: bool
    ends_on: date
    had_monthly: bool
    monthly_until: date | None  # the last withdrawal, where one is left
    carries_on: bool  # as agreed, with a plan that follows; none is known yet (rule 42)
    cents: int | None  # announced, and not taken
    on: date | None
    still: InFlight
    owed_cents: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageBackLetter(PlanLetter):
    """Coverage that was to end goes on (rule 45)."""

    was_to_end_on: date
    ends_on: date | None
    monthly: Monthly | None
    owed_cents: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedDebtLetter(PlanLetter):
    """Coverage ended with debt, which no withdrawal takes: a one-time payment (rule 4)."""

    cents: int
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedLetter(PlanLetter):
    """Monthly payments go on with the plan that follows; this is their notice (rule 42)."""

    old_plan_name: str
    old_plan_year: int
    month: str
    cents: int
    on: date
    pay_by: date | None  # where that is after the first payment is due: pay it on the page
    owed_cents: int
    credit_cents: int | None  # of the old plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalLetter(PlanLetter):
    """Monthly payments do not cover the plan that follows (rules 23, 41)."""

    carries_on: bool  # as agreed, should the old plan end before this one begins (rule 42)
    new_plan_year: int
    new_plan_name: str
    cents: int  # of its first payment; 0 before its first charge
    due_on: date
