"""Step 3: how we reach the member."""

from collections.abc import Mapping
from dataclasses import replace

from chalice import Response

from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.forms.contact import ContactForm
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit

ADDRESS = "/contact"

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """The form, with what was typed in this journey."""
    journey = visit.at_step(ADDRESS, needs=())
    return _page(visit, journey.draft.typed.get(ADDRESS, {}), {})


@routes.post(ADDRESS)
def keep(visit: Visit) -> Response:
    """Keeps e-mail and phone."""
    journey = visit.at_step(ADDRESS, needs=())
    fields = visit.fields(ContactForm.model_fields)
    form, errors = ContactForm.read(fields)
    if form is None:
        return _page(visit, fields, errors, status=422)
    draft = replace(journey.draft.with_typed(ADDRESS, fields), contact=form.contact())
    is_saved = visit.system.drafts.save(journey, draft, visit.now)
    return see_other(visit.base, "/billing" if is_saved else ADDRESS)


def _page(
    visit: Visit, values: Mapping[str, str], errors: Errors, *, status: int = 200
) -> Response:
    texts = {name: say(visit.lang, code) for name, code in errors.items()}
    return page("contact.html", visit.frame(values=values, errors=texts), status=status)
