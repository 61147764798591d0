"""Files that arrive: S3 tells EventBridge, EventBridge wakes us; so do we, of what lies unread."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent

from chalicelib.adapters.bus import SOURCE
from chalicelib.bootstrap import system
from chalicelib.entrypoints.log import logger


def _created_under(*prefixes: str) -> dict[str, Any]:
    return {
        "source": ["aws.s3", SOURCE],  # ours says it again
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": prefix} for prefix in prefixes]}},
    }


FEED_ARRIVED = _created_under("inbound/enrollments/", "inbound/adjustments/")
BANK_SENT = _created_under("inbound/bank/", "inbound/statements/")


def read_bank_file(event: Any) -> None:
    """A file of the bank arrived: an answer to ours, or a statement."""
    key, version, arrived_at = _arrived(event)
    here = system()
    here.inbound.receive(key, version, arrived_at, here.clock.now())


def import_feed(event: Any) -> None:
    """Enrollments or adjustments of the exchange arrived."""
    key, version, arrived_at = _arrived(event)
    system().feed_import.receive(key, version, arrived_at)


def _arrived(event: Any) -> tuple[str, str, datetime]:
    """Key, version and instant. The log gets the version: people elsewhere name their files."""
    message = EventBridgeEvent(event.to_dict())
    # Powertools' S3EventBridgeNotificationEvent would decode a key that is not encoded here:
    # unlike S3's own events, EventBridge says it as it is.
    found = message.detail["object"]
    version = found.get("version-id", "")
    logger.append_keys(version=version)
    return found["key"], version, datetime.fromisoformat(message.time).astimezone(UTC)
