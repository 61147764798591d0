"""Figures for alarms, kept in memory: offline there is no CloudWatch to read them from the log."""

from collections import Counter
from threading import Lock


class CountedMetrics:
    """The `Metrics` of chalicelib.ports."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.counts: Counter[str] = Counter()
        self.gauges: dict[str, int] = {}

    def count(self, name: str, number: int = 1) -> None:
        """Adds to a count."""
        with self._lock:
            self.counts[name] += number

    def gauge(self, name: str, number: int) -> None:
        """The newest figure of something, for an alarm on its size."""
        self.gauges[name] = number

    def send(self, function: str) -> None:
        """Nobody reads them elsewhere: they stay."""
