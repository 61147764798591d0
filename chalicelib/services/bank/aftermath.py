"""What a return does to monthly payments, and what is still taken after it (rules 29, 30)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import ledger
from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.banking_days import local_day, next_due_on
from chalicelib.domain.coverage import month_of
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import EndReason, Mandate, Mandates, coming_month
from chalicelib.domain.withdrawal import (
    Decision,
    Exclusion,
    Verdict,
    decision_line,
    foreseen,
    is_asked,
)
from chalicelib.ports import Books, MandateBook, Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What deciding it needs of the world."""

    books: Books
    mandates: MandateBook
    ceiling_cents: int

    def effect(
        self, mandates: Mandates, mandate: Mandate | None, wanted: OnMandate, at: datetime
    ) -> OnMandate:
        """What becomes of monthly payments: only the mandate whose debit came back is touched."""
        lasting = mandates.lasting(self._coming(mandates.enrollment_id, at))
        if mandate is None or lasting is None or lasting.mandate_id != mandate.mandate_id:
            return OnMandate.KEEP
        return wanted

    def writes(self, mandates: Mandates, effect: OnMandate, code: str, at: datetime) -> list[Write]:
        """Ends or holds the mandate that goes on (rule 29)."""
        coming = self._coming(mandates.enrollment_id, at)
        lasting = mandates.lasting(coming)
        if effect is OnMandate.END:
            changed, past = mandates.ended_by(EndReason.RETURNED, coming, at)
            return self.mandates.keeping(changed, past, coming, f"returned {code}")
        if effect is OnMandate.HOLD and lasting and not lasting.held:
            held = replace(lasting, held=True, version=lasting.version + 1)
            standing = tuple(
                held if each.mandate_id == held.mandate_id else each for each in mandates.standing
            )
            changed = replace(mandates, standing=standing)
            return self.mandates.keeping(changed, (), coming, f"held {code}")
        return []

    def forestall(
        self, enrollment_id: str, mandate: Mandate | None, wanted: OnMandate, at: datetime
    ) -> None:
        """After the freeze and before the claim: this month is decided here, so never debited.

        The run takes the first decision as it stands; when it has claimed already, that one is the
        first (rule 29). Nothing has to be seen in time.
        """
        month = month_of(local_day(at))
        if mandate is None or wanted is OnMandate.KEEP:
            return
        here = self.mandates.of(enrollment_id).active_in(month)
        if here is None or here.mandate_id != mandate.mandate_id or not is_asked(here, month):
            return
        if self.mandates.is_frozen(month, enrollment_id):
            excluded = Decision(verdict=Verdict.EXCLUDED, reason=Exclusion.RETURNED)
            self.books.decide(decision_line(here, month, excluded, at))

    def outcome(
        self, mandates: Mandates, lines: Sequence[Line], effect: OnMandate, at: datetime
    ) -> dict[str, Any]:
        """Both parts of rule 30: what is taken all the same, and what must be paid on the page."""
        owed = max(ledger.owed(lines), 0)
        month = self._coming(mandates.enrollment_id, at)
        told = self.mandates.told(mandates.enrollment_id, month)
        active = mandates.active_in(month)
        goes_on = effect is OnMandate.KEEP and active is not None and not active.held
        taken = 0
        if told and active and goes_on:
            taken, _ = foreseen(active, owed, told.cents, self.ceiling_cents)
        return {
            "owed_cents": owed,
            "due_on": next_due_on(local_day(at)).isoformat(),
            "will_take_cents": taken or None,
            "will_take_on": told.on.isoformat() if told and taken else None,
            "not_taken_cents": owed - taken if taken and owed > taken else None,
        }

    def _coming(self, enrollment_id: str, at: datetime) -> str:
        frozen = self.mandates.is_frozen(month_of(local_day(at)), enrollment_id)
        return coming_month(at, frozen)
