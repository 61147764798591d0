"""Use cases of members and of the feed, with what each needs of the world."""

from functools import cached_property

from chalicelib.adapters.letters import TemplateLetters
from chalicelib.bootstrap.neighbours import Neighbours
from chalicelib.services.enrollment.enrolling import Enrolling
from chalicelib.services.enrollment.feeds import FeedImport
from chalicelib.services.mail.mailing import Mailing
from chalicelib.services.monthly.mandates import Mandating
from chalicelib.services.page.challenges import Challenges
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.paying import Paying
from chalicelib.services.page.tickets import Tickets


class MemberSide(Neighbours):
    """Use cases of members and of the feed."""

    @cached_property
    def finding(self) -> Finding:
        """Members are found."""
        return Finding(
            records=self.records,
            tickets=Tickets(records=self.records),
            vault=self.vault,
            signals=self.signals,
        )

    @cached_property
    def paying(self) -> Paying:
        """Members pay."""
        return Paying(
            records=self.records,
            mandating=self.mandating,
            account_validation=self.account_validation,
            chance=self.chance,
            signals=self.signals,
        )

    @cached_property
    def mandating(self) -> Mandating:
        """Members change their monthly payments."""
        return Mandating(
            records=self.records,
            account_validation=self.account_validation,
            upcoming=self.upcoming,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
        )

    @cached_property
    def challenges(self) -> Challenges:
        """The picture on the review page."""
        return Challenges(
            records=self.records,
            vault=self.vault,
            chance=self.chance,
            signals=self.signals,
        )

    @cached_property
    def mailing(self) -> Mailing:
        """Letters leave."""
        return Mailing(
            records=self.records,
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
                records=self.records,
                vault=self.vault,
                due=self.due,
            ),
            records=self.records,
            files=self.files,
            queue=self.feed_queue,
            vault=self.vault,
            signals=self.signals,
            rows_a_part=self.settings.feed_rows_a_part,
        )
