"""Dates and times as a language writes them: the order of their parts is in its catalogue, too."""

from datetime import date, datetime

from chalicelib.adapters.catalogues import translations
from chalicelib.domain.timetable import NEW_YORK


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when shown."""
    return text


DAY = _("{weekday}, {month} {day}, {year}")
SHORT_DAY = _("{month} {day}")
MONTH = _("{month} {year}")
# A language that counts to 24 writes {hour24} in both.
HOURS = (_("{hour}:{minute} a.m."), _("{hour}:{minute} p.m."))

WEEKDAYS = (
    *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
    *(_("Friday"), _("Saturday"), _("Sunday")),
)
MONTHS = (
    *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
    *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
)


def day(language: str, value: date | str) -> str:
    """Friday, December 4, 2026."""
    return _written(language, DAY, _date(value))


def short_day(language: str, value: date | str) -> str:
    """December 4."""
    return _written(language, SHORT_DAY, _date(value))


def month(language: str, value: str) -> str:
    """January 2027, of 2027-01."""
    return _written(language, MONTH, date.fromisoformat(value + "-01"))


def hour(language: str, value: datetime | str) -> str:
    """3:10 p.m., New York time."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = value.astimezone(NEW_YORK)
    text = translations(language).gettext(HOURS[local.hour >= 12])  # noqa: PLR2004
    return text.format(hour=local.hour % 12 or 12, hour24=local.hour, minute=f"{local:%M}")


def _written(language: str, form: str, on: date) -> str:
    tell = translations(language).gettext
    return tell(form).format(
        weekday=tell(WEEKDAYS[on.weekday()]),
        month=tell(MONTHS[on.month - 1]),
        day=on.day,
        year=on.year,
    )


def _date(value: date | str) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(NEW_YORK).date() if isinstance(value, datetime) else value
