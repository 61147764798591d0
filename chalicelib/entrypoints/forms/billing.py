"""Step 4: how much for which enrollment, and from which bank account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from chalicelib.domain.ach.alphabet import transliterated
from chalicelib.domain.ach.entries import is_no_name
from chalicelib.domain.errors import Wrong
from chalicelib.domain.money import typed_cents
from chalicelib.domain.paying import (
    MOST_MONTHLY_AT_ONCE,
    Choice,
    Frequency,
    Pay,
    Question,
    Standing,
)
from chalicelib.domain.payment import AccountNumber, AccountType, routing_number
from chalicelib.entrypoints.forms.form import Errors, Form, parsed, same_as, written, wrong
from chalicelib.services.page.choosing import TypedAccount

NAME_LENGTH = 60


def _holder(text: str) -> str:
    try:
        name = written(text)
    except ValueError:
        raise Wrong("account_name") from None
    if is_no_name(transliterated(name)):
        raise Wrong("account_name_latin")  # no bank could take the entry (rule 12)
    if len(name) > NAME_LENGTH or not any(sign.isalpha() for sign in name):
        raise Wrong("account_name")
    return name


def _account(text: Any, info: ValidationInfo) -> AccountNumber | None:
    """Empty keeps the account that the journey holds, where it holds one."""
    if not str(text).strip() and info.context and info.context.get("keeps_account"):
        return None
    try:
        return AccountNumber.parse(str(text))
    except Wrong as error:
        raise wrong(error.code) from None


def _account_again(text: Any, info: ValidationInfo) -> str:
    if "account" in info.data:
        first = info.data["account"]
        try:
            again = AccountNumber.parse(str(text)) if str(text).strip() or first else None
        except Wrong:
            raise wrong("account_again") from None
        if again != first:
            raise wrong("account_again")
    return str(text)


class BankForm(Form):
    """The bank account; None for a number that is kept."""

    frequency: Annotated[Frequency | str, parsed(Frequency, "frequency")] = ""
    account_type: Annotated[AccountType | str, parsed(AccountType, "account_type")] = ""
    account_name: Annotated[str, parsed(_holder)] = ""
    account: Annotated[Any, BeforeValidator(_account)] = ""
    account_again: Annotated[str, BeforeValidator(_account_again)] = ""
    routing: Annotated[str, parsed(routing_number)] = ""
    routing_again: Annotated[str, same_as("routing", routing_number, "routing_again")] = ""

    def typed(self) -> TypedAccount:
        """What a form without errors says."""
        return TypedAccount(
            account_type=AccountType(self.account_type),
            holder_name=self.account_name,
            routing=self.routing,
            number=self.account,
        )


@dataclass(slots=True)
class Amounts:
    """The choices read so far, and what is wrong or asked about them."""

    choices: list[Choice] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)  # enrollment -> asked
    paid_today: dict[str, int] = field(default_factory=dict)  # enrollment -> cents, asked
    on_its_way: dict[str, int] = field(default_factory=dict)  # enrollment -> cents, asked


def amount_fields(standings: Sequence[Standing]) -> set[str]:
    """The fields that the page has for these enrollments."""
    ids = [each.enrollment.enrollment_id for each in standings]
    return {f"{name}_{each}" for each in ids for name in ("pay", "amount", "confirm_amount")}


def read_amounts(
    fields: Mapping[str, str],
    standings: Sequence[Standing],
    ceiling_cents: int,
    on_its_way_cents: Mapping[str, int],
) -> Amounts:
    """What is chosen for each enrollment shown, and what must be asked before it is taken."""
    found = Amounts()
    monthly = fields.get("frequency") == Frequency.MONTHLY
    for each in standings:
        _read_amount(fields, each, ceiling_cents, found)
    by_id = {choice.enrollment_id: choice for choice in found.choices}
    if monthly:
        found.errors.update(_too_much_later(standings, by_id, ceiling_cents))
        if sum(choice.pay is not Pay.NONE for choice in found.choices) > MOST_MONTHLY_AT_ONCE:
            found.errors["frequency"] = "too_many_monthly"
    if not found.errors and not any(
        each.amount_cents(choice.pay, choice.typed_cents)
        or (monthly and choice.pay is not Pay.NONE)
        for each in standings
        if (choice := by_id.get(each.enrollment.enrollment_id))
    ):
        found.errors[f"pay_{standings[0].enrollment.enrollment_id}"] = "nothing_to_pay"
    found.on_its_way = {
        each: cents
        for each, cents in on_its_way_cents.items()
        if (choice := by_id.get(each)) and _pays(standings, choice)
    }
    if (found.paid_today or found.on_its_way) and fields.get("confirm_again") != "yes":
        found.errors["confirm_again"] = "confirm_again"
    return found


def _too_much_later(
    standings: Sequence[Standing], choices: Mapping[str, Choice], ceiling_cents: int
) -> Errors:
    """Monthly payments whose first withdrawal no run would take (rule 13)."""
    errors: Errors = {}
    for each in standings:
        choice = choices.get(each.enrollment.enrollment_id)
        if choice is None or choice.pay is Pay.NONE:
            continue
        now_cents = each.amount_cents(choice.pay, choice.typed_cents)
        refusal = each.refusal_of_rest(now_cents, ceiling_cents)
        if refusal:
            errors[_box(choice.enrollment_id, choice.pay)] = str(refusal)
    return errors


def _box(enrollment_id: str, pay: Pay) -> str:
    """Where an amount was chosen or typed."""
    return f"{'amount' if pay is Pay.OTHER else 'pay'}_{enrollment_id}"


def _pays(standings: Sequence[Standing], choice: Choice) -> bool:
    """Whether money is taken now; with 0.00 there is nothing to ask about."""
    return any(
        each.amount_cents(choice.pay, choice.typed_cents) > 0
        for each in standings
        if each.enrollment.enrollment_id == choice.enrollment_id
    )


def _read_amount(
    fields: Mapping[str, str], standing: Standing, ceiling_cents: int, found: Amounts
) -> None:
    enrollment_id = standing.enrollment.enrollment_id
    typed = 0
    try:
        pay = Pay(fields.get(f"pay_{enrollment_id}", ""))
    except ValueError:
        found.errors[f"pay_{enrollment_id}"] = "pay"
        return
    if pay is Pay.OTHER:
        try:
            typed = typed_cents(fields.get(f"amount_{enrollment_id}", ""))
        except Wrong as error:
            found.errors[f"amount_{enrollment_id}"] = error.code
            return
    cents = standing.amount_cents(pay, typed)
    refusal = standing.refusal(cents, ceiling_cents)
    if refusal:
        found.errors[_box(enrollment_id, pay)] = str(refusal)
        return
    question = standing.question(pay, cents)
    if question:
        found.questions[enrollment_id] = question
        if fields.get(f"confirm_amount_{enrollment_id}") != "yes":
            found.errors[f"confirm_amount_{enrollment_id}"] = "confirm"
    if standing.was_paid_today(cents):
        found.paid_today[enrollment_id] = cents
    found.choices.append(Choice(enrollment_id=enrollment_id, pay=pay, typed_cents=typed))
