"""Jinja2 with our words: gettext, dollars, days. Used for pages and for letters."""

from functools import cache, partial
from pathlib import Path

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.adapters.catalogues import translations
from chalicelib.adapters.date_texts import day, hour, month, short_day
from chalicelib.domain.money import dollars

HERE = Path(__file__).resolve().parent.parent


@cache
def environment(language: str) -> Environment:
    """Templates in one language. HTML is escaped, text is not; a missing name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        # Text is for letters; what a browser reads is always escaped.
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),  # noqa: S701
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        dollars=dollars,
        day=partial(day, language),
        short_day=partial(short_day, language),
        hour=partial(hour, language),
        month=partial(month, language),
        phone=partial(phone, language),
        email=email,
    )
    return made


def phone(language: str, value: str) -> str:
    """617-555-0123 ext. 45, of a number of this country in E.164; any other as it is."""
    number, _, extension = value.partition(";ext=")
    digits = number.removeprefix("+1")
    if number != digits and len(digits) == 10:  # noqa: PLR2004
        number = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if not extension:
        return number
    text = translations(language).gettext("{number} ext. {extension}")
    return text.format(number=number, extension=extension)


def email(value: str) -> str:
    """As people write it: name@bücher.example, of name@xn--bcher-kva.example."""
    name, _, domain = value.rpartition("@")
    return f"{name}@{idna.decode(domain)}" if "xn--" in domain else value
