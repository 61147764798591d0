"""Files that arrive: S3 tells EventBridge, EventBridge wakes us."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.bootstrap import system


def _created_under(prefix: str) -> dict[str, Any]:
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": prefix}]}},
    }


FEED_ARRIVED = _created_under("inbound/enrollments/")
BANK_SENT = _created_under("inbound/bank/")


def read_bank_file(event: Any) -> None:
    """A file of the bank arrived under inbound/bank/."""
    key, version, arrived_at = _arrived(event)
    system().receiving.receive(key, version, arrived_at)


def import_feed(event: Any) -> None:
    """An enrollment feed arrived under inbound/enrollments/."""
    key, version, arrived_at = _arrived(event)
    system().feed_import.receive(key, version, arrived_at)


def _arrived(event: Any) -> tuple[str, str, datetime]:
    """Key, version and instant; EventBridge says the key as it is, unlike S3's own events."""
    facts = event.to_dict()
    found = facts["detail"]["object"]
    arrived_at = datetime.fromisoformat(facts["time"]).astimezone(UTC)
    return found["key"], found.get("version-id", ""), arrived_at
