"""Step 4: how much for which enrollment, and from which bank account."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from chalicelib.domain.ach.alphabet import transliterated
from chalicelib.domain.ach.entries import is_no_name
from chalicelib.domain.amounts import TypedAmounts
from chalicelib.domain.errors import Wrong
from chalicelib.domain.mistyped import is_card_number
from chalicelib.domain.money import typed_cents
from chalicelib.domain.paying import Choice, Frequency, Pay, Standing
from chalicelib.domain.payment import AccountNumber, AccountType, routing_number
from chalicelib.entrypoints.forms.form import Form, parsed, same_as, written, wrong
from chalicelib.services.page.choosing import TypedAccount, TypedBilling

NAME_LENGTH = 60
AMOUNT_BOXES = ("pay", "amount", "confirm_amount")


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


def _confirm_account(text: Any, info: ValidationInfo) -> str:
    """A card's number, or the routing number, is asked about, once (rule 57)."""
    number = info.data.get("account")
    if isinstance(number, AccountNumber) and text != "yes":
        digits = number.digits
        if is_card_number(digits) or digits == info.data.get("routing"):
            raise wrong("confirm_account")
    return str(text)


class BankForm(Form):
    """The bank account; None for a number that is kept."""

    frequency: Annotated[Frequency | str, parsed(Frequency, "frequency")] = ""
    carry_over: str = ""
    account_type: Annotated[AccountType | str, parsed(AccountType, "account_type")] = ""
    account_name: Annotated[str, parsed(_holder)] = ""
    account: Annotated[Any, BeforeValidator(_account)] = ""
    account_again: Annotated[str, BeforeValidator(_account_again)] = ""
    routing: Annotated[str, parsed(routing_number)] = ""
    routing_again: Annotated[str, same_as("routing", routing_number, "routing_again")] = ""
    confirm_account: Annotated[str, BeforeValidator(_confirm_account)] = ""

    def typed(self) -> TypedAccount:
        """What a form without errors says."""
        return TypedAccount(
            account_type=AccountType(self.account_type),
            holder_name=self.account_name,
            routing=self.routing,
            number=self.account,
        )


def amount_fields(standings: Sequence[Standing]) -> set[str]:
    """The fields that the page has for these enrollments."""
    boxes = [f"{box}_{name}" for name in ids(standings) for box in AMOUNT_BOXES]
    return {*boxes, "confirm_again"}


def read_billing(
    fields: Mapping[str, str], standings: Sequence[Standing], *, keeps_account: bool
) -> TypedBilling:
    """The whole form of step 4."""
    asked = amount_fields(standings)
    bank = {name: text for name, text in fields.items() if name not in asked}
    form, errors = BankForm.read(bank, keeps_account=keeps_account)
    return TypedBilling(
        fields=fields,
        amounts=read_amounts(fields, standings),
        frequency=Frequency(form.frequency) if form else None,
        carries_over=fields.get("carry_over") == "yes",
        account=form.typed() if form else None,
        errors=errors,
    )


def with_number(fields: Mapping[str, str]) -> tuple[Mapping[str, str], AccountNumber | None]:
    """The fields, and the number: where both boxes say it, and nothing is to be asked of it."""
    bank = {name: text for name, text in fields.items() if name in BankForm.model_fields}
    _, errors = BankForm.read(bank)
    if errors.keys() & {"account", "account_again", "confirm_account"}:
        return fields, None
    return fields, AccountNumber.parse(fields["account"])


def read_amounts(fields: Mapping[str, str], standings: Sequence[Standing]) -> TypedAmounts:
    """What is chosen for each enrollment shown, and what was said yes to."""
    choices, errors, names = [], {}, ids(standings)
    for name in names:
        box, typed = f"pay_{name}", 0
        try:
            pay = Pay(fields.get(box, ""))
            if pay is Pay.OTHER:
                box = f"amount_{name}"
                typed = typed_cents(fields.get(box, ""))
        except Wrong as error:
            errors[box] = error.code
        except ValueError:
            errors[box] = "pay"
        else:
            choices.append(Choice(enrollment_id=name, pay=pay, typed_cents=typed))
    return TypedAmounts(
        choices=choices,
        errors=errors,
        confirmed=frozenset(n for n in names if fields.get(f"confirm_amount_{n}") == "yes"),
        confirms_again=fields.get("confirm_again") == "yes",
        is_monthly=fields.get("frequency") == Frequency.MONTHLY,
    )


def ids(standings: Sequence[Standing]) -> list[str]:
    """In the order of the page."""
    return [each.enrollment.enrollment_id for each in standings]
