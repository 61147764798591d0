"""Messages from our own queues; each one that fails comes again alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chalicelib.bootstrap import system
from chalicelib.domain.withdrawal import instant_of_work
from chalicelib.entrypoints.log import logger
from chalicelib.services.feeds import Part


class FeedPart(BaseModel):
    """Some rows of a feed to import."""

    model_config = ConfigDict(extra="forbid")
    key: str
    version: str
    at: datetime
    part: int
    start: int
    end: int
    line: int


class PromisedMail(BaseModel):
    """A message in the outbox to send."""

    model_config = ConfigDict(extra="forbid")
    day: str
    mail_id: str


def import_rows(event: Any) -> Any:
    """Imports the rows of one part of a feed."""

    def read(record: Any) -> None:
        told = FeedPart.model_validate_json(record.body)
        part = Part(told.part, told.start, told.end, told.line)
        system().feed_import.read_part(told.key, told.version, part, told.at)

    return _each(event, read)


def send_mail(event: Any) -> Any:
    """Sends promised messages."""

    def send(record: Any) -> None:
        told = PromisedMail.model_validate_json(record.body)
        here = system()
        here.mailing.send(told.day, told.mail_id, here.clock.now())

    return _each(event, send)


class ShardOfRun(BaseModel):
    """A shard of a run to work, from its checkpoint on."""

    model_config = ConfigDict(extra="forbid")
    run: str
    shard: int
    at: datetime


def work_shard(event: Any) -> Any:
    """Works a shard of a run until it reports, or hands over in time."""

    def work(record: Any) -> None:
        told = ShardOfRun.model_validate_json(record.body)
        here = system()
        at = instant_of_work(told.at, here.clock.now())
        remaining = event.context.get_remaining_time_in_millis
        here.running.work(told.run, told.shard, at, remaining)

    return _each(event, work)


class PaidPart(BaseModel):
    """A part of a settled sealing whose members are to be told."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["paid"]
    sealing: str
    part: int
    start: int = 0
    only: tuple[str, ...] = ()  # payment ids; none: all of them
    at: datetime


class ReturnsToApply(BaseModel):
    """A chunk of a file of the bank that is to be applied."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["returns"]
    key: str
    version: str
    start: int
    at: datetime


class FileToProve(BaseModel):
    """A sealed file that the evening proves."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["prove_file"]
    sealing: str
    file: int
    at: datetime


class CollectionToProve(BaseModel):
    """A collection that the evening proves."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["prove_collection"]
    collection: str
    sealing: str | None
    at: datetime


FollowUp = PaidPart | ReturnsToApply | FileToProve | CollectionToProve
FOLLOW_UP: TypeAdapter[FollowUp] = TypeAdapter(Annotated[FollowUp, Field(discriminator="kind")])


def follow_up(event: Any) -> Any:
    """What follows from the bank's files, in pieces: returns, letters of what is paid, proofs."""

    def act(record: Any) -> None:
        here = system()
        match FOLLOW_UP.validate_json(record.body):
            case PaidPart() as told:
                here.settling.tell_paid(told.sealing, told.part, told.at, told.start, told.only)
            case ReturnsToApply() as told:
                here.returning.go_on(told.key, told.version, told.start, told.at)
            case FileToProve() as told:
                here.reconciling.prove_file(told.sealing, told.file, told.at)
            case CollectionToProve() as told:
                here.reconciling.prove_collection(told.collection, told.sealing, told.at)

    return _each(event, act)


def _each(event: Any, handle: Callable[[Any], None]) -> Any:
    """The partial answer of a batch; the log names kinds of error only, never words."""

    def careful(record: Any) -> None:
        try:
            handle(record)
        except Exception as error:
            logger.warning("message failed", error=type(error).__name__)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(
        event=event.to_dict(), record_handler=careful, processor=processor, context=None
    )
