"""Files leave: what never left goes again by itself, and only what may have left asks a person.

An error does not say whether a file arrived; the place it was put to does. It goes again under the
same name, with the same bytes, where nothing stands. One that leaves after its date settles later
(decision 0030): that date is decided, and told, while an object without a byte holds its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.ports import BankLine, Metrics, Outbound
from chalicelib.repositories.records import Records
from chalicelib.services.origination.later_date import LaterDate
from chalicelib.services.origination.transitions import Transitions

UNCERTAIN = "a file may or may not have reached the bank: ask, then release it"
STALE = "a file was not sent before the date it names: tell the bank, then release it"
PARTED = "some of its files left before the date they name, others did not: ask, then release it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What putting files out needs of the world."""

    later_date: LaterDate
    transitions: Transitions
    records: Records
    bank: BankLine
    metrics: Metrics

    def begin(self, built: Transmission, at: datetime) -> None:
        """For the first time: nothing of it was ever put out."""
        sending = built.sent_at_last(at).move_to(TransmissionState.SENDING, at)
        if self._stands(sending, built):
            self.send(sending, at)

    def go_on(self, transmission: Transmission, at: datetime) -> None:
        """Where an error or a crash left it, by what stands in each file's place."""
        names = [file.name for file in transmission.files]
        places = {name: self.bank.look(name) for name in names}
        # Asked after: a copy is erased only when the bank's word stands.
        said = self.records.transmissions.acknowledged(names)
        waiting = {n: p for n, p in places.items() if n not in said and p is not Outbound.LIES}
        if not waiting:
            self._left(transmission, [name for name in names if name not in said], at)
            return
        if Outbound.GONE in waiting.values():
            self._ring(transmission.sending_cases[1], UNCERTAIN, transmission.sealed_at)
            return
        going = transmission.sent_at_last(at)
        if going.moved_to != transmission.moved_to:
            if len(waiting) < len(names):
                self._ring(transmission.sending_cases[0], PARTED, at)
                return
            if self.is_for_staff(transmission, at):
                return
            self.hold(going)
            if not self._stands(going, transmission):
                return
        self.send(going, at)

    def _left(self, transmission: Transmission, names: Sequence[str], at: datetime) -> None:
        """It landed meanwhile; on the date that it settles on then."""
        landed = [since for name in names if (since := self.bank.landed(name))]
        going = transmission.sent_at_last(max(landed, default=transmission.sealed_at))
        if going.settles_on > transmission.settles_on:
            if not self._stands(going, transmission):
                return
            transmission = going
        self.later_date.tell(transmission, at)  # also where who wrote the date died before
        self.transitions.sent(transmission, at)

    def is_for_staff(self, transmission: Transmission, at: datetime) -> bool:
        """Whether its date passed so long ago that a person decides; it rings then."""
        if not transmission.sent_at_last(at).moved_to or local_day(at) <= transmission.last_day:
            return False
        self._ring(transmission.sending_cases[0], STALE, at)
        return True

    def hold(self, transmission: Transmission) -> None:
        """No file that is under way still lands, but where it did before."""
        names = [file.name for file in transmission.files]
        said = self.records.transmissions.acknowledged(names)
        for name in names:
            if name not in said:
                self.bank.hold(name)

    def send(self, transmission: Transmission, at: datetime) -> None:
        """Its date is decided: who was told an earlier one is told, then it leaves."""
        self.put_out(transmission, at)
        self.transitions.sent(transmission, at)

    def put_out(self, transmission: Transmission, at: datetime) -> None:
        """The same, before it is written down that it left."""
        self.later_date.tell(transmission, at)
        if transmission.moved_to:
            for file in transmission.files:
                self.bank.free(file.name)
        self.transitions.send(transmission)

    def _stands(self, after: Transmission, before: Transmission) -> bool:
        """Whether it is ours to send, also when the reply to our own write was lost.

        botocore then writes again and is refused. What stands as we wrote it is ours, or a twin's
        that sends the same bytes under the same names, where none lies yet.
        """
        if self.records.transmissions.change(after, before):
            return True
        return self.records.transmissions.get(after.transmission_id) == after

    def _ring(self, case: str, reason: str, at: datetime) -> None:
        self.metrics.count("FilesNotSent")
        self.records.cases.open_case(
            Case(case_id=case, kind=CaseKind.BANK, enrollment_id=None, reason=reason, opened_at=at)
        )
