"""What a mail named, as it stands now, behind the mail's link: read-only (rule 58).

No cookie is read or set: nobody is known here, and whatever acts asks who the member is.
"""

from typing import Any

from chalice import Response

from chalicelib.adapters.catalogues import ENGLISH, languages
from chalicelib.adapters.date_texts import day
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ledger import LineKind, as_called
from chalicelib.domain.mandate import Mandate, MandateState
from chalicelib.entrypoints.answers import Frame, page, say
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.history import state_text
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.mailed_states import MailedPayment

routes = Pages(__name__)


@routes.get("/state/{token}", remembers=False)
def show(request: PageRequest, token: str) -> Response:
    """One page for every link that leads nowhere, whatever is wrong with it."""
    asked = (request.raw.query_params or {}).get("lang")
    lang = str(asked) if asked in languages() else ENGLISH
    frame = Frame(base=request.base, lang=lang, help_phone=request.system.settings.help_phone)
    try:
        seen = request.system.mailed_states.of(token, request.now)
    except NotFound:
        return _unlisted(page("no_state.html", frame, status=404))
    shown = page(
        "state.html",
        frame,
        payments=[_view(lang, each) for each in seen.payments],
        mandates=[
            {
                "plan": mandate.plan,
                "plan_year": mandate.plan_year,
                "set_up_on": local_day(mandate.created_at),
                "state_text": _mandate_text(lang, mandate, state),
            }
            for mandate, state in seen.mandates
        ],
        now=request.now,
    )
    return _unlisted(shown)


def _unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _view(lang: str, payment: MailedPayment) -> dict[str, Any]:
    line = payment.line
    return {
        "plan": payment.enrollment.plan,
        "plan_year": payment.enrollment.plan_year,
        "cents": payment.cents,
        "on": payment.on,
        "is_late": payment.is_late,
        "kind_text": say(lang, f"kind_{as_called(line) if line else LineKind.WITHDRAWAL}"),
        "state_text": state_text(lang, line, payment.state),
        "reached": [
            {"text": state_text(lang, line, state), "on": local_day(at)}
            for state, at in payment.reached
        ],
        "confirmation": payment.confirmation,
    }


def _mandate_text(lang: str, mandate: Mandate, state: MandateState) -> str:
    """Its own state alone: what it takes next is no payment that the mail names."""
    if state is not MandateState.ENDED or not mandate.end_reason or not mandate.ended_at:
        return say(lang, f"mandate_{state}")
    code = f"mandate_ended_{mandate.end_reason}"
    return say(lang, code, date=day(lang, local_day(mandate.ended_at)))
