"""Who pays a plan of 2027 monthly, and the plan of 2028 that follows it (rules 23, 41, 42)."""

from chalicelib.domain.paying import Pay
from tests.builders import NOW, a_feed_row
from tests.monthly import Exchange

ONE, TWO = "EN000001", "EN000002"
DECEMBER, JANUARY = "2027-12", "2028-01"
OLD = {
    "plan_year": "2027",
    "coverage_start": "2027-01-01",
    "billed_through": "2027-12",
    "balance": "0.00",
    "premium": "310.00",
}
NEW = {
    "enrollment_id": TWO,
    "billing_account": "700000002",
    "plan_name": "Gold Care 100",
    "plan_year": "2028",
    "coverage_start": "2028-01-01",
    "billed_through": "2028-01",
    "balance": "280.00",
    "premium": "280.00",
}


def agreed(*, carries_over=True, **settings):
    """Who pays 2027 monthly, and agreed that it goes on."""
    exchange = Exchange(**settings)
    exchange.here.drop(a_feed_row(**OLD), at=NOW)
    one = exchange.system.records.enrollments.get(ONE)
    exchange.sign_up(one, NOW, pay=Pay.TOTAL, carries_over=carries_over)
    return exchange


def feed(exchange, when, row, **changed):
    """A feed of one row."""
    name = f"{when:%Y%m%d%H%M}.csv"
    exchange.here.drop(a_feed_row(**{**row, **changed}), at=when, name=name)


def standing(exchange, name=TWO):
    """The mandates that a run may meet."""
    return exchange.system.records.mandates.of(name).standing
