"""What did not come back in two banking days is paid, and one mail says so (rule 17)."""

import pytest

from chalicelib.domain import entry
from chalicelib.domain.enrollment import Plan
from chalicelib.services.settlement import settling
from tests.bank import Bank
from tests.builders import a_case
from tests.monthly import at

ONE, TWO = "EN000001", "EN000002"
JANUARY = "2027-01"


@pytest.fixture
def bank():
    return Bank()


@pytest.mark.parametrize(
    ("paid_at", "evening", "not_yet", "paid_at_20"),
    [
        (at(3, 10), at(3, 18), at(7, 20), at(8, 20)),  # settles on Friday: Monday, Tuesday
        (at(4, 10), at(4, 18), at(8, 20), at(9, 20)),
        (at(23, 10), at(23, 18), at(28, 20), at(29, 20)),  # Christmas is no banking day
        (at(31, 10), at(31, 18), at(5, 20, month=JANUARY), at(6, 20, month=JANUARY)),
    ],
)
def test_rule_17_paid_at_the_20_00_job_of_the_second_banking_day(
    bank, paid_at, evening, not_yet, paid_at_20
):
    payment_id = bank.pays(when=paid_at)
    bank.collect(evening)
    bank.evening(not_yet)
    assert (bank.state(payment_id), bank.mails("paid")) == ("sent", [])
    bank.evening(paid_at_20)
    assert (bank.state(payment_id), bank.mails("paid")) == ("paid", [ONE])


def test_rule_17_a_withdrawal_settles_on_the_debit_day(bank):
    bank.member()
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    [payment_id] = bank.payment_ids()
    bank.evening(at(23, 20))
    assert bank.state(payment_id) == "sent"
    bank.evening(at(24, 20))
    assert bank.state(payment_id) == "paid"
    facts = bank.mail("paid")
    assert (facts["kind"], facts["cents"], facts["confirmation"]) == ("withdrawal", 42480, None)


def test_rule_50_paid_waits_for_the_days_that_our_bank_s_returns_travel():
    bank = Bank(bank_return_days=2)
    payment_id = bank.pays()
    assert bank.mail("confirmation")["paid_on"] == "2026-12-10"
    bank.collect(at(3, 18))
    bank.evening(at(9, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("sent", [])
    bank.evening(at(10, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("paid", [ONE])


@pytest.mark.parametrize("spoiled", [{"kind": "unknown"}, {"opened_at": None}, {"reason": 7}])
def test_invariant_15_a_case_that_can_not_be_read_keeps_nobody_s_payment_from_being_paid(
    bank, spoiled
):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.store.write(bank.system.records.cases.opening(a_case()))
    [key] = bank.store.items["cases"]
    bank.store.items["cases"][key] = {**bank.store.items["cases"][key], **spoiled}
    bank.evening(at(8, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("paid", [ONE])


def test_it_is_known_when_a_transmission_was_sent_and_when_it_was_settled(bank):
    bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    transmission = bank.transmission("2026-12-03")
    assert (transmission.sent_at, transmission.settled_at) == (at(3, 18), at(8, 20))


def test_rule_17_one_mail_however_often_the_evening_comes(bank):
    bank.pays()
    bank.begins(TWO)
    bank.collect(at(3, 18))
    for day in (8, 8, 9, 10):
        bank.evening(at(day, 20))
    for batch in (0, 1, 0):
        if batch < len(bank.transmission("2026-12-03").batches):
            bank.system.settling.tell_paid("collection#2026-12-03", batch, at(11, 20))
    assert bank.mails("paid") == [ONE, TWO]


def test_the_mail_is_about_this_payment(bank):
    bank.pays(plan=Plan.DENTAL, cents=19800)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    facts = bank.mail("paid")
    assert (facts["plan"], facts["cents"], facts["on"]) == ("dental", 19800, "2026-12-03")
    assert facts["confirmation"].startswith("HC-")
    assert facts["account"] == {"type": "checking", "last4": "6789"}


def test_what_came_back_is_not_paid_and_no_mail_says_so(bank):
    back, good = bank.pays(number="99000001"), bank.pays(TWO)
    bank.collect(at(3, 18))
    bank.answers(at(8, 20))
    bank.evening(at(8, 20))
    assert (bank.state(back), bank.state(good, TWO)) == ("not_paid", "paid")
    assert bank.mails("paid") == [TWO]
    assert bank.mails("not_paid") == [ONE]


def test_rule_17_a_late_return_turns_paid_into_not_paid(bank):
    payment_id = bank.pays(number="99000110")
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    assert bank.state(payment_id) == "paid"
    bank.answers(at(15, month=JANUARY))  # the 45th day after the 4th of December is the 18th
    assert bank.state(payment_id) == "paid"
    bank.answers(at(19, month=JANUARY))  # and the 18th is Martin Luther King's
    assert (bank.state(payment_id), bank.owed()) == ("not_paid", 42480)
    assert bank.mails("not_paid") == [ONE]
    assert bank.mail("not_paid")["why"] == "not_authorized"


def test_what_was_left_out_of_its_file_is_not_called_paid(bank, monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 1)  # both in one collection
    poor, good = bank.pays(), bank.pays(TWO)
    rows = bank.store.items["entries"]
    for key, row in rows.items():
        if row.get("payment_id") == poor:
            rows[key] = {**row, "account": {**row["account"], "sealed_number": "v1.1.nonsense"}}
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    assert (bank.state(poor), bank.state(good, TWO)) == ("received", "paid")
    assert bank.mails("paid") == [TWO]


def test_what_was_never_sent_is_not_called_paid(bank):
    payment_id = bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("received", [])


def _down():
    raise OSError


def test_a_transmission_that_is_not_there_tells_nobody(bank):
    bank.system.settling.tell_paid("collection#2026-12-03", 0, at(8, 20))
    assert bank.mails("paid") == []


# While a file of the bank lies unread.


def unread(bank, *answers):
    """The bank has dropped a file; nobody has read it yet."""
    key, when = "inbound/bank/a.ach", at(8, 19)
    return key, bank.here.files.drop(key, bank.answer(*answers, when=when), when)


def test_nothing_is_called_paid_while_a_file_of_the_bank_lies_unread(bank):
    back, good = bank.pays(), bank.pays(TWO)
    bank.collect(at(3, 18))
    key, version = unread(bank, (back, "R01"))
    bank.evening(at(8, 20))
    assert (bank.state(back), bank.state(good, TWO)) == ("sent", "sent")
    assert bank.mails("paid") == []
    assert bank.here.metrics.counts["BankFilesUnread"] == 1
    bank.system.inbound.receive(key, version, at(9, 8), at(9, 8))
    bank.evening(at(9, 20))
    assert (bank.state(back), bank.state(good, TWO)) == ("not_paid", "paid")
    assert bank.mails("paid") == [TWO]
    assert bank.here.metrics.counts["BankFilesUnread"] == 1


def test_a_file_that_lies_unread_for_a_day_is_a_case(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    unread(bank, (payment_id, "R01"))
    bank.evening(at(8, 20))
    assert bank.cases() == {}
    for day in (9, 10):
        bank.evening(at(day, 20))
    assert list(bank.cases()) == ["unread#a.ach@2026-12-08"]
    assert bank.state(payment_id) == "sent"


def test_a_batch_of_very_many_is_told_in_chunks_and_each_member_once(bank, monkeypatch):
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    monkeypatch.setattr(entry, "WEB_SHARDS", 1)
    names = [f"EN{n:06}" for n in range(1, 6)]
    ids = [bank.pays(name) for name in names]
    bank.collect(at(3, 18))
    bank.receive(bank.answer((ids[3], "R01"), when=at(8, 8)), at(8, 8))
    bank.answers(at(8, 20))
    bank.system.settling.settle(at(8, 20))
    starts = []
    while messages := bank.follow_ups.take():
        starts += [told["start"] for told in messages]
        bank.follow_up([told for told in messages for _ in range(2)])  # each comes twice
        bank.follow_ups.messages = bank.follow_ups.messages[:1]
    assert starts == [0, 2, 4]
    assert bank.mails("paid") == [name for name in names if name != names[3]]


def test_a_batch_that_ends_with_a_chunk_needs_no_other(bank, monkeypatch):
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    monkeypatch.setattr(entry, "WEB_SHARDS", 1)
    bank.pays()
    bank.pays(TWO)
    bank.collect(at(3, 18))
    bank.answers(at(8, 20))
    bank.system.settling.settle(at(8, 20))
    bank.follow_up(bank.follow_ups.take())
    assert bank.follow_ups.messages == []
    assert bank.mails("paid") == [ONE, TWO]


def spoiled(bank, table, field, payment_id):
    """Somebody's row says nonsense."""
    rows = bank.store.items[table]
    key = next(
        key
        for key, row in rows.items()
        if payment_id in {row.get("payment_id"), *row.get("payment_ids", ())} or ONE in key
    )
    rows[key] = {name: value for name, value in rows[key].items() if name != field}


@pytest.mark.parametrize(
    ("table", "field"),
    [("payments", "submitted_at"), ("payments", "amount_cents"), ("ledger", "kind"),
     ("enrollments", "plan_name")],
)  # fmt: skip
def test_invariant_15_a_row_that_can_not_be_read_keeps_nobody_else_from_their_letter(
    bank, table, field
):
    poor, _ = bank.pays(ONE), bank.pays(TWO)
    bank.collect(at(3, 18))
    spoiled(bank, table, field, poor)
    bank.evening(at(8, 20))
    assert bank.mails("paid") == [TWO]
    why = "it is paid, and a row about it can't be read: no letter"
    assert bank.cases()[f"paid#{poor}"] == why


def test_invariant_15_a_submission_of_no_payment_keeps_nobody_else_from_their_letter(bank):
    poor, _ = bank.pays(ONE), bank.pays(TWO)
    bank.collect(at(3, 18))
    rows = bank.store.items["payments"]
    key = next(key for key, row in rows.items() if row.get("payment_ids") == [poor])
    rows[key] = {**rows[key], "payment_ids": [{"not": "this"}]}
    bank.evening(at(8, 20))
    assert bank.mails("paid") == [TWO]
    assert f"paid#{poor}" in bank.cases()


def test_who_has_no_address_any_more_is_a_case_for_staff(bank):
    poor = bank.pays(ONE)
    bank.collect(at(3, 18))
    rows = bank.store.items["payments"]
    for key in [key for key, row in rows.items() if "payment_ids" in row]:
        del rows[key]
    bank.evening(at(8, 20))
    assert bank.mails("paid") == []
    assert bank.cases()[f"paid#{poor}"] == "it is paid, and there is no address to say so to"
