"""What everybody owes, by plain arithmetic from what was fed and what the bank has (rules 1 to 3).

Nothing of the product adds anything up here: only what an auditor would take from the exchange's
feeds and the bank's files.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from chalicelib.domain.coverage import month_after
from chalicelib.domain.timetable import CHARGES, NEW_YORK
from infra.offline.bank.answers import answer_to
from tests.faults.simulation.people import Coverage
from tests.faults.simulation.weather import Year


def billed(coverage: Coverage, until: datetime) -> int:
    """The balance; what each month wants since; what those before cost otherwise by now (34)."""
    first, newest = coverage.fed[0], coverage.fed[-1]
    local, start = first.at.astimezone(NEW_YORK), coverage.start[:7]
    through = coverage.billed_through or max(f"{local:%Y-%m}", start)
    wanted = {
        month: _figure(coverage, through, month)
        for month in _months(start, min(newest.end[:7], max(_horizon(coverage, until), through)))
    }
    counted = dict.fromkeys(_months(start, min(first.end[:7], through)), first.premium_cents)
    return coverage.balance_cents + sum(wanted.values()) - sum(counted.values())


def _horizon(coverage: Coverage, until: datetime) -> str:
    """The last month that has been billed: after the newest row, or the last 1st at six."""
    last = max(row.at for row in coverage.fed).astimezone(NEW_YORK)
    this_month = f"{until.astimezone(NEW_YORK):%Y-%m}"
    is_billed = CHARGES.first_of(this_month) <= until
    return max(month_after(f"{last:%Y-%m}"), month_after(this_month) if is_billed else this_month)


def _figure(coverage: Coverage, through: str, month: str) -> int:
    """Of the newest row that speaks of it: each from the first month not billed when it came."""
    cents = coverage.fed[0].premium_cents
    for row in coverage.fed[1:]:
        here = f"{row.at.astimezone(NEW_YORK):%Y-%m}"
        ahead = month_after(here) if row.at < CHARGES.first_of(here) else month_after(here, 2)
        cents = row.premium_cents if month >= max(ahead, month_after(through)) else cents
    return cents


def _months(first: str, last: str) -> list[str]:
    found = []
    while first <= last:
        found.append(first)
        first = month_after(first)
    return found


def moved(world: Year) -> tuple[Counter[str], int]:
    """By payment id, cents that the bank took from members and did not bring back; and of all."""
    found: Counter[str] = Counter()
    total = 0
    for entry in world.taken():
        sign = 1 if entry.is_debit else -1
        total += sign * entry.cents
        answer = answer_to(entry)
        is_back = answer and answer.code.startswith("R") and answer.at <= world.now()
        found[entry.person_id.strip()] += 0 if is_back else sign * entry.cents
    return found, total


def owed(world: Year, coverages: list[Coverage]) -> dict[str, int]:
    """By enrollment. What waits for an evening that is still ahead counts as paid."""
    at_bank, _ = moved(world)
    found = {each.enrollment_id: billed(each, world.now()) for each in coverages}
    for line in money(world):
        name, payment_id = line["enrollment_id"], line["payment_id"]
        paid = at_bank[payment_id] if payment_id in at_bank else -line["amount_cents"]
        found[name] -= paid
    return found


def money(world: Year) -> list[dict[str, Any]]:
    """The lines that move money: only whose they are is taken from them."""
    rows = world.state.store.items["ledger"].values()
    kinds = ("payment", "withdrawal", "refund")
    return [row for row in rows if row["kind"] in kinds and row.get("payment_id")]
