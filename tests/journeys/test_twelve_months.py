"""Two plan years, month by month, against a table that was written by hand with a calendar."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.coverage import month_after
from chalicelib.domain.mandate import MandateState
from chalicelib.domain.run import RunState
from infra.offline import resources, schedules
from tests.monthly import BILLING, NOTICE, WITHDRAWAL, Exchange, at
from tests.services.monthly.test_withdrawals import Counter, dates

PREMIUM, NEXT_PREMIUM, NOW = 21240, 23107, 10000

# month: the 22nd is a, debit day = effective entry date, 09:00 of the 10th and of the 22nd in UTC
SUMMER, WINTER = 13, 14
TABLE = {
    "2029-06": ("Friday", "2029-06-22", SUMMER, SUMMER),
    "2029-07": ("Sunday", "2029-07-23", SUMMER, SUMMER),
    "2029-08": ("Wednesday", "2029-08-22", SUMMER, SUMMER),
    "2029-09": ("Saturday", "2029-09-24", SUMMER, SUMMER),
    "2029-10": ("Monday", "2029-10-22", SUMMER, SUMMER),
    "2029-11": ("Thursday", "2029-11-23", WINTER, WINTER),  # Thanksgiving; clocks back on the 4th
    "2029-12": ("Saturday", "2029-12-24", WINTER, WINTER),
    "2030-01": ("Tuesday", "2030-01-22", WINTER, WINTER),
    "2030-02": ("Friday", "2030-02-22", WINTER, WINTER),
    "2030-03": ("Friday", "2030-03-22", SUMMER, SUMMER),  # clocks forward on the 10th itself
    "2030-04": ("Monday", "2030-04-22", SUMMER, SUMMER),
    "2030-05": ("Wednesday", "2030-05-22", SUMMER, SUMMER),
    "2030-06": ("Saturday", "2030-06-24", SUMMER, SUMMER),
}
FIRST, LAST = "2029-06", "2030-06"
YEAR_ENDS = date(2029, 12, 31)


def a_world():
    """Who pays 2029 monthly; who also ends in September; who never owed anything."""
    exchange = Exchange(run_shards=1)
    facts = {"plan_year": 2029, "coverage_start_on": date(2029, 1, 1), "billed_through": "2029-05"}
    exchange.enroll("EN000001", 0, coverage_end_on=YEAR_ENDS, **facts)
    exchange.enroll("EN000002", 0, coverage_end_on=date(2029, 9, 21), **facts)
    exchange.enroll("EN000003", -10 * PREMIUM, **facts)
    for n in (1, 2, 3):
        enrollment = exchange.system.records.enrollments.get(f"EN00000{n}")
        exchange.sign_up(enrollment, at(20, month="2029-05"))
    return exchange


def renew(exchange):
    """Next year's plan comes in December, is paid in part, and for the rest monthly."""
    enrollment = exchange.enroll(
        "EN000009",
        NEXT_PREMIUM,
        subscriber_id="SEN000001",
        plan_year=2030,
        coverage_start_on=date(2030, 1, 1),
        billed_through="2030-01",
        premium_cents=NEXT_PREMIUM,
    )
    exchange.sign_up(enrollment, at(5, month="2029-12"), cents=NOW)


CALENDAR = [
    each
    for each in schedules.read(resources.load())
    if each.handler in ("bill", "notify", "withdraw", "send_same_day", "collect")
]


def play(exchange, bank, month):
    """All that the real calendar fires in a month; the dates in the bank's files of the run."""
    transmission = exchange.system.transmission_job
    acts = {
        "bill": lambda when: exchange.run(BILLING, when),
        "notify": lambda when: exchange.run(NOTICE, when),
        "withdraw": lambda when: exchange.run(WITHDRAWAL, when),
        "send_same_day": transmission.send_same_day,
        "collect": lambda when: bank.files.update(page_file(transmission, bank, when)),
    }
    start = at(1, 0, month=month)
    for firing in schedules.moves(CALENDAR, start, at(1, 0, month=month_after(month))):
        acts[firing.handler](firing.at.astimezone(UTC))
    sent = dates(bank)
    bank.files.clear()
    return sent


def page_file(transmission, bank, when):
    """What was paid on the page goes out too, but is not looked at here."""
    before = dict(bank.files)
    transmission.collect(when)
    bank.files.clear()
    return before


@pytest.fixture(scope="module")
def year():
    """Thirteen months in one go: month -> what was seen."""
    exchange = a_world()
    exchange.system.__dict__["bank"] = bank = Counter()
    seen, month = {}, FIRST
    while month <= LAST:
        if month == "2029-12":
            renew(exchange)
        seen[month] = play(exchange, bank, month)
        month = month_after(month)
    return exchange, seen


def run_of(exchange, kind, month):
    name = f"{kind}#{month}" + ("-10" if kind is NOTICE else "")
    return exchange.system.records.runs.get(name)


def test_the_table_is_that_of_the_calendar():
    assert list(TABLE) == [month_after(FIRST, n) for n in range(13)]
    for month, (weekday, on, _, _) in TABLE.items():
        assert f"{date.fromisoformat(f'{month}-22'):%A}" == weekday
        assert date.fromisoformat(on).weekday() < 5


def test_every_run_was_opened_at_nine_in_new_york_and_closed(year):
    exchange, _ = year
    for month, (_, _, tenth, second) in TABLE.items():
        notice, withdrawal = (run_of(exchange, kind, month) for kind in (NOTICE, WITHDRAWAL))
        year_, number = (int(part) for part in month.split("-"))
        assert notice.started_at == datetime(year_, number, 10, tenth, tzinfo=UTC)
        assert withdrawal.started_at == datetime(year_, number, 22, second, tzinfo=UTC)
        assert {notice.state, withdrawal.state} == {RunState.CLOSED}


def test_every_month_was_told_its_real_banking_day(year):
    exchange, _ = year
    for month, (_, on, _, _) in TABLE.items():
        name = "EN000001" if month <= "2029-12" else "EN000009"
        announced = exchange.system.records.mandates.announced(name, month)
        assert str(announced.on) == on, month
        assert announced.how == "notice"


def test_every_debit_went_out_once_with_the_date_it_was_announced_with(year):
    _, sent = year
    for month, (_, on, _, _) in TABLE.items():
        expected = on[2:].replace("-", "")
        assert sent[month] == [expected], month


def taken(exchange, name, month):
    decision = exchange.decision(name, month)
    return decision[1] if decision else None


def months(exchange, name):
    return {month: taken(exchange, name, month) for month in TABLE}


def test_each_month_of_coverage_was_taken_once_and_the_plan_year_ended(year):
    exchange, _ = year
    found = months(exchange, "EN000001")
    # June's notice takes June's and July's charge; December's charge came in November.
    assert found["2029-06"] == 2 * PREMIUM
    assert [found[f"2029-{n:02}"] for n in range(7, 12)] == [PREMIUM] * 5
    assert found["2029-12"] == 0
    assert all(found[month] is None for month in TABLE if month >= "2030")
    assert exchange.standing("EN000001", at(1, month=LAST)).owed_cents == 0


def test_a_coverage_that_ends_before_the_22nd_has_its_last_withdrawal_the_month_before(year):
    exchange, _ = year
    found = months(exchange, "EN000002")
    assert [found[f"2029-{n:02}"] for n in (6, 7, 8)] == [2 * PREMIUM, PREMIUM, PREMIUM]
    assert all(found[month] is None for month in TABLE if month >= "2029-09")


def test_credit_is_used_up_before_anything_is_taken(year):
    exchange, _ = year
    found = months(exchange, "EN000003")
    assert [found[f"2029-{n:02}"] for n in range(6, 13)] == [0] * 7
    standing = exchange.standing("EN000003", at(1, month=LAST))
    assert standing.owed_cents == -3 * PREMIUM  # June to December: seven months of ten
    reason = "coverage has ended with a credit of 63720 cents"
    assert exchange.cases()["refund#EN000003"] == reason


def test_rule_23_the_new_plan_is_paid_by_its_own_mandate_from_january_on(year):
    exchange, _ = year
    found = months(exchange, "EN000009")
    assert found["2029-12"] == NEXT_PREMIUM - NOW
    assert [found[f"2030-{n:02}"] for n in range(1, 7)] == [NEXT_PREMIUM] * 6
    history = exchange.system.mandating.history(
        exchange.standing("EN000001", at(1, month="2030-01")), at(1, month="2030-01")
    )
    assert [state for _, state in history] == [MandateState.ENDED]


def test_the_ledgers_hold_one_line_a_month_and_nothing_twice(year):
    exchange, _ = year
    for name in ("EN000001", "EN000002", "EN000003", "EN000009"):
        lines = [line.line for line in exchange.system.records.books.lines(name)]
        assert len(lines) == len(set(lines))
    charged = [
        line.month
        for line in exchange.system.records.books.lines("EN000001")
        if line.kind == "charge"
    ]
    assert charged == [f"2029-{n:02}" for n in range(6, 13)]


def test_nothing_is_left_for_staff_but_the_refund(year):
    exchange, _ = year
    assert list(exchange.cases()) == ["refund#EN000003"]
