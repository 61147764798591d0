"""A row of a feed becomes facts, an opening line, charges, and what they change for mandates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import billing, ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.due import DueDates
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.feed import FeedRow, WaitsForStaff, identity_fault, is_another_person
from chalicelib.domain.identities import case_id
from chalicelib.domain.ledger import Line
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates
from chalicelib.domain.month_dates import coverage_limit
from chalicelib.domain.purposes import FEED
from chalicelib.ports import Vault
from chalicelib.repositories.enrollments import Known, numbers_of
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import coverage_ended_mail, renewal_mail
from chalicelib.services.monthly.months import Months
from chalicelib.store import Write

MARK_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """What importing a row needs of the world."""

    records: Records
    vault: Vault
    due: DueDates
    months: Months

    def import_row(
        self, row: FeedRow, line: bytes, feed_order: str, at: datetime, now: datetime
    ) -> None:
        """One row becomes facts, opening line and charges; older rows change nothing (rule 3).

        Books are of the feed's instant; mandates end when it is read.
        Raises WaitsForStaff: then nothing of it is taken (rule 39).
        """
        digest = self.vault.mac(FEED, line.decode().strip()).hex()

        def attempt() -> None:
            before = self.records.enrollments.known(row.enrollment_id)
            if before is None or before.feed_order < feed_order:
                self.records.commit(*self._writes(row, digest, feed_order, before, at, now))

        self.records.commit_or_retry(attempt)

    def _writes(
        self,
        row: FeedRow,
        digest: str,
        feed_order: str,
        before: Known | None,
        at: datetime,
        now: datetime,
    ) -> list[Write]:
        if before and before.row_digest == digest:
            return [self.records.enrollments.confirming(before, feed_order)]
        ssn_index = self.vault.ssn_index(row.ssn) if row.ssn else None
        if before:
            self._guard(row, before, ssn_index, at)
        enrollment = _enrollment(row, before, at)
        known = Known(
            enrollment=enrollment,
            feed_order=feed_order,
            row_digest=digest,
            ssn_index=ssn_index,
            version=before.version + 1 if before else 1,
        )
        self._look_for_duplicates(known, before, at)
        lines = self.records.books.lines(row.enrollment_id) if before else []
        new = missing_lines(enrollment, lines, None if before else row.balance_cents, at)
        return [
            *self.records.enrollments.changing(known, before),
            *(self.records.books.adding_line(line) for line in new),
            *self._ending_mandates(enrollment, before, [*lines, *new], now),
            *self.records.outbox.adding(*self._renewing(enrollment, before, new, at)),
        ]

    def _look_for_duplicates(self, known: Known, before: Known | None, at: datetime) -> None:
        """A number of a person that another subscriber has, too, is a case (rule 39)."""
        mine, old = known.enrollment, numbers_of(before) if before else {}
        for kind, number in numbers_of(known).items():
            if old.get(kind) == number:
                continue
            having = self.records.enrollments.having(kind, number)
            others = [name for who in having.keys() - {mine.subscriber_id} for name in having[who]]
            if others:
                name, why = mine.enrollment_id, f"{kind}: also that of another subscriber's"
                case = case_id("duplicate_number", kind, name, min(others))
                why = f"{why} {', '.join(sorted(others))}"
                self.records.cases.open_case(_case(case, CaseKind.DUPLICATE_NUMBER, name, why, at))

    def _guard(self, row: FeedRow, before: Known, ssn_index: str | None, at: datetime) -> None:
        """An id stays with its subscriber, plan and year, and with a person (rule 39).

        One that would make somebody else of the member waits until staff accept just this person.
        """
        known, name = before.enrollment, row.enrollment_id
        if fault := identity_fault(row, known):
            mark = self._mark(f"{row.subscriber_id}|{row.plan}|{row.plan_year}")
            why = f"{fault}: is not that of the enrollment known by this enrollment_id"
            case = case_id("identity_changed", name, mark)
            raise WaitsForStaff(_case(case, CaseKind.IDENTITY_CHANGED, name, why, at))
        if is_another_person(row, known, other_ssn=ssn_index != before.ssn_index):
            mark = self._mark(f"{ssn_index}|{row.birth_on}|{row.last_name}")
            case = case_id("person_changed", name, mark)
            if not self.records.cases.was_accepted(case):
                why = "ssn, birth_date, last_name: all change at once"
                raise WaitsForStaff(_case(case, CaseKind.PERSON_CHANGED, name, why, at))

    def _mark(self, said: str) -> str:
        """The same again is the same case; what the row said is in its name as a digest only."""
        return self.vault.mac(FEED, said)[:MARK_BYTES].hex()

    def _ending_mandates(
        self, enrollment: Enrollment, before: Known | None, lines: Sequence[Line], at: datetime
    ) -> list[Write]:
        """The last month of a mandate follows the end of coverage (rule 23).

        Who was told of a withdrawal that does not come any more is told so, at once.
        """
        if before is None or before.enrollment.coverage_end_on == enrollment.coverage_end_on:
            return []
        mandates = self.records.mandates.of(enrollment.enrollment_id)
        if not mandates.standing:
            return []
        coming = self.months.coming(enrollment.enrollment_id, at)
        changed, past = mandates.with_coverage(coverage_limit(enrollment), coming, at)
        mails = self._not_coming(mandates, changed, enrollment, lines, coming, at)
        return [
            *self.records.mandates.changing(changed, past, coming, "coverage end moved", at),
            *self.records.outbox.adding(*mails),
        ]

    def _not_coming(
        self,
        before: Mandates,
        after: Mandates,
        enrollment: Enrollment,
        lines: Sequence[Line],
        coming: str,
        at: datetime,
    ) -> list[Mail]:
        mandate = before.lasting(coming)
        month = max(coming, mandate.from_month) if mandate else coming
        announced = self.records.mandates.announced(enrollment.enrollment_id, month)
        if mandate is None or not (announced and announced.cents) or after.active_in(month):
            return []
        due_on = self.due.next_on(local_day(at))
        return [coverage_ended_mail(mandate, announced, enrollment, ledger.owed(lines), due_on, at)]

    def _renewing(
        self, enrollment: Enrollment, before: Known | None, lines: Sequence[Line], at: datetime
    ) -> list[Mail]:
        """Who pays the old year monthly is told that the new one is not covered (rule 23)."""
        mandate = self._mandate_of_last_year(enrollment, at) if before is None else None
        if mandate is None:
            return []
        due_on = self.due.first_on(enrollment, local_day(at))
        return [renewal_mail(mandate, enrollment, ledger.owed(lines), due_on, at)]

    def _mandate_of_last_year(self, enrollment: Enrollment, at: datetime) -> Mandate | None:
        for each in self.records.enrollments.of_subscriber(enrollment.subscriber_id):
            if each.plan is enrollment.plan and each.plan_year == enrollment.plan_year - 1:
                mandates = self.records.mandates.of(each.enrollment_id)
                found = mandates.lasting(month_of(local_day(at)))
                if found:
                    return found
        return None


def missing_lines(
    enrollment: Enrollment, lines: list[Line], balance_cents: int | None, at: datetime
) -> list[Line]:
    """The opening line of an enrollment first seen, and the charges it lacks (rules 2, 3)."""
    opening = []
    if balance_cents is not None:
        opening = [billing.opening_line(enrollment, balance_cents, at)]
    return opening + billing.missing_lines(enrollment, lines, at)


def _enrollment(row: FeedRow, before: Known | None, at: datetime) -> Enrollment:
    if before:
        billed_through = before.enrollment.billed_through
    else:
        billed_through = billing.billed_through_at_first(
            row.stated_billed_through, row.coverage_start_on, at
        )
    return Enrollment(
        enrollment_id=row.enrollment_id,
        subscriber_id=row.subscriber_id,
        plan=row.plan,
        plan_year=row.plan_year,
        plan_name=row.plan_name,
        issuer=row.issuer,
        billing_account=row.billing_account,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_on=row.birth_on,
        premium_cents=row.premium_cents,
        billed_through=billed_through,
        coverage_start_on=row.coverage_start_on,
        coverage_end_on=row.coverage_end_on,
        selected_at=row.selected_at,
    )


def _case(case: str, kind: CaseKind, enrollment_id: str, why: str, at: datetime) -> Case:
    return Case(case_id=case, kind=kind, enrollment_id=enrollment_id, reason=why, opened_at=at)
