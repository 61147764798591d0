"""Jinja2 with our words: gettext, dollars, days. Used for pages and for letters."""

import gettext
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.domain.money import dollars
from chalicelib.domain.timetable import NEW_YORK

HERE = Path(__file__).resolve().parent.parent
LANGUAGES = ("en",)  # a language is listed when its catalogue is whole and reviewed


@lru_cache(maxsize=len(LANGUAGES))
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
        day=day,
        short_day=short_day,
        hour=hour,
        month=month,
        phone=phone,
        email=email,
    )
    return made


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English is what the code says."""
    return gettext.translation("messages", HERE / "locale", [language], fallback=True)


def day(value: date | str) -> str:
    """Friday, December 4, 2026."""
    value = _date(value)
    return f"{value:%A, %B} {value.day}, {value.year}"


def short_day(value: date | str) -> str:
    """December 4."""
    value = _date(value)
    return f"{value:%B} {value.day}"


def hour(value: datetime | str) -> str:
    """3:10 p.m., New York time."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = value.astimezone(NEW_YORK)
    return f"{local.hour % 12 or 12}:{local:%M} {'a.m.' if local.hour < 12 else 'p.m.'}"  # noqa: PLR2004


def phone(value: str) -> str:
    """617-555-0123 ext. 45, of a number of this country in E.164; any other as it is."""
    number, _, extension = value.partition(";ext=")
    digits = number.removeprefix("+1")
    if number != digits and len(digits) == 10:  # noqa: PLR2004
        number = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return f"{number} ext. {extension}" if extension else number


def email(value: str) -> str:
    """As people write it: name@bücher.example, of name@xn--bcher-kva.example."""
    name, _, domain = value.rpartition("@")
    return f"{name}@{idna.decode(domain)}" if "xn--" in domain else value


def month(value: str) -> str:
    """January 2027, of 2027-01."""
    return f"{date.fromisoformat(value + '-01'):%B %Y}"


def _date(value: date | str) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(NEW_YORK).date() if isinstance(value, datetime) else value
