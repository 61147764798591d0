"""The member's pages: one module a step."""

from chalicelib.entrypoints.pages import (
    billing,
    contact,
    done,
    find,
    health,
    history,
    plans,
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
    plans.routes,
    statement.routes,
    static.routes,
    health.routes,
)
