"""The rule book's tables and vectors."""

import pytest

from chalicelib.domain.ach import records
from chalicelib.domain.ach.layout import Malformed
from chalicelib.domain.ach.sums import Sums
from chalicelib.domain.errors import Wrong
from chalicelib.domain.payment import routing_number

LAYOUTS = {
    "file header": records.FILE_HEADER,
    "batch header": records.BATCH_HEADER,
    "entry": records.ENTRY_DETAIL,
    "addenda 05": records.PAYMENT_ADDENDA,
    "addenda 98": records.CHANGE_ADDENDA,
    "addenda 99": records.RETURN_ADDENDA,
    "batch control": records.BATCH_CONTROL,
    "file control": records.FILE_CONTROL,
}

# First and last position of every field, in the order of the rule book's tables.
BOOK = {
    "file header": "2-3 4-13 14-23 24-29 30-33 34-34 35-37 38-39 40-40 41-63 64-86 87-94",
    "batch header": "2-4 5-20 21-40 41-50 51-53 54-63 64-69 70-75 76-78 79-79 80-87 88-94",
    "entry": "2-3 4-11 12-12 13-29 30-39 40-54 55-76 77-78 79-79 80-94",
    "addenda 05": "4-83 84-87 88-94",
    "addenda 98": "4-6 7-21 22-27 28-35 36-64 65-79 80-94",
    "addenda 99": "4-6 7-21 22-27 28-35 36-79 80-94",
    "batch control": "2-4 5-10 11-20 21-32 33-44 45-54 55-73 74-79 80-87 88-94",
    "file control": "2-7 8-13 14-21 22-31 32-43 44-55 56-94",
}


@pytest.mark.parametrize("name", BOOK)
def test_every_field_stands_where_the_rule_book_puts_it(name):
    places = LAYOUTS[name].positions().values()
    assert " ".join(f"{first}-{last}" for first, last in places) == BOOK[name]


def test_the_entry_hash_of_the_rule_book_s_example_agrees():
    sums = Sums()
    for dfi in ("05600507", "05140225", "11400065"):
        sums.add(dfi, 100, credit=False)
    assert sums.entry_hash == 22140797


def test_the_entry_hash_keeps_its_ten_rightmost_digits():
    sums = Sums()
    for _ in range(101):
        sums.add("99999999", 100, credit=False)
    assert sums.entry_hash == 99999999 * 101 - 10**10


@pytest.mark.parametrize("digits", ["231380104", "121042882", "081000210"])
def test_a_routing_number_with_a_good_check_digit_is_taken(digits):
    assert routing_number(digits) == digits


def test_a_routing_number_with_a_bad_check_digit_is_refused():
    with pytest.raises(Wrong):
        routing_number("231380105")


def test_a_value_that_does_not_fit_its_field_never_reaches_a_file():
    header = records.BatchHeader(
        service_class_code="225",
        company_name="SEVENTEEN LETTERS",
        company_identification="1987654320",
        standard_entry_class_code="WEB",
        company_entry_description="HLTH PREM",
        effective_entry_date="261204",
        originating_dfi_identification="08100021",
        batch_number="0000001",
    )
    with pytest.raises(AssertionError):
        records.BATCH_HEADER.write(header)


def test_a_malformed_line_says_which_fields_are_wrong():
    with pytest.raises(Malformed) as wrong:
        records.FILE_CONTROL.read("9" + "00000x" + "000001" + " " * 81)
    assert wrong.value.fields == (
        "batch_count",
        "entry_addenda_count",
        "entry_hash",
        "total_debit_cents",
        "total_credit_cents",
    )


def test_a_record_never_shows_account_number_or_name():
    entry = records.EntryDetail(
        transaction_code="27",
        receiving_dfi_identification="23138010",
        check_digit="4",
        dfi_account_number="55512345",
        amount_cents=1,
        individual_identification_number="P1",
        individual_name="MARIA SANTOS",
        trace_number="081000210000001",
    )
    assert "55512345" not in repr(entry)
    assert "MARIA" not in repr(entry)
