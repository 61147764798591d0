"""A row of a feed becomes facts, an opening line, charges, and what they change for mandates."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import billing
from chalicelib.domain.coverage import month_of
from chalicelib.domain.enrollment import Enrollment, FirstWanted
from chalicelib.domain.feed import FeedRow
from chalicelib.domain.ledger import Line
from chalicelib.domain.premium import History, Premium, figure, from_month_of, with_figure
from chalicelib.domain.purposes import FEED
from chalicelib.ports import Vault
from chalicelib.repositories.enrollments import Known
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange
from chalicelib.services.enrollment.coverage_effect import CoverageEffect
from chalicelib.services.enrollment.deaths import Deaths
from chalicelib.services.enrollment.identity_guard import IdentityGuard
from chalicelib.store import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """What importing a row needs of the world."""

    records: Records
    vault: Vault
    identity_guard: IdentityGuard
    coverage_effect: CoverageEffect
    deaths: Deaths

    def import_row(
        self, row: FeedRow, line: bytes, feed_order: str, at: datetime, now: datetime
    ) -> None:
        """One row becomes facts, opening line and charges (rule 3).

        An older one changes nothing, but for the premium of its months (rule 34).

        Books are of the feed's instant; mandates end when it is read.
        Raises WaitsForStaff: then nothing of it is taken (rule 39).
        """
        digest = self.vault.mac(FEED, line.decode().strip()).hex()

        def attempt() -> Known | None:
            before = self.records.enrollments.known(row.enrollment_id)
            if before is None or before.feed_order < feed_order:
                self.records.commit(*self._writes(row, digest, feed_order, before, at, now))
            elif late := self._late(row, feed_order, before, at, now):
                self.records.commit(*late)
            return before

        before = self.records.commit_or_retry(attempt)
        # New, or come again: another row of the person may have said it at the same moment.
        again = before is not None and before.feed_order == feed_order
        if before is None or again or row.died or before.enrollment.died:
            self.deaths.reach_all_of(row.subscriber_id, at, now)

    def _writes(
        self,
        row: FeedRow,
        digest: str,
        feed_order: str,
        before: Known | None,
        at: datetime,
        now: datetime,
    ) -> list[Write]:
        premiums = _premiums(row, feed_order, before, at)
        if before and before.row_digest == digest and _same(premiums, before):
            return [self.records.enrollments.confirming(before, feed_order, premiums)]
        ssn_index = self.vault.ssn_index(row.ssn) if row.ssn else None
        if before:
            self.identity_guard.check(row, before, ssn_index, at)
        enrollment = _enrollment(row, before, premiums, at)
        known = Known(
            enrollment=enrollment,
            feed_order=feed_order,
            row_digest=digest,
            ssn_index=ssn_index,
            version=before.version + 1 if before else 1,
        )
        self.identity_guard.look_for_duplicates(known, before, at)
        change = self._change(known, before, row.balance_cents, at, now)
        changing = self.records.enrollments.changing(known, before)
        return [*changing, *self._following(change, now)]

    def _late(
        self, row: FeedRow, feed_order: str, before: Known, at: datetime, now: datetime
    ) -> list[Write]:
        """Of an older row counts what its months cost, where no newer one does; and a death."""
        history, premiums = before.enrollment.premiums, _premiums(row, feed_order, before, at)
        died = _died(row, before.enrollment)
        says_nothing = (premiums, died) == (history, before.enrollment.died)
        if says_nothing or feed_order in {each.order for each in history}:
            return []
        self.identity_guard.check(row, before, before.ssn_index, at)
        enrollment = replace(before.enrollment, premiums=premiums, died=died)
        known = replace(before, enrollment=enrollment, version=before.version + 1)
        change = self._change(known, before, 0, at, now)
        changing = self.records.enrollments.changing(known, before, feed_order)
        return [*changing, *self._following(change, now)]

    def _change(
        self, known: Known, before: Known | None, balance_cents: int, at: datetime, now: datetime
    ) -> CoverageChange:
        """What the books lack, the balance as opening line where the enrollment is new."""
        enrollment = known.enrollment
        lines = self.records.books.lines(enrollment.enrollment_id) if before else []
        opening = None if before else balance_cents
        return CoverageChange(
            before=before.enrollment if before else None,
            after=enrollment,
            version=known.version,
            lines=lines,
            new_lines=missing_lines(enrollment, lines, opening, at, now),
            at=at,
        )

    def _following(self, change: CoverageChange, now: datetime) -> list[Write]:
        posting = map(self.records.books.adding_line, change.new_lines)
        return [*posting, *self.coverage_effect.writes(change, now)]


def as_it_would_be(row: FeedRow, feed_order: str, before: Known, at: datetime) -> Enrollment:
    """What a row would make of a known enrollment; of an older row, premium and death."""
    premiums = _premiums(row, feed_order, before, at)
    if before.feed_order >= feed_order:
        kept = before.enrollment
        return replace(kept, premiums=premiums, died=_died(row, kept))
    return _enrollment(row, before, premiums, at)


def missing_lines(
    enrollment: Enrollment,
    lines: list[Line],
    balance_cents: int | None,
    at: datetime,
    now: datetime | None = None,
) -> list[Line]:
    """The opening line of an enrollment first seen, and the charges it lacks (rules 2, 3)."""
    opening = []
    if balance_cents is not None:
        opening = [billing.opening_line(enrollment, balance_cents, at)]
    return opening + billing.missing_lines(enrollment, lines, at, now)


def _premiums(row: FeedRow, feed_order: str, before: Known | None, at: datetime) -> History:
    """The history with what a row says; the first one speaks from where coverage starts."""
    cents, starts_in = row.premium_cents, month_of(row.coverage_start_on)
    if before is None:
        said = Premium(from_month=row.premium_from or starts_in, cents=cents, order=feed_order)
        return (said,)
    from_month = from_month_of(row.premium_from, before.enrollment.billed_through, at)
    said = Premium(from_month=from_month, cents=cents, order=feed_order)
    return with_figure(before.enrollment.premiums, said)


def _enrollment(row: FeedRow, before: Known | None, premiums: History, at: datetime) -> Enrollment:
    facts = _facts(row)
    if before:
        kept = before.enrollment
        return replace(
            facts,
            premiums=premiums,
            billed_through=kept.billed_through,
            first_wanted=kept.first_wanted,
            died=_died(row, kept),
        )
    billed_through = billing.billed_through_at_first(
        row.stated_billed_through, row.coverage_start_on, at
    )
    first = FirstWanted(
        cents=row.premium_cents,
        first_month=month_of(facts.coverage_start_on),
        last_month=month_of(facts.covered_through_on),
    )
    if facts.never_began:  # its balance stands; were it to begin, those months are a case (35)
        return replace(facts, premiums=premiums, billed_through=billed_through)
    return replace(facts, premiums=premiums, billed_through=billed_through, first_wanted=first)


def _died(row: FeedRow, kept: Enrollment) -> bool:
    """Once said it stays said; what the feed goes on to say, staff may have taken back (46)."""
    return kept.died or (row.died and not kept.feed_says_died)


def _same(premiums: History, before: Known) -> bool:
    """Whether every month costs what it did."""
    old = before.enrollment.premiums
    said_of = {each.from_month for each in (*old, *premiums)}
    return all(figure(premiums, month) == figure(old, month) for month in said_of)


def _facts(row: FeedRow) -> Enrollment:
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
        billed_through="",  # it is the first row's
        coverage_start_on=row.coverage_start_on,
        coverage_end_on=row.coverage_end_on,
        selected_at=row.selected_at,
        died=row.died,
        feed_says_died=row.died,
    )
