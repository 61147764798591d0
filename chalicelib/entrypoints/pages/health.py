"""The address for machines: whether we answer, and whether our tables do."""

import json
from collections.abc import Iterator

from chalice import Response

from chalicelib import __version__
from chalicelib.entrypoints.log import log_unexpected
from chalicelib.entrypoints.page_request import PageRequest
from chalicelib.entrypoints.pages.routing import Pages
from chalicelib.store import Key, Store

# A key of each table that the page reads; nothing lies there, and a reader may ask for one each.
KEYS: dict[str, Key] = {
    "journeys": ("health",),
    "lookups": ("health", "-"),
    "ledger": ("health", "-"),
    "entries": ("health", "-"),
    "payments": ("health",),
    "mandates": ("health", "-"),
    "transmissions": ("health", "-"),
    "keys": ("health", 0),
    "enrollments": (0, "health"),
}
READ_IN_BATCHES = frozenset({"enrollments"})
"""Tables of which the page reads many rows at once, and may do nothing else."""

routes = Pages(__name__)


@routes.get("/health")
def health(request: PageRequest) -> Response:
    """200 and the version; 503 and which tables can't be read."""
    unreachable = sorted(_unreachable(request.system.store))
    body = {"version": __version__, **({"unreachable": unreachable} if unreachable else {})}
    return Response(
        body=json.dumps(body).encode(),
        status_code=503 if unreachable else 200,
        headers={"Content-Type": "application/json"},
    )


def _unreachable(store: Store) -> Iterator[str]:
    for table, key in KEYS.items():
        try:
            if table in READ_IN_BATCHES:
                store.get_many(table, [key])
            else:
                store.get(table, key)
        except Exception as error:  # noqa: BLE001 - whatever it is, the table can't be read
            log_unexpected(error)
            yield table
