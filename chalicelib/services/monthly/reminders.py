"""Who owes is reminded three days before the due date, and told the day after it (rule 44)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.coverage_letters import ReminderLetter
from chalicelib.domain.due import CoverageStart, DueDates, first_payment
from chalicelib.domain.enrollment import SLOTS, Enrollment
from chalicelib.domain.identities import case_id, reminder_letter, reminder_run
from chalicelib.domain.ledger import Line
from chalicelib.domain.letter_facts import about, mail_of
from chalicelib.domain.mail import Mail
from chalicelib.domain.paying import standing
from chalicelib.domain.reminding import Reminding, reminding
from chalicelib.domain.run import Checkpoint, Counts, Run
from chalicelib.domain.statement import since_settled
from chalicelib.repositories.codec import UNREADABLE
from chalicelib.repositories.records import Records
from chalicelib.services.mail.addressees import Addressees
from chalicelib.services.monthly.months import Months
from chalicelib.services.monthly.running import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderJob:
    """The run over all enrollments. Counts: claimed = reminded, skipped = nothing to say."""

    records: Records
    due: DueDates
    months: Months
    addressees: Addressees

    def identity(self, scheduled_at: datetime) -> tuple[str, str] | None:
        """Two runs a due date, each with a day to catch up; None on all other days."""
        found = reminding(self.due, local_day(scheduled_at))
        if found is None:
            return None
        return reminder_run(found.first_on), month_of(found.due_on)

    def begin(self, run: Run) -> None:
        """Nothing has to stand before."""

    def slots(self) -> Collection[int]:
        """All: every enrollment is looked at."""
        return range(SLOTS)

    def page(self, run: Run, place: Checkpoint, at: datetime, stops: Mapping[str, str]) -> Page:  # noqa: ARG002
        """A whole slot; an enrollment whose own facts can't be read is the billing run's case."""
        found = self.records.enrollments.known_in_slot(place.slot)
        occasion = reminding(self.due, local_day(run.started_at))
        assert occasion, "a run begins on one of its days"
        counts, mails = Counts(), list[Mail]()
        for known in found.values():
            mail = self._readable(run, known.enrollment, occasion) if known else None
            counts += Counts(active=1, claimed=int(bool(mail)), skipped=int(not mail))
            mails += [mail] if mail and self.records.outbox.add(mail) else []
        self.records.wake(*mails)
        return Page(None, counts)

    def active(self, run: Run, slot: int) -> int | None:  # noqa: ARG002
        """Pages count: enrollments may come while the run goes on."""
        return None

    def _readable(self, run: Run, enrollment: Enrollment, occasion: Reminding) -> Mail | None:
        """One that can't be read stops no other; staff look at it (I15)."""
        try:
            return self._reminder(run, enrollment, occasion)
        except UNREADABLE:
            name = enrollment.enrollment_id
            case = Case(
                case_id=case_id("not_reminded", run.period, name),
                kind=CaseKind.NOT_TOLD,
                enrollment_id=name,
                reason="a row of this enrollment can't be read: nobody was reminded",
                opened_at=run.started_at,
            )
            self.records.cases.open_case(case)
            return None

    def _reminder(self, run: Run, enrollment: Enrollment, occasion: Reminding) -> Mail | None:
        """What is owed, and no coming withdrawal covers; None where that is nothing."""
        now, today = run.started_at, local_day(run.started_at)
        if enrollment.has_ended(today):
            return None
        lines = self.records.books.lines(enrollment.enrollment_id)
        if ledger.owed(lines) <= 0:
            return None
        first = first_payment(enrollment, lines, self.due, today)
        if first and first.pay_by > occasion.due_on and first.start is CoverageStart.IN_TIME:
            return None  # it is due with a later one
        uncovered = ledger.owed(lines) - self._to_be_taken(enrollment, lines, occasion, now)
        addressee = self.addressees.newest(enrollment.enrollment_id, lines)
        if uncovered <= 0 or addressee is None:
            return None
        why = since_settled(enrollment, lines).latest()
        tells = ReminderLetter(
            about=about(enrollment, addressee.account),
            is_before=occasion.is_before,
            owed_cents=ledger.owed(lines),
            uncovered_cents=uncovered,
            due_on=occasion.due_on,
            first_payment=first,
            carried_cents=why.carried_cents,
            since=why.items,
        )
        mail_id = reminder_letter(run.run_id, enrollment.enrollment_id)
        contact, language = addressee.contact, addressee.language
        return mail_of("reminder", tells, mail_id, contact, language, enrollment.enrollment_id, now)

    def _to_be_taken(
        self, enrollment: Enrollment, lines: list[Line], occasion: Reminding, now: datetime
    ) -> int:
        """Cents of a withdrawal of the due date's month that stand in no line yet."""
        month = self.months.next_one(standing(enrollment, lines, now), now)
        in_time = month is not None and month.month <= month_of(occasion.due_on)
        return month.cents if month and in_time and not month.is_decided else 0
