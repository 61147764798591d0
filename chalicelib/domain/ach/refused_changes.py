"""A notification of change goes back to the bank that sent it: C61 to C69 (2013 book, OR170)."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.ach.changes import decide
from chalicelib.domain.ach.entries import FileEntry
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.ach.records import (
    CREDITS,
    RETURNS,
    EntryDetail,
    PaymentAddenda,
    RefusedChangeAddenda,
)
from chalicelib.domain.ach.rejections import Rule

DAYS = 15  # calendar days from its receipt, in which it may be refused (Nacha 2.11.2)

REFUSALS = {
    "C61": "it was not for us",  # no check of ours says so
    "C62": "its trace number is not that of our entry",
    "C63": "its company id is not ours",
    "C64": "its individual id is not that of our entry",
    "C65": "its corrected data has not the form of its code",
    "C66": "its discretionary data is not that of our entry",
    "C67": "its routing number is not that of our entry",
    "C68": "its account number is not that of our entry",
    "C69": "its transaction code is not that of our entry",
}
"""Why a notification may be refused; what our own checks can see is derived from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedChange:
    """A notification of change that goes back to the bank that sent it (rule 52)."""

    of_payment: str  # the entry that it is about
    code: str  # C61 to C69
    transaction_code: str  # of the notification
    sealed_addenda: str  # what the bank wrote: it may hold an account number


def derived(
    item: ChangeEntry, entry: FileEntry, agrees_in: Container[str], company_id: str
) -> list[str]:
    """The codes that what the bank wrote gives us, beside the entry that it is about.

    `agrees_in` says which of id, trace and account are those of the entry.
    """
    said = item.detail
    wrong = {
        "C62": "trace" not in agrees_in,
        "C63": item.batch is not None and item.batch.company_identification != company_id,
        "C64": "id" not in agrees_in,
        "C65": decide(item.code, item.corrected_data).refuse_with == "C65",
        # Left out it is no error: most banks do.
        "C66": said.payment_type_code not in ("", entry.payment_type),
        "C67": item.addenda.original_receiving_dfi_identification != entry.routing[:8],
        "C68": "account" not in agrees_in,
        "C69": said.transaction_code != comes_back_as(entry.transaction_code),
    }
    return [code for code, is_wrong in wrong.items() if is_wrong]


def comes_back_as(transaction_code: str) -> str:
    """What a return or a correction of such an entry is coded with: 26 of 27 to 29."""
    return transaction_code[0] + ("1" if transaction_code in CREDITS else "6")


def last_day(received_on: date) -> date:
    """The last on which the refusal may go out."""
    return received_on + timedelta(days=DAYS)


def wrong(
    detail: EntryDetail, addenda: Sequence[PaymentAddenda | RefusedChangeAddenda]
) -> Iterator[Rule]:
    """What is wrong with a refusal in a file of ours: no money, one addenda, one of the codes."""
    if detail.transaction_code not in RETURNS:
        yield Rule.TRANSACTION_CODE
    if detail.amount_cents:
        yield Rule.R19
    match list(addenda):
        case [RefusedChangeAddenda() as why] if detail.addenda_record_indicator == "1":
            if why.refused_change_code not in REFUSALS or why.change_code in REFUSALS:
                yield Rule.R25
            if why.trace_number != detail.trace_number:
                yield Rule.R27
        case _:
            yield Rule.R25
