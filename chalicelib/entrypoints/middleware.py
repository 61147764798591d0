"""What happens around every answer: headers that protect the page, and a last resort."""

from collections.abc import Callable
from typing import Any

from chalice import Chalice, Response

from chalicelib.entrypoints.answers import HEADERS, refusal_page
from chalicelib.entrypoints.log import log_unexpected

Next = Callable[[Any], Any]


def register(app: Chalice) -> None:
    """Puts the middleware on the app; only here, for it always concerns the whole app."""
    app.register_middleware(_guard_pages, "http")
    for event_type in ("sqs", "cloudwatch", "pure_lambda"):
        app.register_middleware(_hide_words, event_type)


def _guard_pages(event: Any, get_response: Next) -> Any:
    """Every HTTP answer carries the headers and bytes; Chalice's own errors become pages."""
    try:
        response = get_response(event)
    except Exception as error:  # noqa: BLE001 - the last resort of the page
        log_unexpected(error)
        response = refusal_page(500)
    if response.status_code >= 400 and "Content-Type" not in response.headers:  # noqa: PLR2004
        response = refusal_page(response.status_code)
    return _with_headers(response)


def _with_headers(response: Response) -> Response:
    response.headers = {**HEADERS, **response.headers}
    if isinstance(response.body, str):
        response.body = response.body.encode()
    return response


def _hide_words(event: Any, get_response: Next) -> Any:
    """An event that fails is tried again by who sent it; the log names the kind of error only."""
    try:
        return get_response(event)
    except Exception as error:
        log_unexpected(error)
        raise
