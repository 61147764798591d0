"""Numbers for alarms, written as embedded metrics into the log."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE, SERVICE = "PremiumPay", "premium-pay"


class MetricSignals:
    """One metric a number; it costs a log line and no call."""

    def count(self, name: str, number: int = 1) -> None:
        """Adds to a count."""
        _emit(name, MetricUnit.Count, number)

    def gauge(self, name: str, number: int) -> None:
        """What something is now; its name says the unit."""
        _emit(name, MetricUnit.NoUnit, number)


def _emit(name: str, unit: MetricUnit, number: int) -> None:
    with single_metric(name=name, unit=unit, value=number, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="service", value=SERVICE)
