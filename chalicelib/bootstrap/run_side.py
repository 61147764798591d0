"""Use cases of the calendar: the runs, and what each does to an enrollment or a mandate."""

from functools import cached_property

from chalicelib.bootstrap.neighbours import Neighbours
from chalicelib.domain.run import RunKind
from chalicelib.services.billing import BillingJob
from chalicelib.services.notices import NoticeJob
from chalicelib.services.running import Running
from chalicelib.services.withdrawal import WithdrawalJob


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
                RunKind.BILLING: self.billing_job,
                RunKind.NOTICE: self.notice_job,
                RunKind.WITHDRAWAL: self.withdrawal_job,
            },
            shards=self.settings.run_shards,
        )

    @cached_property
    def billing_job(self) -> BillingJob:
        """Premiums are billed."""
        return BillingJob(
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
