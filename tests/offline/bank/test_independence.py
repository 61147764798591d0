"""The offline bank and our own code check each other, so they may share nothing."""

import ast
from datetime import date, timedelta
from pathlib import Path

import infra.offline.bank
from chalicelib.domain import banking_days
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
