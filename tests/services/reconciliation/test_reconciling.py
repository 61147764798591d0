"""Books that prove themselves: one thing is broken, and just that is named (I2, I3)."""

from dataclasses import replace

import pytest

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.proof import Differs
from tests.bank import OUTBOUND, Bank
from tests.monthly import MONTH, at

ONE, TWO = "EN000001", "EN000002"
EVENING = at(22, 20)


@pytest.fixture
def bank():
    """A page payment and a withdrawal, both in the bank's hands."""
    bank = Bank()
    bank.member(TWO)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    bank.pays(ONE, at(22, 10), plan=Plan.DENTAL)
    bank.collect(at(22, 18))
    return bank


@pytest.fixture
def web(bank):
    return bank.payment_ids(ONE)[0]


@pytest.fixture
def withdrawal(bank):
    return bank.payment_ids(TWO)[0]


def named(differences):
    """By payment, or by the place that differs."""
    return {(each.payment_id, each.what if each.payment_id else each.name) for each in differences}


def found(bank, at=EVENING, since=None):
    return named(bank.system.reconciling.differences(at, since))


def tonight(bank, at=EVENING):
    return named(bank.prove(at))


def spoil(bank, table, payment_id, **changed):
    """A row about a payment changes, or goes."""
    rows = bank.store.items[table]
    key = next(key for key, row in rows.items() if row.get("payment_id") == payment_id)
    if changed:
        rows[key] = {**rows[key], **changed}
    else:
        bank.forget(table, *key)


def test_books_that_agree_name_nothing(bank):
    assert found(bank) == tonight(bank) == set()
    assert bank.cases() == {}
    assert bank.here.metrics.counts["Differences"] == 0


def test_a_claim_whose_collection_is_open_is_no_difference():
    bank = Bank()
    bank.pays()
    bank.member(TWO)
    bank.tell()
    bank.withdraw()
    assert found(bank, at(3, 17)) == set()
    bank.collect(at(3, 18))
    assert found(bank, at(22, 11)) == tonight(bank, at(22, 11)) == set()


def test_what_came_back_is_no_difference(bank, web, withdrawal):
    for payment_id in (web, withdrawal):
        bank.receive(bank.answer((payment_id, "R02"), when=at(24, 8)), at(24, 8))
    bank.evening(at(28, 20))
    assert found(bank) == set()


def test_a_claim_that_is_gone_is_named(bank, web, withdrawal):
    spoil(bank, "ledger", web)
    assert found(bank) == tonight(bank) == {(web, Differs.NOT_ASKED_FOR)}
    spoil(bank, "ledger", withdrawal)
    assert found(bank) == {(web, Differs.NOT_ASKED_FOR), (withdrawal, Differs.NOT_ASKED_FOR)}


def test_a_claim_of_another_amount_is_named(bank, web, withdrawal):
    other = Differs.OTHER_AMOUNT
    spoil(bank, "ledger", web, amount_cents=-1)
    assert found(bank) == tonight(bank) == {(web, other)}
    spoil(bank, "ledger", withdrawal, amount_cents=-2)
    assert found(bank) == {(web, other), (withdrawal, other)}


def places(said):
    """What differs and has no payment."""
    return {what for payment_id, what in said if payment_id is None}


@pytest.mark.parametrize("which", ["web", "withdrawal"])
def test_an_entry_that_is_gone_is_named(bank, which, request):
    payment_id = request.getfixturevalue(which)
    spoil(bank, "entries", payment_id)
    in_file = (payment_id, Differs.FILE_ALONE)
    said = {each for each in found(bank) if each[0]}
    assert said == {(payment_id, Differs.ENTRY_GONE), in_file}
    assert in_file in tonight(bank)
    assert any(Differs.NOT_AS_SEALED in what for what in places(tonight(bank)))


@pytest.mark.parametrize("which", ["web", "withdrawal"])
def test_an_entry_of_another_amount_is_named(bank, which, request):
    payment_id = request.getfixturevalue(which)
    spoil(bank, "entries", payment_id, amount_cents=1)
    for said in (found(bank), tonight(bank)):
        assert (payment_id, Differs.OTHER_AMOUNT) in said
        assert (payment_id, f"{Differs.OTHER_IN_FILE}: amount") in said
        assert {each[0] for each in said} == {payment_id, None}
        assert any(Differs.NOT_AS_SEALED in what for what in places(said))


def test_an_entry_that_came_after_the_transmission_is_named(bank, web):
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == web)
    row = rows[key]
    bank.system.records.books.put_entry(
        replace(next(iter(bank.system.records.books.entries(key[0]))), payment_id="ZZZZZZZZZZZZZZZ")
    )
    assert row
    for said in (found(bank), tonight(bank)):
        assert ("ZZZZZZZZZZZZZZZ", Differs.NOT_ASKED_FOR) in said
        assert ("ZZZZZZZZZZZZZZZ", Differs.ENTRY_ALONE) in said


def test_a_total_of_a_file_that_is_wrong_is_named(bank):
    transmission = bank.transmission("2026-12-22")
    [file] = transmission.files
    wrong = replace(transmission, files=(replace(file, debit_cents=file.debit_cents + 1),))
    bank.system.records.transmissions.change(wrong, transmission)
    what = "collection#2026-12-22: files do not add up to the entries"
    assert found(bank) == tonight(bank) == {(None, what)}
    assert list(bank.cases()) == [f"difference#{what}"]


def test_a_count_of_a_run_that_is_wrong_is_named(bank):
    rows = bank.store.items["runs"]
    key = next(k for k in rows if k[0] == f"withdrawal#{MONTH}" and _cents(rows[k]))
    rows[key] = {**rows[key], "counts": {**rows[key]["counts"], "cents": 1}}
    what = f"run#{MONTH}#{rows[key]['shard']:03}: entries and claims differ"
    assert found(bank) == tonight(bank) == {(None, what)}


def _cents(row):
    return row.get("counts", {}).get("cents")


def test_a_file_that_the_bank_can_not_have_is_named(bank):
    name = bank.files[0]
    del bank.s3.objects[f"{OUTBOUND}{name}"]
    assert found(bank) == tonight(bank) == {(None, f"{name}: was never sent")}


def test_what_was_left_out_is_named_until_staff_have_it(bank):
    payment_id = bank.pays("EN000003", at(23, 10))
    spoil(bank, "entries", payment_id, account={**_account(bank, payment_id), "routing": "1"})
    bank.collect(at(23, 18))
    assert (payment_id, Differs.LEFT_OUT) in found(bank, at(23, 20))


def _account(bank, payment_id):
    rows = bank.store.items["entries"].values()
    return next(row["account"] for row in rows if row.get("payment_id") == payment_id)


def test_a_difference_is_one_case_however_often_the_evening_comes(bank, web):
    spoil(bank, "ledger", web)
    for _ in range(3):
        tonight(bank)
    assert list(bank.cases()) == [f"difference#{web}"]
    assert bank.here.metrics.counts["Differences"] == 3


def test_the_evening_looks_back_ten_days_and_on_demand_everything_is_proved(bank, web):
    bank.evening(at(28, 20))  # all is settled
    spoil(bank, "ledger", web)
    later = at(10, 20, month="2027-01")
    assert tonight(bank, later) == set()
    assert found(bank, later) == {(web, Differs.NOT_ASKED_FOR)}


def test_what_was_never_settled_is_proved_every_evening(bank, web):
    spoil(bank, "ledger", web)
    assert tonight(bank, at(10, 20, month="2027-03")) == {(web, Differs.NOT_ASKED_FOR)}


def test_a_file_whose_bytes_are_not_those_that_were_sealed_is_named(bank, withdrawal):
    name = bank.files[0]
    key = f"{OUTBOUND}{name}"
    bank.s3.objects[key] = bank.s3.objects[key].replace(b"0000042480", b"0000042481")
    here = (None, f"{name}: {Differs.OTHER_COPY}")
    assert found(bank) == tonight(bank) == {here, (withdrawal, Differs.OTHER_COPY)}


def test_in_the_evening_too_an_entry_that_is_gone_is_named_by_its_payment(bank, web):
    spoil(bank, "entries", web)
    assert web in {payment_id for payment_id, _ in tonight(bank)}
