"""Use cases of files to the bank: gathered, sealed, sent, acknowledged, released."""

from functools import cached_property

from chalicelib.bootstrap.bank_side import BankSide
from chalicelib.domain.bank_limits import BankLimits
from chalicelib.services.bank.acknowledging import Acknowledging
from chalicelib.services.bank.advancing import Advancing
from chalicelib.services.bank.file_making import FileMaker
from chalicelib.services.bank.gathering import Gathering
from chalicelib.services.bank.postponing import Postponing
from chalicelib.services.bank.receiving import Receiving
from chalicelib.services.bank.releasing import Releasing
from chalicelib.services.bank.sealing import SealingJob
from chalicelib.services.bank.sending import Sending
from chalicelib.services.bank.undoing import Undoing


class FileSide(BankSide):
    """Use cases of files to the bank, and of what it says about them."""

    @cached_property
    def sealing_job(self) -> SealingJob:
        """Entries go to the bank."""
        maker = FileMaker(
            records=self.records,
            bank=self.bank,
            vault=self.vault,
            originator=self.settings.originator,
            most_lines=self.settings.bank_most_lines,
        )
        return SealingJob(
            gathering=Gathering(
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
            advancing=self.advancing,
            records=self.records,
            maker=maker,
            signals=self.signals,
        )

    @cached_property
    def sending(self) -> Sending:
        """Files leave."""
        return Sending(
            postponing=self.postponing,
            advancing=self.advancing,
            records=self.records,
            bank=self.bank,
            signals=self.signals,
        )

    @cached_property
    def advancing(self) -> Advancing:
        """A sealing goes on."""
        return Advancing(records=self.records, bank=self.bank, signals=self.signals)

    @cached_property
    def postponing(self) -> Postponing:
        """Members are told a later date."""
        return Postponing(
            records=self.records,
            payers=self.payers,
        )

    @cached_property
    def releasing(self) -> Releasing:
        """Staff say what the bank has."""
        return Releasing(
            records=self.records,
            job=self.sealing_job,
            sending=self.sending,
            advancing=self.advancing,
            signals=self.signals,
        )

    @cached_property
    def acknowledging(self) -> Acknowledging:
        """Which files the bank took."""
        return Acknowledging(
            records=self.records,
            advancing=self.advancing,
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
            origins=self.origins,
            applying=self.applying,
            acknowledging=self.acknowledging,
        )

    @cached_property
    def receiving(self) -> Receiving:
        """Who reads what the bank sends."""
        return Receiving(
            files=self.files,
            acknowledging=self.acknowledging,
            returning=self.returning,
            signals=self.signals,
        )
