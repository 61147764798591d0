"""A calendar file of the coming withdrawals of what one Submit set up."""

from collections.abc import Iterator
from datetime import date

from chalice import Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.money import dollars
from chalicelib.entrypoints.answers import Headers, say
from chalicelib.entrypoints.calendar_file import Event, calendar_file
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.monthly_payments import MonthlyPayment

ENDING = ".ics"

routes = Pages(__name__)


@routes.get("/calendar/{name}")
def show(request: PageRequest, name: str) -> Response:
    """Only of the visit's own; 404 for any other, without a visit, and where nothing comes."""
    if request.journey is None or not name.endswith(ENDING):
        raise NotFound
    confirmation = name.removesuffix(ENDING)
    found = request.system.monthly_payments.of(request.journey, request.now)
    own = [each for each in found.payments if each.mandate.confirmation == confirmation]
    events = [event for payment in own for event in _events(request, payment)]
    if not events:
        raise NotFound
    headers: Headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{confirmation}{ENDING}"',
    }
    return Response(calendar_file(events, request.now), headers=headers)


def has_dates(payment: MonthlyPayment) -> bool:
    """Whether a withdrawal of it is to come."""
    return bool(_dates(payment))


def _dates(payment: MonthlyPayment) -> list[tuple[date, int | None]]:
    """Of what is to come; with its cents, where they are known."""
    upcoming = payment.upcoming
    if upcoming is None or payment.mandate.held:
        return []
    later = [(on, None) for on in payment.later_on]
    if upcoming.announced is None and not upcoming.is_decided:  # its amount is still to come
        return [(upcoming.on, None), *later]
    return [(upcoming.on, upcoming.cents), *later] if upcoming.cents else [*later]


def _events(request: PageRequest, payment: MonthlyPayment) -> Iterator[Event]:
    """What is known of the next one; of the others that it is what is owed then."""
    mandate, phone = payment.mandate, request.system.settings.help_phone
    later = say(request.lang, "calendar_later", phone=phone)
    summary = say(request.lang, f"calendar_{mandate.plan}", year=str(mandate.plan_year))
    for on, cents in _dates(payment):
        text = later
        if cents is not None:
            text = say(request.lang, "calendar_first", amount=dollars(cents), phone=phone)
        uid = f"{mandate.mandate_id}-{on:%Y%m}@premium-pay"
        yield Event(uid=uid, on=on, summary=summary, description=text)
