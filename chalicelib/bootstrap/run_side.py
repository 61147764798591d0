"""Use cases of the calendar: the runs, and what each does to an enrollment or a mandate."""

from functools import cached_property

from chalicelib.bootstrap.neighbours import Neighbours
from chalicelib.domain.run import RunKind
from chalicelib.services.monthly.charges import ChargesJob
from chalicelib.services.monthly.notices import NoticeJob
from chalicelib.services.monthly.running import Running
from chalicelib.services.monthly.withdrawals import WithdrawalJob


class RunSide(Neighbours):
    """Use cases of the runs."""

    @cached_property
    def running(self) -> Running:
        """The runs over all enrollments and mandates."""
        return Running(
            records=self.records,
            queue=self.work_queue,
            signals=self.signals,
            jobs={
                RunKind.BILLING: self.charges_job,
                RunKind.NOTICE: self.notice_job,
                RunKind.WITHDRAWAL: self.withdrawal_job,
            },
            shards=self.settings.run_shards,
        )

    @cached_property
    def charges_job(self) -> ChargesJob:
        """Premiums are billed."""
        return ChargesJob(
            records=self.records,
        )

    @cached_property
    def notice_job(self) -> NoticeJob:
        """Members are told."""
        return NoticeJob(
            records=self.records,
            signals=self.signals,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def withdrawal_job(self) -> WithdrawalJob:
        """The 22nd."""
        return WithdrawalJob(
            records=self.records,
            vault=self.vault,
            signals=self.signals,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )
