"""Who owes is reminded before the due date, and told the day after it (rules 28, 44)."""

from datetime import date

import pytest

from chalicelib.domain.mandate import EndReason
from chalicelib.domain.run import RunKind, RunState
from tests.bank import Bank
from tests.monthly import at, pay
from tests.stores import Crash, Interrupted, mail_rows

ONE, TWO = "EN000001", "EN000002"
REMINDER = RunKind.REMINDER


@pytest.fixture
def bank():
    """Who paid once in November, and owes December's $424.80; an address is known."""
    bank = Bank()
    bank.enroll(ONE, 43480)
    bank.pays(when=at(1, 10), cents=1000)
    return bank


def _run(bank, day, hour=9):
    run = bank.start(REMINDER, at(day, hour))
    bank.work()
    return run and bank.system.records.runs.get(run.run_id)


@pytest.mark.parametrize(
    ("day", "run_id"),
    [
        (19, None),
        (20, "reminder#2026-12-20"),
        (21, "reminder#2026-12-20"),
        (22, None),
        (23, None),
        (24, "reminder#2026-12-24"),
        (25, "reminder#2026-12-24"),
        (26, None),
    ],
)
def test_rule_44_three_days_before_the_due_date_the_day_after_it_and_a_day_to_catch_up(
    bank, day, run_id
):
    run = _run(bank, day)
    assert (run and run.run_id) == run_id
    assert run is None or run.state is RunState.CLOSED


def test_rule_44_an_extension_puts_both_off():
    bank = Bank(due_extension_days=5)
    assert _run(bank, 20) is None
    assert _run(bank, 25).run_id == "reminder#2026-12-25"
    assert _run(bank, 29).run_id == "reminder#2026-12-29"


def test_rule_44_it_says_how_much_why_and_by_when_once(bank):
    for day in (20, 21):
        _run(bank, day)
    facts = bank.mail("reminder")
    assert (facts["uncovered_cents"], facts["due_on"]) == (42480, "2026-12-23")
    assert facts["is_before"]
    assert [line["kind"] for line in facts["since"]] == ["opening", "payment"]
    assert bank.mails("reminder") == [ONE]
    _run(bank, 24)
    assert not bank.mail("reminder")["is_before"]
    assert bank.mails("reminder") == [ONE, ONE]


def test_rule_44_none_where_it_is_paid_meanwhile(bank):
    pay(bank, ONE, 42480, at(19))
    _run(bank, 20)
    assert bank.mails("reminder") == []


def test_rule_44_none_where_the_coming_withdrawal_takes_it_and_of_the_rest_where_it_leaves_some():
    bank = Bank()
    bank.member(owed_cents=42480)
    bank.tell()
    _run(bank, 20)
    assert bank.mails("reminder") == []
    more = Bank()
    more.member(owed_cents=42480)
    more.tell()
    pay(more, ONE, -10000, at(12))  # as a return would: owed after what was announced
    _run(more, 20)
    facts = more.mail("reminder")
    assert (facts["owed_cents"], facts["uncovered_cents"]) == (52480, 10000)


def test_rule_44_none_to_who_is_not_known_and_none_after_the_end():
    bank = Bank()
    bank.enroll(TWO, 42480)
    _run(bank, 20)
    assert bank.mails("reminder") == []
    ended = Bank()
    ended.enroll(ONE, 43480, coverage_end_on=date(2026, 11, 30))
    ended.pays(when=at(1, 10), cents=1000)
    _run(ended, 20)
    assert ended.mails("reminder") == []


def test_the_evening_proves_who_was_reminded(bank):
    run = _run(bank, 20)
    proofs = [bank.system.report_proof.of(run, shard) for shard in range(run.shards)]
    assert [proof.differences for proof in proofs] == [()] * run.shards
    assert bank.counts(run.run_id)[:3] == (1, 1, 0)


def test_rule_44_a_withdrawal_after_the_due_date_covers_nothing_that_is_due_before_it():
    """Set up after the freeze: the first one is in January."""
    bank = Bank()
    enrollment = bank.enroll(ONE, 42480, plan_year=2027)
    bank.run(RunKind.WITHDRAWAL, at(22))
    bank.sign_up(enrollment, at(22, 12))
    _run(bank, 24)
    assert bank.mail("reminder")["uncovered_cents"] == 42480


def test_rule_44_who_pays_since_is_written_to_and_not_who_cancelled_long_ago():
    bank = Bank()
    enrollment = bank.enroll(ONE, 43480, plan_year=2027)
    bank.authorize(enrollment, end_reason=EndReason.CANCELLED, through_month="2026-11")
    bank.pays(when=at(5, 10), cents=1000)
    _run(bank, 20)
    [mail] = [row for row in mail_rows(bank.store) if row["kind"] == "reminder"]
    [paid] = [row for row in mail_rows(bank.store) if row["kind"] == "confirmation"]
    assert mail["to"] == paid["to"]


def test_rule_44_whose_only_payment_came_back_is_reminded_too():
    bank = Bank()
    bank.enroll(ONE, 42480)
    payment_id = bank.pays(when=at(10, 10), cents=42480)
    bank.collect(at(10, 18))
    bank.receive(bank.answer((payment_id, "R01"), when=at(14)), at(14))
    _run(bank, 20)
    assert bank.mail("reminder")["uncovered_cents"] == 42480


def test_rule_44_a_first_payment_that_is_due_later_is_not_called_due():
    bank = Bank()
    begins = {"plan_year": 2027, "coverage_start_on": date(2027, 3, 1)}
    bank.enroll(ONE, 43480, **begins)
    payment_id = bank.pays(when=at(10, 10), cents=1000)
    bank.collect(at(10, 18))
    bank.receive(bank.answer((payment_id, "R01"), when=at(14)), at(14))
    for day in (20, 24):
        _run(bank, day)
    assert bank.mails("reminder") == []


def test_invariant_15_a_row_that_can_not_be_read_stops_no_other(bank):
    two = bank.enroll(TWO, 42480, plan_year=2027)
    bank.authorize(two)
    bank.spoil(TWO, standing=[{"mandate_id": 7}])
    _run(bank, 20)
    assert bank.mails("reminder") == [ONE]
    assert f"not_reminded#2026-12#{TWO}" in bank.cases()


def test_invariant_15_whose_ledger_can_not_be_read_is_a_case_and_stops_no_other(bank):
    bank.enroll(TWO, 42480, plan_year=2027)
    rows = bank.system.store.items["ledger"]
    opening = next(key for key in rows if key[0] == TWO)
    rows[opening] = {**rows[opening], "amount_cents": "all of it"}
    _run(bank, 20)
    assert bank.mails("reminder") == [ONE]
    assert f"not_reminded#2026-12#{TWO}" in bank.cases()


def test_invariant_11_killed_at_any_call_it_reminds_once():
    """The last call closes the run: killed there, the next start closes it."""
    for n in range(1, 60):
        world = Bank()
        world.enroll(ONE, 43480)
        world.pays(when=at(1, 10), cents=1000)
        try:
            world.again(Interrupted(world.store, n)).run(REMINDER, at(20))
        except Crash:
            world.again().run(REMINDER, at(21))
            run = world.system.records.runs.get("reminder#2026-12-20")
            assert run.state is RunState.CLOSED, n
            assert world.mails("reminder") == [ONE], n
        else:
            break
    assert n > 10
