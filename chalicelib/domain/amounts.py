"""Step 4, judged: what is wrong with what was chosen, and what is asked first (rules 7, 13, 26)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.paying import (
    MOST_MONTHLY_AT_ONCE,
    MOST_PAYMENTS_AT_ONCE,
    Choice,
    Pay,
    Question,
    Standing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedAmounts:
    """What was chosen, as far as it can be read, and what was said yes to."""

    choices: Sequence[Choice]
    errors: Mapping[str, str]  # field -> code of what can't be read
    confirmed: frozenset[str]  # enrollments whose own question was answered
    confirms_again: bool
    is_monthly: bool


@dataclass(slots=True)
class Amounts:
    """The choices that can be taken, and what is wrong or asked about them."""

    choices: list[Choice] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)  # field -> code
    questions: dict[str, Question] = field(default_factory=dict)  # enrollment -> asked
    paid_today: dict[str, int] = field(default_factory=dict)  # enrollment -> cents, asked
    on_its_way: dict[str, int] = field(default_factory=dict)  # enrollment -> cents, asked


def judged(
    typed: TypedAmounts,
    standings: Sequence[Standing],
    ceiling_cents: int,
    on_its_way_cents: Mapping[str, int],
) -> Amounts:
    """What can be taken for each enrollment shown, and what must be asked before it is."""
    found = Amounts(errors=dict(typed.errors))
    by_id = {each.enrollment.enrollment_id: each for each in standings}
    for choice in typed.choices:
        _judge(choice, by_id[choice.enrollment_id], typed, ceiling_cents, found)
    cents = {
        choice.enrollment_id: by_id[choice.enrollment_id].amount_cents(
            choice.pay, choice.typed_cents
        )
        for choice in found.choices
    }
    monthly = [
        choice for choice in found.choices if typed.is_monthly and choice.pay is not Pay.NONE
    ]
    for choice in monthly:  # whose first withdrawal no run would take
        name = choice.enrollment_id
        if later := by_id[name].refusal_of_rest(cents[name], ceiling_cents):
            found.errors[_box(choice)] = str(later)
    if len(monthly) > MOST_MONTHLY_AT_ONCE:
        found.errors["frequency"] = "too_many_monthly"
    paying = [name for name in cents if cents[name]]
    if len(paying) > MOST_PAYMENTS_AT_ONCE:
        found.errors[f"pay_{paying[MOST_PAYMENTS_AT_ONCE]}"] = "choose_too_many"
    if not (found.errors or monthly or any(cents.values())):
        found.errors[f"pay_{standings[0].enrollment.enrollment_id}"] = "nothing_to_pay"
    # With 0.00 there is nothing to ask about.
    found.on_its_way = {name: on for name, on in on_its_way_cents.items() if cents.get(name)}
    if (found.paid_today or found.on_its_way) and not typed.confirms_again:
        found.errors["confirm_again"] = "confirm_again"
    return found


def _judge(
    choice: Choice, standing: Standing, typed: TypedAmounts, ceiling_cents: int, found: Amounts
) -> None:
    name = choice.enrollment_id
    cents = standing.amount_cents(choice.pay, choice.typed_cents)
    refusal = standing.refusal(cents, ceiling_cents)
    if refusal:
        found.errors[_box(choice)] = str(refusal)
        return
    question = standing.question(choice.pay, cents)
    if question:
        found.questions[name] = question
        if name not in typed.confirmed:
            found.errors[f"confirm_amount_{name}"] = "confirm"
    if standing.was_paid_today(cents):
        found.paid_today[name] = cents
    found.choices.append(choice)


def _box(choice: Choice) -> str:
    """Where an amount was chosen or typed."""
    return f"{'amount' if choice.pay is Pay.OTHER else 'pay'}_{choice.enrollment_id}"
