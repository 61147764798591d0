"""Nacha's records, field by field, in the words and the order of its rule book (appendix three)."""

from dataclasses import dataclass, field
from typing import Annotated

from chalicelib.domain.ach.layout import (
    Amount10,
    Amount12,
    Class,
    Code2,
    Code3,
    Count6,
    Count8,
    Day,
    Dfi,
    Hash,
    Id10,
    Layout,
    OriginalTrace,
    Sequence,
    Sign,
    Trace,
    digits,
    free_text,
    number,
    text,
)

BLOCKING_FACTOR = 10
FILLER = "9" * 94
HASH_DIGITS = 10**10  # the hash keeps its ten rightmost digits

MIXED, CREDITS_ONLY, DEBITS_ONLY = "200", "220", "225"
SERVICE_CLASSES = frozenset({MIXED, CREDITS_ONLY, DEBITS_ONLY})

LIVE = frozenset({"22", "27", "32", "37"})
PRENOTES = frozenset({"23", "28", "33", "38"})
ZEROS = frozenset({"24", "29", "34", "39"})
RETURNS = frozenset({"21", "26", "31", "36"})  # and notifications of change
TRANSACTION_CODES = LIVE | PRENOTES | ZEROS | RETURNS
CREDITS = frozenset({"21", "22", "23", "24", "31", "32", "33", "34"})
SAVINGS = frozenset({"31", "32", "33", "34", "36", "37", "38", "39"})

WEB, PPD, COR = "WEB", "PPD", "COR"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """Who sends the file to whom, and its identity: origin, date, time, modifier."""

    priority_code: Annotated[str, text(2)] = "01"
    immediate_destination: Id10
    immediate_origin: Id10
    file_creation_date: Day
    file_creation_time: Annotated[str, text(4)]
    file_id_modifier: Sign
    record_size: Annotated[str, text(3)] = "094"
    blocking_factor: Annotated[str, text(2)] = "10"
    format_code: Sign = "1"
    immediate_destination_name: Annotated[str, free_text(23)]
    immediate_origin_name: Annotated[str, free_text(23)]
    reference_code: Annotated[str, free_text(8)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """Who debits, what the receiver's statement says, and when it should settle."""

    service_class_code: Class
    company_name: Annotated[str, free_text(16)]
    company_discretionary_data: Annotated[str, free_text(20)] = ""
    company_identification: Id10
    standard_entry_class_code: Code3
    company_entry_description: Id10
    company_descriptive_date: Day = ""
    effective_entry_date: Day
    settlement_date: Code3 = ""  # the operator's
    originator_status_code: Sign = "1"
    originating_dfi_identification: Dfi
    batch_number: Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail:
    """One debit or credit of one account."""

    transaction_code: Code2
    receiving_dfi_identification: Dfi
    check_digit: Annotated[str, digits(1)]
    dfi_account_number: Annotated[str, text(17)] = field(repr=False)
    amount_cents: Amount10
    individual_identification_number: Annotated[str, text(15)]
    individual_name: Annotated[str, free_text(22)] = field(repr=False)
    payment_type_code: Annotated[str, free_text(2)] = ""  # elsewhere: discretionary data
    addenda_record_indicator: Annotated[str, digits(1)] = "0"
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAddenda:
    """Addenda 05: a line of text that goes with an entry."""

    payment_related_information: Annotated[str, free_text(80)]
    addenda_sequence_number: Annotated[str, digits(4)]
    entry_detail_sequence_number: Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddenda:
    """Addenda 98: what the RDFI wants corrected in later entries."""

    change_code: Code3
    original_entry_trace_number: OriginalTrace
    reserved: Annotated[str, free_text(6)] = ""
    original_receiving_dfi_identification: Annotated[str, text(8)]
    corrected_data: Annotated[str, free_text(29)] = field(repr=False)
    reserved_too: Annotated[str, free_text(15)] = ""
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedChangeAddenda:
    """Addenda 98 that sends one of those back to the RDFI: why, and which."""

    refused_change_code: Code3
    original_entry_trace_number: OriginalTrace
    reserved: Annotated[str, text(6)] = ""
    original_receiving_dfi_identification: Annotated[str, text(8)]
    corrected_data: Annotated[str, text(29)] = field(repr=False)
    change_code: Code3
    trace_sequence_number: Sequence  # of the notification: the last seven digits of its trace
    reserved_too: Annotated[str, text(5)] = ""
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddenda:
    """Addenda 99: why an entry comes back, and which."""

    return_reason_code: Code3
    original_entry_trace_number: OriginalTrace
    date_of_death: Day = ""
    original_receiving_dfi_identification: Annotated[str, text(8)]
    addenda_information: Annotated[str, free_text(44)] = ""
    trace_number: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchControl:
    """Counts and sums of one batch."""

    service_class_code: Class
    entry_addenda_count: Count6
    entry_hash: Hash
    total_debit_cents: Amount12
    total_credit_cents: Amount12
    company_identification: Id10
    message_authentication_code: Annotated[str, text(19)] = ""
    reserved: Annotated[str, free_text(6)] = ""
    originating_dfi_identification: Dfi
    batch_number: Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class FileControl:
    """Counts and sums of the file."""

    batch_count: Count6
    block_count: Annotated[int, number(6)]
    entry_addenda_count: Count8
    entry_hash: Hash
    total_debit_cents: Amount12
    total_credit_cents: Amount12
    reserved: Annotated[str, text(39)] = ""


FILE_HEADER = Layout(FileHeader, "1")
BATCH_HEADER = Layout(BatchHeader, "5")
ENTRY_DETAIL = Layout(EntryDetail, "6")
PAYMENT_ADDENDA = Layout(PaymentAddenda, "705")
CHANGE_ADDENDA = Layout(ChangeAddenda, "798")
REFUSED_CHANGE_ADDENDA = Layout(RefusedChangeAddenda, "798")
RETURN_ADDENDA = Layout(ReturnAddenda, "799")
BATCH_CONTROL = Layout(BatchControl, "8")
FILE_CONTROL = Layout(FileControl, "9")
