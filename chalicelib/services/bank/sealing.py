"""Entries go to the bank: fixed once, written, proved, sent (design.md 7, 9; I2, I3, I16, I17).

First the sealing is kept: which collections, which traces, which date. Everything after follows
from it and may be done again: the same entries give the same bytes, an object is written only where
none is, and a send that is in doubt is resolved by asking the bank.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain import banking_days
from chalicelib.domain.banking_days import effective_entry_date, local_day, settles_when_sent
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.sealing import UNSENT, Sealing, SealingState
from chalicelib.ports import BankLine, Cases, Sealings, Signals
from chalicelib.services.bank.advancing import Advancing
from chalicelib.services.bank.file_making import FileMaker
from chalicelib.services.bank.gathering import Gathering
from chalicelib.services.bank.postponing import Postponing

DOUBTFUL = "a file may or may not have reached the bank: ask, then release it"
STALE = "a file was not sent before the date it names: tell the bank, then release it"


class NotProved(Exception):
    """Counts or totals of the files are not those of the claims; nothing left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingJob:
    """What sealing needs of the world."""

    gathering: Gathering
    postponing: Postponing
    advancing: Advancing
    sealings: Sealings
    bank: BankLine
    maker: FileMaker
    cases: Cases
    signals: Signals

    def collect(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """18:00 on banking days: the page's payments, and shards of a run that came late.

        `now` tells whether the event is late: what its files would say may be past (rule 27).
        """
        today = local_day(scheduled_at)
        if not banking_days.is_banking_day(today):
            return
        name = f"collection#{today.isoformat()}"
        at, effective_on = max(scheduled_at, now or scheduled_at), effective_entry_date(today)
        if self.sealings.get(name) is None:
            if not _is_in_time(effective_on, at):
                return  # the next evening collects it
            taken = [*self.gathering.web_days(today), *self.gathering.shards(today)]
            self.gathering.seal(name, taken, effective_on, scheduled_at)
        self.deliver(name, at)

    def send_same_day(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """12:00 on the debit day: all shards of the run that have reported, dated today."""
        today = local_day(scheduled_at)
        if today != banking_days.debit_day(month_of(today)):
            return
        name = f"collection#{today.isoformat()}#noon"
        at = max(scheduled_at, now or scheduled_at)
        if self.sealings.get(name) is None:
            if not _is_in_time(today, at):
                return  # this evening takes the shards
            self.gathering.seal(name, self.gathering.shards(today), today, scheduled_at)
        self.deliver(name, at)

    def resume(self, scheduled_at: datetime, now: datetime | None = None) -> None:
        """Goes on with what was sealed and not sent (I20); a date that has come is for staff.

        `now` tells whether the event is late, as in `collect`.
        """
        at, failures = max(scheduled_at, now or scheduled_at), []
        for sealing in self.sealings.all():
            if sealing.state in UNSENT:
                try:
                    self.deliver(sealing.sealing, at)
                except Exception as error:  # noqa: BLE001 - one bad sealing stops no other (I15)
                    failures.append(error)
        if failures:
            raise failures[0]

    def deliver(self, name: str, at: datetime) -> None:
        """Writes and sends the files of a sealing, from wherever it stands."""
        sealing = self.sealings.get(name)
        if sealing is None or sealing.state not in UNSENT:
            return
        self.advancing.open_run(sealing)
        if sealing.state is SealingState.SENDING:
            self._ask_the_bank(sealing, at)
            return
        if not _is_in_time(sealing.effective_on, at):
            self._ring(sealing.sending_cases[0], STALE, at)
            return
        built = self.built(sealing)
        self.postponing.tell(built, at)  # before anything of it leaves
        sending = built.move_to(SealingState.SENDING, at)
        if self._begins(sending, sealing):
            self.advancing.send(sending)
            self.advancing.sent(sending, at)

    def built(self, sealing: Sealing) -> Sealing:
        """With its files, which say what the claims say, or nothing leaves (I2, I3). NotProved.

        And no rule of the ACH operator may be broken in them, as they were written.
        """
        built = replace(sealing, files=tuple(self.maker.build(sealing)))
        faults = ["sums"] if built.written != built.claimed else self.maker.objections(built)
        if faults:
            self.signals.count("FilesNotProved")
            raise NotProved(f"{built.sealing}: {', '.join(faults[:5])}")
        return built

    def _begins(self, sending: Sealing, before: Sealing) -> bool:
        """Whether it is ours to send, also when the reply to our own write was lost.

        botocore then writes again and is refused. What stands as we wrote it is ours, or a twin's
        that sends the same bytes under the same names, where none lies yet.
        """
        if self.sealings.change(sending, before):
            return True
        return self.sealings.get(sending.sealing) == sending

    def _ask_the_bank(self, sealing: Sealing, at: datetime) -> None:
        """A send was cut off: what the bank has is sent; in doubt, staff decide."""
        names = [file.name for file in sealing.files]
        said = self.sealings.acknowledged(names)
        if all(name in said or self.bank.has(name) for name in names):
            self.advancing.sent(sealing, at)
            return
        self._ring(sealing.sending_cases[1], DOUBTFUL, sealing.sealed_at)

    def _ring(self, case: str, reason: str, at: datetime) -> None:
        self.signals.count("FilesNotSent")
        self.cases.open_case(
            Case(case=case, kind=CaseKind.BANK, enrollment_id=None, reason=reason, opened_at=at)
        )


def _is_in_time(effective_on: date, at: datetime) -> bool:
    """Whether files that are sent now are settled on the date that they say."""
    return settles_when_sent(effective_on, at) == effective_on
