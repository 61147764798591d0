"""What the bank sends back: each return and correction applied once, or kept for staff (I18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ach import returns
from chalicelib.domain.ach.findings import ChangeEntry, ReturnEntry
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.sealing import Sealing
from chalicelib.ports import Files, Gone, Sealings, Signals
from chalicelib.services.bank.applying import Applying
from chalicelib.services.bank.correcting import Correcting
from chalicelib.services.bank.file_making import PURPOSES
from chalicelib.services.bank.origins import Origins
from chalicelib.services.bank.quarantine import Quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """What reading the bank's files needs of the world."""

    origins: Origins
    sealings: Sealings
    applying: Applying
    correcting: Correcting
    quarantine: Quarantine
    files: Files
    signals: Signals

    def receive(self, key: str, version: str, arrived_at: datetime) -> None:
        """Reads a whole file, then judges; what is not understood goes to quarantine."""
        try:
            reading = read_whole(self.files.lines(key, version))
        except Gone:  # the news came twice: the file was read and erased
            return
        manifests = self.sealings.all() if reading.returns or reading.changes else []
        for item in reading.returns:
            self._return(item, manifests, arrived_at)
        for change in reading.changes:
            self._change(change, manifests, arrived_at)
        if reading.needs_a_look:
            self.quarantine.keep(key, version, reading, arrived_at)
        self.files.erase(key, version)  # rule 33: bank files lie in clear no longer than needed

    def _return(self, item: ReturnEntry, manifests: Sequence[Sealing], at: datetime) -> None:
        self.signals.count("Returns")
        origin = self.origins.of(manifests, item.original_trace, item.entry_id)
        if origin is None or not self.origins.is_same(origin.entry, item):
            self.quarantine.suspend("return", item.original_trace, item.code, at)
            return
        purpose = PURPOSES[origin.entry.kind]
        decision = returns.decide(item.code, purpose, item.addenda.addenda_information)
        if self.applying.contradicts(origin, decision):
            self.quarantine.suspend("second return", item.original_trace, item.code, at)
            return
        if decision.is_alarming:
            self.signals.count("ReturnsAlarming")
        self.applying.apply(origin, decision, at)

    def _change(self, item: ChangeEntry, manifests: Sequence[Sealing], at: datetime) -> None:
        self.signals.count("Changes")
        origin = self.origins.of(manifests, item.original_trace, item.entry_id)
        if origin is None or not self.origins.is_drawn_from(origin.entry, item.account):
            self.quarantine.suspend("change", item.original_trace, item.code, at)
            return
        self.correcting.apply(item, origin, at)
