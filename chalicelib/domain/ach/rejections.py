"""For what a file, a batch or an entry is refused: by the ACH operator, and before it by us."""

from enum import StrEnum


class Rule(StrEnum):
    """The operator's rejection rules (2013 rule book, OR68 to OR72), then our own stricter ones."""

    # The whole file
    UNREADABLE_RECORD = "unreadable_record"  # not 94 characters
    UNDEFINED_RECORD = "undefined_record"  # no such record type
    SENDING_POINT = "sending_point"  # the operator does not know who sends
    FILE_TOTALS = "file_totals"
    FILE_HASH = "file_hash"
    FILE_COUNT = "file_count"
    BLOCKS = "blocks"
    BATCHES = "batches"
    MODIFIER = "modifier"  # not A-Z, 0-9
    SIZES = "sizes"  # not 094, 10, 1
    ORDER = "order"  # records not in their order
    SAME_FILE = "same_file"  # origin, date, time and modifier of a file accepted before

    # A batch
    CHARACTERS = "characters"
    ODFI = "odfi"
    SERVICE_CLASS = "service_class"
    ENTRY_CLASS = "entry_class"
    TRANSACTION_CODE = "transaction_code"
    TRACE_ORDER = "trace_order"  # not ascending
    TRACE_PREFIX = "trace_prefix"  # not the ODFI's
    COMPANY_NAME = "company_name"  # blank or zeros, as the next two
    COMPANY_ID = "company_id"
    DESCRIPTION = "description"
    CLASS_UNEQUAL = "class_unequal"  # header and control differ
    WRONG_SIDE = "wrong_side"  # a debit among credits, or the reverse
    MIXED_RETURNS = "mixed_returns"  # forward and return entries together
    BATCH_NUMBER = "batch_number"
    OUT_OF_BALANCE = "out_of_balance"

    # An entry: it comes back alone, under this code
    R13 = "R13"  # routing number
    R18 = "R18"  # a debit more than one banking day ahead
    R19 = "R19"  # amount
    R25 = "R25"  # addenda
    R26 = "R26"  # no name
    R27 = "R27"  # trace number
    R28 = "R28"  # check digit

    # Our own: the operator takes these, or changes them silently
    DESTINATION = "destination"  # another bank's file
    OUR_NAME = "our_name"  # a name or id that is not as agreed with the ODFI
    CREATION = "creation"  # date or time of the file can't be read
    EFFECTIVE_DATE = "effective_date"  # unreadable: the operator would put the next banking day
    EFFECTIVE_DAY = "effective_day"  # past, too far ahead, or not a banking day
    SAME_DAY_AMOUNT = "same_day_amount"  # over a million dollars
    OUR_DESCRIPTION = "our_description"  # one that we don't use
    CLASS_AND_SIDE = "class_and_side"  # a WEB credit that is no reversal, a PPD debit
    NOT_FORWARD = "not_forward"  # a batch of returns or corrections: those are for banks to send
    CONTROL_UNEQUAL = "control_unequal"  # company or ODFI of header and control differ
    ACCOUNT = "account"
    ENTRY_ID = "entry_id"
    PAYMENT_TYPE = "payment_type"  # of a WEB entry: R or S


# What a field that has not its form amounts to, by record type.
WHEN_MALFORMED = {
    "5": {
        "service_class_code": Rule.SERVICE_CLASS,
        "originating_dfi_identification": Rule.ODFI,
        "batch_number": Rule.BATCH_NUMBER,
    },
    "6": {
        "transaction_code": Rule.TRANSACTION_CODE,
        "receiving_dfi_identification": Rule.R13,
        "check_digit": Rule.R28,
        "amount_cents": Rule.R19,
        "addenda_record_indicator": Rule.R25,
        "trace_number": Rule.R27,
    },
    "7": {
        "addenda_sequence_number": Rule.R25,
        "entry_detail_sequence_number": Rule.R27,
        "trace_sequence_number": Rule.R27,
        "trace_number": Rule.R27,
    },
    "8": {
        "service_class_code": Rule.CLASS_UNEQUAL,
        "entry_addenda_count": Rule.OUT_OF_BALANCE,
        "entry_hash": Rule.OUT_OF_BALANCE,
        "total_debit_cents": Rule.OUT_OF_BALANCE,
        "total_credit_cents": Rule.OUT_OF_BALANCE,
        "originating_dfi_identification": Rule.CONTROL_UNEQUAL,
        "batch_number": Rule.BATCH_NUMBER,
    },
    "9": {
        "batch_count": Rule.BATCHES,
        "block_count": Rule.BLOCKS,
        "entry_addenda_count": Rule.FILE_COUNT,
        "entry_hash": Rule.FILE_HASH,
        "total_debit_cents": Rule.FILE_TOTALS,
        "total_credit_cents": Rule.FILE_TOTALS,
    },
}
