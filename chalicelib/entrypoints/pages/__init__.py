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
    state,
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
    state.routes,
    static.routes,
    health.routes,
)
