"""Privacy, accessibility, terms: what the state says of this page, or that it is missing."""

from chalice import Response

from chalicelib.domain.errors import NotFound
from chalicelib.entrypoints.answers import page, see_other
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages

TOPICS = ("privacy", "accessibility", "terms")

routes = Pages(__name__)


@routes.get("/about/{topic}")
def show(request: PageRequest, topic: str) -> Response:
    """The text as it is set; a link is followed. Needs no visit."""
    if topic not in TOPICS:
        raise NotFound
    text = getattr(request.system.settings, topic)
    if text and text.startswith("https:"):
        return see_other("", text)
    return page("about.html", request.frame(), topic=topic, text=text)
