"""Steps 1 and 2: which plan, which number, and who."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationInfo

from chalicelib.domain import identification
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.errors import Wrong
from chalicelib.domain.identification import Claim, IdType, Ssn, same_name, without_separators
from chalicelib.domain.journey import To
from chalicelib.entrypoints.forms.form import Errors, Form, parsed, written, wrong

OLDEST_YEAR = 1900

F = TypeVar("F", bound=Form)


def _when(id_type: IdType, parse: Callable[[str], Any]) -> BeforeValidator:
    """A number that counts only when its kind was chosen."""

    def read(text: Any, info: ValidationInfo) -> Any:
        if info.data.get("id_type") is not id_type:
            return None
        try:
            return parse(str(text))
        except Wrong as error:
            raise wrong(error.code) from None

    return BeforeValidator(read)


def _billing_account(text: str) -> str:
    digits = without_separators(text)
    if len(digits) == 9 and digits.isascii() and digits.isdigit() and digits[0] != "7":  # noqa: PLR2004
        raise Wrong("billing_account_7")
    return identification.billing_account(text)


def _again(text: Any, info: ValidationInfo) -> str:
    first = info.data.get("ssn")
    if isinstance(first, Ssn) and without_separators(str(text)) != first.digits:
        raise wrong("ssn_again")
    return str(text)


def _name(text: str) -> str:
    if not same_name(text):
        raise ValueError
    return written(text)


def _first_name(text: str) -> str:
    """Empty matches only who has one name (rule 54)."""
    return _name(text) if text.strip() else ""


def _digits(text: Any) -> str:
    digits = without_separators(str(text))
    if not digits:
        raise wrong("birth_empty")
    if not (digits.isascii() and digits.isdigit()):
        raise wrong("birth")
    return digits


def _within(most: int) -> BeforeValidator:
    """A month or a day: no calendar has one beyond `most`."""

    def read(text: Any) -> int:
        digits = _digits(text)
        if len(digits) > 2 or not 1 <= int(digits) <= most:  # noqa: PLR2004
            raise wrong("birth")
        return int(digits)

    return BeforeValidator(read)


def _year(text: Any) -> int:
    digits = _digits(text)
    if len(digits) != 4:  # noqa: PLR2004
        raise wrong("birth_year")
    if int(digits) < OLDEST_YEAR:
        raise wrong("birth")
    return int(digits)


Month = Annotated[Any, _within(12)]
Day = Annotated[Any, _within(31)]
Year = Annotated[Any, BeforeValidator(_year)]


class BirthdayForm(Form):
    """The three boxes alone: a visit that is open goes on for its person (rule 55)."""

    birth_month: Month = ""
    birth_day: Day = ""
    birth_year: Year = ""


class FindForm(Form):
    """Both steps in one form."""

    to: Annotated[To, parsed(To, "plan")] = To.PAY
    plan: Annotated[Plan | str, parsed(Plan, "plan")] = ""
    id_type: Annotated[IdType | str, parsed(IdType, "id_type")] = ""
    enrollment_id: Annotated[Any, _when(IdType.ENROLLMENT_ID, identification.enrollment_id)] = ""
    ssn: Annotated[Any, _when(IdType.SSN, Ssn.parse)] = ""
    ssn_again: Annotated[str, BeforeValidator(_again)] = ""
    billing_account: Annotated[Any, _when(IdType.BILLING_ACCOUNT, _billing_account)] = ""
    first_name: Annotated[str, parsed(_first_name, "first_name")] = ""
    last_name: Annotated[str, parsed(_name, "last_name")] = ""
    birth_month: Month = ""
    birth_day: Day = ""
    birth_year: Year = ""

    def claim(self, born_on: date) -> Claim:
        """Who the member says they are."""
        return Claim(
            Plan(self.plan),
            IdType(self.id_type),
            self.enrollment_id or self.ssn or self.billing_account,
            self.first_name,
            self.last_name,
            born_on,
        )


def read_birth(
    form: type[F], fields: Mapping[str, str], today: date
) -> tuple[F | None, date | None, Errors]:
    """A form with a birthday, and that day. A date has one message, at its first wrong box."""
    found, errors = form.read(fields)
    if found is None:
        birth = [name for name in errors if name.startswith("birth_")]
        return None, None, {name: code for name, code in errors.items() if name not in birth[1:]}
    try:
        return found, _born_on(found, today), {}
    except Wrong as error:
        box = "birth_day" if error.code == "birth" else "birth_year"  # no such day; or not past
        return None, None, {box: error.code}


def _born_on(form: Any, today: date) -> date:
    try:
        born = date(form.birth_year, form.birth_month, form.birth_day)
    except ValueError:
        raise Wrong("birth") from None
    if born >= today:
        raise Wrong("birth_past")
    return born
