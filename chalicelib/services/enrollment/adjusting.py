"""An adjustment is posted once by its reference, by a file or by people of the staff (rule 36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.adjustment import Adjustment, AdjustmentLimits, line_of
from chalicelib.domain.booking import AdjustmentState, Booking, CannotAdjust
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.feed import BadRow
from chalicelib.domain.identities import audit_subject, case_id, joined, rest_of
from chalicelib.domain.money import dollars
from chalicelib.domain.signature import Signature
from chalicelib.repositories.enrollments import Known
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.coverage_change import CoverageChange
from chalicelib.services.enrollment.coverage_effect import CoverageEffect
from chalicelib.store import Write

USED = BadRow("reference", "stands for another adjustment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting:
    """What adjusting needs of the world."""

    records: Records
    coverage_effect: CoverageEffect
    adjustment_limits: AdjustmentLimits

    def post(self, wanted: Adjustment, order: str, at: datetime, now: datetime) -> None:
        """Of a file; the same once more is nothing. Raises BadRow, and then nothing is posted."""

        def attempt() -> None:
            found = self.records.adjustments.get(wanted.reference)
            if found is None:
                booking = Booking(adjustment=wanted, state=AdjustmentState.POSTED)
                self.records.commit(*self._posting(booking, None, order, at, now))
            elif found.state is not AdjustmentState.POSTED or found.adjustment != wanted:
                raise USED

        self.records.commit_or_retry(attempt)

    def propose(self, wanted: Adjustment, signature: Signature) -> Booking:
        """Typed by a person: posted, or a case that waits for a second one, from a limit on.

        The same once more is the answer. Raises CannotAdjust where its reference stands for
        another or was dropped, BadRow where it names no enrollment, or a credit.
        """
        waits = abs(wanted.amount_cents) >= self.adjustment_limits.typed_cents
        state = AdjustmentState.PROPOSED if waits else AdjustmentState.POSTED
        booking = Booking(adjustment=wanted, state=state, signed=(signature,))

        def attempt() -> Booking:
            found = self.records.adjustments.get(wanted.reference)
            if found and found.adjustment != wanted:
                raise CannotAdjust("reference_used")
            if found and found.state is AdjustmentState.DROPPED:
                raise CannotAdjust("already_dropped")
            if found:
                return found
            if waits:
                self._known(wanted)
                self.records.commit(
                    self.records.adjustments.changing(booking, None),
                    self.records.cases.opening(_case(booking)),
                    *self._signing(booking, "proposed", signature),
                )
            else:
                self._post_typed(booking, None, "posted", signature)
            return booking

        return self.records.commit_or_retry(attempt)

    def release(self, reference: str, signature: Signature) -> Booking:
        """By a second person: it is posted. Raises CannotAdjust, NotFound."""

        def attempt() -> Booking:
            found = self._found(reference)
            if found.was_released_by(signature):
                return found  # the answer was lost, and the person asks again
            released = found.released_by(signature)
            self._post_typed(released, found, f"posted, typed by {found.signed[0].who}", signature)
            return released

        return self.records.commit_or_retry(attempt)

    def drop(self, reference: str, signature: Signature) -> None:
        """It is not to be; its reference stays taken. Raises CannotAdjust, NotFound."""

        def attempt() -> None:
            found = self._found(reference)
            if found.state is AdjustmentState.DROPPED:
                return
            dropped = found.dropped()
            self.records.commit(
                self.records.adjustments.changing(dropped, found),
                *self.records.cases.closing(_case(found).case_id, signature, "dropped"),
                *self._signing(dropped, "dropped", signature),
            )

        self.records.commit_or_retry(attempt)

    def waiting(self) -> list[Booking]:
        """Those that wait for a second person, oldest first."""
        cases = [each for each in self.records.cases.open() if each.kind is CaseKind.ADJUSTMENT]
        found = [self.records.adjustments.get(rest_of(each.case_id)) for each in cases]
        return [each for each in found if each]

    def _post_typed(
        self, booking: Booking, before: Booking | None, what: str, signature: Signature
    ) -> None:
        at = signature.at
        order = joined(at.isoformat(), "adjustment", booking.adjustment.reference)
        closing = self.records.cases.closing(_case(before).case_id, signature) if before else ()
        self.records.commit(
            *self._posting(booking, before, order, at, at),
            *closing,
            *self._signing(booking, what, signature),
        )

    def _posting(
        self, booking: Booking, before: Booking | None, order: str, at: datetime, now: datetime
    ) -> list[Write]:
        """The line, and what it means for monthly payments, in one transaction (rule 45).

        Raises BadRow.
        """
        wanted = booking.adjustment
        known = self._known(wanted)
        line, lines = line_of(wanted, at), self.records.books.lines(wanted.enrollment_id)
        if any(each.line == line.line for each in lines):
            raise USED
        change = CoverageChange(
            before=known.enrollment,
            after=known.enrollment,
            version=f"A-{wanted.reference}",
            lines=lines,
            new_lines=[line],
            at=at,
        )
        return [
            self.records.adjustments.changing(booking, before),
            self.records.books.adding_line(line),
            self.records.enrollments.unchanged(known),
            self.records.audit.by_file(wanted.enrollment_id, order, "adjusted"),
            *self.coverage_effect.writes(change, now),
        ]

    def _known(self, wanted: Adjustment) -> Known:
        """Whose it is. Raises BadRow, also where the reference is the id of a credit.

        That one's line would have the same name, should it come back from the bank.
        """
        known = self.records.enrollments.known(wanted.enrollment_id)
        if known is None:
            raise BadRow("enrollment_id", "is not known")
        if self.records.books.credit(wanted.reference):
            raise USED
        return known

    def _found(self, reference: str) -> Booking:
        found = self.records.adjustments.get(reference)
        if found is None:
            raise NotFound
        return found

    def _signing(self, of: Booking, what: str, signature: Signature) -> Sequence[Write]:
        subject = audit_subject("adjustment", of.adjustment.reference)
        enrollment_id = of.adjustment.enrollment_id
        return self.records.audit.signing(subject, what, signature, enrollment_id)


def _case(booking: Booking) -> Case:
    """Open while it waits for a second person."""
    wanted, typed = booking.adjustment, booking.signed[0]
    what = f"adjustment {wanted.reference} of {dollars(wanted.amount_cents)}, {wanted.reason}"
    return Case(
        case_id=case_id("adjustment", wanted.reference),
        kind=CaseKind.ADJUSTMENT,
        enrollment_id=wanted.enrollment_id,
        reason=f"{what}: a second person must release it",
        opened_at=typed.at,
    )
