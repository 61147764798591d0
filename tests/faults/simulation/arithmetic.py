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
    """Balance, charges and what was taken back, row after row and month after month."""
    first = coverage.fed[0]
    local = first.at.astimezone(NEW_YORK)
    through = coverage.billed_through or max(f"{local:%Y-%m}", coverage.start[:7])
    charged: dict[str, int] = {}
    for at, premium, end in _events(coverage, until):
        here = f"{at.astimezone(NEW_YORK):%Y-%m}"
        months = _months(max(month_after(through), coverage.start[:7]), month_after(here))
        wanted = [month for month in months if month <= end[:7]]
        charged = {month: charged.get(month, premium) for month in wanted}
    return coverage.balance_cents + sum(charged.values())


def _events(coverage: Coverage, until: datetime) -> list[tuple[datetime, int, str]]:
    """Each row that came, and each 1st since with the newest row."""
    found = [(row.at, row.premium_cents, row.end) for row in coverage.fed]
    month = month_after(f"{coverage.fed[0].at.astimezone(NEW_YORK):%Y-%m}")
    while (at := CHARGES.first_of(month)) <= until:
        newest = [row for row in coverage.fed if row.at < at][-1]
        found.append((at, newest.premium_cents, newest.end))
        month = month_after(month)
    return sorted(found)


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
