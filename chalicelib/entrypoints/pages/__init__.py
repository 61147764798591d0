"""The member's pages: one module a step."""

from chalicelib.entrypoints.pages import (
    about,
    billing,
    calendar,
    contact,
    done,
    find,
    health,
    history,
    plans,
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
    plans.routes,
    statement.routes,
    calendar.routes,
    state.routes,
    static.routes,
    about.routes,
    health.routes,
)
