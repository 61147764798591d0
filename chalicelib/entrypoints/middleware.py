"""What happens around every answer: its log, its metrics, headers, and a last resort."""

from collections.abc import Callable
from typing import Any

from chalice import Chalice, ConvertToMiddleware, Response
from chalice.app import Request

from chalicelib.adapters.catalogues import ENGLISH
from chalicelib.bootstrap import send_metrics, system
from chalicelib.entrypoints.answers import HEADERS, Frame, refusal_page
from chalicelib.entrypoints.cookies import language_in
from chalicelib.entrypoints.log import CORRELATION, log_unexpected, logger

Next = Callable[[Any], Any]


class Failed(Exception):
    """An event could not be answered; the message is the kind of error, and no more."""


def register(app: Chalice) -> None:
    """Puts the middleware on the app; only here, for it always concerns the whole app."""
    # Each invocation begins without the keys of the one before.
    context = logger.inject_lambda_context(clear_state=True, correlation_id_path=CORRELATION)
    app.register_middleware(ConvertToMiddleware(context), "all")
    app.register_middleware(_measure, "all")
    app.register_middleware(_guard_pages, "http")
    for event_type in ("sqs", "cloudwatch", "pure_lambda"):
        app.register_middleware(_hide_message, event_type)
    app.register_middleware(_count_job, "pure_lambda")


def _measure(event: Any, get_response: Next) -> Any:
    """What was counted leaves when the answer stands, and also when there is none."""
    # Not Powertools' log_metrics: it warns of every invocation that had nothing to count.
    context: Any = event.lambda_context if isinstance(event, Request) else event.context
    try:
        return get_response(event)
    finally:
        send_metrics(context.function_name)


def _guard_pages(event: Any, get_response: Next) -> Any:
    """Every HTTP answer carries the headers and bytes; Chalice's own errors become pages."""
    try:
        response = get_response(event)
    except Exception as error:  # noqa: BLE001 - the last resort of the page
        log_unexpected(error)
        response = refusal_page(500, _frame(event))
    if response.status_code >= 400 and "Content-Type" not in response.headers:  # noqa: PLR2004
        response = refusal_page(response.status_code, _frame(event))
    # The route is the pattern that matched, never the address as it was typed.
    route = event.context.get("resourcePath")
    logger.info("answered", method=event.method, route=route, status=response.status_code)
    return _with_headers(response)


def _frame(event: Any) -> Frame:
    """Of the headers alone: nobody has looked at the request."""
    return Frame(lang=language_in(event.headers) or ENGLISH)


def _with_headers(response: Response) -> Response:
    response.headers = {**HEADERS, **response.headers}
    if isinstance(response.body, str):
        response.body = response.body.encode()
    return response


def _hide_message(event: Any, get_response: Next) -> Any:
    """An event that fails is tried again by who sent it; the log names the kind of error only."""
    try:
        answer = get_response(event)
    except Exception as error:
        log_unexpected(error)
        # Lambda writes the message of what is raised here into the log, and into a dead letter.
        raise Failed(type(error).__name__) from error
    logger.info("done")
    return answer


def _count_job(event: Any, get_response: Next) -> Any:
    """A job that ended well is counted: where the count stays away, an alarm rings."""
    answer = get_response(event)
    system().metrics.count("JobsDone")
    return answer
