"""Figures for alarms, written as embedded metrics into the log."""

from collections import Counter

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE, SERVICE = "PremiumPay", "premium-pay"


class EmbeddedMetrics:
    """Keeps what is counted until it is sent; that costs one log line and no call."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._counts: Counter[str] = Counter()
        self._gauges: dict[str, int] = {}

    def count(self, name: str, number: int = 1) -> None:
        """Adds to a count."""
        self._counts[name] += number

    def gauge(self, name: str, number: int) -> None:
        """The newest figure of something, for an alarm on its size."""
        self._gauges[name] = number

    def send(self, function: str) -> None:
        """One line with all figures since the last one; none where there are none."""
        counts, self._counts = self._counts, Counter()
        gauges, self._gauges = self._gauges, {}
        if not counts and not gauges:
            return
        metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
        # An alarm asks for exactly one of these sets: of a stage, or of a function in it.
        metrics.add_dimension("stage", self._stage)
        metrics.add_dimensions(service=SERVICE, stage=self._stage, function=function)
        for name, number in counts.items():
            metrics.add_metric(name, MetricUnit.Count, number)
        for name, number in gauges.items():
            metrics.add_metric(name, MetricUnit.NoUnit, number)
        metrics.flush_metrics()
