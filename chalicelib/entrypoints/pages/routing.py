"""Routes whose views get a page request, and whose errors become pages."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Blueprint, Response

from chalicelib.bootstrap import system
from chalicelib.domain.errors import NotFound
from chalicelib.domain.journey import Step
from chalicelib.entrypoints.answers import Notice, page, refusal_page, say
from chalicelib.entrypoints.csrf import BadCsrf
from chalicelib.entrypoints.log import log_unexpected, logger
from chalicelib.entrypoints.page_request import Answered, BadForm, PageRequest, TooLarge
from chalicelib.services.page.tickets import Busy, MustWait

TOO_EARLY = "first"
FORM = ["application/x-www-form-urlencoded"]

View = Callable[..., Response]


class Pages(Blueprint):
    """A blueprint of pages. Chalice hides a view's exceptions from middleware, so they end here."""

    def get(self, path: str) -> Callable[[View], View]:
        """A page to look at; HEAD answers like it."""
        return self._page(path, methods=["GET", "HEAD"])

    def post(self, path: str) -> Callable[[View], View]:
        """A form that was sent; the csrf is looked at before anything else."""
        return self._page(path, methods=["POST"], content_types=FORM)

    def _page(self, path: str, **options: Any) -> Callable[[View], View]:
        def register(view: View) -> View:
            def answer(**names: str) -> Response:
                here = system()
                request = PageRequest(self.current_request, here, here.clock.now())
                return _answer(request, view, names)

            answer.__name__ = view.__name__
            self.route(path, name=f"{view.__module__}.{view.__name__}", **options)(answer)
            return view

        return register


STATUS: Mapping[type[Exception], int] = {
    BadCsrf: 403,
    NotFound: 404,
    BadForm: 422,
}
"""What a refused request is answered with; anything else is our fault."""


def _answer(request: PageRequest, view: View, names: dict[str, str]) -> Response:
    try:
        if request.raw.method == "POST":
            request.check_csrf()
        return view(request, **names)
    except Answered as answered:
        return _saying_why(answered.response)
    except MustWait as wait:
        return _wait_page(request, wait)
    except TooLarge:
        return refusal_page(413)  # its language would be read from the body
    except tuple(STATUS) as refused:
        return refusal_page(STATUS[type(refused)], request.frame())
    except Exception as error:  # noqa: BLE001 - Chalice would log its message, with what was typed
        log_unexpected(error)
        return refusal_page(500)


def _saying_why(response: Response) -> Response:
    """Who came too early is led to the step that is missing, which says so."""
    address = str(response.headers.get("Location", ""))
    if address.endswith((Step.CONTACT, Step.BILLING)):
        response.headers["Location"] = f"{address}?{TOO_EARLY}=yes"
    return response


def too_early(request: PageRequest) -> tuple[Notice, ...]:
    """What a step says to who was led to it instead of a later one."""
    if TOO_EARLY not in (request.raw.query_params or {}):
        return ()
    return (Notice("warning", say(request.lang, "too_early")),)


def _wait_page(request: PageRequest, wait: MustWait) -> Response:
    seconds = max(1, round((wait.until - request.now).total_seconds()))
    logger.info("must wait", seconds=seconds)
    response = page(
        "wait.html",
        request.frame(),
        status=429,
        wait_until=wait.until,
        minutes=None if isinstance(wait, Busy) else -(-seconds // 60),
    )
    response.headers["Retry-After"] = str(seconds)
    return response
