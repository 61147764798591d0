"""Payments of the found enrollments, with their state in plain words (rule 17)."""

from collections.abc import Mapping

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.payment import PaymentState
from chalicelib.entrypoints.answers import page, say
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit

ADDRESS = "/history"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """Newest first, over all enrollments of the journey, ended ones too."""
    standings = visit.found(ADDRESS)
    payments = []
    for standing in standings:
        enrollment = standing.enrollment
        states = visit.system.tracking.states(standing.lines)
        for line in standing.lines:
            if line.kind not in (LineKind.PAYMENT, LineKind.WITHDRAWAL):
                continue
            payment = visit.system.books.payment(line.payment_id) if line.payment_id else None
            payments.append(
                {
                    "at": line.at,
                    "on": local_day(line.at),
                    "plan": enrollment.plan,
                    "plan_name": enrollment.plan_name,
                    "plan_year": enrollment.plan_year,
                    "amount_cents": -line.amount_cents,
                    "kind_words": say(visit.lang, f"kind_{line.kind}"),
                    "state_words": state_words(visit, line, states),
                    "confirmation": payment.confirmation if payment else None,
                }
            )
    payments.sort(key=lambda each: str(each["at"]), reverse=True)
    return page("history.html", visit.frame(), payments=payments)


def state_words(visit: Visit, line: Line, states: Mapping[str, PaymentState]) -> str:
    """The state of a payment or withdrawal, as the member is told."""
    state = states.get(line.payment_id or "", PaymentState.RECEIVED)
    return say(visit.lang, f"state_{line.verdict if line.amount_cents == 0 else state}")
