"""A member who comes through the gateway."""

from dataclasses import dataclass
from typing import Any

from tests.journeys.people import Person

STAGE = "/api"
"""Chalice's: the first part of every address of the gateway."""


@dataclass(repr=False)
class Guest(Person):
    """A member who comes through the gateway."""

    cloud: Any = None

    def __repr__(self) -> str:
        return f"Guest({self.enrollment_id})"

    def ask(self, address: str) -> Any:
        return self.cloud.ask(address)

    def again(self) -> "Guest":
        """The same person in another browser."""
        return Guest(self.page, "", row=self.row, cloud=self.cloud, canaries=self.canaries)

    def _url(self, address: str) -> str:
        return f"{self.page}{STAGE}{address}"

    def _options(self) -> dict[str, Any]:
        options = super()._options()
        return {**options, "headers": {**options["headers"], "Host": self.cloud.host}}

    def _answer(self, response: Any) -> Any:
        answer = super()._answer(response)
        answer.location = answer.location.removeprefix(STAGE)
        return answer
