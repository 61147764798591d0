"""Step 3: how we reach the member."""

from collections.abc import Mapping
from dataclasses import replace

from chalice import Response

from chalicelib.domain.journey import Journey
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.forms.contact import ContactForm, asked_domain
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages

ADDRESS = "/contact"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """The form, with what was typed in this journey."""
    journey = request.at_step(ADDRESS, needs=())
    return _page(request, journey, journey.draft.typed.get(ADDRESS, {}), {})


@routes.post(ADDRESS)
def keep(request: PageRequest) -> Response:
    """Keeps e-mail and phone."""
    journey = request.at_step(ADDRESS, needs=())
    fields = request.fields(ContactForm.model_fields)
    form, errors = ContactForm.read(fields)
    if form is None:
        return _page(request, journey, fields, errors, status=422)
    draft = replace(journey.draft.with_typed(ADDRESS, fields), contact=form.contact())
    is_saved = request.system.visits.save(journey, draft, request.now)
    # Whoever came from review, to change it, goes back there.
    return see_other(request.base, replace(journey, draft=draft).place if is_saved else ADDRESS)


@routes.leave(ADDRESS)
def leave(request: PageRequest) -> Response:
    """The page as it was left, in the other language."""
    journey = request.at_step(ADDRESS, needs=())
    typed = request.fields(ContactForm.model_fields)
    request.system.visits.leave(journey, ADDRESS, typed, request.lang, request.now)
    return see_other(request.base, ADDRESS)


def _page(
    request: PageRequest,
    journey: Journey,
    values: Mapping[str, str],
    errors: Errors,
    *,
    status: int = 200,
) -> Response:
    texts = {name: say(request.lang, code) for name, code in errors.items()}
    frame = request.frame(values=values, errors=texts)
    is_chosen, meant = bool(journey.chosen), asked_domain(values, errors)
    return page("contact.html", frame, status=status, meant=meant, is_chosen=is_chosen)
