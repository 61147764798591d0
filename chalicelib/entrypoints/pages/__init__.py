"""The member's pages: one module a step."""

from chalicelib.entrypoints.pages import (
    about,
    billing,
    contact,
    done,
    find,
    health,
    history,
    recurring,
    review,
    statement,
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
    statement.routes,
    static.routes,
    about.routes,
    health.routes,
)
