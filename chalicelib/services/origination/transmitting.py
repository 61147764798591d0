"""The jobs of 18:00, of 12:00 on the debit day, and of every half hour: entries go to the bank.

Fixed once, written, proved, sent (I2, I3, I16, I17).

First the transmission is kept: which collections, which traces, which date. Everything after
follows from it and may be done again: the same entries give the same bytes, an object is written
only where none is, and a send that was cut off looks what stands there.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain import banking_days
from chalicelib.domain.banking_days import effective_entry_date, local_day, settles_when_sent
from chalicelib.domain.identities import evening_transmission, noon_transmission
from chalicelib.domain.month_dates import is_debit_day
from chalicelib.domain.transmission import LONGEST_JOB, UNSENT, Transmission, TransmissionState
from chalicelib.ports import Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.origination.batching import Batching
from chalicelib.services.origination.file_maker import FileMaker
from chalicelib.services.origination.sending import Sending
from chalicelib.services.origination.stopping import Stopping
from chalicelib.services.origination.transitions import Transitions


class NotProved(Exception):
    """Counts or totals of the files are not those of the claims; nothing left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmissionJob:
    """What transmitting needs of the world."""

    batching: Batching
    sending: Sending
    transitions: Transitions
    stopping: Stopping
    records: Records
    maker: FileMaker
    metrics: Metrics

    def collect(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """18:00 on banking days: the page's payments, and shards of a run that came late.

        `now` tells whether the event is late: what its files would say may be past (rule 27).
        """
        today = local_day(scheduled_at)
        if not banking_days.is_banking_day(today):
            return
        name = evening_transmission(today)
        at, effective_on = max(scheduled_at, now or scheduled_at), effective_entry_date(today)
        if self.records.transmissions.get(name) is None:
            if not _is_in_time(effective_on, at):
                return  # the next evening collects it
            due = [*self.batching.web_days(today), *self.batching.shards(today)]
            self.batching.seal(name, due, effective_on, scheduled_at)
        self.deliver(name, at)

    def send_same_day(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """12:00 on the debit day: all shards of the run that have reported, dated today."""
        today = local_day(scheduled_at)
        if not is_debit_day(today):
            return
        name = noon_transmission(today)
        at = max(scheduled_at, now or scheduled_at)
        if self.records.transmissions.get(name) is None:
            if not _is_in_time(today, at):
                return  # this evening takes the shards
            self.batching.seal(name, self.batching.shards(today), today, scheduled_at)
        self.deliver(name, at)

    def resume(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """Goes on with what was sealed and not sent (I20), once its own job has sent or died.

        `now` tells whether the event is late, as in `collect`.
        """
        at, failures = max(scheduled_at, now or scheduled_at), []
        for transmission in self.records.transmissions.unsent():
            if at - transmission.sealed_at < LONGEST_JOB:
                continue
            try:
                self.deliver(transmission.transmission_id, at)
            except Exception as error:  # noqa: BLE001 - one bad transmission stops no other (I15)
                failures.append(error)
        if failures:
            raise failures[0]

    def deliver(self, name: str, at: datetime) -> None:
        """Writes and sends a transmission's files; after an error once more, from where it is."""
        try:
            self._deliver(name, at)
        except NotProved:
            raise
        except Exception:  # noqa: BLE001 - whatever it was: the second try looks first
            self._deliver(name, at)

    def _deliver(self, name: str, at: datetime) -> None:
        transmission = self.records.transmissions.get(name)
        if transmission is None or transmission.state not in UNSENT:
            return
        self.stopping.take_back(transmission)
        self.transitions.open_run(transmission)
        if transmission.state is TransmissionState.SENDING:
            self.sending.go_on(transmission, at)
        elif not self.sending.is_for_staff(transmission, at):
            self.sending.begin(self.built(transmission), at)

    def built(self, transmission: Transmission) -> Transmission:
        """With its files, which say what the claims say, or nothing leaves (I2, I3). NotProved.

        And no rule of the ACH operator may be broken in them, as they were written.
        """
        built = replace(transmission, files=tuple(self.maker.build(transmission)))
        faults = ["sums"] if built.written != built.claimed else self.maker.objections(built)
        if faults:
            self.metrics.count("FilesNotProved")
            raise NotProved(f"{built.transmission_id}: {', '.join(faults[:5])}")
        return built


def _is_in_time(effective_on: date, at: datetime) -> bool:
    """Whether files that are sent now are settled on the date that they say."""
    return settles_when_sent(effective_on, at) == effective_on
