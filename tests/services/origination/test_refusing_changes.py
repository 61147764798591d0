"""A correction that is refused goes back to its bank in the next file, once (rule 52)."""

from contextlib import suppress

import pytest

from chalicelib.domain import entry
from chalicelib.domain.errors import NotFound
from chalicelib.domain.signature import Signature
from chalicelib.services.origination.refusing_changes import CannotRefuse
from tests.bank import OUTBOUND, Bank, walked
from tests.domain.ach.by_hand import patched
from tests.monthly import at
from tests.stores import Crash, Interrupted

ONE = "EN000001"
DATA = "0012A34567"
WEDNESDAY, EVENING = at(9), at(9, 18)


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


@pytest.fixture
def bank():
    return Bank()


def signed(who="Ada", when=WEDNESDAY):
    return Signature(who=who, why="letters in a number", at=when)


def waits(bank, code="C01", data=DATA, patch=None, when=None):
    """A correction with letters in it, of which the bank says something else besides."""
    when = when or at(8, 8)
    payment_id = bank.begins()
    bank.collect(at(3, 18))
    body = bank.answer((payment_id, code), when=when, data=data)
    rows = body.decode().splitlines()
    for start, fields in (patch or {}).items():
        rows = [patched(row, fields) if row.startswith(start) else row for row in rows]
    bank.receive("".join(f"{row}\n" for row in rows).encode(), when)
    [case] = bank.cases()
    return case


def refuse(bank, case, code=None, **by):
    return bank.system.refusing_changes.refuse(case, code, signed(**by))


def refusals(bank):
    """What went to the bank as addenda 98, in all files."""
    return [
        row
        for key, body in bank.s3.objects.items()
        if key.startswith(OUTBOUND)
        for row in body.decode().splitlines()
        if row.startswith("798")
    ]


def test_rule_52_it_goes_with_the_next_file_and_ends_its_case(bank):
    case = waits(bank)
    [payment_id] = bank.payment_ids()
    trace = bank.taken()[payment_id].trace
    refuse(bank, case)
    assert (bank.cases(), refusals(bank)) == ({}, [])
    bank.collect(EVENING)
    [line] = refusals(bank)
    assert line[3:21] == f"C65{trace}"
    assert (line[35:64].rstrip(), line[64:67], line[67:74]) == (DATA, "C01", "0000001")


def test_rule_52_a_file_of_nothing_else_is_taken_and_the_books_agree(bank):
    case = waits(bank)
    bank.evening(at(3, 20))
    refuse(bank, case)
    bank.collect(EVENING)
    sent = bank.transmission("2026-12-09")
    assert (sent.entries, sent.debits, sent.debit_cents, sent.credit_cents) == (1, 0, 0, 0)
    bank.evening(at(9, 20))
    assert bank.prove(at(9, 20)) == []
    bank.evening(at(14, 20))
    assert (bank.mails("paid"), bank.prove(at(14, 20))) == ([ONE], [])


def test_rule_52_beside_payments_it_changes_no_sum(bank):
    case = waits(bank)
    refuse(bank, case)
    other = bank.pays("EN000002", at(9, 10), cents=5000)
    bank.collect(EVENING)
    sent = bank.transmission("2026-12-09")
    assert (sent.entries, sent.debits, sent.debit_cents) == (2, 1, 5000)
    assert sent.claimed == sent.written
    assert (bank.prove(at(9, 20)), bank.state(other, "EN000002")) == ([], "sent")


def test_rule_52_what_it_is_about_stays_as_it_was(bank):
    case = waits(bank)
    [before] = bank.system.records.mandates.of(ONE).standing
    refuse(bank, case)
    bank.collect(EVENING)
    bank.evening(at(14, 20))
    [after] = bank.system.records.mandates.of(ONE).standing
    assert (after, bank.mails("account_corrected")) == (before, [])


def test_rule_12_that_it_came_through_says_nothing_of_its_account(bank):
    case = waits(bank)
    account = refuse(bank, case).account
    bank.collect(EVENING)
    bank.system.settling.tell_paid("collection#2026-12-09", 0, at(14, 20))
    assert not bank.system.account_validation.is_good(account)


def test_rule_52_refused_twice_it_says_so_and_goes_once(bank):
    case = waits(bank)
    refuse(bank, case)
    for when in (WEDNESDAY, at(10)):
        with pytest.raises(CannotRefuse) as refused:
            refuse(bank, case, who="Ben", when=when)
        assert refused.value.code == "already_refused"
    bank.collect(EVENING)
    bank.collect(at(10, 18))
    assert len(refusals(bank)) == 1


def test_rule_52_a_collection_that_dies_anywhere_sends_it_once():
    def prepare(bank):
        refuse(bank, waits(bank))

    def look(_, again):
        again.system.transmission_job.collect(EVENING)
        again.system.transmission_job.resume(at(9, 18, 40))
        assert len(refusals(again)) == 1
        again.fetch(at(9, 19))

    walked(prepare, lambda bank: bank.system.transmission_job.collect(EVENING), look)


def test_rule_52_refusing_that_dies_anywhere_is_all_or_nothing():
    for n in range(1, 100):
        bank = Bank()
        case = waits(bank)
        seen = Interrupted(bank.store, n)
        with suppress(Crash):
            other = Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue)
            for each in (other.system.unsealing, other.system.correction_desk.unsealing):
                object.__setattr__(each, "files", bank.here.files)
            refuse(other, case)
        if bank.cases():
            refuse(bank, case)
        bank.collect(EVENING)
        assert (bank.cases(), len(refusals(bank))) == ({}, 1)
        if seen.left > 0:
            assert n > 5, "there were calls to die before"
            return
    raise AssertionError("it never ended")


@pytest.mark.parametrize(
    ("code", "patch"),
    [
        ("C62", {"798": {21: "9"}}),
        ("C63", {"5": {41: "9999999999"}}),
        ("C64", {"6": {40: " " * 15}}),
        ("C66", {"6": {77: "X"}}),
        ("C67", {"798": {28: "12104288"}}),
        ("C69", {"6": {2: "36"}}),
    ],
)
def test_rule_52_why_is_derived_where_our_own_checks_say_it(bank, code, patch):
    case = waits(bank, patch=patch)
    assert bank.system.refusing_changes.reasons(case) == sorted([code, "C65"])
    with pytest.raises(CannotRefuse) as refused:  # of two reasons staff choose
        refuse(bank, case)
    assert refused.value.code == "say_code"
    refuse(bank, case, code)
    bank.collect(EVENING)
    assert refusals(bank)[0][3:6] == code


def test_rule_52_discretionary_data_left_out_is_no_reason(bank):
    case = waits(bank, patch={"6": {77: "  "}})
    assert bank.system.refusing_changes.reasons(case) == ["C65"]


def test_rule_52_with_no_reason_of_ours_staff_must_say_one(bank):
    for who in ("Ada", "Ben"):
        bank.system.routing_numbers.hold("121042882", signed(who, at(3, 9)))
    case = waits(bank, "C02", "121042882")
    assert bank.system.refusing_changes.reasons(case) == []
    with pytest.raises(CannotRefuse) as refused:
        refuse(bank, case)
    assert refused.value.code == "say_code"
    assert bank.cases()


def test_rule_52_it_may_be_refused_until_the_fifteenth_day_goes_out(bank):
    case = waits(bank)
    assert str(bank.system.refusing_changes.last_day(case)) == "2026-12-23"
    with pytest.raises(CannotRefuse) as refused:
        refuse(bank, case, when=at(23, 18))  # it would go on the 24th
    assert refused.value.code == "refused_too_late"
    refuse(bank, case, when=at(23, 17, 59))
    bank.collect(at(23, 18))
    assert len(refusals(bank)) == 1


def test_rule_52_the_fifteen_days_begin_when_our_bank_had_it(bank):
    case = waits(bank, patch={"5": {76: "338"}})  # December 4; we read it on the 8th
    assert str(bank.system.refusing_changes.last_day(case)) == "2026-12-19"


def test_rule_52_what_was_ended_otherwise_is_not_refused(bank):
    case = waits(bank)
    bank.system.records.cases.close(case, signed())
    with pytest.raises(NotFound):
        refuse(bank, case)


def test_rule_52_the_same_correction_again_opens_nothing_and_a_new_one_is_applied(bank):
    case = waits(bank)
    [payment_id] = bank.payment_ids()
    again = bank.answer((payment_id, "C01"), when=at(8, 8), data=DATA)
    mended = bank.answer((payment_id, "C01"), when=at(14, 8), data="7777777")
    refuse(bank, case)
    bank.receive(again, at(10, 8))
    assert bank.cases() == {}
    bank.receive(mended, at(14, 8))
    [mandate] = bank.system.records.mandates.of(ONE).standing
    assert (mandate.account.last4, bank.mails("account_corrected")) == ("7777", [ONE])


def test_rule_52_in_a_file_that_our_bank_refused_it_is_a_case(bank):
    case = waits(bank)
    refuse(bank, case)
    bank.system.transmission_job.collect(EVENING)
    [file] = bank.transmission("2026-12-09").files
    bank.receive(bank.word(file.name, verdict="refused", reason="file: sender"), at(9, 18, 30))
    for _ in bank.system.undoing.undo(file.name, signed(when=at(10))):
        pass
    [left] = bank.cases()
    assert left.startswith("not_refused#")
    assert "C65" in bank.cases()[left]
    assert bank.prove(at(10, 20)) == []


def test_rule_33_what_the_bank_wrote_lies_nowhere_in_clear(bank):
    case = waits(bank)
    refuse(bank, case)
    bank.system.transmission_job.collect(EVENING)
    assert DATA not in str(bank.store.items) + str(bank.here.files.objects)
