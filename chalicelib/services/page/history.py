"""The payments of a member, with how far each is, as they stood at one moment (rule 17, I24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.journey import Journey
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.paying import Standing
from chalicelib.domain.progress import Progress, state_as_shown
from chalicelib.repositories.records import Records
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.settlement.tracking import Tracking

SHOWN = (LineKind.PAYMENT, LineKind.WITHDRAWAL, LineKind.REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPayment:
    """Money that moved, or why nothing moved; a state is the code of its text."""

    enrollment: Enrollment
    line: Line
    state: str
    reached: Sequence[tuple[str, datetime]]
    is_our_mistake: bool  # the member's money never moved
    confirmation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was paid, and the enrollments of which a statement can be seen."""

    payments: Sequence[PastPayment]
    enrollments: Sequence[Enrollment]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What looking back needs of the world."""

    records: Records
    finding: Finding
    tracking: Tracking

    def of(self, journey: Journey, now: datetime) -> Past:
        """Newest first, over all enrollments of the journey, ended ones too."""
        return at_one_moment(lambda: self._past(journey, now))

    def _past(self, journey: Journey, now: datetime) -> Past:
        standings = self.finding.all_standings(journey, now)
        payments = [
            self._payment(standing, line, progress.get(str(line.payment_id)))
            for standing in standings
            for progress in [self.tracking.progress(standing.lines)]
            for line in standing.lines
            if line.kind in SHOWN
        ]
        return Past(
            payments=sorted(payments, key=lambda each: each.line.at, reverse=True),
            enrollments=[each.enrollment for each in standings if each.has_statement],
        )

    def _payment(self, standing: Standing, line: Line, progress: Progress | None) -> PastPayment:
        payment = self.records.books.payment(line.payment_id) if line.payment_id else None
        return PastPayment(
            enrollment=standing.enrollment,
            line=line,
            state=state_as_shown(line, progress, standing.lines),
            reached=progress.steps if progress else (),
            is_our_mistake=progress is not None
            and progress.is_our_mistake
            and line.kind is not LineKind.REFUND,
            confirmation=payment.confirmation if payment else None,
        )
