"""Step 4: what is owed, how much to pay, and from which bank account."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalice import Response

from chalicelib.domain import billing as bills
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.journey import Journey, Step
from chalicelib.domain.money import dollars
from chalicelib.domain.paying import Frequency, Standing
from chalicelib.domain.payment import AccountType, BankAccount
from chalicelib.entrypoints.answers import page, say, see_other
from chalicelib.entrypoints.forms.billing import (
    Amounts,
    BankForm,
    amount_fields,
    read_amounts,
)
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.entrypoints.visit import Visit

ADDRESS = "/billing"
NEEDS = (Step.CONTACT,)
ACCOUNT = "account"  # the vault's purpose

routes = Pages(__name__)


@routes.get(ADDRESS)
def show(visit: Visit) -> Response:
    """The books of each enrollment, and the form with what was typed in this journey."""
    journey = visit.at_step(ADDRESS, NEEDS)
    standings = visit.system.finding.standings(journey, visit.now)
    return _page(visit, journey, standings, journey.draft.typed.get(ADDRESS, {}), Amounts())


@routes.post(ADDRESS)
def keep(visit: Visit) -> Response:
    """Keeps choices and bank account; the account number is sealed at once."""
    journey = visit.at_step(ADDRESS, NEEDS)
    standings = visit.system.finding.standings(journey, visit.now)
    asked = amount_fields(standings) | {"confirm_again"}
    fields = visit.fields(asked | set(BankForm.model_fields))
    found = read_amounts(fields, standings, visit.system.settings.debit_ceiling_cents)
    bank = {name: text for name, text in fields.items() if name not in asked}
    form, errors = BankForm.read(bank, keeps_account=journey.draft.account is not None)
    if form and form.frequency is not Frequency.ONCE:
        errors = {"frequency": "frequency"}
    found.errors.update(errors)
    if form is None or found.errors:
        return _page(visit, journey, standings, fields, found, status=422)
    draft = replace(
        journey.draft.with_typed(ADDRESS, fields),
        choices=tuple(found.choices),
        frequency=Frequency(form.frequency),
        account=_account(visit, journey, form),
    )
    visit.keep_draft(journey, draft)
    return see_other(visit.base, "/review")


def _account(visit: Visit, journey: Journey, form: BankForm) -> BankAccount:
    """The account with its number sealed; an empty box keeps the number the journey holds."""
    before = journey.draft.account
    if form.account:
        last4 = form.account.last4
        # Bound to the subscriber, so that it may be copied unopened to payment, mandate and entry.
        sealed = visit.system.vault.seal(ACCOUNT, form.account.digits, journey.subscriber_id)
    else:
        assert before, "an account is kept only where the journey holds one"
        last4, sealed = before.last4, before.sealed_number
    return BankAccount(
        account_type=AccountType(form.account_type),
        holder_name=form.account_name,
        routing=form.routing,
        last4=last4,
        sealed_number=sealed,
    )


def _page(
    visit: Visit,
    journey: Journey,
    standings: Sequence[Standing],
    values: Mapping[str, str],
    found: Amounts,
    *,
    status: int = 200,
) -> Response:
    phone = visit.system.settings.help_phone
    errors = {name: say(visit.lang, code, phone=phone) for name, code in found.errors.items()}
    order = sorted(errors, key=lambda name: _place(name, standings))
    again = [
        say(visit.lang, "paid_today", amount=dollars(cents)) for cents in found.paid_today.values()
    ]
    account = journey.draft.account
    return page(
        "billing.html",
        visit.frame(values=values, errors={name: errors[name] for name in order}),
        status=status,
        enrollments=[_view(visit, each, found) for each in standings],
        pay_both_years=len([each for each in standings if each.owed_cents > 0]) > 1,
        again_question=" ".join(again) or None,
        monthly_offered=False,
        account_last4=account.last4 if account else None,
        due_on=visit.due_on,
    )


def _view(visit: Visit, standing: Standing, found: Amounts) -> dict[str, Any]:
    enrollment = standing.enrollment
    today = local_day(visit.now)
    premium, month = bills.newest_premium(enrollment, standing.lines)
    question = found.questions.get(enrollment.enrollment_id)
    return {
        "enrollment_id": enrollment.enrollment_id,
        "plan": enrollment.plan,
        "plan_name": enrollment.plan_name,
        "plan_year": enrollment.plan_year,
        "billing_last4": enrollment.billing_account[-4:],
        "owed_cents": standing.owed_cents,
        "premium_cents": premium,
        "premium_month": month,
        "first_payment": standing.is_first_payment,
        "coverage_may_start_late": standing.is_first_payment
        and bills.coverage_may_start_late(enrollment, today),
        "coverage_start_on": enrollment.coverage_start_on,
        "ended_on": enrollment.covered_through_on if enrollment.has_ended(today) else None,
        "amount_question": say(visit.lang, question) if question else None,
        "next_withdrawal": None,
    }


def _place(name: str, standings: Sequence[Standing]) -> tuple[int, int]:
    """Where a field stands on the page."""
    boxes = ("pay", "amount", "confirm_amount")
    for n, each in enumerate(standings):
        for m, box in enumerate(boxes):
            if name == f"{box}_{each.enrollment.enrollment_id}":
                return n, m
    last = ["confirm_again", *BankForm.model_fields]
    return len(standings), last.index(name) if name in last else len(last)
