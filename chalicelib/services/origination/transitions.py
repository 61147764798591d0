"""How far a sealing is: each step is one conditional write, with the instant it was reached."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.acknowledgement import taken
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.run import Checkpoint, Counts, Run, RunKind, RunState
from chalicelib.domain.sealing import Sealing, SealingState
from chalicelib.ports import BankLine, Signals
from chalicelib.repositories.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """What moving a sealing needs of the world."""

    records: Records
    bank: BankLine
    signals: Signals

    def open_run(self, sealing: Sealing) -> None:
        """A collection shows among the runs, with its entries as counts; again changes nothing."""
        if not (sealing.entries or sealing.left_out):
            return
        period = local_day(sealing.sealed_at).isoformat()
        run = Run(
            run=sealing.sealing,
            kind=RunKind.COLLECTION,
            period=period,
            started_at=sealing.sealed_at,
            shards=1,
        )
        self.records.runs.open(run)
        left_out = len(sealing.left_out)
        counts = Counts(
            active=sealing.entries + left_out,
            claimed=sealing.entries,
            excluded=left_out,
            cents=sealing.debit_cents,
        )
        start = self.records.runs.checkpoint(run, 0)
        done = Checkpoint(run=run.run, shard=0, slot=1, counts=counts, reported=True)
        self.records.runs.advance(start, done)

    def send(self, sealing: Sealing) -> None:
        """Puts out each file; not one that the bank says it has: its copy was erased (I17)."""
        names = [file.name for file in sealing.files]
        said = self.records.sealings.acknowledged(names)
        for name in names:
            if name not in said:
                self.bank.send(name)
        # Its word may have come between that reading and the putting out.
        for name in taken(sealing.files, self.records.sealings.acknowledged(names)):
            if name not in said:
                self.bank.erase(name)

    def sent(self, sealing: Sealing, at: datetime) -> None:
        """The bank has all its files; the collection is closed."""
        self.close_run(sealing)
        sent = sealing.move_to(SealingState.SENT, at)
        if self.records.sealings.change(sent, sealing):
            self.signals.count("FilesSent", len(sealing.files))

    def acknowledged(self, sealing: Sealing, at: datetime) -> None:
        """And says so."""
        self.records.sealings.change(sealing.move_to(SealingState.ACKNOWLEDGED, at), sealing)

    def close_run(self, sealing: Sealing) -> None:
        """The collection needs nobody any more; again changes nothing."""
        run = self.records.runs.get(sealing.sealing)
        if run and run.state is RunState.OPEN:
            self.records.runs.move(run, RunState.CLOSED)
