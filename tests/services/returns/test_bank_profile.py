"""A bank whose files are not in the usual form is one setting: BANK_PROFILE."""

import gzip

import pytest

from chalicelib.domain.signature import Signature
from tests.bank import OUTBOUND, SEALED, Bank
from tests.monthly import at

ONE = "EN000001"
BACK = at(8, 8)


@pytest.fixture
def bank():
    return Bank(bank_profile="gateway")


def returned(bank):
    """R01 of a payment, as a bank of this profile says it: in gzip, its batch without a number."""
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    rows = bank.answer((payment_id, "R01"), when=BACK).decode().splitlines()
    rows = [row[:87] + " " * 7 if row[0] in "58" else row for row in rows]
    return payment_id, gzip.compress("\r\n".join([*rows, ""]).encode())


def test_what_it_sends_in_gzip_and_without_numbers_is_booked(bank):
    payment_id, body = returned(bank)
    bank.receive(body, BACK)
    assert (bank.state(payment_id), bank.mails("not_paid")) == ("not_paid", [ONE])
    assert (bank.cases(), list(bank.here.files.lying("inbound/"))) == ({}, [])


def test_its_word_in_gzip_is_heard(bank):
    bank.pays()
    bank.collect(at(3, 18))
    bank.receive(gzip.compress(bank.word()), at(3, 19))
    assert (str(bank.transmission("2026-12-03").state), bank.lying) == ("acknowledged", [])


def test_our_files_have_its_line_ends_and_the_books_prove_them(bank):
    bank.pays()
    bank.collect(at(3, 18))
    [sent] = [body for key, body in bank.s3.objects.items() if key.startswith(OUTBOUND)]
    assert {len(row) for row in sent.split(b"\r\n")[:-1]} == {94}
    assert bank.prove(at(3, 20)) == []


def test_a_copy_that_somebody_changed_is_still_named_by_its_entry(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    [key] = [key for key in bank.s3.objects if key.startswith(OUTBOUND)]
    assert any(each.startswith(SEALED) for each in bank.s3.objects)
    bank.s3.objects[key] = bank.s3.objects[key].replace(b"0000042480", b"0000042481", 1)
    assert payment_id in {each.payment_id for each in bank.prove(at(3, 20))}


def test_rule_52_what_lies_in_quarantine_is_read_again_after_the_profile_was_changed(bank):
    payment_id, body = returned(bank)
    before = Bank(bank.store, s3=bank.s3, queue=bank.queue)
    before.receive(body, BACK)
    [case] = before.cases()
    assert "compressed with gzip" in before.cases()[case]
    assert before.state(payment_id) == "sent"
    bank.here.files.objects.update(before.here.files.objects)
    signed = Signature(who="Ada", why="the bank zips since Monday", at=at(8, 12))
    reading = bank.system.suspense_desk.read_file_again(case, signed)
    assert (reading.count, bank.state(payment_id), bank.cases()) == (1, "not_paid", {})


def test_rule_48_what_no_profile_opens_is_a_case_that_says_what_it_is(bank):
    bank.receive(b"-----BEGIN PGP MESSAGE-----\nhQEMA\n", BACK)
    [(case, reason)] = bank.cases().items()
    assert case.startswith("unreadable_file#")
    assert "encrypted with PGP" in reason
    assert "hQEMA" not in reason
