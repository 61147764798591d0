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
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit, journey_id_of, with_cookie
from chalicelib.services.page.finding import NoMatch, TypedIdentity, Wanted, said

ADDRESS = "/find"
NEXT = {To.PAY: "/contact", To.RECURRING: "/recurring", To.HISTORY: "/history"}

routes = Pages(__name__)


@routes.get("/")
def start(visit: Visit) -> Response:
    """What you need, the 23rd, the four hours, the phone number."""
    return page("start.html", visit.frame(), due_on=visit.due_on)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """The empty form, or what was typed in this journey; never a Social Security number."""
    asked = str((visit.request.query_params or {}).get("to", ""))
    to = To(asked) if asked in set(To) else To.PAY
    journey = visit.journey
    typed = {}
    if journey and not journey.submitted_at:
        typed = dict(journey.draft.typed.get(ADDRESS, {}))
    return with_cookie(
        _page(visit, {**typed, "to": to}, {}, notices=_after_expiry(visit)), visit.token
    )


@routes.post(ADDRESS)
def search(visit: Visit) -> Response:
    """Searches; a miss is one page, whatever its cause."""
    fields = visit.fields(FindForm.model_fields)
    form, claim, errors = _read(fields, local_day(visit.now))
    token, wanted = visit.new_token(), None  # a new secret once the member is known: no fixation
    if form and claim:
        wanted = Wanted(
            claim=claim,
            to=form.to,
            ticket=Ticket(journey_id_of(token), visit.now),
            language=visit.lang,
            typed=fields,
            before=visit.kept,  # read for a miss too: both make the same calls (rule 8)
        )
    source = visit.client.source_address
    try:
        journey = visit.system.finding.search(_said(fields), source, wanted, visit.now)
    except NoMatch:
        return _page(visit, fields, {}, status=422, missed=True)
    if journey is None:
        return _page(visit, fields, errors, status=422)
    logger.append_keys(journey=journey.journey_id)
    return with_cookie(see_other(visit.base, NEXT[journey.to]), token)


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
    visit: Visit,
    values: Mapping[str, str],
    errors: Errors,
    *,
    status: int = 200,
    missed: bool = False,
    notices: tuple[Notice, ...] = (),
) -> Response:
    frame = visit.frame(
        values=values,
        errors={name: say(visit.lang, code) for name, code in errors.items()},
        notices=notices,
    )
    to = values.get("to", "")
    wait_after = visit.now - WAIT_AFTER_SHOPPING
    yesterday = local_day(wait_after) != local_day(visit.now)
    miss = {"wait_after": wait_after, "yesterday": yesterday} if missed else None
    return page(
        "find.html", frame, status=status, to=To(to) if to in set(To) else To.PAY, miss=miss
    )


def _after_expiry(visit: Visit) -> tuple[Notice, ...]:
    """After a time-out: whether money moved (rule 16)."""
    kept = visit.kept
    if kept is None or visit.journey:
        return ()
    if kept.submitted_at:
        return (Notice("success", say(visit.lang, "already_sent", number=kept.confirmation or "")),)
    return (Notice("info", say(visit.lang, "start_again")),)


def _said(fields: Mapping[str, str]) -> TypedIdentity:
    kind = fields.get("id_type", "")
    return said(
        kind,
        fields.get(kind, ""),
        fields.get("first_name", ""),
        fields.get("last_name", ""),
        [fields.get(f"birth_{part}", "") for part in ("year", "month", "day")],
    )
