"""The bank says which files it took: what it has is sure, what it refused is for staff (I20, I22).

The bank's first word about a file is kept, and stands. A sealing goes on when all its files are
taken: from `sent`, and from a send that was in doubt, for then the bank has answered the question.
It may be told once or thrice, before our own job has noted that it sent, or after returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import acknowledgement
from chalicelib.domain.acknowledgement import Acknowledgement, FileVerdict
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id
from chalicelib.domain.sealing import SealedFile, Sealing, SealingState
from chalicelib.ports import BankLine, Files, Gone, Signals
from chalicelib.repositories.records import Records
from chalicelib.services.origination.file_maker import is_file_name
from chalicelib.services.origination.transitions import Transitions
from chalicelib.services.quarantine.quarantine import Quarantine

UNKNOWN = "the bank speaks of a file that we never sent"
OTHERWISE = "the bank says otherwise than it said before; its first word stands: ask it"
MISSING = "the bank has not said that it has these files: ask it"
NAMED = 5  # files in the words of a case


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledging:
    """What hearing the bank needs of the world."""

    records: Records
    transitions: Transitions
    bank: BankLine
    files: Files
    quarantine: Quarantine
    signals: Signals
    bank_acknowledges: bool  # whether this bank acknowledges at all

    def receive(self, key: str, version: str, arrived_at: datetime) -> None:
        """Hears each row that is whole; the file is kept for staff where one is not."""
        try:
            said = acknowledgement.read(self.files.lines(key, version))
        except Gone:  # the news came twice: the file was read and erased
            return
        manifests = self.records.sealings.all()
        heard = [self._hear(row, manifests, arrived_at) for row in said.rows]
        for name in dict.fromkeys(name for name in heard if name):
            self.go_on(name, arrived_at)
        if said.problems:
            self.quarantine.keep(key, version, said, arrived_at)
        self.files.erase(key, version)

    def evening(self, at: datetime) -> None:
        """Goes on where a worker died between word and deed, and rings where no word came."""
        for sealing in self.records.sealings.all():
            if sealing.state not in (SealingState.SENDING, SealingState.SENT):
                continue
            said = self._said(sealing)
            self._erase(acknowledgement.taken(sealing.files, said))
            self.go_on(sealing.sealing, at)
            undone = self.records.sealings.undone([file.name for file in sealing.files])
            for file in sealing.files:  # its case is open; until staff act it rings (I20)
                if file.name in said and file.name not in undone and said[file.name].fault(file):
                    self.signals.count("FilesRefused")
            missing = [file.name for file in sealing.files if file.name not in said]
            if self.bank_acknowledges and missing and _was_sent_before(sealing, at):
                self._ring_missing(sealing, missing, at)

    def _hear(self, row: Acknowledgement, manifests: Sequence[Sealing], at: datetime) -> str | None:
        """Keeps the bank's first word about a file; the sealing it is of, where there is one."""
        found = _file_of(row.file, manifests)
        if found is None:
            name = row.file if is_file_name(row.file) else self._put_away(row)
            self._ring(case_id("unknown_file", name), f"{name}: {UNKNOWN}", at)
            return None
        sealing, file = found
        fault = row.fault(file)
        if fault and self.records.sealings.acknowledged([row.file]).get(row.file) != row:
            # Before it is kept: who dies here is heard again.
            case = "refused_file" if row.verdict is FileVerdict.REFUSED else "other_totals"
            self._ring(case_id(case, row.file), f"{row.file}: {fault}", at)
        stands = self.records.sealings.acknowledge(row, at)
        if stands != row:
            self._ring(case_id("said_otherwise", row.file), f"{row.file}: {OTHERWISE}", at)
        elif not fault:
            self.bank.erase(row.file)
        return sealing.sealing

    def _put_away(self, row: Acknowledgement) -> str:
        """What is no name of ours may be anything, an account number too (rule 33)."""
        return self.quarantine.put_away("unknown_file", row.as_text)

    def go_on(self, name: str, at: datetime) -> None:
        """Moves a sealing whose files are all taken, or were refused and taken back."""
        sealing = self.records.sealings.get(name)
        if sealing is None or not sealing.files:
            return
        taken = acknowledgement.taken(sealing.files, self._said(sealing))
        done = {*taken, *self.records.sealings.undone([file.name for file in sealing.files])}
        if len(done) < len(sealing.files):
            return
        self._erase(sorted(done))
        if sealing.state is SealingState.SENDING:
            self.transitions.sent(sealing, at)
            sealing = self.records.sealings.get(name) or sealing
        if sealing.state is SealingState.SENT:
            self.transitions.acknowledged(sealing, at)

    def _said(self, sealing: Sealing) -> dict[str, Acknowledgement]:
        return self.records.sealings.acknowledged([file.name for file in sealing.files])

    def _erase(self, names: Sequence[str]) -> None:
        """The plain copies lie no longer than needed (rule 33); the sealed ones are evidence."""
        for name in names:
            self.bank.erase(name)

    def _ring_missing(self, sealing: Sealing, missing: Sequence[str], at: datetime) -> None:
        self.signals.count("FilesNotAcknowledged")
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        reason = f"{MISSING}: {', '.join(missing[:NAMED])}{more}"
        self._open_case(case_id("unacknowledged", sealing.sealing), reason, at)

    def _ring(self, case: str, reason: str, at: datetime) -> None:
        self.signals.count("FilesRefused")
        self._open_case(case, reason, at)

    def _open_case(self, case: str, reason: str, at: datetime) -> None:
        self.records.cases.open_case(
            Case(case=case, kind=CaseKind.BANK, reason=reason, opened_at=at)
        )


def _was_sent_before(sealing: Sealing, at: datetime) -> bool:
    """A file that left at this very instant has not been read by anybody yet."""
    is_sent = sealing.state is SealingState.SENT
    return is_sent and (sealing.sent_at is None or sealing.sent_at < at)


def _file_of(name: str, manifests: Sequence[Sealing]) -> tuple[Sealing, SealedFile] | None:
    for sealing in manifests:
        for file in sealing.files:
            if file.name == name:
                return sealing, file
    return None
