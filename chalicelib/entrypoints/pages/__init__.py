"""The member's pages: one module a step."""

from chalicelib.entrypoints.pages import (
    billing,
    contact,
    done,
    find,
    health,
    history,
    recurring,
    review,
    static,
)

ROUTES = (
    find.routes,
    contact.routes,
    billing.routes,
    review.routes,
    done.routes,
    recurring.routes,
    history.routes,
    static.routes,
    health.routes,
)
