"""News on EventBridge's default bus, in the words that S3 has for it."""

import json
from typing import Any

from chalicelib.ports import Lying

SOURCE = "premium-pay"  # nobody but AWS may say "aws.s3"
MOST_IN_A_BATCH = 10


class EventBus:
    """Who reads a file is told by the same event as at first, from another source."""

    def __init__(self, events: Any, bucket: str) -> None:
        self._events = events
        self._bucket = bucket

    def arrived(self, *files: Lying) -> None:
        """Each with the instant at which it came. Raises ConnectionError where one is not taken."""
        for first in range(0, len(files), MOST_IN_A_BATCH):
            entries = [self._entry(each) for each in files[first : first + MOST_IN_A_BATCH]]
            answer = self._events.put_events(Entries=entries)
            if answer.get("FailedEntryCount"):
                raise ConnectionError(f"{answer['FailedEntryCount']} events were not taken")

    def _entry(self, file: Lying) -> dict[str, Any]:
        place = {"key": file.key, "version-id": file.version}
        return {
            "Time": file.since,
            "Source": SOURCE,
            "DetailType": "Object Created",
            "Detail": json.dumps({"bucket": {"name": self._bucket}, "object": place}),
        }
