"""A line of the ledger that can't be read is one member's matter (I15)."""

from chalicelib.domain.run import RunState
from tests.monthly import BILLING, MONTH, NOTICE, Exchange, at

ONE, TWO = "EN000001", "EN000002"


def spoiled(*, signed_up):
    """Two members; of one a line says nonsense."""
    exchange = Exchange()
    for name in (ONE, TWO):
        if signed_up:
            exchange.member(name)
        else:
            exchange.enroll(name)
    exchange.store.items["ledger"][ONE, "opening"]["kind"] = "no such word"
    return exchange


def closed(exchange, kind, when):
    exchange.start(kind, when)
    exchange.work()
    name, _ = exchange.system.jobs[kind].identity(when)
    run = exchange.system.records.runs.get(name)
    assert run.state is RunState.CLOSED
    return exchange.system.running.counts(name)


def test_invariant_15_the_others_are_told():
    exchange = spoiled(signed_up=True)
    counts = closed(exchange, NOTICE, at(10))
    assert (counts.active, counts.claimed, counts.excluded) == (2, 1, 1)
    assert exchange.cases() == {f"not_told#{MONTH}#{ONE}": "a line of the ledger can't be read"}


def test_invariant_15_the_others_are_billed():
    exchange = spoiled(signed_up=False)
    counts = closed(exchange, BILLING, at(1, 6))
    assert (counts.active, counts.excluded) == (2, 1)
    assert exchange.cases() == {f"not_billed#{MONTH}#{ONE}": "a line of the ledger can't be read"}


def test_invariant_15_a_rehearsal_names_it():
    exchange = spoiled(signed_up=True)
    found = [
        each for slot in range(1024) for each in exchange.system.rehearsal.slot(MONTH, slot, {})
    ]
    assert {each.enrollment_id: each.reason for each in found} == {
        ONE: "unreadable_ledger",
        TWO: "no_notice",
    }


def test_invariant_15_a_charge_of_no_month_is_not_charged_once_more():
    exchange = spoiled(signed_up=False)
    exchange.store.items["ledger"][ONE, "opening"].update(kind="opening", month="no such word")
    counts = closed(exchange, BILLING, at(1, 6))
    assert (counts.active, counts.excluded) == (2, 1)
