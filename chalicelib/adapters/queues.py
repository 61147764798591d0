"""Messages that wake our own workers."""

import json
from collections.abc import Mapping
from typing import Any

MOST_IN_A_BATCH = 10


class SqsQueue:
    """One queue. Delivery is at least once, in any order; whoever reads must bear both."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, *messages: Mapping[str, Any]) -> None:
        """Sends all, ten at a time. Raises when one was not taken."""
        for first in range(0, len(messages), MOST_IN_A_BATCH):
            batch = [
                {"Id": str(n), "MessageBody": json.dumps(message)}
                for n, message in enumerate(messages[first : first + MOST_IN_A_BATCH])
            ]
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=batch)
            if answer.get("Failed"):
                raise ConnectionError(f"{len(answer['Failed'])} messages were not taken")
