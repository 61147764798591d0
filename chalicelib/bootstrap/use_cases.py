"""Every use case with what it needs of the world."""

from functools import cached_property

from chalicelib.adapters.dynamodb.feeds import DynamoFeeds
from chalicelib.adapters.letters import TemplateLetters
from chalicelib.bootstrap.neighbours import Neighbours
from chalicelib.domain.run import RunKind
from chalicelib.services.billing import BillingJob
from chalicelib.services.challenges import Challenges
from chalicelib.services.correcting import Correcting
from chalicelib.services.enrolling import Enrolling
from chalicelib.services.feeds import FeedImport
from chalicelib.services.file_making import FileMaker
from chalicelib.services.finding import Finding
from chalicelib.services.mailing import Mailing
from chalicelib.services.mandates import Mandating
from chalicelib.services.notices import NoticeJob
from chalicelib.services.origins import Origins
from chalicelib.services.paying import Paying
from chalicelib.services.quarantine import Quarantine
from chalicelib.services.reconciling import Reconciling
from chalicelib.services.returning import Returning
from chalicelib.services.running import Running
from chalicelib.services.sealing import SealingJob
from chalicelib.services.settling import Settling
from chalicelib.services.tracking import Tracking
from chalicelib.services.withdrawal import WithdrawalJob


class System(Neighbours):
    """Every use case, joined to its neighbours."""

    @cached_property
    def finding(self) -> Finding:
        """Members are found."""
        return Finding(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            journeys=self.journeys,
            counters=self.counters,
            vault=self.vault,
            signals=self.signals,
        )

    @cached_property
    def paying(self) -> Paying:
        """Members pay."""
        return Paying(
            keep=self.store.write,
            books=self.books,
            journeys=self.journeys,
            mandates=self.mandates,
            mandating=self.mandating,
            outbox=self.outbox,
            chance=self.chance,
            mail_queue=self.mail_queue,
            signals=self.signals,
        )

    @cached_property
    def mandating(self) -> Mandating:
        """Members change their monthly payments."""
        return Mandating(
            keep=self.store.write,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
        )

    @cached_property
    def running(self) -> Running:
        """The runs over all enrollments and mandates."""
        return Running(
            runs=self.runs,
            queue=self.work_queue,
            cases=self.cases,
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
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            cases=self.cases,
        )

    @cached_property
    def notice_job(self) -> NoticeJob:
        """Members are told."""
        return NoticeJob(
            keep=self.store.write,
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            cases=self.cases,
            signals=self.signals,
        )

    @cached_property
    def withdrawal_job(self) -> WithdrawalJob:
        """The 22nd."""
        return WithdrawalJob(
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            cases=self.cases,
            vault=self.vault,
            signals=self.signals,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def sealing_job(self) -> SealingJob:
        """Entries go to the bank."""
        return SealingJob(
            books=self.books,
            runs=self.runs,
            sealings=self.sealings,
            bank=self.bank,
            maker=FileMaker(
                books=self.books,
                bank=self.bank,
                vault=self.vault,
                originator=self.settings.originator,
                most_lines=self.settings.bank_most_lines,
            ),
            cases=self.cases,
            signals=self.signals,
        )

    @cached_property
    def returning(self) -> Returning:
        """What the bank sends back."""
        return Returning(
            keep=self.store.write,
            origins=Origins(
                enrollments=self.enrollments,
                books=self.books,
                mandates=self.mandates,
                sealings=self.sealings,
                vault=self.vault,
            ),
            books=self.books,
            mandates=self.mandates,
            runs=self.runs,
            correcting=Correcting(
                keep=self.store.write,
                mandates=self.mandates,
                outbox=self.outbox,
                mail_queue=self.mail_queue,
                cases=self.cases,
                vault=self.vault,
            ),
            quarantine=Quarantine(
                files=self.files, vault=self.vault, cases=self.cases, signals=self.signals
            ),
            files=self.files,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            cases=self.cases,
            signals=self.signals,
        )

    @cached_property
    def tracking(self) -> Tracking:
        """How far payments are."""
        return Tracking(books=self.books, runs=self.runs, sealings=self.sealings)

    @cached_property
    def settling(self) -> Settling:
        """What did not come back is paid."""
        return Settling(
            enrollments=self.enrollments,
            books=self.books,
            mandates=self.mandates,
            sealings=self.sealings,
            outbox=self.outbox,
            mail_queue=self.mail_queue,
            bank_queue=self.bank_queue,
        )

    @cached_property
    def reconciling(self) -> Reconciling:
        """Books that prove themselves."""
        return Reconciling(
            enrollments=self.enrollments,
            books=self.books,
            sealings=self.sealings,
            runs=self.runs,
            bank=self.bank,
            cases=self.cases,
            signals=self.signals,
        )

    @cached_property
    def challenges(self) -> Challenges:
        """The picture on the review page."""
        return Challenges(
            keep=self.store.write,
            journeys=self.journeys,
            cases=self.cases,
            vault=self.vault,
            chance=self.chance,
            signals=self.signals,
        )

    @cached_property
    def mailing(self) -> Mailing:
        """Letters leave."""
        return Mailing(
            keep=self.store.write,
            outbox=self.outbox,
            cases=self.cases,
            mandates=self.mandates,
            letters=TemplateLetters(
                public_url=self.settings.public_url, help_phone=self.settings.help_phone
            ),
            mailer=self.mailer,
            queue=self.mail_queue,
            signals=self.signals,
        )

    @cached_property
    def feed_import(self) -> FeedImport:
        """Enrollments come in."""
        return FeedImport(
            enrolling=Enrolling(
                keep=self.store.write,
                enrollments=self.enrollments,
                books=self.books,
                mandates=self.mandates,
                outbox=self.outbox,
                vault=self.vault,
            ),
            feeds=DynamoFeeds(self.store),
            files=self.files,
            queue=self.feed_queue,
            vault=self.vault,
            cases=self.cases,
            signals=self.signals,
            rows_a_part=self.settings.feed_rows_a_part,
        )
