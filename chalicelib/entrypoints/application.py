"""Chalice, with the few habits that API Gateway needs of it (facts: Chalice binary types)."""

from typing import Any

from chalice import Chalice


class PremiumPay(Chalice):
    """Every body is bytes, any Accept header will do, and Chalice logs nothing by itself."""

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name=app_name, configure_logs=False)
        # API Gateway decodes bodies only for listed types, by the first type of Accept.
        self.api.binary_types = ["*/*"]

    def __call__(self, event: Any, context: Any) -> Any:
        """Answers one HTTP request; a caller without an Accept header takes anything."""
        for headers in ("headers", "multiValueHeaders"):
            given = event.get(headers) or {}
            if "accept" not in {name.lower() for name in given}:
                anything: Any = "*/*" if headers == "headers" else ["*/*"]
                event[headers] = {**given, "accept": anything}
        return super().__call__(event, context)
