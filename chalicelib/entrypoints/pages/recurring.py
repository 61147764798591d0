"""Monthly payments: see them, cancel, undo, let them go on, be reached otherwise.

A new account is typed at billing.
"""

from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.adapters.date_texts import day
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.carry_over import may_go_on
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import EndReason, Mandate, MandateState
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.payment import Contact, Evidence
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.authorization import carry_over_text
from chalicelib.entrypoints.forms.contact import ContactForm, asked_domain
from chalicelib.entrypoints.forms.form import Errors
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.calendar import has_dates
from chalicelib.entrypoints.pages.history import state_text
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.pages.upcoming import nothing_next, when
from chalicelib.services.page.monthly_payments import Act, AllMonthly, ChangeForm, MonthlyPayment
from chalicelib.services.page.submission import evidence_of

ADDRESS = "/recurring"
CONFIRM = "confirm_"
BOXES = frozenset(ContactForm.model_fields)
FIELDS = frozenset({*Act, *(f"{CONFIRM}{act}" for act in (Act.CANCEL, Act.GO_ON)), *BOXES})

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """All mandates of the found enrollments, with what comes next."""
    return _page(request, request.system.monthly_payments.of(request.found(ADDRESS), request.now))


@routes.post(ADDRESS)
def change(request: PageRequest) -> Response:
    """Cancels in two clicks, or agrees or is reached otherwise in two; undoes, or switches off."""
    journey = request.found(ADDRESS)
    fields = request.fields(FIELDS)
    act = next((act for act in Act if act in fields), Act.UNDO)
    contact, errors = _typed(fields) if act is Act.CONTACT else (None, {})
    form = ChangeForm(
        act=act,
        mandate_id=fields.get(act, ""),
        answer=fields.get(f"{CONFIRM}{act}", ""),
        contact=contact,
    )
    found = request.system.monthly_payments.change(
        journey, form, lambda mandate: _agreement(request, mandate), request.now
    )
    if found is None:
        return see_other(request.base, ADDRESS, says="changed")
    return _page(request, found, fields, errors)


def _typed(fields: Mapping[str, str]) -> tuple[Contact | None, Errors]:
    """The contact of the boxes; nothing, and no error, where they were not there yet."""
    if "email" not in fields:
        return None, {}
    form, errors = ContactForm.read({name: fields[name] for name in BOXES & fields.keys()})
    return form.contact() if form else None, errors


@routes.leave(ADDRESS)
def leave(request: PageRequest) -> Response:
    """The page in the other language; nothing is done with what it asked about."""
    journey = request.found(ADDRESS)
    typed = request.fields(FIELDS)
    request.system.visits.leave(journey, ADDRESS, typed, request.lang, request.now)
    return see_other(request.base, ADDRESS)


def _agreement(request: PageRequest, mandate: Mandate) -> Evidence:
    text = carry_over_text(mandate.account, request.lang)
    return evidence_of(text, request.lang, request.client, request.now)


def _page(
    request: PageRequest,
    found: AllMonthly,
    typed: Mapping[str, str] | None = None,
    wrong: Errors | None = None,
) -> Response:
    codes = {"form": found.error} if found.error else wrong or {}
    texts = {name: say(request.lang, code) for name, code in codes.items()}
    return page(
        "recurring.html",
        request.frame(values=typed, errors=texts),
        status=422 if texts or found.asked else 200,
        mandates=[_view(request, each, found.asked) for each in found.payments],
        has_left=found.has_left,
        meant=asked_domain(typed or {}, codes),
    )


def _view(request: PageRequest, payment: MonthlyPayment, form: ChangeForm | None) -> dict[str, Any]:
    mandate, state, upcoming = payment.mandate, payment.state, payment.upcoming
    asked = form.act if form and form.mandate_id == mandate.mandate_id else None
    return {
        "mandate_id": mandate.mandate_id,
        "enrollment_id": mandate.enrollment_id,
        "can_pay": payment.can_pay,
        "can_set_up": payment.has_left,
        "plan": mandate.plan,
        "plan_name": mandate.plan_name,
        "plan_year": mandate.plan_year,
        "state_text": _state_text(request, mandate, state, upcoming),
        "account_last4": mandate.account.last4,
        "next_on": upcoming.on if upcoming else None,
        "is_on_its_way": upcoming is not None and upcoming.is_on_its_way,
        "is_late": upcoming is not None and upcoming.is_late,
        "next_cents": upcoming.cents if upcoming else 0,
        "nothing_next": nothing_next(request, upcoming, agree="agree_again_there")
        if upcoming and not upcoming.cents
        else None,
        "ends_on": payment.ends_on,
        "is_on": state in (MandateState.ACTIVE, MandateState.ENDING) and not mandate.held,
        "is_held": mandate.held and state is not MandateState.ENDED,
        "past": [_taken(request, line, code) for line, code in payment.past],
        "can_cancel": payment.can_cancel,
        "can_undo": payment.can_undo,
        "carries_over": may_go_on(mandate),
        "can_go_on": payment.can_go_on,
        "can_move": payment.can_move,
        "calendar": mandate.confirmation if has_dates(payment) else None,
        "beside": payment.beside,
        "cancel_question": _question(request, payment) if asked is Act.CANCEL else None,
        "agreement": _agreement(request, mandate) if asked is Act.GO_ON else None,
        "asks_contact": asked is Act.CONTACT,
    }


def _taken(request: PageRequest, line: Line, code: str) -> dict[str, Any]:
    return {
        "on": local_day(line.at),
        "amount_cents": -line.amount_cents,
        "state_text": state_text(request.lang, line, code),
    }


def _question(request: PageRequest, payment: MonthlyPayment) -> str:
    """The question says what the cancel would stop, and what is taken all the same (rule 20)."""
    last4, upcoming = payment.mandate.account.last4, payment.upcoming
    if upcoming and not upcoming.cents:
        return say(request.lang, "cancel_question_nothing", last4=last4)
    if upcoming and upcoming.is_on_its_way:
        return say(
            request.lang,
            "cancel_question_late",
            last4=last4,
            amount=dollars(upcoming.cents),
            when=when(request, upcoming),
        )
    on = upcoming.on if upcoming else payment.coming_on
    return say(request.lang, "cancel_question", last4=last4, date=day(request.lang, on))


def _state_text(
    request: PageRequest, mandate: Mandate, state: MandateState, upcoming: MandateMonth | None
) -> str:
    since = day(request.lang, local_day(mandate.ended_at)) if mandate.ended_at else ""
    if upcoming and upcoming.why_not is Exclusion.HELD:
        return say(request.lang, "state_held")
    if state is MandateState.ENDING and upcoming:
        if upcoming.month != mandate.through_month:  # coverage ends later than that
            return say(request.lang, "state_active")
        names = {"amount": dollars(upcoming.cents), "date": day(request.lang, upcoming.on)}
        code = "state_ending_taken" if upcoming.is_on_its_way else "state_ending_last"
        return say(request.lang, code, **names, when=when(request, upcoming))
    if mandate.end_reason is EndReason.CANCELLED and upcoming and upcoming.is_on_its_way:
        names = {"amount": dollars(upcoming.cents), "when": when(request, upcoming)}
        return say(request.lang, "state_cancelled_late", date=since, **names)
    if state is MandateState.ENDED and mandate.end_reason:
        return say(request.lang, f"state_ended_{mandate.end_reason}", date=since)
    return say(request.lang, f"state_{state}")
