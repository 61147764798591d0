"""The two cookies of a browser: the secret of its visit, and the language that it chose."""

import re
from collections.abc import Mapping

from chalice import Response

from chalicelib.adapters.catalogues import languages

VISIT, LANGUAGE = "__Host-journey", "__Host-lang"

_TOKEN = re.compile(rf"(?:^|;\s*){VISIT}=([A-Za-z0-9_-]{{43}})(?=;|$)")
_CODE = re.compile(rf"(?:^|;\s*){LANGUAGE}=([A-Za-z0-9-]{{2,20}})(?=;|$)")


def visit_in(headers: Mapping[str, str]) -> str | None:
    """The secret, where a browser sent one."""
    return _found(_TOKEN, headers)


def language_in(headers: Mapping[str, str]) -> str | None:
    """The language that was chosen in this browser, where we speak it."""
    code = _found(_CODE, headers)
    return code if code in languages() else None


def with_visit(response: Response, token: str) -> Response:
    """The answer that gives this browser its secret."""
    return _with(response, VISIT, token)


def with_language(response: Response, language: str) -> Response:
    """The answer after which this browser has chosen, until it is closed."""
    return _with(response, LANGUAGE, language)


def _found(form: re.Pattern[str], headers: Mapping[str, str]) -> str | None:
    match = form.search(headers.get("cookie", ""))
    return match[1] if match else None


def _with(response: Response, name: str, text: str) -> Response:
    others = response.headers.get("Set-Cookie", [])
    cookie = f"{name}={text}; Path=/; Secure; HttpOnly; SameSite=Lax"
    response.headers["Set-Cookie"] = [*others, cookie]
    return response
