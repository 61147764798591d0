"""Nothing is called paid before its settlement was seen on the bank's statement (rule 48)."""

import gzip
from datetime import date

import pytest

from chalicelib.domain.signature import Signature
from chalicelib.services.settlement.settlement_proof import NothingToAccept
from infra.offline.bank import statements
from tests.bank import Bank
from tests.monthly import at

ONE, TWO = "EN000001", "EN000002"
FOURTH = date(2026, 12, 4)


@pytest.fixture
def bank():
    return Bank(bank_statements=True, bank_statement_account=statements.NUMBER)


def drop(bank, body, when, name="s.bai"):
    """The bank leaves a statement, which is read at once."""
    key = f"inbound/statements/{name}"
    version = bank.here.files.drop(key, body, when)
    bank.system.inbound.receive(key, version, when, when)


def state(bank, *days):
    """The bank states these days of December, each on the next banking day at eight."""
    for day in days:
        drop(bank, bank.counter.account.statement(day), at(day.day + 1, 8), f"{day}.bai")


def signed(who, when):
    return Signature(who=who, why="the bank says why", at=when)


def short_by_a_cent(bank, day):
    """As stated, but that one cent of the first line is missing."""
    rows = bank.counter.account.statement(day).decode().split("\r\n")
    line = next(n for n, row in enumerate(rows) if row.startswith("16,166"))
    cents = int(rows[line].split(",")[2])
    text = "\r\n".join(rows)
    for old, new in ((f"166,{cents},", f"166,{cents - 1},"), (f",{cents},,,", f",{cents - 1},,,")):
        text = text.replace(old, new)
    return text.replace(f",{2 * cents},", f",{2 * (cents - 1)},").encode()


def rings(bank, when):
    before = bank.here.metrics.counts["Differences"]
    bank.evening(when)
    return bank.here.metrics.counts["Differences"] - before


def test_rule_48_with_its_settlement_seen_a_payment_is_paid_as_ever(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    state(bank, FOURTH)
    bank.evening(at(7, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("sent", [])
    assert rings(bank, at(8, 20)) == 0
    assert (bank.state(payment_id), bank.mails("paid"), bank.cases()) == ("paid", [ONE], {})


def test_rule_48_without_its_statement_it_stays_sent_and_rings_after_two_banking_days(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    assert rings(bank, at(7, 20)) == 0
    assert bank.cases() == {}
    assert rings(bank, at(8, 20)) == 1
    assert (bank.state(payment_id), bank.mails("paid")) == ("sent", [])
    reason = bank.cases()["statement_missing#2026-12-04"]
    assert reason == (
        "2026-12-04: no statement has come, our files and returns say $424.80; "
        "payments that settled by then wait"
    )
    assert rings(bank, at(9, 20)) == 1, "each evening"
    state(bank, FOURTH)
    assert rings(bank, at(10, 20)) == 0
    assert (bank.state(payment_id), bank.mails("paid"), bank.cases()) == ("paid", [ONE], {})


def test_rule_48_a_day_that_is_a_cent_short_waits_until_two_people_accept_it(bank):
    payment_id, other = bank.pays(), bank.pays(TWO, cents=19800)
    bank.collect(at(3, 18))
    drop(bank, short_by_a_cent(bank, FOURTH), at(7, 8))
    assert rings(bank, at(8, 20)) == 1
    assert {bank.state(payment_id), bank.state(other, TWO)} == {"sent"}
    reason = bank.cases()["settlement#2026-12-04"]
    assert "the statement says $622.79, our files and returns say $622.80; payments" in reason
    proof = bank.system.settlement_proof
    for _ in range(2):
        assert not proof.accept(FOURTH, signed("Ada", at(9, 9)))
    bank.evening(at(9, 20))
    assert bank.state(payment_id) == "sent"
    assert proof.accept(FOURTH, signed("Ben", at(10, 9)))
    assert bank.cases() == {}
    assert rings(bank, at(10, 20)) == 0
    assert {bank.state(payment_id), bank.state(other, TWO)} == {"paid"}
    with pytest.raises(NothingToAccept):
        proof.accept(FOURTH, signed("Ada", at(11, 9)))


def test_a_statement_of_a_bank_that_compresses_is_read(bank):
    bank = Bank(
        bank_statements=True, bank_statement_account=statements.NUMBER, bank_profile="gateway"
    )
    bank.pays()
    bank.collect(at(3, 18))
    drop(bank, gzip.compress(bank.counter.account.statement(FOURTH)), at(7, 8), "s.bai.gz")
    assert bank.cases() == {}
    assert bank.system.settlement_proof.of(FOURTH).is_seen


def test_rule_48_what_is_not_open_can_not_be_accepted(bank):
    bank.pays()
    bank.collect(at(3, 18))
    with pytest.raises(NothingToAccept):
        bank.system.settlement_proof.accept(FOURTH, signed("Ada", at(7, 9)))


def test_rule_48_the_same_statement_twice_is_once_and_another_of_the_same_day_is_a_case(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    for name in ("a.bai", "b.bai"):
        drop(bank, bank.counter.account.statement(FOURTH), at(7, 8), name)
    drop(bank, short_by_a_cent(bank, FOURTH), at(7, 9))
    assert rings(bank, at(8, 20)) == 1
    assert bank.state(payment_id) == "sent"
    assert "says $424.79 and $424.80" in bank.cases()["settlement#2026-12-04"]


def test_rule_48_what_came_back_is_on_the_statement_of_its_own_day(bank):
    back, good = bank.pays(number="99000001"), bank.pays(TWO)
    bank.collect(at(3, 18))
    bank.answers(at(8, 8))
    state(bank, FOURTH)
    assert rings(bank, at(8, 20)) == 0
    assert (bank.state(back), bank.state(good, TWO)) == ("not_paid", "paid")
    state(bank, date(2026, 12, 8))
    assert rings(bank, at(9, 20)) == 0
    assert bank.cases() == {}
    assert bank.system.settlement_proof.of(date(2026, 12, 8)).is_seen


def test_rule_48_a_return_that_we_never_heard_of_is_seen_on_the_statement_and_nobody_is_paid(bank):
    bank = Bank(bank_statements=True, bank_statement_account=statements.NUMBER, bank_return_days=1)
    back, good = bank.pays(number="99000001"), bank.pays(TWO)
    bank.collect(at(3, 18))
    bank.answers(at(4, 8))
    [delivery] = bank.counter.deliveries(at(8, 8))
    state(bank, FOURTH, date(2026, 12, 8))
    assert rings(bank, at(9, 20)) == 1
    reason = bank.cases()["settlement#2026-12-08"]
    assert "says -$424.80, our files and returns say $0.00; payments that" in reason
    assert (bank.state(back), bank.state(good, TWO), bank.mails("paid")) == ("sent", "sent", [])
    # The bank sends the file again: all agrees, and the case is closed.
    bank.receive(delivery.data, at(10, 8))
    assert rings(bank, at(10, 20)) == 0
    assert (bank.state(back), bank.state(good, TWO), bank.cases()) == ("not_paid", "paid", {})


def test_rule_48_a_return_that_comes_the_evening_before_it_settles_is_of_its_own_day(bank):
    back = bank.pays()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((back, "R01"), when=at(8, 8)), at(7, 19))
    assert bank.system.records.settlements.came_back_cents(date(2026, 12, 8)) == 42480


def test_rule_48_a_statement_that_contradicts_a_day_which_agreed_keeps_it_from_being_paid(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    state(bank, FOURTH)
    assert rings(bank, at(7, 20)) == 0
    drop(bank, short_by_a_cent(bank, FOURTH), at(8, 8))
    assert rings(bank, at(8, 20)) == 1
    assert (bank.state(payment_id), len(bank.cases())) == ("sent", 1)


def test_rule_48_two_people_accept_the_same_amounts_and_a_later_difference_anew(bank):
    """Who accepted that none came has not accepted what then came."""
    payment_id, proof = bank.pays(), bank.system.settlement_proof
    bank.collect(at(3, 18))
    assert rings(bank, at(8, 20)) == 1
    assert not proof.accept(FOURTH, signed("Ada", at(9, 9)))
    drop(bank, short_by_a_cent(bank, FOURTH), at(9, 10))
    assert not proof.accept(FOURTH, signed("Ben", at(9, 11)))
    assert proof.accept(FOURTH, signed("Ada", at(9, 12)))
    drop(bank, bank.counter.account.statement(FOURTH), at(9, 13))
    assert rings(bank, at(9, 20)) == 1
    assert "says $424.79 and $424.80" in bank.cases()["settlement#2026-12-04"]
    assert bank.state(payment_id) == "sent"


def test_rule_48_a_case_that_somebody_left_open_closes_when_the_day_agrees_however_late(bank):
    bank.pays()
    bank.collect(at(3, 18))
    drop(bank, short_by_a_cent(bank, FOURTH), at(7, 8))
    assert rings(bank, at(8, 20)) == 1
    assert rings(bank, at(20, 20, month="2027-03")) == 1
    for who in ("Ada", "Ben"):
        bank.system.settlement_proof.accept(FOURTH, signed(who, at(21, 9, month="2027-03")))
    assert rings(bank, at(21, 20, month="2027-03")) == 0
    assert bank.cases() == {}


def test_rule_48_and_53_what_the_bank_refused_of_a_file_is_not_expected(bank):
    refused, good = bank.pays(), bank.pays(TWO, cents=19800)
    bank.collect(at(3, 18))
    bank.receive(bank.echoed(refused), at(4, 8))
    drop(bank, _without(bank, 42480), at(7, 8))
    assert rings(bank, at(8, 20)) == 0
    assert (bank.state(refused), bank.state(good, TWO)) == ("not_paid", "paid")


def test_rule_48_a_file_that_the_bank_refused_is_not_expected(bank):
    bank.pays()
    bank.collect(at(3, 18))
    [name] = bank.files
    bank.receive(bank.word(name, verdict="refused", reason="x"), at(3, 19))
    empty = bank.counter.account.statement(date(2026, 12, 11)).replace(b",261211,,", b",261204,,")
    drop(bank, empty, at(7, 8))
    assert rings(bank, at(8, 20)) == 0
    assert bank.system.settlement_proof.of(FOURTH).is_seen


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>503</html>", "no statement: line 1: it is XML, and no camt.053"),
        (b"01,a,b,261207,0800,1,80,,2/\n", "no statement: line 0: it has no end"),
        (b"-----BEGIN PGP MESSAGE-----\n", "no statement: line 1: it is neither BAI2 nor camt.053"),
    ],
)
def test_rule_48_a_statement_that_can_not_be_read_is_kept_sealed_and_its_day_waits(bank, body, why):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    drop(bank, body, at(7, 8), "odd.bai")
    [(case, reason)] = bank.cases().items()
    assert case.startswith("bad_statement#odd.bai@")
    assert reason.startswith(f"odd.bai: {why}")
    assert not any(key.startswith("inbound/statements/") for key in bank.lying)
    bank.evening(at(8, 20))
    assert bank.state(payment_id) == "sent"


def test_rule_48_with_the_setting_off_a_statement_changes_nothing():
    bank = Bank()
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    drop(bank, short_by_a_cent(bank, FOURTH), at(7, 8))
    bank.evening(at(8, 20))
    assert (bank.state(payment_id), bank.cases()) == ("paid", {})


def _without(bank, cents):
    """As stated, but that one entry never moved: the bank refused it."""
    moved = bank.counter.account._moved[FOURTH]
    bank.counter.account._moved[FOURTH] = [(code, c - cents, text) for code, c, text in moved]
    return bank.counter.account.statement(FOURTH)
