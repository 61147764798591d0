"""A file that the bank refused is taken back: nobody is left believing that they have paid."""

from contextlib import suppress

import pytest

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import TransmissionState
from chalicelib.services.origination.undoing import NotLeftOut, NotRefused
from tests.bank import Bank
from tests.monthly import at
from tests.stores import Crash, Interrupted

DAY = "2026-12-03"
SAID_AT = at(3, 18, 30)
HEADER = "file,verdict,entries,debit_cents,credit_cents,reason"


@pytest.fixture
def bank():
    return Bank(bank_most_lines=10)


def paid(bank, count=8):
    """So many payments, four or less a file; their ids by enrollment."""
    names = [f"EN{n:06}" for n in range(1, count + 1)]
    ids = {name: bank.pays(name, plan=Plan.HEALTH) for name in names}
    bank.system.transmission_job.collect(at(3, 18))
    return ids


def says(bank, verdict, *files):
    """The bank's word about these files."""
    rows = [
        f"{file.name},{verdict},{file.entries},{file.debit_cents},{file.credit_cents},file: sender"
        for file in files
    ]
    bank.receive("\n".join([HEADER, *rows]).encode(), SAID_AT)


def undo(bank, file, when=None):
    signed = Signature(who="Ada", why="the bank cannot mend it", at=when or at(4, 10))
    for _ in bank.system.undoing.undo(file.name, signed):
        pass


def in_file(bank, n):
    """The payment ids of the n-th file, as it was sealed."""
    text = b"".join(bank.system.bank.read(bank.transmission(DAY).files[n].name)).decode()
    return {row[39:54].strip() for row in text.splitlines() if row.startswith("6")}


def test_what_is_in_the_refused_file_is_not_paid_and_its_members_are_told(bank):
    ids = paid(bank)
    refused, *others = bank.transmission(DAY).files
    says(bank, "accepted", *others)
    says(bank, "refused", refused)
    undo(bank, refused)
    back = in_file(bank, 0)
    assert 0 < len(back) < len(ids)
    for name, payment_id in ids.items():
        expected = ("not_paid", 42480) if payment_id in back else ("sent", 0)
        assert (bank.state(payment_id, name), bank.owed(name)) == expected
    told = bank.mails("not_paid")
    assert told == sorted(name for name, payment_id in ids.items() if payment_id in back)
    assert bank.mail("not_paid", told[0])["why"] == "not_taken"


def test_then_the_others_are_paid_and_the_matter_is_closed(bank):
    ids = paid(bank)
    refused, *others = bank.transmission(DAY).files
    says(bank, "refused", refused)
    says(bank, "accepted", *others)
    assert bank.transmission(DAY).state is TransmissionState.SENT
    undo(bank, refused)
    assert bank.cases() == {}
    bank.system.acknowledging.evening(at(4, 20))
    assert bank.transmission(DAY).state is TransmissionState.ACKNOWLEDGED
    bank.system.settling.settle(at(8, 20))
    bank.follow_up()
    back = in_file(bank, 0)
    states = {payment_id: bank.state(payment_id, name) for name, payment_id in ids.items()}
    assert {key for key, state in states.items() if state == "not_paid"} == back
    assert {key for key, state in states.items() if state == "paid"} == set(ids.values()) - back
    assert bank.differences(at(8, 21)) == []
    assert bank.system.return_rates.measure(at(8, 21))[-1].returned == 0


def test_rule_33_the_plain_copy_goes_that_evening_for_staff_may_erase_nothing(bank):
    paid(bank, 2)
    [file] = bank.transmission(DAY).files
    says(bank, "refused", file)
    undo(bank, file)
    assert bank.lying == [file.name]
    bank.system.acknowledging.evening(at(4, 20))
    assert bank.lying == []
    [line] = bank.store.query("audit", f"file#{file.name}")
    assert (line["what"], line["who"]) == ("taken back", "Ada")


@pytest.mark.parametrize("verdict", ["accepted", None])
def test_only_what_the_bank_refused_is_taken_back(bank, verdict):
    paid(bank, 2)
    [file] = bank.transmission(DAY).files
    if verdict:
        says(bank, verdict, file)
    before = bank.kept()
    with pytest.raises(NotRefused):
        undo(bank, file)
    assert bank.kept() == before


def test_again_changes_nothing(bank):
    paid(bank, 2)
    [file] = bank.transmission(DAY).files
    says(bank, "refused", file)
    undo(bank, file)
    before = bank.kept()
    undo(bank, file)
    assert bank.kept() == before


def test_invariant_11_broken_off_anywhere_it_goes_on_to_the_same_end():
    def prepared():
        bank = Bank()
        paid(bank, 2)
        [file] = bank.transmission(DAY).files
        says(bank, "refused", file)
        return bank, file

    bank, file = prepared()
    undo(bank, file)
    wanted = bank.kept()
    for n in range(1, 300):
        bank, file = prepared()
        seen = Interrupted(bank.store, n)
        with suppress(Crash):
            undo(Bank(bank.store, s3=bank.s3, seen=seen), file)
        undo(Bank(bank.store, s3=bank.s3), file)
        assert bank.kept() == wanted
        if seen.left > 0:
            assert n > 10
            return
    raise AssertionError("it never ended")


def test_an_entry_that_was_left_out_is_taken_back_once_and_the_books_agree(bank):
    payment_id = bank.pays("EN000001")
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == payment_id)
    rows[key] = {**rows[key], "account": {**rows[key]["account"], "routing": "1"}}
    bank.collect(at(3, 18))
    assert bank.system.reconciling.differences(at(3, 20)) != []
    for hour in (10, 11):
        signed = Signature(who="Ada", why="she pays anew", at=at(4, hour))
        bank.system.undoing.undo_left_out(payment_id, signed)
    assert (bank.state(payment_id), bank.owed(), bank.cases()) == ("not_paid", 42480, {})
    assert bank.mail("not_paid")["why"] == "not_taken"
    assert bank.system.reconciling.differences(at(4, 20)) == []
    with pytest.raises(NotLeftOut):
        bank.system.undoing.undo_left_out("ZZZ", signed)
