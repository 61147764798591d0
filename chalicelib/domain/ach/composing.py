"""From our words to Nacha's records."""

import re

from chalicelib.domain.ach.entries import (
    BatchKey,
    FileEntry,
    FileIdentity,
    Originator,
    RefusedNotice,
)
from chalicelib.domain.ach.records import (
    BLOCKING_FACTOR,
    CHANGE_ADDENDA,
    COR,
    CREDITS_ONLY,
    DEBITS_ONLY,
    MIXED,
    WEB,
    BatchControl,
    BatchHeader,
    EntryDetail,
    FileControl,
    FileHeader,
    RefusedChangeAddenda,
)
from chalicelib.domain.ach.sums import Sums

_ODD = re.compile(r"[^ -~]")


def file_header(who: Originator, identity: FileIdentity) -> FileHeader:
    """Who sends to whom, and the identity."""
    at = identity.created_at
    return FileHeader(
        immediate_destination=f"{who.immediate_destination:>10}",
        immediate_origin=f"{who.immediate_origin:>10}",
        file_creation_date=f"{at:%y%m%d}",
        file_creation_time=f"{at:%H%M}",
        file_id_modifier=identity.modifier,
        immediate_destination_name=who.immediate_destination_name,
        immediate_origin_name=who.immediate_origin_name,
    )


def batch_header(who: Originator, key: BatchKey, number: int) -> BatchHeader:
    """What all entries of the batch have in common."""
    return BatchHeader(
        service_class_code=_service_class(key),
        company_name=who.company_name,
        company_identification=who.company_id,
        standard_entry_class_code=key.standard_entry_class,
        company_entry_description=key.description,
        effective_entry_date=f"{key.effective_on:%y%m%d}",
        originating_dfi_identification=who.odfi_id,
        batch_number=f"{number:07d}",
    )


def entry_detail(entry: FileEntry, trace_number: str) -> EntryDetail:
    """One entry under its trace number."""
    web = entry.batch.standard_entry_class == WEB
    return EntryDetail(
        transaction_code=entry.transaction_code,
        receiving_dfi_identification=entry.routing[:8],
        check_digit=entry.routing[8],
        dfi_account_number=entry.account.digits,
        amount_cents=entry.amount_cents,
        individual_identification_number=entry.entry_id,
        individual_name=entry.name_for_the_bank,
        payment_type_code=entry.payment_type.value if web else "",
        addenda_record_indicator="1" if entry.refused else "0",
        trace_number=trace_number,
    )


def entry_line(entry: FileEntry, name: str, trace_number: str) -> str:
    """Its 94 characters, at once, with its name for the bank; each field of a writable one fits."""
    kind = f"{entry.payment_type.value} " if entry.batch.standard_entry_class == WEB else "  "
    return (
        f"6{entry.transaction_code}{entry.routing}{entry.account.digits:<17}"
        f"{entry.amount_cents:010d}{entry.entry_id:<15}{name:<22}{kind}"
        f"{'1' if entry.refused else '0'}{trace_number}"
    )


def refused_change(refused: RefusedNotice, trace_number: str) -> RefusedChangeAddenda:
    """What the bank wrote, in the places where its refusal repeats it (2013 book, OR170).

    A sign that is in no alphabet of ours would have the whole file refused: it is shown as a "?".
    """
    said = CHANGE_ADDENDA.read_of_others(refused.addenda)
    return RefusedChangeAddenda(
        refused_change_code=refused.code,
        original_entry_trace_number=said.original_entry_trace_number,
        original_receiving_dfi_identification=said.original_receiving_dfi_identification,
        corrected_data=_ODD.sub("?", said.corrected_data),
        change_code=said.change_code,
        trace_sequence_number=said.trace_number[-7:],
        trace_number=trace_number,
    )


def batch_control(who: Originator, key: BatchKey, number: int, sums: Sums) -> BatchControl:
    """The sums of a batch."""
    return BatchControl(
        service_class_code=_service_class(key),
        entry_addenda_count=sums.records,
        entry_hash=sums.entry_hash,
        total_debit_cents=sums.debit_cents,
        total_credit_cents=sums.credit_cents,
        company_identification=who.company_id,
        originating_dfi_identification=who.odfi_id,
        batch_number=f"{number:07d}",
    )


def file_control(batches: int, lines: int, sums: Sums) -> FileControl:
    """The sums of a file; `lines` counts the file control itself."""
    return FileControl(
        batch_count=batches,
        block_count=-(-lines // BLOCKING_FACTOR),
        entry_addenda_count=sums.records,
        entry_hash=sums.entry_hash,
        total_debit_cents=sums.debit_cents,
        total_credit_cents=sums.credit_cents,
    )


def _service_class(key: BatchKey) -> str:
    if key.standard_entry_class == COR:
        return MIXED  # corrections of debits and of credits may go back together
    return CREDITS_ONLY if key.credit else DEBITS_ONLY
