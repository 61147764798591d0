"""Step 4: what may be paid as the books stand at one moment, and from which account (I24)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.amounts import Amounts, TypedAmounts, judged
from chalicelib.domain.draft import Step
from chalicelib.domain.journey import Journey
from chalicelib.domain.month import MandateMonth
from chalicelib.domain.paying import Choice, Frequency, Pay, Standing
from chalicelib.domain.payment import AccountNumber, AccountType, BankAccount, SealedNumber
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.ports import Vault
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.monthly.months import Months
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.page.paying import Paying
from chalicelib.services.page.visits import Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosable:
    """The books of each enrollment, and what is about to be taken without the member's doing."""

    standings: Sequence[Standing]
    upcoming: Mapping[str, MandateMonth]  # of each enrollment that has a mandate (rule 26)
    without_a_22nd: Sequence[Standing]  # monthly is not offered for them (rule 23)
    found: Amounts = field(default_factory=Amounts)  # errors of the bank account are among its own
    typed: Mapping[str, str] = field(default_factory=dict)
    is_overtaken: bool = False  # another tab has changed the journey: nothing was kept

    @property
    def on_its_way_cents(self) -> dict[str, int]:
        """By enrollment, what can't be stopped any more."""
        return {name: month.cents for name, month in self.upcoming.items() if month.is_on_its_way}

    def lacks_a_22nd(self, choices: Sequence[Choice]) -> bool:
        """Whether one that is to be paid has no withdrawal left (rule 23)."""
        wanted = {choice.enrollment_id for choice in choices if choice.pay is not Pay.NONE}
        return any(each.enrollment.enrollment_id in wanted for each in self.without_a_22nd)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedAccount:
    """A bank account as typed; without a number it is the one that the journey holds."""

    account_type: AccountType
    holder_name: str
    routing: str
    number: AccountNumber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedBilling:
    """The form of step 4 as read; without an account where one of its fields has an error."""

    fields: Mapping[str, str]
    amounts: TypedAmounts
    frequency: Frequency | None
    carries_over: bool  # monthly payments, to the plan that follows (rule 42)
    account: TypedAccount | None
    errors: Mapping[str, str]  # field -> code


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What choosing needs of the world."""

    finding: Finding
    visits: Visits
    months: Months
    paying: Paying
    account_validation: AccountValidation
    vault: Vault
    debit_ceiling_cents: int
    carry_over: bool

    def show(self, journey: Journey, now: datetime) -> Choosable:
        """As it stood at one moment; review sends back here when the account was refused since."""
        seen = at_one_moment(lambda: self._look(journey, now))
        found = Amounts(errors=_at_its_box(self.paying.fault(journey)))
        return replace(seen, found=found, typed=journey.draft.typed.get(Step.BILLING, {}))

    def choose(
        self, journey: Journey, read: Callable[[Sequence[Standing]], TypedBilling], now: datetime
    ) -> Choosable:
        """Keeps choices and bank account, or says by field what is wrong or asked (rules 12, 13).

        `read` is given what the page has fields for, and nothing where no plan is left. The account
        number is sealed at once.
        """
        seen = self._look(journey, now)
        if not seen.standings:
            return seen
        form = read(seen.standings)
        ceiling, on_its_way = self.debit_ceiling_cents, seen.on_its_way_cents
        found = judged(form.amounts, seen.standings, ceiling, on_its_way)
        found.errors.update(form.errors)
        seen = replace(seen, found=found, typed=form.fields)
        if form.account is None:
            return seen
        if form.frequency is Frequency.MONTHLY and seen.lacks_a_22nd(found.choices):
            found.errors["frequency"] = "no_22nd_left"
        found.errors.update(_at_its_box(self._fault(journey, form.account)))
        if found.errors:
            return seen
        draft = replace(
            journey.draft.with_typed(Step.BILLING, form.fields),
            choices=tuple(found.choices),
            frequency=form.frequency,
            carries_over=self.carry_over and form.carries_over,
            account=self._account(journey, form.account),
            number=None,
        )
        return replace(seen, is_overtaken=not self.visits.save(journey, draft, now))

    def leave(
        self,
        journey: Journey,
        read: Callable[[Sequence[Standing]], tuple[Mapping[str, str], AccountNumber | None]],
        language: str,
        now: datetime,
    ) -> None:
        """The page was left for another language: what was typed is kept, its number sealed."""
        typed, number = read(self.finding.standings(journey, now))
        if number:
            draft = replace(journey.draft, number=self._sealed(journey, number))
            journey = replace(journey, draft=draft)
        self.visits.leave(journey, Step.BILLING, typed, language, now)

    def _look(self, journey: Journey, now: datetime) -> Choosable:
        """As it stands."""
        standings = self.finding.standings(journey, now)
        looks = {
            each.enrollment.enrollment_id: self.months.next_one(each, now) for each in standings
        }
        has_one = self.months.has_a_22nd
        return Choosable(
            standings=standings,
            upcoming={name: look for name, look in looks.items() if look},
            without_a_22nd=[each for each in standings if not has_one(each.enrollment, now)],
        )

    def _fault(self, journey: Journey, typed: TypedAccount) -> str | None:
        """What is known against an account (rule 12)."""
        return self.account_validation.fault(self._fingerprint(journey, typed), typed.routing)

    def _account(self, journey: Journey, typed: TypedAccount) -> BankAccount:
        """The account with its number sealed."""
        number = self._sealed(journey, typed.number) if typed.number else _held(journey)
        return BankAccount(
            account_type=typed.account_type,
            holder_name=typed.holder_name,
            routing=typed.routing,
            last4=number.last4,
            sealed_number=number.sealed_number,
            fingerprint=number.fingerprint,
        )

    def _sealed(self, journey: Journey, number: AccountNumber) -> SealedNumber:
        return SealedNumber(
            last4=number.last4,
            # Bound to the subscriber, so that it may be copied unopened to payment, mandate, entry.
            sealed_number=self.vault.seal(ACCOUNT, number.digits, journey.subscriber_id),
            fingerprint=self.account_validation.fingerprint(journey.subscriber_id, number),
        )

    def _fingerprint(self, journey: Journey, typed: TypedAccount) -> str:
        if typed.number:
            return self.account_validation.fingerprint(journey.subscriber_id, typed.number)
        return _held(journey).fingerprint


def _at_its_box(fault: str | None) -> dict[str, str]:
    """What is wrong with an account, as an error of routing or account."""
    return {fault.partition("_")[0]: fault} if fault else {}


def _held(journey: Journey) -> SealedNumber | BankAccount:
    assert journey.draft.held, "an account is kept only where the journey holds one"
    return journey.draft.held
