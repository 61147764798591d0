"""Staff release what a job may not: an uncertain send, and files whose date has come.

A person has asked the bank, and signs what it said. The same bytes go under the same names, where
none lies yet (I16, I17). Files that are sent after the date they name are settled by the operator
on the next banking day: the transmission keeps that date, and members get it by mail before (rule
27).
"""

from dataclasses import dataclass

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import audit_subject
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import Transmission, TransmissionState
from chalicelib.ports import Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.origination.sending import Sending
from chalicelib.services.origination.transitions import Transitions
from chalicelib.services.origination.transmitting import TransmissionJob
from chalicelib.store import ConditionFailed, Write

HAS_IT = "released: the bank has it"
HAS_NOT = "released: the bank has not got it; sent again as it is"


class NothingToRelease(DomainError):
    """Nothing is to be released here: it is on its way by itself, or the bank has it."""

    code = "nothing_to_release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing:
    """What releasing needs of the world."""

    records: Records
    transmission_job: TransmissionJob
    sending: Sending
    transitions: Transitions
    metrics: Metrics

    def bank_has_it(self, transmission: Transmission, signature: Signature) -> Transmission:
        """It arrived: nothing is sent. Answers with what stands then; raises NothingToRelease."""
        if transmission.state is not TransmissionState.SENDING:
            raise NothingToRelease
        signed = self.records.audit.signing(
            audit_subject("transmission", transmission.transmission_id), HAS_IT, signature
        )
        return self._sent(transmission, signature, *signed)

    def bank_has_not(self, transmission: Transmission, signature: Signature) -> Transmission:
        """It is sent as it is. Answers with what stands then; raises NothingToRelease."""
        going = self._signed(transmission, signature)
        self.sending.put_out(going, signature.at)
        return self._sent(going, signature)

    def _signed(self, transmission: Transmission, signature: Signature) -> Transmission:
        """The decision, with the date it leads to, stands before anything leaves."""
        at = signature.at
        if transmission.is_stale(local_day(at)):
            self.transitions.open_run(transmission)
            going = self.transmission_job.built(transmission).move_to(TransmissionState.SENDING, at)
        elif transmission.state is TransmissionState.SENDING:
            going = transmission
        else:
            raise NothingToRelease
        going = going.sent_at_last(at)
        if (
            transmission.state is TransmissionState.SENDING
            and going.moved_to != transmission.moved_to
        ):
            self.sending.hold(going)
        try:
            self.records.commit(
                self.records.transmissions.changing(going, transmission),
                *self.records.audit.signing(
                    audit_subject("transmission", transmission.transmission_id), HAS_NOT, signature
                ),
            )
        except ConditionFailed:
            raise NothingToRelease from None  # it went on meanwhile
        return going

    def _sent(
        self, transmission: Transmission, signature: Signature, *signed: Write
    ) -> Transmission:
        """Moves it, and closes the cases about it, at once."""
        self.transitions.close_run(transmission)
        sent = transmission.move_to(TransmissionState.SENT, signature.at)
        cases = transmission.sending_cases

        def attempt() -> Transmission:
            closing = [row for case in cases for row in self.records.cases.closing(case, signature)]
            changing = self.records.transmissions.changing(sent, transmission)
            try:
                self.records.commit(changing, *signed, *closing)
            except ConditionFailed:
                stands = self.records.transmissions.get(transmission.transmission_id)
                if stands is None or stands.state is TransmissionState.SENDING:
                    raise  # somebody closed a case
                for case in cases:  # the bank's own word came meanwhile
                    self.records.cases.close(case, signature)
                return stands
            self.metrics.count("FilesSent", len(transmission.files))
            return sent

        return self.records.commit_or_retry(attempt)
