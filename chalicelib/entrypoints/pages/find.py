"""Start; and steps 1 and 2: the member is found by a number, name and birthday."""

from collections.abc import Mapping
from datetime import date

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import WAIT_AFTER_SHOPPING
from chalicelib.domain.errors import Wrong
from chalicelib.domain.guessing import Ticket
from chalicelib.domain.identification import Claim
from chalicelib.domain.journey import To
from chalicelib.entrypoints.answers import Notice, page, say, see_other
from chalicelib.entrypoints.forms.find import FindForm
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.log import logger
from chalicelib.entrypoints.page_request import PageRequest, journey_id_of, with_cookie
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.finding import NoMatch, TypedIdentity, Wanted, said

ADDRESS = "/find"
NEXT = {To.PAY: "/contact", To.RECURRING: "/recurring", To.HISTORY: "/history"}

routes = Pages(__name__)


@routes.get("/")
def start(request: PageRequest) -> Response:
    """What you need, the 23rd, the four hours, the phone number."""
    return page("start.html", request.frame(), due_on=request.due_on)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """The empty form, or what was typed in this journey; never a Social Security number."""
    asked = str((request.raw.query_params or {}).get("to", ""))
    to = To(asked) if asked in set(To) else To.PAY
    journey = request.journey
    typed = {}
    if journey and not journey.submitted_at:
        typed = dict(journey.draft.typed.get(ADDRESS, {}))
    return with_cookie(
        _page(request, {**typed, "to": to}, {}, notices=_after_expiry(request)), request.token
    )


@routes.post(ADDRESS)
def search(request: PageRequest) -> Response:
    """Searches; a miss is one page, whatever its cause."""
    fields = request.fields(FindForm.model_fields)
    form, claim, errors = _read(fields, local_day(request.now))
    token, wanted = request.new_token(), None  # a new secret once the member is known: no fixation
    if form and claim:
        wanted = Wanted(
            claim=claim,
            to=form.to,
            ticket=Ticket(journey_id_of(token), request.now),
            language=request.lang,
            typed=fields,
            before=request.kept,  # read for a miss too: both make the same calls (rule 8)
        )
    source = request.client.source_address
    try:
        journey = request.system.finding.search(_said(fields), source, wanted, request.now)
    except NoMatch:
        return _page(request, fields, {}, status=422, missed=True)
    if journey is None:
        return _page(request, fields, errors, status=422)
    logger.append_keys(journey=journey.journey_id)
    return with_cookie(see_other(request.base, NEXT[journey.to]), token)


def _read(fields: Mapping[str, str], today: date) -> tuple[FindForm | None, Claim | None, Errors]:
    form, errors = FindForm.read(fields)
    if form is None:
        return None, None, errors
    try:
        return form, form.claim(today), {}
    except Wrong as error:
        box = "birth_day" if error.code == "birth" else "birth_year"  # no such day; or not past
        return form, None, {box: error.code}


def _page(
    request: PageRequest,
    values: Mapping[str, str],
    errors: Errors,
    *,
    status: int = 200,
    missed: bool = False,
    notices: tuple[Notice, ...] = (),
) -> Response:
    frame = request.frame(
        values=values,
        errors={name: say(request.lang, code) for name, code in errors.items()},
        notices=notices,
    )
    to = values.get("to", "")
    wait_after = request.now - WAIT_AFTER_SHOPPING
    yesterday = local_day(wait_after) != local_day(request.now)
    miss = {"wait_after": wait_after, "yesterday": yesterday} if missed else None
    return page(
        "find.html", frame, status=status, to=To(to) if to in set(To) else To.PAY, miss=miss
    )


def _after_expiry(request: PageRequest) -> tuple[Notice, ...]:
    """After a time-out: whether money moved (rule 16)."""
    kept = request.kept
    if kept is None or request.journey:
        return ()
    if kept.submitted_at:
        return (
            Notice("success", say(request.lang, "already_sent", number=kept.confirmation or "")),
        )
    return (Notice("info", say(request.lang, "start_again")),)


def _said(fields: Mapping[str, str]) -> TypedIdentity:
    kind = fields.get("id_type", "")
    return said(
        kind,
        fields.get(kind, ""),
        fields.get("first_name", ""),
        fields.get("last_name", ""),
        [fields.get(f"birth_{part}", "") for part in ("year", "month", "day")],
    )
