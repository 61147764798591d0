"""What is known of the months of mandates, read for `domain/month.py` to judge (20, 25 to 27)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain import ledger
from chalicelib.domain.banking_days import (
    ReturnWindow,
    banking_day_after,
    effective_entry_date,
    local_day,
)
from chalicelib.domain.coverage import month_after, month_of
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Batch, transmitted_as
from chalicelib.domain.identities import evening_transmission, noon_transmission, withdrawal_line
from chalicelib.domain.ledger import Line, came_back
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.month_dates import (
    coming_month,
    debit_day,
    effective_on,
    has_a_22nd,
)
from chalicelib.domain.paying import Standing
from chalicelib.domain.withdrawal import decision_of
from chalicelib.repositories.records import Records
from chalicelib.store import first_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """What reading them needs of the world."""

    records: Records
    return_window: ReturnWindow
    debit_ceiling_cents: int

    def coming(self, enrollment_id: str, at: datetime) -> str:
        """The month that a change counts from: none that has frozen, also where it is late news.

        Raises Contended where too many of them have.
        """
        is_frozen = self.records.mandates.is_frozen
        return first_free(
            coming_month(at), month_after, lambda month: is_frozen(month, enrollment_id)
        )

    def has_a_22nd(self, enrollment: Enrollment, now: datetime) -> bool:
        """Whether its coverage has one for monthly payments that are set up now (rule 23)."""
        return has_a_22nd(enrollment, self.coming(enrollment.enrollment_id, now))

    def next_one(self, standing: Standing, now: datetime) -> MandateMonth | None:
        """The next withdrawal of an enrollment with a mandate: on its way, or to come (rule 26)."""
        enrollment, lines = standing.enrollment, standing.lines
        mandates = self.records.mandates.of(enrollment.enrollment_id)
        coming = self.coming(enrollment.enrollment_id, now)
        decision = decision_of(lines, month_of(local_day(now)))
        going = self._under_way(mandates, lines, decision, coming, now)
        mandate = mandates.lasting(coming)
        if going or mandate is None or not has_a_22nd(enrollment, coming):
            return going
        return self._undecided(mandate, max(coming, mandate.from_month), lines, now)

    def in_flight(
        self, mandates: Mandates, lines: Sequence[Line], coming: str, now: datetime
    ) -> MandateMonth | None:
        """What a change that counts from the coming month does not stop; None when nothing is.

        The decision is read again: the run may have made it since the page read the books.
        """
        this_month = month_of(local_day(now))
        decision = self.records.books.line(mandates.enrollment_id, withdrawal_line(this_month))
        return self._under_way(mandates, lines, decision, coming, now)

    def ahead(self, mandates: Mandates, lines: Sequence[Line], at: datetime) -> list[MandateMonth]:
        """This month's where it is frozen and nobody has decided, and the coming one's."""
        coming = self.coming(mandates.enrollment_id, at)
        started = self._started(mandates, lines, coming, at)
        active = mandates.active_in(coming)
        to_come = self._undecided(active, coming, lines, at) if active else None
        return [month for month in (started, to_come) if month]

    def undecided(
        self, mandate: Mandate, month: str, lines: Sequence[Line], now: datetime
    ) -> MandateMonth:
        """One that no run has decided about, whether or not it has begun."""
        is_frozen = self.records.mandates.is_frozen(month, mandate.enrollment_id)
        return self._undecided(mandate, month, lines, now, is_frozen=is_frozen)

    def claim_under_way(
        self, mandates: Mandates, lines: Sequence[Line], decision: Line | None, now: datetime
    ) -> MandateMonth | None:
        """What the run took, this month (its `decision`) or late in the last; not yet paid."""
        last_month = month_after(month_of(local_day(now)), -1)
        for line in (decision, decision_of(lines, last_month)):
            mandate = self._mandate_of(mandates, line) if line and line.amount_cents else None
            if line and mandate:
                month = self._claimed(mandate, line, lines, now)
                if month.is_on_its_way:
                    return month
        return None

    def debited_on(self, month: str, at: datetime) -> date:
        """The date of debits claimed then: of the first file that is not made yet (rule 27)."""
        debit_on, planned = debit_day(month), effective_on(month, at)
        transmissions = self.records.transmissions
        if transmissions.get(noon_transmission(debit_on)) is None:
            return planned
        day = first_free(
            debit_on,
            banking_day_after,
            lambda day: transmissions.get(evening_transmission(day)) is not None,
        )
        return max(planned, effective_entry_date(day))

    def frozen_one(self, mandates: Mandates, at: datetime) -> Mandate | None:
        """The mandate that this month's run decides about, once it has begun."""
        month = month_of(local_day(at))
        mandate = mandates.active_in(month)
        if mandate and self.records.mandates.is_frozen(month, mandates.enrollment_id):
            return mandate
        return None

    def _under_way(
        self,
        mandates: Mandates,
        lines: Sequence[Line],
        decision: Line | None,
        coming: str,
        now: datetime,
    ) -> MandateMonth | None:
        """This month's withdrawal, or last month's where its date is late enough."""
        if decision is None:
            started = self._started(mandates, lines, coming, now)
            if started and started.is_on_its_way:
                return started
        return self.claim_under_way(mandates, lines, decision, now)

    def _started(
        self, mandates: Mandates, lines: Sequence[Line], coming: str, now: datetime
    ) -> MandateMonth | None:
        month = month_of(local_day(now))
        mandate = mandates.active_in(month) if coming > month else None
        if mandate is None or decision_of(lines, month):
            return None
        return self._undecided(mandate, month, lines, now, is_frozen=True)

    def _undecided(
        self,
        mandate: Mandate,
        month: str,
        lines: Sequence[Line],
        now: datetime,
        *,
        is_frozen: bool = False,
    ) -> MandateMonth:
        return MandateMonth(
            mandate=mandate,
            month=month,
            now=now,
            owed_cents=ledger.owed(lines),
            ceiling_cents=self.debit_ceiling_cents,
            announced=self.records.mandates.announced(mandate.enrollment_id, month),
            is_frozen=is_frozen,
        )

    def _claimed(
        self, mandate: Mandate, line: Line, lines: Sequence[Line], now: datetime
    ) -> MandateMonth:
        transmission = entry = settles_on = None
        if line.collection:
            transmission = self.records.transmissions.of(*transmitted_as(line.collection))
            where = (line.collection, Batch(mandate.plan), str(line.payment_id))
            entry = None if transmission else self.records.books.entry(*where)
            settles_on = transmission.settles_on if transmission else None
        return MandateMonth(
            mandate=mandate,
            month=str(line.month),
            now=now,
            owed_cents=ledger.owed(lines),
            ceiling_cents=self.debit_ceiling_cents,
            is_frozen=True,
            decision=line,
            entry_on=entry.effective_on if entry else None,
            settles_on=settles_on,
            paid_on=self.return_window.paid_on(settles_on) if settles_on else None,
            came_back=line.payment_id in came_back(lines),
        )

    def _mandate_of(self, mandates: Mandates, line: Line) -> Mandate | None:
        """Whose withdrawal it is; one that was cancelled since may be past by now."""
        own = [each for each in mandates.standing if each.mandate_id == line.mandate_id]
        past = own or self.records.mandates.past(line.enrollment_id)
        return next((each for each in past if each.mandate_id == line.mandate_id), None)
