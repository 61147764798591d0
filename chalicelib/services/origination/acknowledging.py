"""The bank says which files it took: what it has is sure, what it refused is for staff (I20, I22).

The bank's first word about a file is kept, and stands. A transmission goes on when all its files
are taken: from `sent`, and from an uncertain send, for then the bank has answered the
question. It may be told once or thrice, before our own job has noted that it sent, or after
returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import acknowledgement
from chalicelib.domain.acknowledgement import Acknowledgement, FileVerdict
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id
from chalicelib.domain.transmission import SealedFile, Transmission, TransmissionState
from chalicelib.ports import BankLine, Files, Gone, Metrics
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
    metrics: Metrics
    profile: BankProfile

    def receive(self, key: str, version: str, arrived_at: datetime) -> None:
        """Hears each row that is whole; the file is kept for staff where one is not."""
        try:
            said = acknowledgement.read(self.profile.unwrapped(self.files.lines(key, version)))
        except Gone:  # the news came twice: the file was read and erased
            return
        manifests = self.records.transmissions.all()
        heard = [self._hear(row, manifests, arrived_at) for row in said.rows]
        for name in dict.fromkeys(name for name in heard if name):
            self.go_on(name, arrived_at)
        if said.problems:
            self.quarantine.keep(key, version, said, arrived_at)
        self.files.erase(key, version)

    def evening(self, at: datetime) -> None:
        """Goes on where a worker died between word and deed, and rings where no word came."""
        for transmission in self.records.transmissions.all():
            if transmission.state not in (TransmissionState.SENDING, TransmissionState.SENT):
                continue
            said = self._said(transmission)
            self._erase(acknowledgement.accepted(transmission.files, said))
            self.go_on(transmission.transmission_id, at)
            undone = self.records.transmissions.undone([file.name for file in transmission.files])
            for file in transmission.files:  # its case is open; until staff act it rings (I20)
                if file.name in said and file.name not in undone and said[file.name].fault(file):
                    self.metrics.count("FilesRefused")
            missing = [file.name for file in transmission.files if file.name not in said]
            if self.profile.acknowledges and missing and _was_sent_before(transmission, at):
                self._ring_missing(transmission, missing, at)

    def _hear(
        self, row: Acknowledgement, manifests: Sequence[Transmission], at: datetime
    ) -> str | None:
        """Keeps the bank's first word about a file; its transmission, where there is one."""
        found = _file_of(row.file, manifests)
        if found is None:
            name = row.file if is_file_name(row.file) else self._put_away(row)
            self._ring(case_id("unknown_file", name), f"{name}: {UNKNOWN}", at)
            return None
        transmission, file = found
        fault = row.fault(file)
        if fault and self.records.transmissions.acknowledged([row.file]).get(row.file) != row:
            # Before it is kept: who dies here is heard again.
            case = "refused_file" if row.verdict is FileVerdict.REFUSED else "other_totals"
            self._ring(case_id(case, row.file), f"{row.file}: {fault}", at)
        stands = self.records.transmissions.acknowledge(row, at)
        if stands != row:
            self._ring(case_id("said_otherwise", row.file), f"{row.file}: {OTHERWISE}", at)
        elif not fault:
            self.bank.erase(row.file)
        return transmission.transmission_id

    def _put_away(self, row: Acknowledgement) -> str:
        """What is no name of ours may be anything, an account number too (rule 33)."""
        return self.quarantine.put_away("unknown_file", row.as_text)

    def go_on(self, name: str, at: datetime) -> None:
        """Moves a transmission whose files are all accepted, or were refused and taken back."""
        transmission = self.records.transmissions.get(name)
        if transmission is None or not transmission.files:
            return
        accepted = acknowledgement.accepted(transmission.files, self._said(transmission))
        done = {
            *accepted,
            *self.records.transmissions.undone([file.name for file in transmission.files]),
        }
        if len(done) < len(transmission.files):
            return
        self._erase(sorted(done))
        if transmission.state is TransmissionState.SENDING:
            self.transitions.sent(transmission, at)
            transmission = self.records.transmissions.get(name) or transmission
        if transmission.state is TransmissionState.SENT:
            self.transitions.acknowledged(transmission, at)

    def _said(self, transmission: Transmission) -> dict[str, Acknowledgement]:
        return self.records.transmissions.acknowledged([file.name for file in transmission.files])

    def _erase(self, names: Sequence[str]) -> None:
        """The plain copies lie no longer than needed (rule 33); the sealed ones are evidence."""
        for name in names:
            self.bank.erase(name)

    def _ring_missing(
        self, transmission: Transmission, missing: Sequence[str], at: datetime
    ) -> None:
        self.metrics.count("FilesNotAcknowledged")
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        reason = f"{MISSING}: {', '.join(missing[:NAMED])}{more}"
        self._open_case(case_id("unacknowledged", transmission.transmission_id), reason, at)

    def _ring(self, case: str, reason: str, at: datetime) -> None:
        self.metrics.count("FilesRefused")
        self._open_case(case, reason, at)

    def _open_case(self, case: str, reason: str, at: datetime) -> None:
        self.records.cases.open_case(
            Case(case_id=case, kind=CaseKind.BANK, reason=reason, opened_at=at)
        )


def _was_sent_before(transmission: Transmission, at: datetime) -> bool:
    """A file that left at this very instant has not been read by anybody yet."""
    is_sent = transmission.state is TransmissionState.SENT
    return is_sent and (transmission.sent_at is None or transmission.sent_at < at)


def _file_of(
    name: str, manifests: Sequence[Transmission]
) -> tuple[Transmission, SealedFile] | None:
    for transmission in manifests:
        for file in transmission.files:
            if file.name == name:
                return transmission, file
    return None
