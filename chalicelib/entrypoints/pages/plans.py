"""All plans of the visit's person; from here several are paid at once (rule 55)."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.history import state_text
from chalicelib.entrypoints.pages.plan_view import plan_view
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.plans import PersonsPlan, PersonsPlans

ADDRESS = "/plans"
CHOOSE = "choose_"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """Owed and why, on its way, monthly, paid; no contact data is asked for that."""
    journey = request.found(ADDRESS)
    found = request.system.plans.of(journey, request.now)
    return _page(request, found, journey.draft.typed.get(ADDRESS, _owing(found)))


@routes.post(ADDRESS)
def choose(request: PageRequest) -> Response:
    """Opens a journey for the chosen ones; whoever gave contact data in this visit goes on."""
    journey = request.found(ADDRESS)

    def read(ids: Sequence[str]) -> list[str]:
        fields = _fields(request, ids)
        return [name for name in ids if fields.get(f"{CHOOSE}{name}") == "yes"]

    found = request.system.plans.choose(journey, read, request.now)
    return (
        see_other(request.base, found.opened.place)
        if found.opened
        else _page(request, found, request.given)
    )


@routes.leave(ADDRESS)
def leave(request: PageRequest) -> Response:
    """The page as it was left, in the other language."""
    journey = request.found(ADDRESS)
    request.system.plans.leave(
        journey, ADDRESS, lambda ids: _fields(request, ids), request.lang, request.now
    )
    return see_other(request.base, ADDRESS)


def _fields(request: PageRequest, ids: Sequence[str]) -> Mapping[str, str]:
    return request.fields({f"{CHOOSE}{name}" for name in ids})


def _page(request: PageRequest, found: PersonsPlans, values: Mapping[str, str]) -> Response:
    errors: dict[str, str] = {}
    if found.error and found.plans:
        first = found.plans[0].standing.enrollment.enrollment_id
        errors = {f"{CHOOSE}{first}": say(request.lang, found.error)}
    return page(
        "plans.html",
        request.frame(values=values, errors=errors),
        status=422 if found.error else 200,
        plans=[_view(request, each) for each in found.plans],
        due_on=request.due_on,
    )


def _owing(found: PersonsPlans) -> dict[str, str]:
    """What owes is chosen beforehand; it is unchosen in one click, and paid on a later page."""
    return {
        f"{CHOOSE}{each.standing.enrollment.enrollment_id}": "yes"
        for each in found.plans
        if each.standing.owed_cents > 0
    }


def _view(request: PageRequest, plan: PersonsPlan) -> dict[str, Any]:
    return {
        **plan_view(request, plan.standing, plan.upcoming, agree="agree_again_later"),
        "monthly_last4": plan.mandate.account.last4 if plan.mandate else None,
        "paid": [
            {
                "on": local_day(line.at),
                "amount_cents": abs(line.amount_cents),
                "state_text": state_text(request.lang, line, state),
            }
            for line, state in plan.paid
        ],
    }
