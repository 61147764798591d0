"""What the calendar starts; "now" is the scheduled instant in the event (invariant I13)."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.bootstrap import system


def sweep(event: Any, _context: Any) -> None:
    """Wakes whoever should have acted already."""
    system().mailing.sweep(_scheduled_at(event))


def _scheduled_at(event: Any) -> datetime:
    return datetime.fromisoformat(event["scheduled_at"]).astimezone(UTC)
