"""A file of the bank is told by its first line, and read by whom it is for."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.bank_profile import BankProfile
from chalicelib.ports import Files, Gone, Metrics
from chalicelib.services.origination.acknowledging import Acknowledging
from chalicelib.services.quarantine.unread import STATEMENTS
from chalicelib.services.returns.return_files import ReturnFiles
from chalicelib.services.settlement.settlement_proof import SettlementProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Who reads what the bank sends."""

    files: Files
    acknowledging: Acknowledging
    return_files: ReturnFiles
    settlement_proof: SettlementProof
    metrics: Metrics
    profile: BankProfile

    def receive(self, key: str, version: str, arrived_at: datetime, now: datetime) -> None:
        """Statements have their place; acknowledgements a header; all else is in Nacha's form."""
        if key.startswith(STATEMENTS):
            self.settlement_proof.receive(key, version, arrived_at)
            return
        try:
            first_line = next(self.profile.unwrapped(self.files.lines(key, version)))
        except Gone:  # the news came twice: the file was read and erased
            return
        if self.profile.is_acknowledgement(first_line):
            self.acknowledging.receive(key, version, arrived_at)
            return
        self.return_files.receive(key, version, arrived_at, now)
        self.metrics.count("ReturnFilesRead")
