"""What we answer with: pages, redirects, bytes. One table says which error becomes which status."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chalice import Response

from chalicelib.adapters.catalogues import ENGLISH, languages, translations
from chalicelib.adapters.date_texts import day
from chalicelib.adapters.templating import environment
from chalicelib.entrypoints.texts import TEXTS

STATIC = Path(__file__).resolve().parent.parent / "static"
HELP_PHONE = "1-877-623-6765"

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Headers = dict[str, str | list[str]]

ASKS = "confirm_"  # how the fields that answer a question are called


@dataclass(frozen=True, slots=True)
class Notice:
    """A message at the top of a page: info, warning or success."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page is given."""

    base: str = ""
    lang: str = ENGLISH
    csrf: str = ""
    help_phone: str = HELP_PHONE
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)  # field -> message
    notices: tuple[Notice, ...] = ()
    is_visit: bool = False  # one is open: it can be finished
    query: Mapping[str, str] = field(default_factory=dict)  # of the address

    @property
    def questions(self) -> Mapping[str, str]:
        """What is asked, by the field that answers it: no mistake of the member's (rule 56)."""
        return {name: text for name, text in self.errors.items() if name.startswith(ASKS)}

    @property
    def mistakes(self) -> Mapping[str, str]:
        """All else."""
        return {name: text for name, text in self.errors.items() if not name.startswith(ASKS)}


def page(template: str, frame: Frame, *, status: int = 200, **context: Any) -> Response:
    """A page as HTML."""
    body = (
        environment(frame.lang)
        .get_template(template)
        .render(
            base=frame.base,
            asset=lambda name: f"{frame.base}/static/{name}?v={_digest(name)}",
            has_emblem=(STATIC / "emblem.svg").is_file(),
            lang=frame.lang,
            languages=[
                {
                    "code": code,
                    "name": say(code, "language"),
                    "query": urlencode({**frame.query, "lang": code}),
                }
                for code in languages()
            ],
            csrf=frame.csrf,
            help_phone=frame.help_phone,
            values=frame.values,
            errors=frame.mistakes,
            questions=frame.questions,
            notices=frame.notices,
            is_visit=frame.is_visit,
            **context,
        )
    )
    headers: Headers = {"Content-Type": "text/html; charset=utf-8"}
    return Response(body=body.encode(), status_code=status, headers=headers)


def see_other(base: str, address: str, *, says: str = "") -> Response:
    """303: the next step, and the code of what it says there."""
    more = f"?says={says}" if says else ""
    return Response(body=b"", status_code=303, headers={"Location": f"{base}{address}{more}"})


def say(language: str, code: str, **names: str) -> str:
    """The text of a code, in the member's language."""
    return translations(language).gettext(TEXTS[code]).format(**names)


def on_day(language: str, on: date, *, is_late: bool) -> str:
    """The date of a withdrawal in a sentence; of a late one only that it is not earlier."""
    return say(language, "on_day_or_after" if is_late else "on_day", date=day(language, on))


def refusal_page(status: int, frame: Frame) -> Response:
    """What a member sees when a request can't be answered; it says whether money moved."""
    _ = translations(frame.lang).gettext
    no_money = _("No payment was made.")
    heading, message = {
        403: (
            _("We could not be sure this came from you"),
            _("Go back to the page, load it again, and send it once more.") + " " + no_money,
        ),
        404: (_("Page not found"), _("Check the address.") + " " + no_money),
        405: (_("Page not found"), _("Check the address.") + " " + no_money),
        413: (_("That was too much text"), _("Go back and enter less.") + " " + no_money),
        422: (
            _("We could not read that form"),
            _("Go back and use the form on the page.") + " " + no_money,
        ),
        415: (_("We could not read that"), _("Use the form on the page.") + " " + no_money),
    }.get(
        status,
        (
            _("Something went wrong"),
            _(
                "Go back and load the page again. If you had pressed Submit, it shows your "
                "confirmation number when the payment was made, and asks you again when it was not."
            ),
        ),
    )
    return page("error.html", frame, status=status, heading=heading, message=message)


@cache
def _digest(name: str) -> str:
    """Changes when the file does, so that browsers may keep it for a year."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
