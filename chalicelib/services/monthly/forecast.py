"""What comes next of monthly payments, and what can't be stopped here any more (20, 25 to 27)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.banking_days import debit_day, local_day
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.entry import Batch, taken_as
from chalicelib.domain.identities import withdrawal_line
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate, Mandates, coming_month, last_withdrawal_month
from chalicelib.domain.notice import most_announced
from chalicelib.domain.paying import Standing
from chalicelib.domain.upcoming_withdrawal import (
    ClaimedWithdrawal,
    UpcomingWithdrawal,
    is_on_its_way,
    may_still_be_decided,
    state_of,
)
from chalicelib.domain.withdrawal import decision_of, effective_on, expected_amount, is_asked
from chalicelib.repositories.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalForecast:
    """What forecasting needs of the world."""

    records: Records
    debit_ceiling_cents: int

    def next_one(self, standing: Standing, now: datetime) -> UpcomingWithdrawal | None:
        """The next withdrawal of an enrollment with a mandate: on its way, or to come (rule 26)."""
        enrollment_id = standing.enrollment.enrollment_id
        mandates = self.records.mandates.of(enrollment_id)
        month = month_of(local_day(now))
        frozen = self.records.mandates.is_frozen(month, enrollment_id)
        decision = decision_of(standing.lines, month)
        going = self._under_way(mandates, standing, decision, frozen, now)
        if going:
            return going
        coming = coming_month(now, frozen)
        mandate = mandates.lasting(coming)
        if mandate is None or coming > last_withdrawal_month(standing.enrollment):
            return None
        month = max(coming, mandate.from_month)
        return self._expected(mandate, month, standing, now, frozen=False)

    def in_flight(
        self, mandates: Mandates, standing: Standing, coming: str, now: datetime
    ) -> UpcomingWithdrawal | None:
        """What a change that counts from the coming month does not stop; None when nothing is.

        The decision is read again: the run may have made it since the page read the books.
        """
        month = month_of(local_day(now))
        decision = self.records.books.line(mandates.enrollment_id, withdrawal_line(month))
        return self._under_way(mandates, standing, decision, coming > month, now)

    def _under_way(
        self,
        mandates: Mandates,
        standing: Standing,
        decision: Line | None,
        frozen: bool,
        now: datetime,
    ) -> UpcomingWithdrawal | None:
        """This month's withdrawal, or last month's where its date is late enough."""
        month = month_of(local_day(now))
        if decision is None and frozen and may_still_be_decided(month, now):
            here = mandates.active_in(month)
            look = self._expected(here, month, standing, now, frozen=True) if here else None
            if look and look.cents and is_asked(look.mandate, month):
                return look
        claim = self.claim_under_way(mandates, standing.lines, decision, now)
        return self._claimed(standing, claim) if claim else None

    def claim_under_way(
        self, mandates: Mandates, lines: Sequence[Line], decision: Line | None, now: datetime
    ) -> ClaimedWithdrawal | None:
        """What the run took, this month (its `decision`) or late in the last; not yet paid."""
        for line in (decision, decision_of(lines, month_after(month_of(local_day(now)), -1))):
            mandate = self._mandate_of(mandates, line) if line and line.amount_cents else None
            if line and mandate:
                on, is_late = self._date_of(mandate, line, now)
                if is_on_its_way(line, lines, on, now):
                    return ClaimedWithdrawal(mandate=mandate, line=line, on=on, is_late=is_late)
        return None

    def _claimed(self, standing: Standing, claim: ClaimedWithdrawal) -> UpcomingWithdrawal:
        mandate, month = claim.mandate, str(claim.line.month)
        return UpcomingWithdrawal(
            mandate=mandate,
            state=state_of(mandate, standing.enrollment, standing.lines, None, month),
            month=month,
            on=claim.on,
            cents=claim.cents,
            owed_cents=standing.owed_cents,
            why_not=None,
            is_frozen=True,
            is_decided=True,
            account=claim.account,
            is_late=claim.is_late,
        )

    def _mandate_of(self, mandates: Mandates, line: Line) -> Mandate | None:
        """Whose withdrawal it is; one that was cancelled since may be past by now."""
        own = [each for each in mandates.standing if each.mandate_id == line.mandate_id]
        past = own or self.records.mandates.past(line.enrollment_id)
        return next((each for each in past if each.mandate_id == line.mandate_id), None)

    def _date_of(self, mandate: Mandate, line: Line, now: datetime) -> tuple[date, bool]:
        """When a claim is taken: by the file that has it; until then by its entry (rule 27).

        What still waits when its date is past goes with a later file, whose members are told.
        """
        month, entry = str(line.month), None
        if line.collection:
            transmission = self.records.transmissions.that_took(*taken_as(line.collection))
            if transmission:
                return transmission.settles_on, False
            entry = self.records.books.entry(
                line.collection, Batch(mandate.plan), str(line.payment_id)
            )
        planned = entry.effective_on if entry else effective_on(month, line.at)
        if local_day(now) <= planned:
            return planned, False
        return effective_on(month, now), True

    def _expected(
        self, mandate: Mandate, month: str, standing: Standing, now: datetime, *, frozen: bool
    ) -> UpcomingWithdrawal:
        """What a run would take, that has not decided yet: late where its day is past (rule 27)."""
        announced = self.records.mandates.announced(mandate.enrollment_id, month)
        owed, most = standing.owed_cents, most_announced(announced, month, now)
        cents, why_not = expected_amount(mandate, owed, most, self.debit_ceiling_cents)
        on = effective_on(month, now)
        return UpcomingWithdrawal(
            mandate=mandate,
            state=state_of(mandate, standing.enrollment, standing.lines, None, month),
            month=month,
            on=on,
            cents=cents,
            owed_cents=owed,
            why_not=why_not,
            is_frozen=frozen,
            is_decided=False,
            account=mandate.account,
            is_late=on != debit_day(month),
        )
