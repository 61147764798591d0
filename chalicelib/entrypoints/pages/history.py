"""Payments of the found enrollments, with their state in plain words (rule 17)."""

from typing import Any

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.ledger import Line, LineKind, as_called
from chalicelib.entrypoints.answers import page, say
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.history import PastPayment

ADDRESS = "/history"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """Newest first, over all enrollments of the journey, ended ones too."""
    past = request.system.history.of(request.found(ADDRESS), request.now)
    return page(
        "history.html",
        request.frame(),
        payments=[_view(request, each) for each in past.payments],
        enrollments=past.enrollments,
    )


def _view(request: PageRequest, payment: PastPayment) -> dict[str, Any]:
    enrollment, line = payment.enrollment, payment.line
    return {
        "on": local_day(line.at),
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "amount_cents": abs(line.amount_cents),
        "kind_text": say(request.lang, f"kind_{as_called(line)}"),
        "state_text": state_text(request.lang, line, payment.state),
        "note": say(request.lang, "note_not_taken") if payment.is_our_mistake else None,
        "reached": [
            {"text": state_text(request.lang, line, state), "on": local_day(at)}
            for state, at in payment.reached
        ],
        "confirmation": payment.confirmation,
    }


def state_text(lang: str, line: Line | None, state: str) -> str:
    """A state as the member is told; money that goes back has texts of its own."""
    goes_back = line is not None and line.kind is LineKind.REFUND
    return say(lang, f"{'back' if goes_back else 'state'}_{state}")
