"""Whatever feeds say, in whatever order they come: what is owed is one formula (2, 3, 34, 35).

owed = opening + what is wanted for each month after `billed_through` + (wanted minus first figure)
for each month up to it + adjustments + payments + returns + refunds. No month is posted twice.
"""

from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.banking_days import banking_day_after, local_day
from chalicelib.domain.coverage import month_after, months
from chalicelib.domain.credit import WhyBack
from chalicelib.domain.ledger import OF_A_MONTH
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from chalicelib.domain.timetable import NEW_YORK
from tests.bank import Bank
from tests.builders import a_feed, a_feed_row
from tests.monthly import BILLING, at

ONE, FIRST, THROUGH = "EN000001", "2027-01", "2027-02"
OPENING, FIRST_CENTS = 50000, 31000
ROW = {
    "plan_year": "2027",
    "coverage_start": "2027-01-01",
    "billed_through": THROUGH,
    "balance": "500.00",
    "premium": "310.00",
    "coverage_end": "",
}
BEGIN = at(10, month="2027-02")
premiums = st.sampled_from(["310.00", "110.00", "212.40", "0.00"])
since = st.sampled_from(["", "", "2027-01", "2027-02", "2027-04", "2027-06"])
ends = st.sampled_from(
    ["", "", "2027-12-31", "2027-03-31", "2027-01-31", "2027-01-01", "2027-08-15"]
)
moves = st.lists(
    st.sampled_from([None, "more", "less", "pays", "comes back", "goes back"]),
    min_size=6,
    max_size=6,
)
feeds = st.lists(st.tuples(st.integers(1, 150), premiums, since, ends), min_size=1, max_size=6)


class Said:
    """What the feeds mean, by the rules alone."""

    def __init__(self):
        self.facts = (BEGIN, "")  # instant and end of the newest row
        self.figures = [(BEGIN, FIRST, FIRST_CENTS)]
        self.moved_cents = 0

    def hears(self, when, premium, from_month, end):
        billed = at(1, 6, month=when.strftime("%Y-%m"))
        ahead = month_after(f"{when:%Y-%m}", 1 if when < billed else 2)
        month = from_month or max(ahead, month_after(THROUGH))
        self.figures.append((when, month, round(float(premium) * 100)))
        self.facts = max(self.facts, (when, end))

    def wanted(self, month):
        end = self.facts[1] or "2027-12-31"
        covered = end > ROW["coverage_start"] and FIRST <= month <= end[:7]
        said = [each for each in self.figures if each[1] <= month]
        figure = max(said)[2] if said else min(self.figures, key=lambda each: each[1])[2]
        return figure if covered else 0

    def owed(self, horizon):
        later = sum(self.wanted(month) for month in months(month_after(THROUGH), horizon))
        of_opening = sum(self.wanted(month) - FIRST_CENTS for month in months(FIRST, THROUGH))
        return OPENING + later + of_opening + self.moved_cents

    @property
    def never_began(self):
        return bool(self.facts[1]) and self.facts[1] <= ROW["coverage_start"]


def drop(exchange, n, when, premium, from_month, end):
    row = a_feed_row(**{**ROW, "premium": premium, "coverage_end": end, "plan_name": f"Plan {n}"})
    head, line = a_feed(row).decode().splitlines()
    body = f"premium_from,{head}\n{from_month},{line}\n".encode()
    exchange.here.drop(body=body, at=when, name=f"{n}.csv")


def adjust(bank, n, said, dollars, when):
    """A file, which comes twice."""
    row = f"A-{n},{ONE},,{dollars},Late tax credit"
    body = f"reference,enrollment_id,month,amount,reason\n{row}\n".encode()
    for name in ("a", "b"):
        bank.here.drop(body=body, at=when, name=f"{n}{name}.csv", inbox="inbound/adjustments/")
    said.moved_cents += round(float(dollars) * 100)


def move(bank, n, said, what, when):
    """Money that is no premium; answers when all of it is done."""
    on = [banking_day_after(local_day(when), days) for days in range(1, 9)]

    def clock(day, hour):
        return datetime.combine(on[day], time(hour), NEW_YORK)

    if what in ("more", "less"):
        adjust(bank, n, said, {"more": "45.67", "less": "-123.45"}[what], when)
        return when
    paid_cents = 1000 + n  # the same twice a day would be asked about
    payment_id = bank.pays(ONE, clock(0, 10), cents=paid_cents)
    said.moved_cents -= paid_cents
    bank.collect(clock(0, 18))
    if what == "comes back":
        bank.receive(bank.answer((payment_id, "R01"), when=clock(2, 9)), clock(2, 9))
        said.moved_cents += paid_cents
    if what == "goes back":
        bank.evening(clock(4, 20))
        signed = {who: Signature(who=who, why="wrong", at=clock(5, 9)) for who in ("Ada", "Ben")}
        wanted = (EntryKind.REFUND, WhyBack.MISTAKE, ONE, payment_id, 400 + n)
        credit = bank.system.crediting.propose(*wanted, signed["Ada"])
        for each in signed.values():
            bank.system.crediting.release(credit.credit_id, each)
        said.moved_cents += 400 + n
    return clock(7, 20)


@settings(max_examples=40, deadline=None)
@given(feeds, st.permutations(range(6)), st.sets(st.integers(0, 5)), moves)
def test_rule_34_for_any_order_of_feeds_runs_and_repeats_owed_is_what_is_wanted(
    feeds, order, bills, moves
):
    exchange, said = Bank(), Said()
    drop(exchange, "first", BEGIN, ROW["premium"], "", "")
    rows = [
        (n, BEGIN + timedelta(days=days, minutes=n), *rest) for n, (days, *rest) in enumerate(feeds)
    ]
    latest = BEGIN
    for place in (each for each in order if each < len(rows)):
        n, when, *rest = rows[place]
        for _ in range(2):  # the news comes twice
            drop(exchange, n, when, *rest)
        said.hears(when, *rest)
        latest = max(latest, when)
        if moves[place] and not said.never_began:
            latest = move(exchange, n, said, moves[place], latest)
        if place in bills:
            exchange.run(BILLING, at(1, 6, month=month_after(f"{latest:%Y-%m}")))
            latest = at(1, 6, month=month_after(f"{latest:%Y-%m}"))
    exchange.run(BILLING, at(1, 6, month=month_after(f"{latest:%Y-%m}")))
    horizon = month_after(f"{latest:%Y-%m}", 2)
    lines = exchange.system.records.books.lines(ONE)
    assert sum(line.amount_cents for line in lines) == said.owed(horizon)
    for month in months(month_after(THROUGH), horizon):
        posted = [line for line in lines if line.month == month and line.kind in OF_A_MONTH]
        assert sum(line.amount_cents for line in posted) == said.wanted(month)
