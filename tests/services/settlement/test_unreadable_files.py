"""A file of the bank that says nothing stops the evening: it may hold any return (rule 48)."""

import codecs

import pytest

from chalicelib.domain.signature import Signature
from tests.bank import Bank
from tests.monthly import at

MORNING, EVENING, NEXT = at(8, 8), at(8, 20), at(9, 20)


@pytest.fixture
def bank():
    bank = Bank()
    bank.pays()
    bank.collect(at(3, 18))
    return bank


def returned(bank):
    return bank.answer((bank.payment_ids()[0], "R01"), when=MORNING)


DUMB = {
    "nothing": lambda _: b"",
    "blank lines": lambda _: b"\n\n\n",
    "an error page": lambda _: b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n",
    "PGP": lambda _: b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n=abcd\n-----END PGP MESSAGE-----\n",
    "PGP in bytes": lambda body: bytes([0x85, 0x01, 0x0C]) + body[::-1],
    "UTF-16": lambda body: codecs.BOM_UTF16_LE + body.decode().encode("utf-16-le"),
    "EBCDIC": lambda body: body.decode().encode("cp037"),
    "gzip": lambda _: b"\x1f\x8b\x08\x00" + bytes(range(200)),
    "an error in a line": lambda _: b"503 Service Unavailable\n",
    "armour": lambda _: (
        b"-----BEGIN PGP MESSAGE-----\n\n" + b"5kQ/9x" * 10 + b"\n" + b"9aZb+2" * 10 + b"\n"
        b"8aZb+2\n=abcd\n-----END PGP MESSAGE-----\n"
    ),
    "bytes of any kind": lambda _: bytes(range(256)) * 25,
    "a CSV of dates": lambda _: b"date,code\n9/1/2027,R01\n5/1/2027,R02\n",
    "a control without its fields": lambda _: b"5 \n8 \n9 \n",
    "a spreadsheet's CSV": lambda _: b"trace,code,amount\n1,R01,424.80\n",
}


@pytest.mark.parametrize("what", DUMB)
def test_rule_48_until_its_case_is_closed_nothing_becomes_paid_and_it_rings(bank, what):
    bank.receive(DUMB[what](returned(bank)), MORNING)
    [case] = bank.cases()
    assert case == "unreadable_file#1.ach@v1"
    for evening in (EVENING, NEXT):
        bank.evening(evening)
        assert bank.state(bank.payment_ids()[0]) == "sent"
        assert bank.mails("paid") == []
    assert bank.here.metrics.counts["BankFilesUnread"] == 2
    bank.system.records.cases.close(
        case, Signature(who="Ada", why="the bank sent it anew", at=NEXT)
    )
    bank.evening(at(10, 20))
    assert bank.state(bank.payment_ids()[0]) == "paid"


@pytest.mark.parametrize("lines", [1, 6, 10])
def test_rule_48_a_file_that_says_something_stops_no_evening(bank, lines):
    """An empty one of the bank's, whole: a header and a control that counts nothing."""
    rows = returned(bank).splitlines(keepends=True)
    nothing = rows[0] + b"9000000000001" + b"0" * 42 + b" " * 39 + b"\n" + rows[-1] * (lines - 1)
    bank.receive(nothing, MORNING)
    assert not any(case.startswith("unreadable_file") for case in bank.cases())
    bank.evening(EVENING)
    assert bank.state(bank.payment_ids()[0]) == "paid"
