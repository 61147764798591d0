"""Start; and steps 1 and 2: the member is found by a number, name and birthday."""

from collections.abc import Mapping

from chalice import Response

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import WAIT_AFTER_SHOPPING
from chalicelib.domain.guessing import Ticket
from chalicelib.domain.journey import To
from chalicelib.entrypoints.answers import Notice, page, say, see_other
from chalicelib.entrypoints.cookies import with_visit
from chalicelib.entrypoints.forms.find import BirthdayForm, FindForm, read_birth
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.log import logger
from chalicelib.entrypoints.page_request import PageRequest, journey_id_of
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.claims import TypedIdentity, Wanted, said
from chalicelib.services.page.finding import NoMatch

ADDRESS = "/find"
NEXT = {
    To.PAY: "/contact",
    To.RECURRING: "/recurring",
    To.HISTORY: "/history",
    To.PLANS: "/plans",
}

routes = Pages(__name__)


@routes.get("/")
def start(request: PageRequest) -> Response:
    """What you need, the 23rd, the four hours, the phone number; and the visit that is open."""
    return _start(request, {}, {})


def _start(
    request: PageRequest, values: Mapping[str, str], errors: Errors, *, status: int = 200
) -> Response:
    said = {name: say(request.lang, code) for name, code in errors.items()}
    frame = request.frame(values=values, errors=said)
    return page("start.html", frame, status=status, due_on=request.due_on)


@routes.post("/")
def go_on(request: PageRequest) -> Response:
    """The visit that is open goes on for whoever knows its person's birthday (rule 55)."""
    fields = request.fields(BirthdayForm.model_fields)
    if request.journey is None:
        return see_other(request.base, ADDRESS)
    _, born_on, errors = read_birth(BirthdayForm, fields, local_day(request.now))
    if errors:
        return _start(request, fields, errors, status=422)
    request.kept = found = request.system.visits.goes_on(request.journey, born_on, request.now)
    if found.ended_at:
        return see_other(request.base, "/", says="wrong_birthdays")
    if found.wrong_birthdays:
        return _start(request, {}, {"birth_month": "birth_other"}, status=422)
    if found.submitted_at or (found.to is not To.PAY and found.is_empty):
        return see_other(request.base, NEXT[To.PLANS if found.to is To.PAY else found.to])
    return see_other(request.base, found.place)


@routes.leave("/")
def give_birthday_back(request: PageRequest) -> Response:
    """The page in the other language at once: what was typed is kept nowhere (rule 55)."""
    return _start(request, request.fields(BirthdayForm.model_fields), {})


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """The empty form: who looks at it may be another person (rule 55)."""
    asked = str((request.raw.query_params or {}).get("to", ""))
    to = To(asked) if asked in set(To) else To.PAY
    answer = _page(request, {"to": to}, {}, notices=_after_expiry(request))
    # What came late must not bring back a visit that another tab has ended since.
    return answer if request.has_token else with_visit(answer, request.token)


@routes.post(ADDRESS)
def search(request: PageRequest) -> Response:
    """Searches; a miss is one page, whatever its cause."""
    fields = request.fields(FindForm.model_fields)
    form, born_on, errors = read_birth(FindForm, fields, local_day(request.now))
    token, wanted = request.new_token(), None  # a new secret once the member is known: no fixation
    if form and born_on:
        wanted = Wanted(
            claim=form.claim(born_on),
            to=form.to,
            ticket=Ticket(journey_id_of(token), request.now),
            language=request.lang,
            before=request.kept,  # read for a miss too: both make the same calls (rule 8)
            earlier=request.so_far,
        )
    source = request.client.source_address
    try:
        journey = request.system.finding.search(_said(fields), source, wanted, request.now)
    except NoMatch:
        return _page(request, fields, {}, status=422, missed=True)
    if journey is None:
        return _page(request, fields, errors, status=422)
    logger.append_keys(journey=journey.journey_id)
    goes_on = journey.journey_id == request.journey_id
    secret = request.token if goes_on else token
    return with_visit(see_other(request.base, NEXT[journey.to]), secret)


@routes.leave(ADDRESS)
def give_back(request: PageRequest) -> Response:
    """The page in the other language at once, with all that was typed; nobody is looked up."""
    return _page(request, request.fields(FindForm.model_fields), {})


@routes.post("/finish")
def finish(request: PageRequest) -> Response:
    """Ends the visit: the next person at this computer sees nothing of it, also by Back."""
    request.fields(())
    if request.journey:
        request.system.visits.finish(request.journey, request.now)
    response = see_other(request.base, "/", says="finished")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


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
    if kept is None or kept.ended_at or request.journey:
        return ()
    if kept.last_receipt is None:
        return (Notice("info", say(request.lang, "start_again")),)
    kind, code = ("success", "already_sent") if kept.submitted_at else ("info", "start_again_after")
    return (Notice(kind, say(request.lang, code, number=kept.last_receipt)),)


def _said(fields: Mapping[str, str]) -> TypedIdentity:
    kind = fields.get("id_type", "")
    return said(
        kind,
        fields.get(kind, ""),
        fields.get("first_name", ""),
        fields.get("last_name", ""),
        [fields.get(f"birth_{part}", "") for part in ("year", "month", "day")],
    )
