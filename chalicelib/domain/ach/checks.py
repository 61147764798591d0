"""The rules that one record, or an entry with its addenda, can break by itself."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from chalicelib.domain.ach import refused_changes
from chalicelib.domain.ach.entries import (
    DENTAL_PREMIUM,
    HEALTH_PREMIUM,
    MODIFIERS,
    RETRY,
    REVERSAL,
    Originator,
    is_routing_number,
)
from chalicelib.domain.ach.records import (
    COR,
    CREDITS,
    CREDITS_ONLY,
    DEBITS_ONLY,
    LIVE,
    PPD,
    RETURNS,
    SERVICE_CLASSES,
    TRANSACTION_CODES,
    WEB,
    BatchHeader,
    EntryDetail,
    FileHeader,
    PaymentAddenda,
    RefusedChangeAddenda,
)
from chalicelib.domain.ach.rejections import Rule
from chalicelib.domain.banking_days import banking_day_after, is_banking_day
from chalicelib.domain.timetable import NEW_YORK

MOST_SAME_DAY_CENTS = 100_000_000  # a million dollars, per entry (since March 18, 2022)
FileKey = tuple[str, str, str, str]  # immediate origin, date, time, modifier

_DEBIT_DAYS_AHEAD, _CREDIT_DAYS_AHEAD = 1, 2
_PAYMENT_TYPES = frozenset({"R", "S"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What the operator knows beside the file."""

    originator: Originator
    processed_on: date
    accepted: frozenset[FileKey] = frozenset()
    descriptions: frozenset[str] = frozenset({HEALTH_PREMIUM, DENTAL_PREMIUM, RETRY, REVERSAL})
    knows_bank: Callable[[str], bool] = field(default=lambda _: True)


@lru_cache(maxsize=64)
def usual_entry(entry_class: str, service_class: str, odfi_id: str) -> re.Pattern[str]:
    """The line of an entry that moves money, has no addenda, and breaks no rule of `entry`.

    Groups: routing number, cents, trace. What is left to ask is whether the routing number checks
    and is known, and whether the amount may go the same day. All others are judged field by field.
    """
    web, credit = entry_class == WEB, service_class == CREDITS_ONLY
    parts = (
        "6(?:22|32)" if credit else "6(?:27|37)",
        "([0-9]{9})",
        "(?![ 0]{17})[ -~]{17}",  # the account
        "(?!0{10})([0-9]{10})",
        "(?! {15})[ -~]{15}",  # our id
        "(?![ 0]{22})[ -~]{22}" if web else "[ -~]{22}",  # the name
        "[RS] 0" if web else "[ -~]{2}0",
        f"({odfi_id}[0-9]{{7}})",
    )
    return re.compile("".join(parts))


def file_key(header: FileHeader) -> FileKey:
    """By what the operator knows a file again."""
    return (
        header.immediate_origin.strip(),
        header.file_creation_date,
        header.file_creation_time,
        header.file_id_modifier,
    )


def file_header(header: FileHeader, operator: Operator) -> Iterator[Rule]:
    """What is wrong with who sends to whom, and when."""
    who = operator.originator
    if header.immediate_origin.strip() != who.immediate_origin:
        yield Rule.SENDING_POINT
    if header.immediate_destination.strip() != who.immediate_destination:
        yield Rule.DESTINATION
    if header.file_id_modifier not in MODIFIERS or not header.file_id_modifier:
        yield Rule.MODIFIER
    if (header.record_size, header.blocking_factor, header.format_code) != ("094", "10", "1"):
        yield Rule.SIZES
    if _moment(header.file_creation_date + header.file_creation_time) is None:
        yield Rule.CREATION
    names = (header.immediate_destination_name, header.immediate_origin_name)
    agreed = (who.immediate_destination_name, who.immediate_origin_name)
    if names != agreed or header.priority_code != "01":
        yield Rule.OUR_NAME
    if file_key(header) in operator.accepted:
        yield Rule.SAME_FILE


def batch_header(header: BatchHeader, operator: Operator) -> Iterator[Rule]:
    """What is wrong with what all entries of the batch have in common."""
    if header.service_class_code not in SERVICE_CLASSES:
        yield Rule.SERVICE_CLASS
    if header.standard_entry_class_code not in {WEB, PPD, COR}:
        yield Rule.ENTRY_CLASS
    if header.originating_dfi_identification != operator.originator.odfi_id:
        yield Rule.ODFI
    yield from _names(header, operator)
    debits = header.service_class_code != CREDITS_ONLY
    yield from _effective_entry_date(header.effective_entry_date, operator, debits=debits)


def entry(
    header: BatchHeader,
    detail: EntryDetail,
    addenda: Sequence[PaymentAddenda | RefusedChangeAddenda],
    operator: Operator,
) -> Iterator[Rule]:
    """What is wrong with one entry, its addenda included."""
    routing = detail.receiving_dfi_identification + detail.check_digit
    if not detail.receiving_dfi_identification.strip("0"):
        yield Rule.R13
    elif not is_routing_number(routing):
        yield Rule.R28
    elif not operator.knows_bank(routing):
        yield Rule.R13
    # Money in a live entry, none in a prenote; a notification of change has none either.
    if detail.transaction_code not in RETURNS and (detail.amount_cents > 0) != (
        detail.transaction_code in LIVE
    ):
        yield Rule.R19
    if header.standard_entry_class_code == WEB and not detail.individual_name.strip(" 0"):
        yield Rule.R26
    yield from _side(header, detail)
    if header.standard_entry_class_code == COR:
        yield from refused_changes.wrong(detail, addenda)
    else:
        yield from _addenda(detail, addenda)
    yield from _own(header, detail, operator)


def usual(header: BatchHeader, operator: Operator) -> re.Pattern[str] | None:
    """The line that most entries of a batch have; None where its header is not as it should be."""
    if any(batch_header(header, operator)):
        return None
    side = header.service_class_code, header.standard_entry_class_code
    reversal = header.company_entry_description == REVERSAL
    is_plain = side in ((DEBITS_ONLY, WEB), (CREDITS_ONLY, PPD)) and not reversal
    return usual_entry(*reversed(side), operator.originator.odfi_id) if is_plain else None


def _names(header: BatchHeader, operator: Operator) -> Iterator[Rule]:
    who = operator.originator
    blank = {
        Rule.COMPANY_NAME: header.company_name,
        Rule.COMPANY_ID: header.company_identification,
        Rule.DESCRIPTION: header.company_entry_description,
    }
    empty = [rule for rule, value in blank.items() if not value.strip(" 0")]
    yield from empty
    if Rule.COMPANY_NAME not in empty and header.company_name != who.company_name:
        yield Rule.OUR_NAME
    if Rule.COMPANY_ID not in empty and header.company_identification != who.company_id:
        yield Rule.OUR_NAME
    known = header.company_entry_description in operator.descriptions
    if Rule.DESCRIPTION not in empty and not known:
        yield Rule.OUR_DESCRIPTION


def _effective_entry_date(text: str, operator: Operator, *, debits: bool) -> Iterator[Rule]:
    moment = _moment(f"{text}0000")
    if moment is None:
        yield Rule.EFFECTIVE_DATE
        return
    day, today = moment.date(), operator.processed_on
    if debits and day > banking_day_after(today, _DEBIT_DAYS_AHEAD):
        yield Rule.R18
        return
    reachable = today <= day <= banking_day_after(today, _CREDIT_DAYS_AHEAD)
    if not reachable or not is_banking_day(day):
        yield Rule.EFFECTIVE_DAY


def _side(header: BatchHeader, detail: EntryDetail) -> Iterator[Rule]:
    if detail.transaction_code not in TRANSACTION_CODES:
        yield Rule.TRANSACTION_CODE
        return
    credit = detail.transaction_code in CREDITS
    if header.service_class_code == (DEBITS_ONLY if credit else CREDITS_ONLY):
        yield Rule.WRONG_SIDE
        return
    reversal = header.company_entry_description == REVERSAL
    allowed = {WEB: credit == reversal, PPD: credit}
    if not allowed.get(header.standard_entry_class_code, True):
        yield Rule.CLASS_AND_SIDE


def _addenda(
    detail: EntryDetail, addenda: Sequence[PaymentAddenda | RefusedChangeAddenda]
) -> Iterator[Rule]:
    # WEB and PPD entries carry one line of text at most; a return's addenda are its reason.
    if detail.transaction_code in RETURNS:
        return
    if detail.addenda_record_indicator != str(len(addenda)):
        yield Rule.R25
    for each in [each for each in addenda[:1] if isinstance(each, PaymentAddenda)]:
        if each.addenda_sequence_number != "0001":
            yield Rule.R25
        if each.entry_detail_sequence_number != detail.trace_number[-7:]:
            yield Rule.R27


def _own(header: BatchHeader, detail: EntryDetail, operator: Operator) -> Iterator[Rule]:
    same_day = header.effective_entry_date == f"{operator.processed_on:%y%m%d}"
    if same_day and detail.amount_cents > MOST_SAME_DAY_CENTS:
        yield Rule.SAME_DAY_AMOUNT
    if not detail.dfi_account_number.strip(" 0"):
        yield Rule.ACCOUNT
    if not detail.individual_identification_number.strip():
        yield Rule.ENTRY_ID
    web = header.standard_entry_class_code == WEB
    if web and detail.payment_type_code not in _PAYMENT_TYPES:
        yield Rule.PAYMENT_TYPE


def _moment(text: str) -> datetime | None:
    """YYMMDDHHMM, or None."""
    if len(text) != len("YYMMDDHHMM") or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(f"20{text}", "%Y%m%d%H%M").replace(tzinfo=NEW_YORK)
    except ValueError:
        return None
