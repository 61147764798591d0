"""What the bank knows about a customer, and writes down about a file."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who may send files: as the agreement with the bank says."""

    origin: str  # what stands in the file header as immediate origin
    odfi: str  # the first eight digits of this bank's routing number
    bank_name: str = "OFFLINE BANK"
    name: str = "CUSTOMER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One entry, as the bank read it."""

    line: int
    settles_on: date
    company: str
    company_id: str
    entry_class: str
    description: str
    effective: str
    code: str
    routing: str
    account: str = field(repr=False)
    cents: int
    person_id: str
    person: str = field(repr=False)
    extra: str  # positions 77 and 78
    trace: str

    @property
    def is_debit(self) -> bool:
        """Whether it takes money from the account."""
        return self.code[1:] in {"6", "7", "8", "9"}

    @property
    def is_return(self) -> bool:
        """Whether it is itself an answer."""
        return self.code[1:] in {"1", "6"}

    @property
    def is_prenote(self) -> bool:
        """Whether it moves no money."""
        return self.code[1:] in {"3", "8"}


@dataclass(frozen=True, slots=True)
class Objection:
    """Why something was not taken: "file: hash", "batch: odfi", "entry: R13"; and on which line."""

    why: str
    line: int


@dataclass(slots=True)
class Judgement:
    """What became of a file."""

    key: tuple[str, str] = ("", "")  # by what a file is known again
    objections: list[Objection] = field(default_factory=list)
    kept: list[Taken] = field(default_factory=list)  # those asked for, of batches that were taken
    returned: list[tuple[Taken, str]] = field(default_factory=list)  # one by one, at once
    entries: int = 0
    debit_cents: int = 0
    credit_cents: int = 0

    @property
    def whys(self) -> set[str]:
        """All reasons, each once."""
        return {objection.why for objection in self.objections}

    @property
    def is_taken(self) -> bool:
        """Whether the file as a whole was taken; batches and entries may still be refused."""
        return not any(why.startswith("file:") for why in self.whys)

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all was objected to."""
        return not self.objections
