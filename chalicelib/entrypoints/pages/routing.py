"""Routes whose views get a page request, and whose errors become pages."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Blueprint, Response

from chalicelib.adapters.catalogues import ENGLISH
from chalicelib.bootstrap import system
from chalicelib.domain.errors import NotFound
from chalicelib.entrypoints.answers import Frame, page, refusal_page
from chalicelib.entrypoints.cookies import language_in
from chalicelib.entrypoints.csrf import BadCsrf
from chalicelib.entrypoints.http_request import BadForm, TooLarge
from chalicelib.entrypoints.log import log_unexpected, logger
from chalicelib.entrypoints.page_request import Answered, PageRequest
from chalicelib.services.page.tickets import Busy, MustWait

FORM = ["application/x-www-form-urlencoded"]

View = Callable[..., Response]


class Pages(Blueprint):
    """A blueprint of pages. Chalice hides a view's exceptions from middleware, so they end here."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self._leaving: dict[str, View] = {}

    def get(self, path: str, *, remembers: bool = True) -> Callable[[View], View]:
        """A page to look at; HEAD answers like it. `remembers` a language that is chosen there."""
        return self._page(path, remembers=remembers, methods=["GET", "HEAD"])

    def post(self, path: str) -> Callable[[View], View]:
        """A form that was sent; the csrf is looked at before anything else."""
        return self._page(path, methods=["POST"], content_types=FORM)

    def leave(self, path: str) -> Callable[[View], View]:
        """What answers the form of a page instead, when the button of a language was pressed."""

        def register(view: View) -> View:
            self._leaving[path] = view
            return view

        return register

    def _page(self, path: str, *, remembers: bool = True, **options: Any) -> Callable[[View], View]:
        def register(view: View) -> View:
            def answer(**names: str) -> Response:
                here = system()
                request = PageRequest(self.current_request, here, here.clock.now())
                response = _answer(request, view, self._leaving.get(path, view), names)
                is_good = response.status_code < 400  # noqa: PLR2004
                return request.remembering(response) if remembers and is_good else response

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


def _answer(request: PageRequest, view: View, leaving: View, names: dict[str, str]) -> Response:
    try:
        if request.raw.method == "POST":
            request.check_csrf()
        return (leaving if request.changes_language else view)(request, **names)
    except Answered as answered:
        return answered.response
    except MustWait as wait:
        return _wait_page(request, wait)
    except TooLarge:
        return refusal_page(413, _bare(request))  # another would be read from the body
    except tuple(STATUS) as refused:
        return refusal_page(STATUS[type(refused)], request.frame())
    except Exception as error:  # noqa: BLE001 - Chalice would log its message, with what was typed
        log_unexpected(error)
        return refusal_page(500, _bare(request))


def _bare(request: PageRequest) -> Frame:
    """A frame for which nothing but the headers is read."""
    return Frame(lang=language_in(request.raw.headers) or ENGLISH)


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
