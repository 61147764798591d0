"""How far an adjustment is, and who on the staff answers for it (rule 36)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.adjustment import Adjustment
from chalicelib.domain.errors import DomainError
from chalicelib.domain.signature import Signature, is_one_person


class AdjustmentState(StrEnum):
    """How far one is."""

    PROPOSED = "proposed"  # typed by one person; a second one must release it
    POSTED = "posted"
    DROPPED = "dropped"


class CannotAdjust(DomainError):
    """This adjustment is not to be; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An adjustment, how far it is, and who on the staff typed or released it."""

    adjustment: Adjustment
    state: AdjustmentState
    signed: tuple[Signature, ...] = ()

    def released_by(self, signature: Signature) -> "Booking":
        """By a second person. Raises CannotAdjust."""
        self.assert_proposed()
        if any(is_one_person(signature, before) for before in self.signed):
            raise CannotAdjust("typed_by_you")
        signed = (*self.signed, signature)
        return replace(self, state=AdjustmentState.POSTED, signed=signed)

    def was_released_by(self, signature: Signature) -> bool:
        """Whether this is its release once more."""
        is_posted = self.state is AdjustmentState.POSTED
        return is_posted and bool(self.signed) and self.signed[-1].is_repeated_by(signature)

    def dropped(self) -> "Booking":
        """It is not to be. Raises CannotAdjust."""
        self.assert_proposed()
        return replace(self, state=AdjustmentState.DROPPED)

    def assert_proposed(self) -> None:
        """Raises CannotAdjust where it was posted or dropped before."""
        if self.state is not AdjustmentState.PROPOSED:
            raise CannotAdjust(f"already_{self.state}")
