"""Files that arrive: S3 tells EventBridge, EventBridge wakes us."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.bootstrap import system


def import_feed(event: Any) -> None:
    """An enrollment feed arrived under inbound/enrollments/."""
    facts = event.to_dict()
    found = facts["detail"]["object"]
    arrived_at = datetime.fromisoformat(facts["time"]).astimezone(UTC)
    # EventBridge says the key as it is; only S3's own notifications encode it.
    system().feed_import.receive(found["key"], found.get("version-id", ""), arrived_at)
