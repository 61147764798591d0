"""A run looks only where mandates are; the evening finds whom it passed over (decision 0034)."""

from contextlib import suppress

import pytest

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.proof import Differs
from chalicelib.domain.run import shard_of
from chalicelib.store import Remove
from infra.offline.memory_store import MemoryStore
from tests.bank import Bank
from tests.faults.metered import Metered
from tests.monthly import MONTH, WITHDRAWAL, Exchange, at
from tests.stores import Crash, Interrupted, mail_rows

pytestmark = pytest.mark.all_slots
ONE, TWO = "EN000001", "EN000002"
EVENING = at(22, 20)
MOST_CALLS = 60


@pytest.fixture
def bank():
    """Two members, one of them in a slot whose row is lost before the run."""
    bank = Bank()
    for name in (ONE, TWO):
        bank.member(name)
    bank.tell()
    lose_row_of(bank, TWO)
    bank.withdraw()
    bank.noon(at(22, 12))
    return bank


def lose_row_of(exchange, name):
    row = exchange.system.records.mandates.filling(name).item
    exchange.store.write(Remove("mandates", (row["slot"], row["mandate"])))


def verdicts(exchange):
    lines = exchange.store.items["ledger"].items()
    return {key[0]: row["verdict"] for key, row in lines if key[1] == f"withdrawal#{MONTH}"}


def counts(exchange):
    said = exchange.system.running.counts(f"withdrawal#{MONTH}")
    return said.active, said.claimed, said.skipped, said.excluded


def excluded_mails(exchange):
    return [row for row in mail_rows(exchange.store) if row["kind"] == "excluded"]


def facts(differences):
    return {(each.enrollment_id, each.what) for each in differences}


def test_the_run_of_one_mandate_costs_what_one_member_costs():
    exchange = Exchange(metered := Metered(MemoryStore()), run_shards=64)
    exchange.member()
    exchange.tell()
    before = metered.total
    run = exchange.withdraw()
    assert run.state == "closed"
    assert verdicts(exchange) == {ONE: "claimed"}
    queues = 2  # one message about the shard, one about the letter
    assert metered.total - before + queues <= MOST_CALLS


def test_a_run_without_mandates_closes_at_once():
    exchange = Exchange(run_shards=64)
    run = exchange.start(WITHDRAWAL, at(22))
    assert exchange.queue.messages == []
    assert exchange.system.records.runs.get(run.run_id).state == "closed"


def test_who_was_passed_over_is_named_excluded_counted_and_told(bank):
    assert verdicts(bank) == {ONE: "claimed"}
    assert facts(bank.system.reconciling.differences(EVENING)) == {(TWO, Differs.PASSED_OVER)}
    assert verdicts(bank) == {ONE: "claimed"}, "looking changes nothing"
    assert facts(bank.prove(EVENING)) == {(TWO, Differs.PASSED_OVER)}
    assert verdicts(bank) == {ONE: "claimed", TWO: "excluded"}
    assert counts(bank) == (2, 1, 0, 1)
    told = [(row["enrollment_id"], row["facts"]["reason"]) for row in excluded_mails(bank)]
    assert told == [(TWO, "too_late")]
    cases = {(row["kind"], row["enrollment_id"]) for row in bank.store.items["cases"].values()}
    assert cases == {("excluded", TWO), ("bank", TWO)}


def test_the_next_evening_and_the_next_month_find_nothing_more(bank):
    bank.prove(EVENING)
    kept = dict(bank.store.items["ledger"])
    assert bank.prove(at(23, 20)) == []
    assert bank.store.items["ledger"] == kept
    assert slot_of(TWO) in bank.system.records.mandates.filled()


def test_invariant_11_an_evening_that_dies_anywhere_ends_the_same(bank):
    run, shard = f"withdrawal#{MONTH}", shard_of(slot_of(TWO), 2)
    n, died = 0, True
    while died:
        n, store = n + 1, bank.store.copy()
        here = Bank(store, s3=bank.s3)
        dying = Bank(store, s3=bank.s3, seen=Interrupted(store, n)).system.reconciling
        with suppress(Crash):
            dying.prove_report(run, shard, EVENING)
            died = False
        here.system.reconciling.prove_report(run, shard, EVENING)
        assert verdicts(here) == {ONE: "claimed", TWO: "excluded"}
        assert counts(here) == (2, 1, 0, 1)
        assert len(excluded_mails(here)) == 1
    assert n > 5


def test_an_unreadable_mandate_that_was_passed_over_is_a_case(bank):
    row = next(
        row for row in bank.store.items["mandates"].values() if row["mandate"] == f"live#{TWO}"
    )
    row["standing"] = "nonsense"
    bank.prove(EVENING)
    assert verdicts(bank) == {ONE: "claimed", TWO: "excluded"}
    assert counts(bank) == (2, 1, 0, 1)


def test_invariant_15_an_unreadable_ledger_keeps_nobody_from_being_told(bank):
    key = (TWO, "opening")
    bank.store.items["ledger"][key] = {**bank.store.items["ledger"][key], "amount_cents": "much"}
    bank.prove(EVENING)
    assert verdicts(bank) == {ONE: "claimed", TWO: "excluded"}
    assert [(row["enrollment_id"], row["facts"]["cents"]) for row in excluded_mails(bank)] == [
        (TWO, None)
    ]
