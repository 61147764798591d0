"""Counts for alarms, written as embedded metrics into the log."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE, SERVICE = "PremiumPay", "premium-pay"


class MetricSignals:
    """One metric a count; it costs a log line and no call."""

    def count(self, name: str, number: int = 1) -> None:
        """Adds to a count."""
        with single_metric(
            name=name, unit=MetricUnit.Count, value=number, namespace=NAMESPACE
        ) as metric:
            metric.add_dimension(name="service", value=SERVICE)
