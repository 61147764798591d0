"""Payments of the found enrollments, with their state in plain words (rule 17)."""

from typing import Any

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.entrypoints.answers import page, say
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit
from chalicelib.services.page.history import PastPayment

ADDRESS = "/history"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """Newest first, over all enrollments of the journey, ended ones too."""
    payments = visit.system.history.of(visit.found(ADDRESS), visit.now)
    return page("history.html", visit.frame(), payments=[_view(visit, each) for each in payments])


def _view(visit: Visit, payment: PastPayment) -> dict[str, Any]:
    enrollment, line = payment.enrollment, payment.line
    return {
        "on": local_day(line.at),
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "amount_cents": abs(line.amount_cents),
        "kind_text": say(visit.lang, f"kind_{_kind(line)}"),
        "state_text": state_text(visit, line, payment.state),
        "note": say(visit.lang, "note_not_taken") if payment.is_our_mistake else None,
        "reached": [
            {"text": state_text(visit, line, state), "on": local_day(at)}
            for state, at in payment.reached
        ],
        "confirmation": payment.confirmation,
    }


def _kind(line: Line) -> str:
    return "retry" if line.kind is LineKind.PAYMENT and line.of_payment else str(line.kind)


def state_text(visit: Visit, line: Line, state: str) -> str:
    """A state as the member is told; money that goes back has texts of its own."""
    return say(visit.lang, f"{'back' if line.kind is LineKind.REFUND else 'state'}_{state}")
