"""The run of the 22nd: one decision a mandate and month, never two (rules 25 to 28; I1, I4, I10).

A worker writes the decision as a ledger line whose id is `withdrawal#<month>`; whoever finds it
takes it as it stands. Entry, letter and case are made from the line, with ids that follow from it,
so a page may be worked again after a crash at any point. One query and at most three writes each.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain import ledger, withdrawal
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import SLOTS, Enrollment
from chalicelib.domain.entry import Entry, run_collection
from chalicelib.domain.identities import case_id, withdrawal_run
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.run import Checkpoint, Counts, Run
from chalicelib.domain.withdrawal import (
    Announcement,
    Circumstances,
    Exclusion,
    Verdict,
    decision_line,
    unreadable_line,
)
from chalicelib.ports import Metrics, Vault
from chalicelib.repositories.mandates import enrollment_of
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import (
    claimed_mail,
    credit_mail,
    excluded_mail,
)
from chalicelib.services.monthly.months import Months
from chalicelib.services.monthly.running import PAGE_ROWS, Page


@dataclass(frozen=True, slots=True)
class Slot:
    """What a worker reads once for all mandates of a slot."""

    enrollments: Mapping[str, Enrollment | None]
    announced: Mapping[str, Announcement]
    stops: Mapping[str, str]
    in_held_feeds: Collection[str]  # whom a feed that waits for staff ends, or makes cheaper
    at: datetime
    goes_on: date  # of the debits that are claimed now


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalJob:
    """The run over all mandates. Counts: claimed, skipped and excluded are active ones."""

    records: Records
    vault: Vault
    metrics: Metrics
    due: DueDates
    months: Months
    debit_ceiling_cents: int

    def identity(self, scheduled_at: datetime) -> tuple[str, str]:
        """One run a month; the month is that of the scheduled instant in New York (I13)."""
        month = month_of(local_day(scheduled_at))
        return withdrawal_run(month), month

    def begin(self, run: Run) -> None:
        """Freezes all slots: from here on no change is for this month (rule 20)."""
        self.records.mandates.freeze(run.period, range(SLOTS))

    def slots(self) -> Collection[int]:
        """Those that ever had a mandate."""
        return self.records.mandates.filled()

    def page(self, run: Run, place: Checkpoint, at: datetime, stops: Mapping[str, str]) -> Page:
        """Some mandates of a slot, each decided once."""
        rows = self.records.mandates.in_slot(place.slot, place.after, PAGE_ROWS)
        if not rows:
            return Page(None, Counts())
        seen = Slot(
            self.records.enrollments.in_slot(place.slot),
            self.records.mandates.announced_in_slot(place.slot, run.period),
            stops,
            self.records.held_feeds.harmed_in(place.slot),
            at,
            self.months.debited_on(run.period, at),
        )
        counts, mails = Counts(), list[Mail]()
        for key, mandates in rows:
            if mandates is None:
                line, more = self._unreadable(run, key, seen)
                counts, mails = counts + _counted(line), mails + more
                continue
            mandate = mandates.active_in(run.period)
            if mandate:
                line = self._decide(run, mandate, seen)
                counts += _counted(line)
                mails += self._follow(run, mandate, line, seen)
        self.records.wake(*mails)
        return Page(rows[-1][0] if len(rows) == PAGE_ROWS else None, counts)

    def active(self, run: Run, slot: int) -> int | None:
        """Counted again from the frozen mandates, so that a page can't vouch for itself (I14)."""
        return sum(
            mandates is None or mandates.active_in(run.period) is not None
            for _, mandates in self.records.mandates.in_slot(slot, "", SLOTS * PAGE_ROWS)
        )

    def _decide(self, run: Run, mandate: Mandate, seen: Slot) -> Line:
        """The decision that stands: ours, or the one that was there."""
        account = mandate.account
        circumstances = Circumstances(
            enrollment=seen.enrollments.get(mandate.enrollment_id),
            lines=self.records.books.readable_lines(mandate.enrollment_id),
            announced=seen.announced.get(mandate.enrollment_id),
            account_opens=self.vault.opens(ACCOUNT, account.sealed_number, mandate.subscriber_id),
            stops=seen.stops,
            ceiling_cents=self.debit_ceiling_cents,
            scheduled_at=seen.at,
            in_held_feed=mandate.enrollment_id in seen.in_held_feeds,
        )
        decision = withdrawal.decide(mandate, run.period, circumstances)
        where = run_collection(run, mandate.enrollment_id)
        return self.records.books.decide(
            decision_line(mandate, run.period, decision, seen.at, where)
        )

    def _follow(self, run: Run, mandate: Mandate, line: Line, seen: Slot) -> list[Mail]:
        """What follows from a decision; ids follow from the line, so that again changes nothing."""
        if line.verdict == Verdict.SKIPPED:
            return []
        mails = []
        if line.verdict == Verdict.CLAIMED:
            self.records.books.put_entry(_entry(run, mandate, line, seen.goes_on))
            mails.append(claimed_mail(mandate, line, seen.goes_on))
            owed_cents = self._owed(mandate.enrollment_id)
            if (
                owed_cents is not None and owed_cents < 0
            ):  # a payment slipped in between read and claim (rule 26)
                mails.append(credit_mail(mandate, line, -owed_cents))
        else:
            phone = mandate.contact.phone
            self._open_case(line, phone)
            owed_cents = self._owed(mandate.enrollment_id)
            enrollment = seen.enrollments.get(mandate.enrollment_id)
            if enrollment and owed_cents is not None:
                owed_cents = enrollment.asked_cents(owed_cents)
            due_on = self.due.of(run.period)  # also when it is past: it was due then
            if line.reason != Exclusion.SANCTIONS:
                mails.append(excluded_mail(mandate, line, owed_cents, due_on, enrollment))
        return [mail for mail in mails if self.records.outbox.add(mail)]

    def _unreadable(self, run: Run, key: str, seen: Slot) -> tuple[Line, list[Mail]]:
        """A mandate that can't be read: excluded by its key; its notice knows whom to tell."""
        enrollment_id = enrollment_of(key)
        line = self.records.books.decide(unreadable_line(enrollment_id, run.period, seen.at))
        notice = self._notice(seen.announced.get(enrollment_id))
        phone = notice.phone if notice else None
        self._open_case(line, phone)
        if notice is None:
            return line, []
        owed_cents = self._owed(enrollment_id)
        enrollment, due_on = seen.enrollments.get(enrollment_id), self.due.of(run.period)
        mail = excluded_mail(notice, line, owed_cents, due_on, enrollment)
        return line, [mail] if self.records.outbox.add(mail) else []

    def _owed(self, enrollment_id: str) -> int | None:
        lines = self.records.books.readable_lines(enrollment_id)
        return None if lines is None else ledger.owed(lines)

    def _notice(self, announced: Announcement | None) -> Mail | None:
        if announced is None or announced.mail_id is None:
            return None
        return self.records.outbox.get(announced.announced_at.date().isoformat(), announced.mail_id)

    def _open_case(self, line: Line, phone: str | None) -> None:
        self.metrics.count("MandatesExcluded")
        self.records.cases.open_case(excluded_case(line, phone))


def excluded_case(line: Line, phone: str | None) -> Case:
    """Of a mandate that the run of the line's month excluded."""
    return Case(
        case_id=case_id("excluded", line.month, line.enrollment_id),
        kind=CaseKind.EXCLUDED,
        enrollment_id=line.enrollment_id,
        reason=str(line.reason),
        opened_at=line.at,
        phone=phone,
    )


def _counted(line: Line) -> Counts:
    return Counts(
        active=1,
        claimed=int(line.verdict == Verdict.CLAIMED),
        skipped=int(line.verdict == Verdict.SKIPPED),
        excluded=int(line.verdict == Verdict.EXCLUDED),
        cents=-line.amount_cents,
    )


def _entry(run: Run, mandate: Mandate, line: Line, goes_on: date) -> Entry:
    assert line.payment_id, "a claimed withdrawal is a payment"
    return Entry(
        collection=run_collection(run, mandate.enrollment_id),
        payment_id=line.payment_id,
        kind=EntryKind.WITHDRAWAL,
        plan=mandate.plan,
        enrollment_id=mandate.enrollment_id,
        subscriber_id=mandate.subscriber_id,
        amount_cents=-line.amount_cents,
        effective_on=goes_on,
        account=line.account or mandate.account,
        is_recurring=True,
    )
