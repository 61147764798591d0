"""Premiums are billed: every covered month is charged once, on the 1st (rules 2, 3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import billing, ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import SLOTS, Enrollment
from chalicelib.domain.identities import billing_run, case_id
from chalicelib.domain.ledger import Line
from chalicelib.domain.run import Checkpoint, Counts, Run
from chalicelib.domain.signature import Signature
from chalicelib.repositories.enrollments import Known
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import ended_debt_mail
from chalicelib.services.monthly.running import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesJob:
    """The run over all enrollments. Counts: claimed = charged, skipped = nothing was missing."""

    records: Records

    def identity(self, scheduled_at: datetime) -> tuple[str, str]:
        """One run a month: billing#2026-12."""
        month = month_of(local_day(scheduled_at))
        return billing_run(month), month

    def begin(self, run: Run) -> None:
        """Nothing has to stand before."""

    def slots(self) -> Collection[int]:
        """All: every enrollment is looked at."""
        return range(SLOTS)

    def page(self, run: Run, place: Checkpoint, at: datetime, stops: Mapping[str, str]) -> Page:  # noqa: ARG002
        """A whole slot: about a thousand enrollments when there are a million."""
        found = self.records.enrollments.known_in_slot(place.slot)
        counts = Counts()
        for enrollment_id, known in found.items():
            lines = self.records.books.readable_lines(enrollment_id)
            if known is None or lines is None:
                what = "row of this enrollment" if known is None else "line of the ledger"
                counts += self._exclude(enrollment_id, run, what)
            else:
                counts += self._bill(known, lines, run.started_at)
        return Page(None, counts)

    def active(self, run: Run, slot: int) -> int | None:  # noqa: ARG002
        """Pages count: enrollments may come while the run goes on."""
        return None

    def _bill(self, known: Known, lines: list[Line], at: datetime) -> Counts:
        """Posts what is missing; what this run posted is known by its instant ever after.

        Made from the facts that still stand then: an import in between posts by newer ones (34).
        """
        books = self.records.books
        read = iter([(known, lines)])

        def attempt() -> tuple[Enrollment, list[Line]]:
            facts, posted = next(read, None) or self._again(known)
            missing = billing.missing_lines(facts.enrollment, posted, at)
            if missing:
                unchanged = self.records.enrollments.unchanged(facts)
                self.records.commit(unchanged, *map(books.adding_line, missing))
            return facts.enrollment, [*posted, *missing]

        enrollment, lines = self.records.commit_or_retry(attempt)
        if enrollment.has_ended(local_day(at)):
            self._close_books(enrollment, lines, at)
        charged = [each for each in lines if each.at == at]
        cents = sum(each.amount_cents for each in charged)
        return Counts(active=1, claimed=int(bool(charged)), skipped=int(not charged), cents=cents)

    def _again(self, known: Known) -> tuple[Known, list[Line]]:
        name = known.enrollment.enrollment_id
        return self.records.enrollments.known(name) or known, self.records.books.lines(name)

    def _exclude(self, enrollment_id: str, run: Run, what: str) -> Counts:
        """One that can't be read stops no other; staff look at it."""
        self.records.cases.open_case(
            Case(
                case_id=case_id("not_billed", run.period, enrollment_id),
                kind=CaseKind.NOT_BILLED,
                enrollment_id=enrollment_id,
                reason=f"a {what} can't be read",
                opened_at=run.started_at,
            )
        )
        return Counts(active=1, excluded=1)

    def _close_books(self, enrollment: Enrollment, lines: Sequence[Line], at: datetime) -> None:
        """What is left at the end of coverage (rule 4): credit is refunded, debt is asked for."""
        owed_cents = enrollment.asked_cents(ledger.owed(lines))
        if owed_cents < 0:
            self._open_refund(enrollment, -owed_cents, at, max(line.at for line in lines))
            return
        gone = Signature(who="billing", why="the credit is gone", at=at)
        self.records.cases.close(case_id("refund", enrollment.enrollment_id), gone)
        if owed_cents > 0:
            self._ask_for_debt(enrollment, owed_cents, at)

    def _ask_for_debt(self, enrollment: Enrollment, owed_cents: int, at: datetime) -> None:
        """Once, and to whom we know how to write: who had a mandate."""
        found = self.records.mandates.every(enrollment.enrollment_id)
        if found:
            ended_on = enrollment.covered_through_on
            mail = ended_debt_mail(found[-1], ended_on, owed_cents, at)
            self.records.promise_once(mail)

    def _open_refund(
        self, enrollment: Enrollment, cents: int, at: datetime, posted_at: datetime
    ) -> None:
        """Credit left at the end of coverage is refunded by staff, each time it comes (rule 4)."""
        self.records.cases.open_again(
            Case(
                case_id=case_id("refund", enrollment.enrollment_id),
                kind=CaseKind.REFUND,
                enrollment_id=enrollment.enrollment_id,
                reason=f"coverage has ended with a credit of {cents} cents",
                opened_at=at,
            ),
            since=posted_at,
        )
