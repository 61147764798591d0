"""The pieces forms are made of."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from chalicelib.domain.errors import Wrong

T = TypeVar("T")
LONGEST = 120

Errors = dict[str, str]
"""Field -> code of what is wrong."""


def wrong(code: str) -> PydanticCustomError:
    """An error whose text stands in texts.py."""
    return PydanticCustomError(code, "see texts.py")


class Form(BaseModel):
    """A form; every field is text as typed, an absent one is as if empty."""

    model_config = ConfigDict(extra="forbid", validate_default=True, frozen=True)

    @classmethod
    def read(cls, fields: Mapping[str, str], **context: Any) -> tuple[Self | None, Errors]:
        """The form, or the code of each wrong field, in the order of the page."""
        errors: Errors = {n: "too_long" for n, text in fields.items() if len(text) > LONGEST}
        try:
            form = cls.model_validate(dict(fields), context=context)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                errors.setdefault(str(each["loc"][0]), each["type"])
            order = [*cls.model_fields, *errors]
            return None, {name: errors[name] for name in order if name in errors}
        return (None, errors) if errors else (form, {})


def parsed(parse: Callable[[str], Any], code: str | None = None) -> BeforeValidator:
    """A field read by a parser of the domain; `code` overrides what the parser says is wrong."""

    def read(text: Any) -> Any:
        try:
            return parse(str(text))
        except Wrong as error:
            raise wrong(code or error.code) from None
        except ValueError:
            assert code, "a parser that says nothing needs a code"
            raise wrong(code) from None

    return BeforeValidator(read)


def same_as(
    first: str, parse: Callable[[str], T], code: str, alike: Callable[[T], Any] = lambda each: each
) -> BeforeValidator:
    """The second box: the same as the first, when separators don't count; or `alike`."""

    def read(text: Any, info: ValidationInfo) -> str:
        if first in info.data:  # an error in the first box says enough
            try:
                is_same = alike(parse(str(text))) == alike(info.data[first])
            except (Wrong, ValueError):
                is_same = False
            if not is_same:
                raise wrong(code)
        return str(text)

    return BeforeValidator(read)


def written(text: str) -> str:
    """A line of text as a person means it: no outer blanks. Raises ValueError when it is none."""
    line = " ".join(text.split())
    if not line or any(unicodedata.category(sign)[0] == "C" for sign in line) or "\ufffd" in line:
        raise ValueError
    return line
