"""What is written is what is read; and what happens when a byte changes on the way."""

import hashlib

import pytest
from hypothesis import given, settings

from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.entries import MODIFIERS, PaymentType
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.ach.records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    ENTRY_DETAIL,
    FILE_CONTROL,
    FILE_HEADER,
)
from chalicelib.domain.ach.validation import validate
from chalicelib.domain.payment import AccountType
from tests.domain.ach.builders import (
    ORIGINATOR,
    THURSDAY,
    all_written,
    an_entry,
    entry_lists,
    written,
)


def as_read(item):
    detail = item.detail
    return (
        item.batch.company_entry_description,
        item.batch.effective_entry_date,
        detail.transaction_code,
        detail.receiving_dfi_identification + detail.check_digit,
        detail.dfi_account_number,
        detail.amount_cents,
        detail.individual_identification_number,
        detail.individual_name,
        detail.payment_type_code,
    )


def as_meant(entry):
    web = entry.batch.standard_entry_class == "WEB"
    return (
        entry.batch.description,
        f"{entry.effective_on:%y%m%d}",
        entry.transaction_code,
        entry.routing,
        entry.account.digits,
        entry.amount_cents,
        entry.entry_id,
        entry.name_for_the_bank,
        entry.payment_type.value if web else "",
    )


@settings(deadline=None)
@given(entry_lists)
def test_any_entries_written_and_read_come_back(entries):
    files = all_written(entries, most_lines=20)
    readings = [read_whole([data]) for data, _ in files]
    found = [item for reading in readings for item in reading.entries]
    assert [as_read(item) for item in found] == [as_meant(entry) for entry in entries]
    assert all(reading.problems == () for reading in readings)
    assert "".join(summary.identity.modifier for _, summary in files) in MODIFIERS


OPERATOR = Operator(originator=ORIGINATOR, processed_on=THURSDAY)
TWO = [
    an_entry(1),
    an_entry(
        2,
        account="00420017",
        account_type=AccountType.SAVINGS,
        payment_type=PaymentType.RECURRING,
    ),
]
LAYOUTS = {
    b"1": FILE_HEADER,
    b"5": BATCH_HEADER,
    b"6": ENTRY_DETAIL,
    b"8": BATCH_CONTROL,
    b"9": FILE_CONTROL,
}

# A changed byte in these fields can leave a file that every rule accepts. Nothing that Nacha puts
# into a file protects them: only the SHA-256 in our manifest does, and we look before we send.
ONLY_THE_SEAL = {
    "file_creation_date",
    "file_creation_time",
    "file_id_modifier",
    "effective_entry_date",  # the day before can be reached as well
    "transaction_code",  # checking or savings
    "dfi_account_number",
    "individual_identification_number",
    "individual_name",
    "payment_type_code",  # once or recurring
    "trace_number",  # as long as they ascend
}
# These mean nothing to anybody who reads our files.
HARMLESS = {
    "reference_code",
    "company_discretionary_data",
    "company_descriptive_date",
    "settlement_date",
    "originator_status_code",
    "message_authentication_code",
    "reserved",
    "line end",  # another kind of it
}


def field_at(data, place):
    row, column = divmod(place, 95)
    line = data[row * 95 : row * 95 + 94]
    if column == 94:
        return "line end"
    if column == 0:
        return "record type"
    if not line.strip(b"9"):
        return "filler"
    spans = LAYOUTS[line[:1]].positions()
    return next(name for name, (first, last) in spans.items() if first <= column + 1 <= last)


def accepted_fields(data, replacements):
    """The fields in which one changed byte can leave a file that is still accepted."""
    return {
        field_at(data, place)
        for place in range(len(data))
        for other in replacements
        if data[place] != other
        and validate([data[:place] + bytes([other]) + data[place + 1 :]], OPERATOR).is_accepted
    }


def test_any_byte_changed_is_caught_or_harmless_or_in_a_field_that_only_the_seal_protects():
    data, _ = written(TWO)
    assert accepted_fields(data, b"137S\r \xff") == ONLY_THE_SEAL | HARMLESS


@pytest.mark.slow
def test_every_byte_changed_to_every_other_is_caught_or_harmless_or_known_to_the_seal_alone():
    data, _ = written(TWO)
    assert accepted_fields(data, range(256)) == ONLY_THE_SEAL | HARMLESS


def test_any_byte_changed_is_known_to_the_seal():
    data, summary = written(TWO)
    for place in range(len(data)):
        other = bytes([data[place] ^ 1])
        changed = data[:place] + other + data[place + 1 :]
        assert hashlib.sha256(changed).hexdigest() != summary.sha256


def test_a_harmless_change_leaves_what_is_read_as_it_was():
    data, _ = written(TWO)
    meant = [as_meant(entry) for entry in TWO]
    for place in range(len(data)):
        if field_at(data, place) in HARMLESS:
            changed = data[:place] + (b"\r" if data[place] == 10 else b"3") + data[place + 1 :]
            assert [as_read(item) for item in read_whole([changed]).entries] == meant
