"""How we reach the member, in step 3 or later. Well-kept libraries check both."""

from collections.abc import Mapping
from typing import Annotated, Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, ValidationInfo

from chalicelib.domain.errors import Wrong
from chalicelib.domain.mistyped import meant_domain
from chalicelib.domain.payment import Contact
from chalicelib.entrypoints.forms.form import Errors, Form, parsed, same_as, wrong

COUNTRY = "US"


def email_address(text: str) -> str:
    """An address as it is written to. Raises Wrong(email)."""
    try:
        # Nothing is looked up: a wrong domain bounces, and staff phone (rule 32). `.test` is let
        # through, for rehearsals; nobody has such an address.
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Wrong("email") from None
    if found.ascii_email is None:
        raise Wrong("email")  # SES takes no mailbox names beyond ASCII
    return found.ascii_email


def phone_number(text: str) -> str:
    """A number in E.164, of this country where no other is named; an extension as `;ext=45`.

    Raises Wrong(phone).
    """
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except phonenumbers.NumberParseException:
        raise Wrong("phone") from None
    if not phonenumbers.is_valid_number(number):
        raise Wrong("phone")
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def _confirm_email(text: Any, info: ValidationInfo) -> str:
    """A domain that is one slip away from a common one is asked about, once (rule 57)."""
    if meant_domain(info.data.get("email", "")) and text != "yes":
        raise wrong("confirm_email")
    return str(text)


class ContactForm(Form):
    """E-mail typed twice, and the best phone number."""

    email: Annotated[str, parsed(email_address)] = ""
    # No mailbox of members tells capitals from small letters; it is written to as first typed.
    email_again: Annotated[str, same_as("email", email_address, "email_again", str.casefold)] = ""
    phone: Annotated[str, parsed(phone_number)] = ""
    confirm_email: Annotated[str, BeforeValidator(_confirm_email)] = ""

    def contact(self) -> Contact:
        """How to reach the member."""
        return Contact(email=self.email, phone=self.phone)


def asked_domain(typed: Mapping[str, str], errors: Errors) -> str | None:
    """The domain that the address may mean, where that is asked.

    Asked anew each time, so that a yes to one address is none to the next (rule 57).
    """
    return meant_domain(email_address(typed["email"])) if "confirm_email" in errors else None
