"""A correction that goes back to its bank: C61 to C69, by position (rule 52)."""

from datetime import date
from pathlib import Path

import achkit
import pytest
from ach.parser import Parser as CartaParser

from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.entries import DENTAL_PREMIUM
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.ach.records import REFUSED_CHANGE_ADDENDA
from chalicelib.domain.ach.refused_changes import REFUSALS, comes_back_as, last_day
from chalicelib.domain.ach.rejections import Rule
from chalicelib.domain.ach.validation import is_refused, validate
from tests.domain.ach.builders import (
    CHANGE,
    ORIGINATOR,
    THURSDAY,
    a_refusal,
    all_written,
    an_entry,
    written,
)
from tests.domain.ach.by_hand import patched

GOLDEN = Path(__file__).parent / "golden"
OPERATOR = Operator(originator=ORIGINATOR, processed_on=THURSDAY)
COR_HEADER, ENTRY, ADDENDA = 1, 2, 3  # lines of a file that has nothing else


def refused_as(code, **changes):
    """The lines of a file that has just this."""
    return written([a_refusal(1, code, **changes)])[0].decode().splitlines()


def rules(lines):
    return validate([f"{line}\n".encode() for line in lines], OPERATOR).rules


@pytest.mark.parametrize("code", REFUSALS)
def test_each_refusal_stands_in_the_places_of_the_rule_book(code):
    # 2013 book, OR170: each field by its first and last position, counted from 1.
    line = refused_as(code)[ADDENDA]
    place = {
        (1, 1): "7",
        (2, 3): "98",
        (4, 6): code,
        (7, 21): "081000210000001",  # the original entry's trace, as the bank wrote it
        (22, 27): " " * 6,
        (28, 35): "23138010",
        (36, 64): "0012A34567".ljust(29),
        (65, 67): "C01",  # the change code that the bank had given
        (68, 74): "0000042",  # the last seven digits of the notification's own trace
        (75, 79): " " * 5,
        (80, 94): "081000210000001",  # ours: that of the entry before it
    }
    assert {at: line[at[0] - 1 : at[1]] for at in place} == place
    assert "".join(place.values()) == line


def test_its_fields_have_the_lengths_that_the_rule_book_gives():
    assert REFUSED_CHANGE_ADDENDA.positions() == {
        "refused_change_code": (4, 6),
        "original_entry_trace_number": (7, 21),
        "reserved": (22, 27),
        "original_receiving_dfi_identification": (28, 35),
        "corrected_data": (36, 64),
        "change_code": (65, 67),
        "trace_sequence_number": (68, 74),
        "reserved_too": (75, 79),
        "trace_number": (80, 94),
    }


def test_its_entry_moves_nothing_and_its_batch_is_a_correction_s():
    lines = refused_as("C65")
    assert lines[COR_HEADER][:4] + lines[COR_HEADER][50:53] == "5200COR"
    assert lines[ENTRY] == (
        "626231380104"
        + "12345678".ljust(17)
        + "0" * 10
        + "PAYMENT00000001"
        + "MARIA SANTOS".ljust(22)
        + "  1081000210000001"
    )
    assert lines[4][:44] == "8200" + "000002" + "0023138010" + "0" * 24


def test_a_file_with_refusals_is_the_golden_one_to_the_byte():
    entries = [
        an_entry(1),
        a_refusal(2),
        a_refusal(3, "C62", transaction_code="21", addenda=patched(CHANGE, {7: " " * 15})),
        a_refusal(4, "C68", plan_description=DENTAL_PREMIUM),
    ]
    data, summary = written(entries, first_trace=41)
    assert data == (GOLDEN / "refused-changes.ach").read_bytes()
    assert validate([data], OPERATOR).is_accepted
    assert (summary.entries, summary.debit_cents, summary.credit_cents) == (4, 42480, 0)


def test_a_file_of_nothing_but_a_refusal_is_one_that_the_operator_takes():
    assert rules(refused_as("C61")) == frozenset()
    assert not is_refused(a_refusal(), OPERATOR)


def test_others_read_what_we_write():
    data = (GOLDEN / "refused-changes.ach").read_bytes().decode()
    assert achkit.validate(data) == {"ok": True, "errors": []}
    batches = CartaParser(data).as_dict()["batches"]
    found = [each for batch in batches[1:] for each in batch["entries"]]
    codes = [each["addenda"][0]["pmt_rel_info"][:3] for each in found]
    assert codes == ["C65", "C62", "C68"]


def test_what_moov_writes_is_read_field_by_field():
    # addenda98_refused_test.go of moov-io/ach, which has the places from a later rule book.
    line = "798C62059999990000003      05999999" + "68-6547".ljust(29) + "C010000002     "
    read = REFUSED_CHANGE_ADDENDA.read(f"{line}059999990000001")
    assert (read.refused_change_code, read.change_code, read.corrected_data) == (
        "C62",
        "C01",
        "68-6547",
    )
    assert (read.original_entry_trace_number, read.trace_sequence_number) == (
        "059999990000003",
        "0000002",
    )


def test_our_own_reader_finds_each_where_it_was_put():
    reading = read_whole([(GOLDEN / "refused-changes.ach").read_bytes()])
    assert reading.is_understood
    assert [each.code for each in reading.changes] == ["C65", "C62", "C68"]
    assert [each.entry_id[-1] for each in reading.changes] == ["2", "3", "4"]


def test_a_sign_that_no_bank_takes_costs_no_file():
    odd = patched(CHANGE, {36: "00ñ2"})
    assert refused_as("C65", addenda=odd)[ADDENDA][35:39] == "00?2"


def test_entry_and_addenda_stay_in_one_file():
    files = all_written([an_entry(1), an_entry(2), an_entry(3), a_refusal(4)], most_lines=10)
    assert [summary.entries for _, summary in files] == [3, 1]
    assert all(validate([data], OPERATOR).is_accepted for data, _ in files)


@pytest.mark.parametrize(
    ("line", "patch", "rule"),
    [
        (ADDENDA, {4: "C70"}, Rule.R25),
        (ADDENDA, {4: "C01"}, Rule.R25),
        (ADDENDA, {65: "C65"}, Rule.R25),
        (ADDENDA, {2: "05"}, Rule.R25),
        (ADDENDA, {94: "2"}, Rule.R27),
        (ADDENDA, {68: "X"}, Rule.R27),
        (ENTRY, {79: "0"}, Rule.R25),
        (ENTRY, {39: "1"}, Rule.R19),
        (ENTRY, {2: "27"}, Rule.TRANSACTION_CODE),
        (COR_HEADER, {51: "PPD"}, Rule.NOT_FORWARD),
    ],
)
def test_what_is_not_as_it_must_be_never_leaves(line, patch, rule):
    lines = refused_as("C65")
    lines[line] = patched(lines[line], patch)
    assert rule in rules(lines)


def test_one_without_its_reason_never_leaves():
    lines = refused_as("C65")
    assert Rule.R25 in rules(lines[:ADDENDA] + lines[ADDENDA + 1 :])


@pytest.mark.parametrize(
    ("sent", "back"), [("27", "26"), ("28", "26"), ("37", "36"), ("22", "21"), ("32", "31")]
)
def test_it_is_coded_as_what_comes_back(sent, back):
    assert comes_back_as(sent) == back


def test_it_may_go_for_fifteen_calendar_days():
    assert last_day(date(2026, 12, 8)) == date(2026, 12, 23)
