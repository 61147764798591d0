"""Files of the page."""

import re

from chalice import Response

from chalicelib.domain.errors import NotFound
from chalicelib.entrypoints.answers import STATIC, Headers
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.([a-z0-9]+)", re.ASCII)

routes = Pages(__name__)


@routes.get("/static/{name}")
def file(_request: PageRequest, name: str) -> Response:
    """A file of the page; its address changes when it does, so it may be kept for a year."""
    match = _NAME.fullmatch(name)
    if not match or match[1] not in TYPES or not (STATIC / name).is_file():
        raise NotFound
    headers: Headers = {
        "Content-Type": TYPES[match[1]],
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    return Response(body=(STATIC / name).read_bytes(), status_code=200, headers=headers)
