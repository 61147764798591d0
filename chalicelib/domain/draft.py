"""What a member gave so far on the steps of a payment, and what is never kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.paying import Choice, Frequency
from chalicelib.domain.payment import BankAccount, Contact, SealedNumber

LONGEST_KEPT = 240  # of a field's name and text; no box takes more, and a draft is one small item

# What is never kept, so that no page can ever be filled with it again (design.md 5).
NEVER_KEPT = frozenset(
    {"csrf", "lang", "ssn", "ssn_again", "account", "account_again", "captcha_token"}
    | {"captcha_answer", "refresh"}
    | {"confirm_email", "confirm_account"}  # a yes to one text is none to the next (rule 57)
)


class Step(StrEnum):
    """The steps of a payment, in order; each is an address."""

    FIND = "/find"
    CONTACT = "/contact"
    BILLING = "/billing"
    REVIEW = "/review"
    DONE = "/done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the member gave so far. Kept sealed as a whole."""

    typed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # address -> field -> text
    member_name: str = ""
    birth_on: date | None = None  # as it was found by; asked again where a visit goes on
    contact: Contact | None = None
    choices: tuple[Choice, ...] = ()
    frequency: Frequency | None = None
    carries_over: bool = False
    account: BankAccount | None = None
    number: SealedNumber | None = None  # of a page that was left for its other language

    @property
    def held(self) -> SealedNumber | BankAccount | None:
        """Whose number is meant by boxes that are left empty."""
        return self.number or self.account

    def with_typed(self, address: str, fields: Mapping[str, str]) -> "Draft":
        """The draft that remembers what was typed on a page, save what is never kept."""
        kept = {
            name: text
            for name, text in fields.items()
            if name not in NEVER_KEPT and len(name) + len(text) <= LONGEST_KEPT
        }
        return replace(self, typed={**self.typed, address: kept})

    def with_unread(self, address: str, fields: Mapping[str, str]) -> "Draft":
        """The draft with what was typed on a page that nobody has checked; a yes is said again."""
        asked = {name for name in fields if name == "agree" or name.startswith("confirm_")}
        return self.with_typed(address, {n: fields[n] for n in fields if n not in asked})

    def for_same_person(self) -> "Draft":
        """What fills the forms once the same person is found again (rule 16).

        The bank account is asked for again, and so is the yes to how we reach them.
        """
        return Draft(typed=self._typed_on(Step.CONTACT, Step.BILLING))

    def for_next_journey(self) -> "Draft":
        """Of the same visit: how we reach its person; amounts and account are dropped (rule 55)."""
        return Draft(
            typed=self._typed_on(Step.CONTACT),
            member_name=self.member_name,
            birth_on=self.birth_on,
            contact=self.contact,
        )

    def _typed_on(self, *pages: Step) -> dict[str, Mapping[str, str]]:
        return {str(page): self.typed[page] for page in pages if page in self.typed}
