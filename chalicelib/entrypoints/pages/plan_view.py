"""A plan as pages show it: what is owed and why, and what comes of it."""

from typing import Any

from chalicelib.adapters.date_texts import day
from chalicelib.domain import billing as bills
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.due import first_payment
from chalicelib.domain.money import dollars
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.paying import Standing
from chalicelib.domain.statement import since_settled
from chalicelib.entrypoints.answers import say
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.upcoming import nothing_next, when


def plan_view(
    request: PageRequest, standing: Standing, upcoming: MandateMonth | None, *, agree: str
) -> dict[str, Any]:
    """For the macro `facts` of plan_facts.html; `agree` is the code of how to agree again there."""
    enrollment = standing.enrollment
    today = local_day(request.now)
    premium, month = bills.newest_premium(enrollment, standing.lines)
    why = since_settled(enrollment, standing.lines).latest()
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
        "next_withdrawal": _next(request, upcoming, agree),
        "next_is_promised": upcoming is not None and upcoming.why_not is None,
    }


def _next(request: PageRequest, month: MandateMonth | None, agree: str) -> str | None:
    """What the next withdrawal takes, or that nothing is taken, and what to do then."""
    if month is None:
        return None
    if month.why_not or not month.cents:
        return nothing_next(request, month, agree=agree)
    names = {"amount": dollars(month.cents), "date": day(request.lang, month.on)}
    if month.is_on_its_way:
        code = "on_its_way_late" if month.is_late else "on_its_way_note"
        return say(request.lang, code, **names, when=when(request, month))
    rest = month.owed_cents - month.cents  # it came on top of what was announced (rule 25)
    if rest > 0:
        names |= {"rest": dollars(rest), "due": day(request.lang, request.due_on)}
        return say(request.lang, "next_withdrawal_in_part", **names)
    return say(request.lang, "next_withdrawal", **names)
