"""Use cases of members and of the feed, with what each needs of the world."""

from functools import cached_property

from chalicelib.adapters.dynamodb.feeds import DynamoFeeds
from chalicelib.adapters.letters import TemplateLetters
from chalicelib.bootstrap.neighbours import Neighbours
from chalicelib.services.challenges import Challenges
from chalicelib.services.enrolling import Enrolling
from chalicelib.services.feeds import FeedImport
from chalicelib.services.finding import Finding
from chalicelib.services.mailing import Mailing
from chalicelib.services.mandates import Mandating
from chalicelib.services.paying import Paying


class MemberSide(Neighbours):
    """Use cases of members and of the feed."""

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
            validating=self.validating,
            outbox=self.outbox,
            chance=self.chance,
            waker=self.waker,
            signals=self.signals,
        )

    @cached_property
    def mandating(self) -> Mandating:
        """Members change their monthly payments."""
        return Mandating(
            keep=self.store.write,
            books=self.books,
            mandates=self.mandates,
            validating=self.validating,
            outbox=self.outbox,
            waker=self.waker,
            outlooks=self.outlooks,
            due=self.due,
            ceiling_cents=self.settings.debit_ceiling_cents,
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
                due=self.due,
            ),
            feeds=DynamoFeeds(self.store),
            files=self.files,
            queue=self.feed_queue,
            vault=self.vault,
            cases=self.cases,
            signals=self.signals,
            rows_a_part=self.settings.feed_rows_a_part,
        )
