"""Members change their monthly payments: cancel, undo, replace; and what comes next (18 to 26).

Every change checks, in its own transaction, that the month it counts from is not frozen. When a
freeze comes between, the change is made again for the month after, and the member is told which of
the two happened.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import (
    CannotUndo,
    EndReason,
    Mandate,
    Mandates,
    MandateState,
    NotThisMandate,
)
from chalicelib.domain.month import MandateMonth, mandate_state
from chalicelib.domain.month_dates import coverage_limit, effective_on, has_a_22nd
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import Contact
from chalicelib.domain.withdrawal import Announcement, decision_of, expected_amount
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.mandate_mails import (
    cancelled_mails,
    replaced_mails,
    undone_mails,
    upcoming,
)
from chalicelib.services.monthly.carrying import Carrying
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateChange:
    """What a change did: from which month on, and what is taken all the same."""

    mandate: Mandate
    coming: str
    in_flight: MandateMonth | None  # this month's withdrawal, when the change came after the freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandating:
    """What changing mandates needs of the world."""

    records: Records
    account_validation: AccountValidation
    months: Months
    carrying: Carrying
    due: DueDates
    debit_ceiling_cents: int

    def history(self, standing: Standing, now: datetime) -> list[tuple[Mandate, MandateState]]:
        """All mandates of an enrollment, oldest first, with their states."""
        found = self.records.mandates.every(standing.enrollment.enrollment_id)
        return [
            (each, mandate_state(each, standing.enrollment, standing.lines, now))
            for each in sorted(found, key=lambda each: (each.created_at, each.mandate_id))
        ]

    def setting_up(self, mandates: Mandates, mandate: Mandate, now: datetime) -> list[Write]:
        """A new mandate, in the transaction of its Submit; it replaces the one before (rule 19)."""
        changed, past = mandates.with_new(mandate, now)
        audit = f"set up {mandate.mandate_id} from {mandate.from_month}"
        return self.records.mandates.changing(changed, past, mandate.from_month, audit, now)

    def cancel(
        self, standing: Standing, mandate_id: str, typed: Contact | None, now: datetime
    ) -> MandateChange:
        """Ends a mandate from the first month that is not frozen. Raises NotThisMandate.

        One that is cancelled already is answered as if just now: a reply may have been lost.
        """
        enrollment_id = standing.enrollment.enrollment_id

        def attempt() -> MandateChange:
            coming = self.months.coming(enrollment_id, now)
            mandates = self.records.mandates.of(enrollment_id)
            mandate = mandates.lasting(coming)
            if before := self._cancelled(mandates, mandate_id):
                return MandateChange(mandate=before, coming=coming, in_flight=None)
            has_left = has_a_22nd(standing.enrollment, coming)
            if not has_left or mandate is None or mandate.mandate_id != mandate_id:
                raise NotThisMandate
            changed, past = mandates.ended_by(EndReason.CANCELLED, coming, now)
            ended = next(e for e in (*changed.standing, *past) if e.mandate_id == mandate_id)
            still = self.months.in_flight(mandates, standing.lines, coming, now)
            other = self.carrying.beside(standing.enrollment, now)
            left = _left(standing, still)
            due_on = self.due.next_on(local_day(now))
            mails = cancelled_mails(
                ended, standing.enrollment, coming, still, left, due_on, other, typed, now
            )
            writes = self.records.mandates.changing(
                changed, past, coming, f"cancelled {mandate_id}", now
            )
            self.records.commit(*writes, mails=mails)
            return MandateChange(mandate=ended, coming=coming, in_flight=still)

        return self.records.commit_or_retry(attempt)

    def undo(self, standing: Standing, mandate_id: str, now: datetime) -> MandateChange:
        """Takes a cancel back; what it shows counts as announced (rule 21). Raises CannotUndo.

        Where the plan that follows is there, it may go on with it in this transaction (rule 42).
        One that goes on already is answered as if just now: a reply may have been lost.
        """
        enrollment_id = standing.enrollment.enrollment_id

        def attempt() -> MandateChange:
            coming = self.months.coming(enrollment_id, now)
            if not has_a_22nd(standing.enrollment, coming):
                raise CannotUndo
            # Before the others: what a twin's undo moves over meanwhile is seen among these.
            past = self.records.mandates.past(enrollment_id)
            mandates = self.records.mandates.of(enrollment_id)
            on = mandates.lasting(coming)
            if on and on.mandate_id == mandate_id:
                return MandateChange(mandate=on, coming=coming, in_flight=None)
            limit = coverage_limit(standing.enrollment)
            changed, mandate = mandates.with_undone(past, mandate_id, coming, limit)
            if not mandate.held and self.account_validation.is_refused(mandate.account):
                raise CannotUndo  # a return of another plan, say; what is held comes back held
            left = _left(standing, self.months.in_flight(mandates, standing.lines, coming, now))
            cents, why_not = expected_amount(mandate, left, None, self.debit_ceiling_cents)
            announced = _announcement(mandate, coming, cents, now)
            expected = upcoming(announced, left, why_not, self.due.next_on(local_day(now)))
            mails = undone_mails(mandate, standing.enrollment, coming, expected, now)
            writes = self.records.mandates.changing(
                changed, (), coming, f"undone {mandate_id}", now
            )
            writes.append(self.records.mandates.announcing(announced))
            writes += (
                [] if mandate.held else self.account_validation.unless_refused(mandate.account)
            )
            carried = self.carrying.judged_anew(mandate, changed, now)
            writes += [each for each in carried if each not in writes]  # its number is checked once
            self.records.commit(*writes, mails=mails)
            return MandateChange(mandate=mandate, coming=coming, in_flight=None)

        return self.records.commit_or_retry(attempt)

    def _cancelled(self, mandates: Mandates, mandate_id: str) -> Mandate | None:
        found = [*self.records.mandates.past(mandates.enrollment_id), *mandates.standing]
        return next(
            (
                each
                for each in found
                if each.mandate_id == mandate_id and each.end_reason is EndReason.CANCELLED
            ),
            None,
        )

    def replaced_mails(
        self, standing: Standing, mandates: Mandates, new: Mandate, paid_cents: int, now: datetime
    ) -> list[Mail]:
        """To the address kept with the old mandate, and to the new one (rule 22)."""
        old = mandates.lasting(new.from_month)
        if old is None:
            return []
        still = self.months.in_flight(mandates, standing.lines, new.from_month, now)
        return replaced_mails(old, new, still.after_paying(paid_cents) if still else None, now)


def _left(standing: Standing, still: MandateMonth | None) -> int:
    """What is owed, less what this month's run takes and these books do not show yet."""
    if still is None or decision_of(standing.lines, still.month):
        return standing.owed_cents
    return standing.owed_cents - still.cents


def _announcement(mandate: Mandate, month: str, cents: int, now: datetime) -> Announcement:
    return Announcement(
        enrollment_id=mandate.enrollment_id,
        month=month,
        cents=cents,
        on=effective_on(month, now),
        announced_at=now,
        how="authorization",
        mandate_id=mandate.mandate_id,
    )


def authorized(mandate: Mandate, owed_after_cents: int, now: datetime) -> Announcement | None:
    """What the authorization names for the coming withdrawal; nothing after the freeze (24)."""
    if mandate.from_month != month_of(local_day(now)):
        return None
    return _announcement(mandate, mandate.from_month, max(owed_after_cents, 0), now)
