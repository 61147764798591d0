"""What makes up what is owed, by month, to look at and to print (rule 38)."""

from chalice import Response

from chalicelib.domain.billing import next_premium
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.statement import StatementItem, statement
from chalicelib.entrypoints.answers import page
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages import plans
from chalicelib.entrypoints.pages.routing import Pages

ADDRESS = "/statement"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """Only of an enrollment of this visit; 404 for any other, whether or not there is one."""
    journey = request.found(plans.ADDRESS)  # without a visit, from where a link leads here
    asked = (request.raw.query_params or {}).get("enrollment_id", "")
    seen = request.system.plans.statement(journey, asked, request.now)
    enrollment = seen.enrollment
    whole = statement(enrollment, seen.lines)
    return page(
        "statement.html",
        request.frame(),
        plan=enrollment.plan,
        plan_name=enrollment.plan_name,
        plan_year=enrollment.plan_year,
        billing_last4=enrollment.billing_account[-4:],
        opening=[item for item in whole.items if item.kind is LineKind.OPENING],
        months=sorted((item for item in whole.items if _is_a_month(item)), key=_month),
        moved=[item for item in whole.items if not _is_a_month(item) and not _is_opening(item)],
        next_premium=next_premium(enrollment, seen.lines),
        owed_cents=enrollment.asked_cents(whole.owed_cents),
    )


def _is_a_month(item: StatementItem) -> bool:
    return item.kind is LineKind.CHARGE


def _is_opening(item: StatementItem) -> bool:
    return item.kind is LineKind.OPENING


def _month(item: StatementItem) -> str:
    return str(item.month)
