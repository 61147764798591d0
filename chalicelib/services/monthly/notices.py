"""Every mandate's member is told, at least ten days before, what will be taken (rules 24, 25)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain import billing, ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import case_id, notice_letter, notice_run
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.letter_facts import NewYear, NextPremium, WhyThisAmount, about
from chalicelib.domain.letters import NoticeLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.month_dates import effective_on, ends_on
from chalicelib.domain.run import Checkpoint, Counts, Run
from chalicelib.domain.statement import statement
from chalicelib.domain.timetable import FIRST_NOTICE_DAY
from chalicelib.domain.withdrawal import Announcement, expected_amount
from chalicelib.ports import Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import mandate_mail, upcoming
from chalicelib.services.monthly.carrying import Carrying
from chalicelib.services.monthly.running import PAGE_ROWS, Page
from chalicelib.store import ConditionFailed

RENEWAL_MONTHS = ("11", "12")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeJob:
    """The run over all mandates. Counts: claimed = told by this run, skipped = told before."""

    records: Records
    metrics: Metrics
    due: DueDates
    carrying: Carrying
    debit_ceiling_cents: int

    def identity(self, scheduled_at: datetime) -> tuple[str, str]:
        """A run a day from the 10th to the 12th: who was not reached is told the next day."""
        today = local_day(scheduled_at)
        return notice_run(today), month_of(today)

    def begin(self, run: Run) -> None:
        """Nothing has to stand before."""

    def slots(self) -> Collection[int]:
        """Those that ever had a mandate."""
        return self.records.mandates.filled()

    def page(self, run: Run, place: Checkpoint, at: datetime, stops: Mapping[str, str]) -> Page:  # noqa: ARG002
        """Some mandates of a slot, each told once."""
        rows = self.records.mandates.in_slot(place.slot, place.after, PAGE_ROWS)
        if not rows:
            return Page(None, Counts())
        enrollments = self.records.enrollments.in_slot(place.slot)
        announced = self.records.mandates.announced_in_slot(place.slot, run.period)
        counts = Counts()
        for _, mandates in rows:
            if mandates is None:
                self._count_late(run)  # it can't be read: nobody is told
            mandate = mandates.active_in(run.period) if mandates else None
            enrollment = enrollments.get(mandates.enrollment_id) if mandates else None
            if mandate:
                counts += self._tell(run, mandate, enrollment, announced.get(mandate.enrollment_id))
        return Page(rows[-1][0] if len(rows) == PAGE_ROWS else None, counts)

    def active(self, run: Run, slot: int) -> int | None:  # noqa: ARG002
        """Pages count: mandates come and go until the freeze."""
        return None

    def _tell(
        self,
        run: Run,
        mandate: Mandate,
        enrollment: Enrollment | None,
        announced: Announcement | None,
    ) -> Counts:
        if announced and (announced.announced_at == run.started_at or announced.counts):
            return _counted(run, announced)
        if enrollment is None:
            return self._exclude(run, mandate, "the enrollment of this mandate is unknown")
        lines = self.records.books.readable_lines(mandate.enrollment_id)
        if lines is None:
            return self._exclude(run, mandate, "a line of the ledger can't be read")
        owed = ledger.owed(lines)
        cents, why_not = expected_amount(mandate, owed, None, self.debit_ceiling_cents)
        tells = _announcement(run, mandate, cents)
        premium_cents, _ = billing.newest_premium(enrollment, lines)
        due_on = self.due.next_on(local_day(run.started_at))
        last = ends_on(enrollment, run.period)
        letter = NoticeLetter(
            about=about(mandate, mandate.account),
            set_up_on=local_day(mandate.created_at),
            month=run.period,
            upcoming=upcoming(tells, owed, why_not, due_on),
            amount=_because(enrollment, lines),
            premium_cents=premium_cents,
            next_premium=_next_premium(enrollment, lines),
            renewal=self._renewal(run, mandate),
            ends_on=last,
            carries_on=bool(last) and self.carrying.waits(mandate, enrollment, run.started_at),
        )
        mail_id = notice_letter(run.run_id, mandate.enrollment_id)
        return self._announce(run, tells, mandate_mail(letter, mail_id, mandate, run.started_at))

    def _announce(self, run: Run, tells: Announcement, mail: Mail) -> Counts:
        """The amount and its letter, once."""
        name = tells.enrollment_id
        try:
            self.records.commit(self.records.mandates.announcing(tells), mails=[mail])
        except ConditionFailed:  # told meanwhile, or by us, whose reply was lost
            stands = self.records.mandates.announced(name, run.period)
            return _counted(run, stands) if stands else Counts(active=1, skipped=1)
        self._count_late(run)
        return Counts(active=1, claimed=1, cents=tells.cents)

    def _count_late(self, run: Run) -> None:
        """Somebody is told only now, or not at all: from the 11th on that rings (rule 25)."""
        if local_day(run.started_at).day > FIRST_NOTICE_DAY:
            self.metrics.count("NoticesLate")

    def _renewal(self, run: Run, mandate: Mandate) -> NewYear | None:
        """In November and December: next year's plan, until it is paid or has a mandate (23)."""
        if run.period[-2:] not in RENEWAL_MONTHS:
            return None
        for new in self.records.enrollments.of_subscriber(mandate.subscriber_id):
            if new.plan is not mandate.plan or new.plan_year != mandate.plan_year + 1:
                continue
            lines = self.records.books.readable_lines(new.enrollment_id)
            if (
                lines
                and ledger.owed(lines) > 0
                and not self.records.mandates.of(new.enrollment_id).lasting(run.period)
            ):
                due_on = self.due.first_on(new, local_day(run.started_at))
                return NewYear(new_plan_year=new.plan_year, cents=ledger.owed(lines), due_on=due_on)
        return None

    def _exclude(self, run: Run, mandate: Mandate, reason: str) -> Counts:
        """Nobody knows what to tell; staff look at it."""
        self._count_late(run)
        self.records.cases.open_case(
            Case(
                case_id=case_id("not_told", run.period, mandate.enrollment_id),
                kind=CaseKind.NOT_TOLD,
                enrollment_id=mandate.enrollment_id,
                reason=reason,
                opened_at=run.started_at,
                phone=mandate.contact.phone,
            )
        )
        return Counts(active=1, excluded=1)


def _announcement(run: Run, mandate: Mandate, cents: int) -> Announcement:
    return Announcement(
        enrollment_id=mandate.enrollment_id,
        month=run.period,
        cents=cents,
        on=effective_on(run.period, run.started_at),
        announced_at=run.started_at,
        how="notice",
        mandate_id=mandate.mandate_id,
        mail_id=notice_letter(run.run_id, mandate.enrollment_id),
    )


def _next_premium(enrollment: Enrollment, lines: list[Line]) -> NextPremium | None:
    later = billing.next_premium(enrollment, lines)
    return NextPremium(cents=later.cents, month=later.from_month) if later else None


def _because(enrollment: Enrollment, lines: list[Line]) -> WhyThisAmount:
    """What was taken last time, and what came since then: why the amount differs."""
    before = [n for n, line in enumerate(lines) if line.kind is LineKind.WITHDRAWAL]
    since = statement(enrollment, lines, before[-1] + 1 if before else 0).latest()
    last = lines[before[-1]] if before else None
    return WhyThisAmount(
        last_cents=-last.amount_cents if last else None,
        last_month=last.month if last else None,
        last_not_paid=_why_not_paid(lines, last) if last else None,
        carried_cents=since.carried_cents,
        since=since.items,
    )


def _why_not_paid(lines: list[Line], last: Line) -> Literal["came_back", "not_taken"] | None:
    """Last time's withdrawal may have come back, or never have reached a bank."""
    back = ledger.return_of(lines, last.payment_id) if last.payment_id else None
    if back is None:
        return None
    return "not_taken" if back.reason in ledger.NEVER_TAKEN else "came_back"


def _counted(run: Run, announced: Announcement) -> Counts:
    """By the row: told in this run, or before."""
    if announced.announced_at == run.started_at:
        return Counts(active=1, claimed=1, cents=announced.cents)
    return Counts(active=1, skipped=1)
