"""Messages from our own queues; each one that fails comes again alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import SQSRecord
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chalicelib.bootstrap import system
from chalicelib.domain.month_dates import instant_of_work
from chalicelib.entrypoints.log import facts_of, logger
from chalicelib.services.enrollment.feeds import RowRange

# Not for the log: people elsewhere name their files; the list may be long.
UNSAID = frozenset({"key", "only"})


class Message(BaseModel):
    """What we tell ourselves: codes, ids and places, so that the log may have it."""

    model_config = ConfigDict(extra="forbid")


M = TypeVar("M", bound=Message)


class FeedPart(Message):
    """Some rows of a feed to import."""

    key: str
    version: str
    at: datetime
    part: int
    start: int
    end: int
    line: int


class PromisedMail(Message):
    """A message in the outbox to send."""

    day: str
    mail_id: str


def import_rows(event: Any) -> Any:
    """Imports the rows of one part of a feed."""

    def read(message: FeedPart) -> None:
        here = system()
        part = RowRange(message.part, message.start, message.end, message.line)
        now = here.clock.now()
        here.feed_import.read_part(message.key, message.version, part, message.at, now)

    return _each(event, FeedPart.model_validate_json, read)


def send_mail(event: Any) -> Any:
    """Sends promised messages."""

    def send(message: PromisedMail) -> None:
        here = system()
        here.mailing.send(message.day, message.mail_id, here.clock.now())

    return _each(event, PromisedMail.model_validate_json, send)


class ShardOfRun(Message):
    """A shard of a run to work, from its checkpoint on."""

    run: str
    shard: int
    at: datetime


def work_shard(event: Any) -> Any:
    """Works a shard of a run until it reports, or hands over in time."""

    def work(message: ShardOfRun) -> None:
        here = system()
        at = instant_of_work(message.at, here.clock.now())
        remaining = event.context.get_remaining_time_in_millis
        here.running.work(message.run, message.shard, at, remaining)

    return _each(event, ShardOfRun.model_validate_json, work)


class PaidBatch(Message):
    """A batch of a settled transmission whose members are to be told."""

    kind: Literal["paid"]
    transmission_id: str
    batch: int  # which one, from 0
    start: int = 0
    only: tuple[str, ...] = ()  # payment ids; none: all of them
    at: datetime


class ReturnsToApply(Message):
    """A chunk of a file of the bank that is to be applied."""

    kind: Literal["returns"]
    key: str
    version: str
    start: int
    at: datetime


class RoutingToFollow(Message):
    """Who pays from a routing number is to be held, or released."""

    kind: Literal["routing"]
    routing: str
    held: bool
    after: str | None  # the enrollment that was the last
    at: datetime


class FileToProve(Message):
    """A sealed file that the evening proves."""

    kind: Literal["prove_file"]
    transmission_id: str
    file: int
    at: datetime


class CollectionToProve(Message):
    """A collection that the evening proves."""

    kind: Literal["prove_collection"]
    collection: str
    transmission_id: str | None
    at: datetime


class ReportToProve(Message):
    """What a shard of a run reported, that the evening proves."""

    kind: Literal["prove_report"]
    run: str
    shard: int
    at: datetime


Proof = FileToProve | CollectionToProve | ReportToProve
FollowUp = PaidBatch | ReturnsToApply | RoutingToFollow | Proof
FOLLOW_UP: TypeAdapter[FollowUp] = TypeAdapter(Annotated[FollowUp, Field(discriminator="kind")])


def follow_up(event: Any) -> Any:
    """What follows from the bank's files, in pieces: returns, letters of what is paid, proofs."""

    def act(message: FollowUp) -> None:
        here = system()
        match message:
            case PaidBatch() as message:
                here.settling.tell_paid(
                    message.transmission_id, message.batch, message.at, message.start, message.only
                )
            case ReturnsToApply() as message:
                place = message.key, message.version, message.start
                here.return_files.go_on(*place, message.at, here.clock.now())
            case RoutingToFollow() as message:
                here.routing_numbers.go_on(
                    message.routing, message.after, message.at, held=message.held
                )
            case FileToProve() as message:
                here.reconciling.prove_file(message.transmission_id, message.file, message.at)
            case CollectionToProve() as message:
                here.reconciling.prove_collection(
                    message.collection, message.transmission_id, message.at
                )
            case ReportToProve() as message:
                here.reconciling.prove_report(message.run, message.shard, message.at)

    return _each(event, FOLLOW_UP.validate_json, act)


def _each(event: Any, read: Callable[[str], M], act: Callable[[M], None]) -> Any:
    """The partial answer of a batch; the log says which message failed and why, without words."""

    def careful(record: SQSRecord) -> None:
        logger.set_correlation_id(record.message_id)
        ids: dict[str, Any] = {}
        try:
            message = read(record.body)
            ids = message.model_dump(mode="json", exclude=set(UNSAID))
            logger.append_keys(**ids)
            act(message)
            logger.info("message done")
        except Exception as error:
            logger.warning("message failed", **facts_of(error))
            raise
        finally:
            logger.remove_keys(["correlation_id", *ids])

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(
        event=event.to_dict(), record_handler=careful, processor=processor, context=None
    )
