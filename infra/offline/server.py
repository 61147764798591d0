"""The page, served as API Gateway would: app.py is called with events, and answers with JSON.

Chalice's own local server is the base; what it does otherwise than the cloud is put right here
(facts/aws 1.2 and 5): the gateway's error pages, HEAD, large bodies, answers that are not JSON.
"""

import functools
import json
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, ForbiddenError, LocalChalice, LocalGatewayException

from infra.offline.faults import Crash
from infra.offline.resources import Document
from infra.offline.serving import HOST, QuickServer, QuietHandler, log
from infra.rights.acting import acting
from infra.rights.platform import PAGE

NO_ROUTE, OUR_FAULT = "MISSING_AUTHENTICATION_TOKEN", "DEFAULT_5XX"


class PageHandler(QuietHandler, ChaliceRequestHandler):
    """One connection."""

    def __init__(self, *args: Any, pages: dict[str, str], **kwargs: Any) -> None:
        self.pages = pages
        ChaliceRequestHandler.__init__(self, *args, **kwargs)

    def do_GET(self) -> None:  # noqa: N802 - as inherited
        """Any method: a body that the gateway would refuse never reaches the function."""
        if fault := self.body_fault():
            self.close_connection = True
            self._send_http_response(fault[0], {"Connection": "close"}, _message(fault[1]))
            return
        try:
            self._generic_handle()
        except (ConnectionError, TimeoutError):
            raise
        except (Exception, Crash):  # noqa: BLE001 - the gateway answers when the function does not
            log.exception("the function broke outside its own error handling")
            self._send_page(502, OUR_FAULT)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def _handle_binary(self, response: dict[str, Any]) -> dict[str, Any]:
        json.dumps(response)  # Lambda would refuse what is not JSON
        answer: dict[str, Any] = super()._handle_binary(response)
        return answer

    def _send_error_response(self, error: LocalGatewayException) -> None:
        if isinstance(error, ForbiddenError):
            self._send_page(404, NO_ROUTE)
        else:
            super()._send_error_response(error)

    def _send_page(self, status: int, page: str) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        self._send_http_response(status, headers, self.pages.get(page, ""))

    def _send_http_response_with_body(
        self, code: int, headers: dict[str, Any], body: str | bytes
    ) -> None:
        raw = body.encode() if isinstance(body, str) else body
        rest = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        self.send_response(code)
        self.send_header("Content-Length", str(len(raw)))
        if not any(name.lower() == "content-type" for name in rest):
            self.send_header("Content-Type", "application/json")
        self._send_headers(rest)
        if self.command != "HEAD":
            self.wfile.write(raw)


def serve(app: Chalice, document: Document, port: int) -> QuickServer:
    """A server for this app, not started. Raises OSError when the port is taken."""
    handler = functools.partial(
        PageHandler, app_object=localized(app), config=Config(), pages=gateway_pages(document)
    )
    return QuickServer((HOST, port), handler)


def localized(app: Chalice) -> Chalice:
    """The app with a request for each thread, as chalice.local makes it; more than once is safe."""
    if not isinstance(app, LocalChalice):
        app.__class__ = type("LocalApp", (_Acting, LocalChalice, app.__class__), {})
    return app


class _Acting:
    """The page is a function like the others: what it does is held against its policy."""

    def __call__(self, event: Any, context: Any) -> Any:
        with acting(PAGE):
            return super().__call__(event, context)  # type: ignore[misc]


def gateway_pages(document: Document) -> dict[str, str]:
    """The gateway's own pages, from the same template as in the cloud."""
    api = document["Resources"].get("RestAPI", {}).get("Properties", {})
    return {
        name: said["ResponseTemplates"]["text/html"]
        for name, said in api.get("GatewayResponses", {}).items()
        if "text/html" in said.get("ResponseTemplates", {})
    }


def _message(text: str) -> str:
    return json.dumps({"message": text})
