"""How much the bank takes of us in a day: cents of debits, and files; each may be without limit."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.ach.records import BLOCKING_FACTOR
from chalicelib.domain.entry import Batch
from chalicelib.domain.money import dollars
from chalicelib.domain.transmission import Transmission, TransmittedBatch

OF_A_FILE = 4  # lines: header and control; and a batch begins only where three lines are left
OF_A_BATCH = 2
REFUSED = frozenset({Batch.REFUSED_DENTAL, Batch.REFUSED_HEALTH})


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLimits:
    """As the bank agreed with us. `most_lines` is of one file."""

    cents: int | None
    files: int | None
    most_lines: int

    @property
    def are_any(self) -> bool:
        """Whether anything may have to wait for another day."""
        return self.cents is not None or self.files is not None

    def reached(
        self,
        today: Sequence[Transmission],
        counted: Sequence[TransmittedBatch],
        more: Sequence[TransmittedBatch],
    ) -> str | None:
        """The limit that `more` would break, after what went today and is counted; in words."""
        debits = _debit_cents(more)
        gone = sum(each.debit_cents for each in today) + _debit_cents(counted)
        if self.cents is not None and debits and gone + debits > self.cents:
            return dollars(self.cents)
        files = sum(len(each.files) or self.files_of(each.batches) for each in today)
        if self.files is not None and more and files + self.files_of(counted, more) > self.files:
            return f"{self.files} file{'' if self.files == 1 else 's'}"
        return None

    def files_of(self, *counted: Sequence[TransmittedBatch]) -> int:
        """How many files they need at most: every file but the last is full.

        An entry is a line; a refused correction is two, and where one is left over it is not cut.
        It must be known before anything is written, so that what does not fit can wait.
        """
        batches = [batch for some in counted for batch in some]
        lines = self.most_lines // BLOCKING_FACTOR * BLOCKING_FACTOR
        kinds = len({batch.kind for batch in batches})
        refused = sum(batch.entries for batch in batches if batch.kind in REFUSED)
        room = max(lines - OF_A_FILE - kinds * OF_A_BATCH - bool(refused), 1)
        return -(-(sum(batch.entries for batch in batches) + refused) // room)


def _debit_cents(batches: Sequence[TransmittedBatch]) -> int:
    return sum(batch.cents for batch in batches if not batch.kind.is_credit)
