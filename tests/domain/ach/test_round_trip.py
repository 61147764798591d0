"""What is written is what is read; and what happens when a byte changes on the way."""

from hypothesis import given, settings

from chalicelib.domain.ach.entries import MODIFIERS
from chalicelib.domain.ach.reading import read_whole
from tests.domain.ach.builders import all_written, entry_lists


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
