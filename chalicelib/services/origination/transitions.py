"""How far a transmission is: each step is one conditional write, with its instant."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.acknowledgement import accepted
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.run import Checkpoint, Counts, Run, RunKind, RunState
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.ports import BankLine, Metrics
from chalicelib.repositories.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """What moving a transmission needs of the world."""

    records: Records
    bank: BankLine
    metrics: Metrics

    def open_run(self, transmission: Transmission) -> None:
        """A collection shows among the runs, with its entries as counts; again changes nothing."""
        if not (transmission.entries or transmission.left_out):
            return
        period = local_day(transmission.sealed_at).isoformat()
        run = Run(
            run_id=transmission.transmission_id,
            kind=RunKind.COLLECTION,
            period=period,
            started_at=transmission.sealed_at,
            shards=1,
        )
        self.records.runs.open(run)
        left_out = len(transmission.left_out)
        counts = Counts(
            active=transmission.entries + left_out,
            claimed=transmission.entries,
            excluded=left_out,
            cents=transmission.debit_cents,
        )
        start = self.records.runs.checkpoint(run, 0)
        done = Checkpoint(run_id=run.run_id, shard=0, slot=1, counts=counts, reported=True)
        self.records.runs.advance(start, done)

    def send(self, transmission: Transmission) -> None:
        """Puts out each file; not one that the bank says it has: its copy was erased (I17)."""
        names = [file.name for file in transmission.files]
        said = self.records.transmissions.acknowledged(names)
        for name in names:
            if name not in said:
                self.bank.send(name)
        # Its word may have come between that reading and the putting out.
        for name in accepted(transmission.files, self.records.transmissions.acknowledged(names)):
            if name not in said:
                self.bank.erase(name)

    def sent(self, transmission: Transmission, at: datetime) -> None:
        """The bank has all its files; the collection is closed."""
        self.close_run(transmission)
        sent = transmission.move_to(TransmissionState.SENT, at)
        if self.records.transmissions.change(sent, transmission):
            self.metrics.count("FilesSent", len(transmission.files))

    def acknowledged(self, transmission: Transmission, at: datetime) -> None:
        """And says so."""
        self.records.transmissions.change(
            transmission.move_to(TransmissionState.ACKNOWLEDGED, at), transmission
        )

    def close_run(self, transmission: Transmission) -> None:
        """The collection needs nobody any more; again changes nothing."""
        run = self.records.runs.get(transmission.transmission_id)
        if run and run.state is RunState.OPEN:
            self.records.runs.move(run, RunState.CLOSED)
