"""Dead-letter queues: what lies in them is looked at, put back, or sent again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.settings import Settings

HIDDEN_SECONDS = 300
WAIT_SECONDS = 1  # without waiting, SQS asks only some of its servers
AT_ONCE = 10  # SQS: messages of one call
MOST = 1000
"""Letters that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. Its body may name people: it is never shown."""

    id: str
    sent_at: datetime
    attributes: Mapping[str, str]
    body: str = field(repr=False)
    receipt: str = field(repr=False)


@dataclass(slots=True)
class DeadQueue:
    """One of them. `source` is the queue that feeds it; events have none."""

    name: str
    url: str
    source: str | None
    sqs: Any
    _gone: set[str] = field(default_factory=set)

    def count(self) -> int:
        """About how many lie there."""
        asked = self.sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])

    @contextmanager
    def opened(self) -> Iterator[list[DeadLetter]]:
        """Its letters, oldest first; nobody else sees them meanwhile. What stays is put back."""
        found: dict[str, DeadLetter] = {}
        try:
            while len(found) < MOST and (letters := self._received()):
                found.update({letter.id: letter for letter in letters})
            yield sorted(found.values(), key=lambda letter: letter.sent_at)
        finally:
            for letter in found.values():
                if letter.id not in self._gone:
                    self.sqs.change_message_visibility(
                        QueueUrl=self.url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                    )

    def send_again(self, letter: DeadLetter, send: Callable[[DeadLetter], None]) -> None:
        """First sent, then taken away: broken off in between, it is handled twice, never lost."""
        send(letter)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)
        self._gone.add(letter.id)

    def back_to_source(self, letter: DeadLetter) -> None:
        """Into the queue from which it came."""
        self.sqs.send_message(QueueUrl=self.source, MessageBody=letter.body)

    def _received(self) -> list[DeadLetter]:
        said = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return [_letter(message) for message in said.get("Messages", ())]


def dead_queues(settings: Settings, sqs: Any) -> dict[str, DeadQueue]:
    """All of a stage, by the names that people use."""
    sources = {
        "mail": settings.mail_queue_url,
        "feed": settings.feed_queue_url,
        "work": settings.work_queue_url,
        "bank": settings.bank_queue_url,
    }
    found = {n: DeadQueue(n, f"{url}-dead-letters", url, sqs) for n, url in sources.items()}
    account = settings.mail_queue_url.rpartition("/")[0]
    events = f"{account}/premium-pay-{settings.stage}-event-dead-letters"
    return {**found, "events": DeadQueue("events", events, None, sqs)}


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
    return DeadLetter(
        id=message["MessageId"],
        sent_at=datetime.fromtimestamp(sent, UTC),
        attributes={name: each.get("StringValue", "") for name, each in attributes.items()},
        body=message["Body"],
        receipt=message["ReceiptHandle"],
    )
