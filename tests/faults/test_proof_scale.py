"""Proofs for many: memory does not grow with the entries, and each costs the same few calls."""

import json
import time
import tracemalloc
from dataclasses import dataclass

import pytest
from rich.console import Console
from rich.table import Table

from chalicelib.adapters import bank_line
from chalicelib.domain import entry
from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.entry import web_collection
from chalicelib.domain.proof import Findings
from tests.bank import Bank
from tests.faults.metered import Metered
from tests.monthly import NUMBER, at

MEGABYTE = 1 << 20
SEALED_AT, EVENING = at(3, 18), at(3, 20)
TEMPLATE, SEALED = "EN000001", "v1.1.sealed"
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# Collections of the same size, whatever the number of entries: as more shards and days bring.
FEW, MANY = (20_000, 51), (100_000, 255)


@dataclass
class Proved:
    """A day's payments in one file, proved on demand and step by step."""

    count: int
    peaks: dict
    calls: float
    read_units: float
    seconds: float

    def row(self):
        peaks = [f"{self.peaks[kind] / MEGABYTE:.1f}" for kind in ("Files", "Collections", "Slots")]
        ms = 1e3 * self.seconds / self.count
        return (
            f"{self.count:,}",
            *peaks,
            f"{self.calls:.2f}",
            f"{self.read_units:.2f}",
            f"{ms:.2f}",
        )


def prove(count):
    """Everything is proved; then of each kind some steps are weighed."""
    bank = paid(count)
    meter = Metered(bank.store)
    proving = Bank(bank.store, s3=bank.s3, seen=meter, bank_most_lines=10**7).system.reconciling
    snapshot, findings = proving.snapshots.take(EVENING, None), Findings()
    before = time.process_time()
    for steps in proving.steps(snapshot).values():
        for step in steps:
            assert list(findings.take(step())) == []
    seconds = time.process_time() - before
    assert (findings.totals.files, findings.totals.entries) == (1, count)
    assert findings.totals.debit_cents == 42480 * count
    some = {kind: steps[:5] for kind, steps in proving.steps(snapshot).items()}
    peaks = {kind: max(weigh(step) for step in steps) for kind, steps in some.items()}
    return Proved(count, peaks, meter.total / count, meter.read_units / count, seconds)


def weigh(step):
    """The most it held at any moment."""
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def paid(count):
    """Many have paid on one day, and their evening is sealed in one file."""
    bank = waiting(count)
    bank.system.transmission_job.collect(SEALED_AT)
    [transmission] = bank.system.records.transmissions.all()
    assert (len(transmission.files), transmission.entries) == (1, count)
    return bank


def waiting(count, s3=None):
    """Many have paid on one day."""
    bank, rows = Bank(bank_most_lines=10**7, s3=s3), template()
    for n in range(count):
        name, payment_id, confirmation = f"EN{n:07}", spelled(n, 15), f"HC-{spelled(n, 8)}"
        number = bank.system.vault.seal("account", NUMBER, f"S{name}")
        for table, text in rows:
            mine = text.replace(TEMPLATE, name).replace("PAYMENT", payment_id)
            mine = mine.replace("CONFIRMATION", confirmation).replace(SEALED, number)
            keep(bank.store, table, json.loads(mine), name, confirmation)
    for order in bank.store._order.values():
        order.sort()
    headers(bank.store)
    return bank


def template():
    """The rows of one who has paid, as text to fill in."""
    bank = Bank()
    payment_id = bank.pays(TEMPLATE)
    confirmation = bank.system.records.books.payment(payment_id).confirmation
    found = []
    for table in ("enrollments", "ledger", "payments", "entries"):
        for row in bank.store.items[table].values():
            if "payment_ids" in row or row.get("entry") == "#header":
                continue
            if "account" in row:
                row["account"]["sealed_number"] = SEALED
            text = json.dumps(row).replace(payment_id, "PAYMENT")
            found.append((table, text.replace(confirmation, "CONFIRMATION")))
    return found


def keep(store, table, row, name, confirmation):
    """Straight into the tables: a transaction each would take minutes."""
    if table == "enrollments":
        row["slot"] = slot_of(name)
        key = row["slot"], name
    elif table == "ledger":
        if row.get("collection"):
            row["collection"] = web_collection(SEALED_AT.date(), confirmation)
        key = name, row["line"]
    elif table == "payments":
        key = (row["payment_id"],)
    else:
        row["collection"] = web_collection(SEALED_AT.date(), confirmation)
        key = row["collection"], row["entry"]
    store.items[table][key] = row
    if len(key) > 1:
        store._order[table, key[0]].append(key[1])


def headers(store):
    """What the payments' own transactions would have counted."""
    counted = {}
    for (collection, _), row in store.items["entries"].items():
        count, cents = counted.get(collection, (0, 0))
        counted[collection] = count + 1, cents + row["amount_cents"]
    for collection, (count, cents) in counted.items():
        key = collection, "#header"
        facts = {"collection": collection, "entry": "#header", "state": "open"}
        store.items["entries"][key] = {**facts, "count": count, "cents": cents}
        store._order["entries", collection].insert(0, "#header")


def spelled(n, length):
    """An id of its own for each number."""
    made = ""
    for _ in range(length):
        n, sign = divmod(n, len(SIGNS))
        made = SIGNS[sign] + made
    return made


def told(*proved):
    """The table, on the terminal."""
    peaks = [f"{kind}, MB" for kind in ("a file", "a collection", "a slot")]
    table = Table("entries", *peaks, "calls each", "read units", "ms each", title="Proofs")
    for each in proved:
        table.add_row(*each.row())
    Console(width=120).print(table)


@pytest.mark.slow
def test_proving_a_hundred_thousand_entries_takes_the_memory_of_twenty_thousand(monkeypatch):
    monkeypatch.setattr(bank_line, "PART_BYTES", 1 << 30)  # the bucket of tests takes no parts
    found = []
    for count, shards in (FEW, MANY):
        monkeypatch.setattr(entry, "WEB_SHARDS", shards)
        found.append(prove(count))
    few, many = found
    told(few, many)
    for kind in ("Files", "Collections", "Slots"):
        assert many.peaks[kind] < few.peaks[kind] + 2 * MEGABYTE, kind
    assert many.calls <= few.calls, "each entry costs the same few calls"
    assert many.seconds / many.count < 2 * few.seconds / few.count, "time is linear"
