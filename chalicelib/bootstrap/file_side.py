"""Use cases of files to the bank: gathered, sealed, sent, acknowledged, released."""

from functools import cached_property

from chalicelib.bootstrap.bank_side import BankSide
from chalicelib.domain.bank_limits import BankLimits
from chalicelib.services.origination.acknowledging import Acknowledging
from chalicelib.services.origination.batching import Batching
from chalicelib.services.origination.file_maker import FileMaker
from chalicelib.services.origination.inbound import Inbound
from chalicelib.services.origination.later_date import LaterDate
from chalicelib.services.origination.releasing import Releasing
from chalicelib.services.origination.sending import Sending
from chalicelib.services.origination.transitions import Transitions
from chalicelib.services.origination.transmitting import TransmissionJob
from chalicelib.services.origination.undoing import Undoing


class FileSide(BankSide):
    """Use cases of files to the bank, and of what it says about them."""

    @cached_property
    def transmission_job(self) -> TransmissionJob:
        """Entries go to the bank."""
        maker = FileMaker(
            records=self.records,
            bank=self.bank,
            vault=self.vault,
            originator=self.settings.originator,
            most_lines=self.settings.bank_most_lines,
        )
        return TransmissionJob(
            batching=Batching(
                records=self.records,
                maker=maker,
                signals=self.signals,
                limits=BankLimits(
                    cents=self.settings.bank_daily_limit_cents,
                    files=self.settings.bank_daily_files,
                    most_lines=self.settings.bank_most_lines,
                ),
            ),
            sending=self.sending,
            transitions=self.transitions,
            records=self.records,
            maker=maker,
            signals=self.signals,
        )

    @cached_property
    def sending(self) -> Sending:
        """Files leave."""
        return Sending(
            later_date=self.later_date,
            transitions=self.transitions,
            records=self.records,
            bank=self.bank,
            signals=self.signals,
        )

    @cached_property
    def transitions(self) -> Transitions:
        """A sealing goes on."""
        return Transitions(records=self.records, bank=self.bank, signals=self.signals)

    @cached_property
    def later_date(self) -> LaterDate:
        """Members are told a later date."""
        return LaterDate(
            records=self.records,
            payers=self.payers,
        )

    @cached_property
    def releasing(self) -> Releasing:
        """Staff say what the bank has."""
        return Releasing(
            records=self.records,
            job=self.transmission_job,
            sending=self.sending,
            transitions=self.transitions,
            signals=self.signals,
        )

    @cached_property
    def acknowledging(self) -> Acknowledging:
        """Which files the bank took."""
        return Acknowledging(
            records=self.records,
            transitions=self.transitions,
            bank=self.bank,
            files=self.files,
            quarantine=self.quarantine,
            signals=self.signals,
            is_expected=self.settings.bank_acknowledges,
        )

    @cached_property
    def undoing(self) -> Undoing:
        """A refused file is taken back."""
        return Undoing(
            records=self.records,
            original_entries=self.original_entries,
            return_posting=self.return_posting,
            acknowledging=self.acknowledging,
        )

    @cached_property
    def inbound(self) -> Inbound:
        """Who reads what the bank sends."""
        return Inbound(
            files=self.files,
            acknowledging=self.acknowledging,
            return_files=self.return_files,
            signals=self.signals,
        )
