"""Step 4: what is owed, how much to pay, and from which bank account."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice import Response

from chalicelib.adapters.templating import day
from chalicelib.domain import billing as bills
from chalicelib.domain.amounts import Amounts
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.due import first_payment
from chalicelib.domain.journey import Journey, Step
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.paying import Standing
from chalicelib.domain.statement import since_settled
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.forms.billing import (
    AMOUNT_BOXES,
    BankForm,
    amount_fields,
    ids,
    read_billing,
)
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages, too_early
from chalicelib.entrypoints.pages.upcoming import nothing_next, when
from chalicelib.services.page.choosing import Choosable, TypedBilling

ADDRESS = "/billing"
NEEDS = (Step.CONTACT,)

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(request: PageRequest) -> Response:
    """The books of each enrollment, and the form with what was typed in this journey."""
    journey = request.at_step(ADDRESS, NEEDS)
    return _page(request, journey, request.system.choosing.show(journey, request.now))


@routes.post(ADDRESS)
def keep(request: PageRequest) -> Response:
    """Keeps choices and bank account; the account number is sealed at once."""
    journey = request.at_step(ADDRESS, NEEDS)

    def read(standings: Sequence[Standing]) -> TypedBilling:
        fields = request.fields(amount_fields(standings) | set(BankForm.model_fields))
        keeps_account = journey.draft.account is not None
        return read_billing(fields, standings, keeps_account=keeps_account)

    seen = request.system.choosing.choose(journey, read, request.now)
    if seen.found.errors:
        return _page(request, journey, seen, status=422)
    return see_other(request.base, ADDRESS if seen.is_overtaken else "/review")


def _page(
    request: PageRequest, journey: Journey, seen: Choosable, *, status: int = 200
) -> Response:
    found = seen.found
    standings = seen.standings
    errors = {name: _said(request, name, code, seen) for name, code in found.errors.items()}
    order = sorted(errors, key=lambda name: _place(name, standings))
    again = [
        say(request.lang, "paid_today", amount=dollars(cents))
        for cents in found.paid_today.values()
    ]
    again += [
        say(request.lang, "on_its_way", amount=dollars(cents))
        for cents in found.on_its_way.values()
    ]
    account = journey.draft.account
    return page(
        "billing.html",
        request.frame(
            values=seen.typed,
            errors={name: errors[name] for name in order},
            notices=too_early(request),
        ),
        status=status,
        enrollments=[_view(request, each, found, seen.upcoming) for each in standings],
        pay_both_years=len([each for each in standings if each.owed_cents > 0]) > 1,
        again_question=" ".join(again) or None,
        carry_over_offered=request.system.settings.carry_over,
        monthly_offered=len(seen.without_a_22nd) < len(standings),
        account_last4=account.last4 if account else None,
        due_on=request.due_on,
    )


def _view(
    request: PageRequest, standing: Standing, found: Amounts, upcoming: Mapping[str, MandateMonth]
) -> dict[str, Any]:
    enrollment = standing.enrollment
    today = local_day(request.now)
    premium, month = bills.newest_premium(enrollment, standing.lines)
    why = since_settled(enrollment, standing.lines).latest()
    question = found.questions.get(enrollment.enrollment_id)
    look = upcoming.get(enrollment.enrollment_id)
    return {
        "enrollment_id": enrollment.enrollment_id,
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "billing_last4": enrollment.billing_account[-4:],
        "owed_cents": standing.owed_cents,
        "carried_cents": why.carried_cents,
        "items": why.items,
        # A month that is among them says itself what it costs.
        "premium_cents": None if month in {item.month for item in why.items} else premium,
        "premium_month": month,
        "next_premium": bills.next_premium(enrollment, standing.lines),
        "first_payment": first_payment(
            enrollment, standing.lines, request.system.settings.due, today
        ),
        "never_began": enrollment.never_began,
        "ended_on": enrollment.covered_through_on if enrollment.has_ended(today) else None,
        "amount_question": say(request.lang, question) if question else None,
        "next_withdrawal": _next(request, look),
        "next_is_promised": look is not None and look.why_not is None,
    }


def _next(request: PageRequest, month: MandateMonth | None) -> str | None:
    """What the next withdrawal takes, or that nothing is taken, and what to do then."""
    if month is None:
        return None
    if month.why_not or not month.cents:
        return nothing_next(request, month, agree="agree_again")
    names = {"amount": dollars(month.cents), "date": day(month.on)}
    if month.is_on_its_way:
        code = "on_its_way_late" if month.is_late else "on_its_way_note"
        return say(request.lang, code, **names, when=when(request, month))
    rest = month.owed_cents - month.cents  # it came on top of what was announced (rule 25)
    if rest > 0:
        names |= {"rest": dollars(rest), "due": day(request.due_on)}
        return say(request.lang, "next_withdrawal_in_part", **names)
    return say(request.lang, "next_withdrawal", **names)


def _said(request: PageRequest, name: str, code: str, seen: Choosable) -> str:
    """The text of an error; with two plan years on the page, also which of them it is about."""
    standings = seen.standings
    if code == "no_22nd_left" and len(standings) > 1:
        year = str(seen.without_a_22nd[0].enrollment.plan_year)
        return say(request.lang, "no_22nd_left_in_year", year=year)
    text = say(request.lang, code, phone=request.system.settings.help_phone)
    for each in standings if len(standings) > 1 else ():
        if name.endswith(f"_{each.enrollment.enrollment_id}"):
            return say(request.lang, "in_year", text=text, year=str(each.enrollment.plan_year))
    return text


def _place(name: str, standings: Sequence[Standing]) -> tuple[int, int]:
    """Where a field stands on the page."""
    for n, each in enumerate(ids(standings)):
        for m, box in enumerate(AMOUNT_BOXES):
            if name == f"{box}_{each}":
                return n, m
    last = ["confirm_again", *BankForm.model_fields]
    return len(standings), last.index(name) if name in last else len(last)
