"""The offline bank and our own code check each other, so they may share nothing."""

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import infra.offline.bank
from chalicelib.domain import banking_days
from infra.offline.bank.entry_rules import Desk
from infra.offline.bank.opening_days import is_open, open_after, open_from

BANK = Path(infra.offline.bank.__file__).parent


def test_the_bank_shares_no_code_with_the_domain():
    for module in BANK.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("chalicelib") for name in names), module.name


def test_two_calendars_written_apart_agree_for_thirty_years():
    day = date(2020, 1, 1)
    while day < date(2050, 1, 1):
        assert is_open(day) == banking_days.is_banking_day(day), day
        day += timedelta(days=1)


def test_they_count_days_alike():
    christmas_eve = date(2026, 12, 24)
    assert open_after(christmas_eve) == date(2026, 12, 28)
    assert open_after(christmas_eve, 5) == banking_days.banking_day_after(christmas_eve, 5)
    assert open_from(date(2026, 12, 25)) == date(2026, 12, 28)


def test_they_move_a_date_that_has_passed_alike():
    """A file that is released late: what we tell its members is what the bank does."""
    wednesday = datetime(2026, 12, 23, tzinfo=UTC)  # Christmas is a Friday
    hours = [wednesday + timedelta(minutes=15 * n) for n in range(4 * 24 * 7)]
    days = [date(2026, 12, 21) + timedelta(days=n) for n in range(12)]
    for sent_at in hours:
        desk = Desk(sent_at, lambda _: True)
        for day in days:
            head = f"{'':69}{day:%y%m%d}"
            if is_open(day):
                here = banking_days.settles_when_sent(day, sent_at)
                assert here == desk.settles_on(head, f"{'':29}{42480:010d}"), (sent_at, day)
