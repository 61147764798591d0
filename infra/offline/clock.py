"""A clock that can be moved, and runs on at real speed from wherever it was put."""

import threading
import time
from datetime import UTC, datetime, timedelta


class WentBack(ValueError):
    """Time was asked to move backwards."""


class NoZone(ValueError):
    """An instant without a zone is no instant."""


class VirtualClock:
    """The `Clock` of chalicelib.ports, offline."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._put(_aware(start))

    def now(self) -> datetime:
        """The instant, aware, UTC."""
        with self._lock:
            return self._now()

    def set(self, to: datetime) -> None:
        """Move on to this instant. Raises WentBack."""
        wanted = _aware(to)
        with self._lock:
            if wanted < self._now():
                raise WentBack(f"it is later already than {written(wanted)}")
            self._put(wanted)

    def reach(self, to: datetime) -> None:
        """Be at this instant or later: nothing happens when it has passed already."""
        wanted = _aware(to)
        with self._lock:
            if wanted > self._now():
                self._put(wanted)

    def _now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._put_at)

    def _put(self, instant: datetime) -> None:
        self._start = instant
        self._put_at = time.monotonic()


def read(text: str) -> datetime:
    """An ISO 8601 instant, as UTC. Raises ValueError; NoZone when it names no zone."""
    return _aware(datetime.fromisoformat(text.strip()))


def written(instant: datetime) -> str:
    """ISO 8601, UTC, ending in Z; whole seconds where it is whole."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NoZone("an instant needs a zone, such as 2026-12-22T15:00:00Z")
    return instant.astimezone(UTC)
