"""Payments of the found enrollments, with their state in plain words (rule 17)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalice import Response

from chalicelib.domain import ledger
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.withdrawal import Verdict
from chalicelib.entrypoints.answers import page, say
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.settlement.tracking import Progress

ADDRESS = "/history"
SHOWN = (LineKind.PAYMENT, LineKind.WITHDRAWAL, LineKind.REFUND)

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """Newest first, over all enrollments of the journey, ended ones too."""
    payments = at_one_moment(lambda: _payments(visit))
    return page("history.html", visit.frame(), payments=payments)


def _payments(visit: Visit) -> list[dict[str, Any]]:
    payments = []
    for standing in visit.found(ADDRESS):
        progress = visit.system.tracking.progress(standing.lines)
        payments += [
            _view(visit, standing.enrollment, line, progress, standing.lines)
            for line in standing.lines
            if line.kind in SHOWN
        ]
    return sorted(payments, key=lambda each: str(each["at"]), reverse=True)


def _view(
    visit: Visit,
    enrollment: Enrollment,
    line: Line,
    progress: Mapping[str, Progress],
    lines: Sequence[Line],
) -> dict[str, Any]:
    payment = visit.system.records.books.payment(line.payment_id) if line.payment_id else None
    known = progress.get(str(line.payment_id))
    return {
        "at": line.at,
        "on": local_day(line.at),
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "amount_cents": abs(line.amount_cents),
        "kind_words": say(visit.lang, f"kind_{_kind(line)}"),
        "state_words": state_words(visit, line, known, lines),
        "note": say(visit.lang, "note_not_taken") if _is_ours(line, known) else None,
        "reached": [
            {"words": _words(visit, line, _named(state, known)), "on": local_day(at)}
            for state, at in _steps(known)
        ],
        "confirmation": payment.confirmation if payment else None,
    }


def _steps(progress: Progress | None) -> list[tuple[PaymentState, datetime]]:
    """What was reached, and when; a file that no bank took is not called sent."""
    if progress is None:
        return []
    reached = progress.reached.items()
    return [
        (state, at)
        for state, at in reached
        if not (progress.never_taken and state is PaymentState.SENT)
    ]


def state_words(visit: Visit, line: Line, progress: Progress | None, lines: Sequence[Line]) -> str:
    """The state of money that moves, or why nothing moved."""
    state = _named(progress.state, progress) if progress else str(line.verdict)
    if state == Verdict.SKIPPED and ledger.owed([e for e in lines if e.at <= line.at]) > 0:
        state = "skipped_as_told"  # something was owed, but nothing was announced (rule 25)
    return _words(visit, line, state)


def _named(state: PaymentState, progress: Progress | None) -> str:
    """A member's bank did not refuse what it never saw."""
    if state is not PaymentState.NOT_PAID or progress is None or not progress.never_taken:
        return str(state)
    return "stopped_in_time" if progress.is_stopped else "not_taken"


def _is_ours(line: Line, progress: Progress | None) -> bool:
    """Whether the member's money never moved, by a mistake of ours."""
    if progress is None or line.kind is LineKind.REFUND:
        return False
    return _named(progress.state, progress) == "not_taken"


def _kind(line: Line) -> str:
    return "retry" if line.kind is LineKind.PAYMENT and line.of_payment else str(line.kind)


def _words(visit: Visit, line: Line, state: str) -> str:
    """A state as the member is told; money that goes back has words of its own."""
    return say(visit.lang, f"{'back' if line.kind is LineKind.REFUND else 'state'}_{state}")
