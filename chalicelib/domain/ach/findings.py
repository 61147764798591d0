"""What is found in a file that came from the bank."""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ach.records import (
    BatchHeader,
    ChangeAddenda,
    EntryDetail,
    PaymentAddenda,
    ReturnAddenda,
)
from chalicelib.domain.payment import AccountNumber


class Fault(StrEnum):
    """What can be the matter with a line; what harms is in `GRAVE`."""

    NO_FILE_HEADER = "no_file_header"  # a fragment
    NO_FILE_CONTROL = "no_file_control"
    NOT_BLOCKED = "not_blocked"  # the nines are missing
    BLOCK_COUNT = "block_count"
    BLANK_LINE = "blank_line"
    SHORT_LINE = "short_line"  # trailing blanks were cut
    NOT_DATED = "not_dated"  # a return's batch names no day on which it settled (rule 50)
    ODD_SIGN = "odd_sign"  # outside the alphabet, in a field that decides nothing (rule 53)
    NOTHING = "nothing"  # no record at all
    UNDEFINED_RECORD = "undefined_record"
    MALFORMED = "malformed"  # a field has not its form
    UNKNOWN_TRANSACTION_CODE = "unknown_transaction_code"
    NOT_OUR_KIND = "not_our_kind"  # a class whose records have another form
    OUTSIDE_A_BATCH = "outside_a_batch"
    ADDENDA_WITHOUT_ENTRY = "addenda_without_entry"
    ADDENDA_CONTRADICT = "addenda_contradict"  # more than one reason, or too many to hold
    NO_REASON = "no_reason"  # a return without addenda 98 or 99
    NO_CODE = "no_code"  # a reason that has not the form of one: R01, C01
    BATCH_NOT_CLOSED = "batch_not_closed"
    CONTROL_WITHOUT_BATCH = "control_without_batch"
    BATCH_DISAGREES = "batch_disagrees"
    FILE_DISAGREES = "file_disagrees"


HARMLESS = frozenset(
    {
        Fault.NO_FILE_HEADER,
        Fault.NO_FILE_CONTROL,
        Fault.NOT_BLOCKED,
        Fault.BLOCK_COUNT,
        Fault.BLANK_LINE,
        Fault.SHORT_LINE,
        Fault.NOT_DATED,
        Fault.ODD_SIGN,
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where. `detail` names fields; it never holds what stood in them."""

    line: int
    fault: Fault
    detail: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether what stands there can't be relied on."""
        return self.fault not in HARMLESS


@dataclass(frozen=True, slots=True)
class ForwardEntry:
    """An ordinary entry."""

    line: int
    batch: BatchHeader | None
    detail: EntryDetail
    addenda: tuple[PaymentAddenda, ...] = ()


class OfOurs:
    """What the bank writes of an entry of ours."""

    __slots__ = ()
    detail: EntryDetail

    @property
    def entry_id(self) -> str:
        """The individual identification number that we gave it."""
        return self.detail.individual_identification_number

    @property
    def amount_cents(self) -> int:
        """What came back or was not taken; of a change nothing, if the bank keeps to its book."""
        return self.detail.amount_cents

    @property
    def account(self) -> AccountNumber:
        """The one that we wrote, as the bank says it."""
        return AccountNumber(self.detail.dfi_account_number.strip())


@dataclass(frozen=True, slots=True)
class ReturnEntry(OfOurs):
    """An entry of ours that comes back, and why."""

    line: int
    batch: BatchHeader | None
    detail: EntryDetail
    addenda: ReturnAddenda
    records: tuple[str, ...] = field(default=(), repr=False, compare=False)  # as they were read
    heading: str = field(default="", repr=False, compare=False)  # the record of its batch

    @property
    def code(self) -> str:
        """R01 and so on."""
        return self.addenda.return_reason_code

    @property
    def original_trace(self) -> str:
        """The trace number that we gave it."""
        return self.addenda.original_entry_trace_number


@dataclass(frozen=True, slots=True)
class RejectEntry(OfOurs):
    """An entry of ours that our own bank refuses: echoed, with a code over the trace (rule 53)."""

    line: int
    batch: BatchHeader | None
    detail: EntryDetail
    code: str  # the bank's own, such as REJ06030
    records: tuple[str, ...] = field(default=(), repr=False, compare=False)  # as they were read
    heading: str = field(default="", repr=False, compare=False)  # the record of its batch

    @property
    def original_trace(self) -> str:
        """What the code leaves of the trace number that we gave it, and whose it was."""
        return self.detail.trace_number


@dataclass(frozen=True, slots=True)
class ChangeEntry(OfOurs):
    """A notification of change: what the bank wants corrected."""

    line: int
    batch: BatchHeader | None
    detail: EntryDetail
    addenda: ChangeAddenda
    records: tuple[str, ...] = field(default=(), repr=False, compare=False)  # as they were read
    heading: str = field(default="", repr=False, compare=False)  # the record of its batch

    @property
    def code(self) -> str:
        """C01 and so on."""
        return self.addenda.change_code

    @property
    def original_trace(self) -> str:
        """The trace number that we gave the entry."""
        return self.addenda.original_entry_trace_number

    @property
    def corrected_data(self) -> str:
        """All 29 positions: what stands where decides what it is."""
        return self.addenda.corrected_data.ljust(29)


@dataclass(frozen=True, slots=True)
class BatchRead:
    """A batch is over; whether all that was found in it can be relied on."""

    line: int
    is_sound: bool
    has_header: bool  # one that could be read; else any line may have begun with a 5


AnswerEntry = ReturnEntry | ChangeEntry | RejectEntry
Item = ForwardEntry | AnswerEntry
Found = Item | Problem | BatchRead


def name_of(item: AnswerEntry) -> str:
    """The id that the bank gives back, without case and blanks (rule 47)."""
    return "".join(item.entry_id.split()).upper()
