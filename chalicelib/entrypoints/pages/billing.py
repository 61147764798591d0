"""Step 4: what is owed, how much to pay, and from which bank account."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice import Response

from chalicelib.domain.amounts import Amounts
from chalicelib.domain.draft import Step
from chalicelib.domain.journey import Journey
from chalicelib.domain.money import dollars
from chalicelib.domain.paying import Standing
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.forms.billing import (
    AMOUNT_BOXES,
    BankForm,
    amount_fields,
    ids,
    read_billing,
    with_number,
)
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.plan_view import plan_view
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.services.page.choosing import Choosable, TypedBilling

ADDRESS = "/billing"
NEEDS = (Step.CONTACT,)

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """The books of each enrollment, and the form with what was typed in this journey."""
    journey = request.at_step(ADDRESS, NEEDS)
    seen = request.system.choosing.show(journey, request.now)
    return _page(request, journey, seen) if seen.standings else _without_a_plan(request)


@routes.post(ADDRESS)
def keep(request: PageRequest) -> Response:
    """Keeps choices and bank account; the account number is sealed at once."""
    journey = request.at_step(ADDRESS, NEEDS)

    def read(standings: Sequence[Standing]) -> TypedBilling:
        keeps_account = journey.draft.held is not None
        fields = _fields(request, standings)
        return read_billing(fields, standings, keeps_account=keeps_account)

    seen = request.system.choosing.choose(journey, read, request.now)
    if not seen.standings:
        return _without_a_plan(request)
    if seen.found.errors:
        return _page(request, journey, seen, status=422)
    return see_other(request.base, ADDRESS if seen.is_overtaken else "/review")


def _without_a_plan(request: PageRequest) -> Response:
    """What was chosen is gone meanwhile: it ended and owes nothing, or was selected anew."""
    return see_other(request.base, "/plans", says="no_plan")


@routes.leave(ADDRESS)
def leave(request: PageRequest) -> Response:
    """The page as it was left, in the other language; a number typed twice alike is held."""
    journey = request.at_step(ADDRESS, NEEDS)
    request.system.choosing.leave(
        journey,
        lambda standings: with_number(_fields(request, standings)),
        request.lang,
        request.now,
    )
    return see_other(request.base, ADDRESS)


def _fields(request: PageRequest, standings: Sequence[Standing]) -> Mapping[str, str]:
    return request.fields(amount_fields(standings) | set(BankForm.model_fields))


def _page(
    request: PageRequest, journey: Journey, seen: Choosable, *, status: int = 200
) -> Response:
    found = seen.found
    standings = seen.standings
    errors = {name: _said(request, name, code, seen) for name, code in found.errors.items()}
    order = sorted(errors, key=lambda name: _place(name, standings))
    held = journey.draft.held
    return page(
        "billing.html",
        request.frame(values=seen.typed, errors={name: errors[name] for name in order}),
        status=status,
        enrollments=[_view(request, each, seen) for each in standings],
        pay_both_years=_owes_for_two_years(standings),
        again_question=_again(request, found) or None,
        carry_over_offered=request.system.settings.carry_over,
        monthly_offered=len(seen.without_a_22nd) < len(standings),
        account_last4=held.last4 if held else None,
        due_on=request.due_on,
    )


def _view(request: PageRequest, standing: Standing, seen: Choosable) -> dict[str, Any]:
    name = standing.enrollment.enrollment_id
    question = seen.found.questions.get(name)
    return {
        **plan_view(request, standing, seen.upcoming.get(name), agree="agree_again"),
        "amount_question": say(request.lang, question) if question else None,
    }


def _again(request: PageRequest, found: Amounts) -> str:
    """What is asked about paying once more; empty where nothing is."""
    asked = {"paid_today": found.paid_today, "on_its_way": found.on_its_way}
    return " ".join(
        say(request.lang, code, amount=dollars(cents))
        for code, amounts in asked.items()
        for cents in amounts.values()
    )


def _owes_for_two_years(standings: Sequence[Standing]) -> bool:
    """Of one kind of plan."""
    kinds = [each.enrollment.plan for each in standings if each.owed_cents > 0]
    return len(kinds) > len(set(kinds))


def _said(request: PageRequest, name: str, code: str, seen: Choosable) -> str:
    """What is wrong or asked; with several plans on the page, also which of them it is about."""
    standings = seen.standings
    if name == "confirm_again":
        return _again(request, seen.found)
    if code == "no_22nd_left" and len(standings) > 1:
        year = str(seen.without_a_22nd[0].enrollment.plan_year)
        return say(request.lang, "no_22nd_left_in_year", year=year)
    asked = seen.found.questions.get(name.removeprefix("confirm_amount_"))
    text = say(request.lang, asked or code, phone=request.system.settings.help_phone)
    for each in standings if len(standings) > 1 else ():
        if name.endswith(f"_{each.enrollment.enrollment_id}"):
            which = f"in_{each.enrollment.plan}" if _are_of_two_kinds(standings) else "in_year"
            return say(request.lang, which, text=text, year=str(each.enrollment.plan_year))
    return text


def _are_of_two_kinds(standings: Sequence[Standing]) -> bool:
    return len({each.enrollment.plan for each in standings}) > 1


def _place(name: str, standings: Sequence[Standing]) -> tuple[int, int]:
    """Where a field stands on the page."""
    for n, each in enumerate(ids(standings)):
        for m, box in enumerate(AMOUNT_BOXES):
            if name == f"{box}_{each}":
                return n, m
    last = ["confirm_again", *BankForm.model_fields]
    return len(standings), last.index(name) if name in last else len(last)
